//! JSON queries as a user of the macro writes them: names bare or in quotes, values in place or as expressions.

use std::fmt::Write as _;

use instant_schema::instaql::{OPTIONS, OptionKey, RULE_PARAMS};
use quote::quote;
use serde_json::{Map, Value};

use super::choices::Choices;

/// The text of a query, and the values of the expressions `v0`, `v1` and so on that stand in it.
#[derive(Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
    /// For each value whether its name has a `?`.
    pub(super) optional: Vec<bool>,
}

struct Writer<'c> {
    choices: &'c mut Choices,
    written: Written,
}

/// Writes the members of a query. What has no literal is an expression, and of the rest what `choices` chooses.
pub(super) fn written(query: &Map<String, Value>, choices: &mut Choices) -> Written {
    let mut writer = Writer { choices, written: Written::default() };
    writer.forms(query, |writer, name, form| {
        writer.key(name, "");
        if name == RULE_PARAMS { writer.expression(form, false) } else { writer.form(form) }
    });
    writer.written
}

impl Writer<'_> {
    fn put(&mut self, text: &str) {
        self.written.text.push_str(text);
    }

    /// `{ key: value, .. }`
    fn object(&mut self, members: &Map<String, Value>, member: impl Fn(&mut Self, &str, &Value)) {
        self.put("{ ");
        self.forms(members, member);
        self.put("}");
    }

    fn forms(&mut self, members: &Map<String, Value>, member: impl Fn(&mut Self, &str, &Value)) {
        for (key, value) in members {
            member(self, key, value);
            self.put(", ");
        }
    }

    fn list(&mut self, items: &[Value], item: impl Fn(&mut Self, &Value)) {
        self.put("[");
        for value in items {
            item(self, value);
            self.put(", ");
        }
        self.put("]");
    }

    fn key(&mut self, key: &str, marker: &str) {
        let key = self.name(key);
        let _ = write!(self.written.text, "{key}{marker}: ");
    }

    /// A name, which must be in quotes where it is no path of Rust words.
    fn name(&mut self, name: &str) -> String {
        let bare = name.trim_start_matches('$');
        let is_word = |word: &str| syn::parse_str::<syn::Ident>(&format!("r#{word}")).is_ok();
        let can_be_bare = bare.is_empty() || bare.split('.').all(is_word);
        if !can_be_bare || self.choices.once_in(5) {
            return quote!(#name).to_string();
        }
        let is_raw = !bare.is_empty() && self.choices.once_in(9);
        if is_raw { name.replace(bare, &format!("r#{}", bare.replace('.', ".r#"))) } else { name.to_owned() }
    }

    fn form(&mut self, form: &Value) {
        let Value::Object(members) = form else { return self.literal(form) };
        self.object(members, |writer, key, member| {
            writer.key(key, "");
            if key == OPTIONS { writer.options(member) } else { writer.form(member) }
        });
    }

    fn options(&mut self, options: &Value) {
        let Value::Object(members) = options else { return self.literal(options) };
        self.object(members, |writer, key, value| match OptionKey::parse(key) {
            Some(OptionKey::Where) => {
                writer.key(key, "");
                writer.filter(value);
            }
            Some(OptionKey::After | OptionKey::Before) => writer.value(key, value, true),
            Some(option) if option.root_only() && option != OptionKey::Aggregate => {
                writer.value(key, value, false);
            }
            Some(OptionKey::Order) if writer.choices.once_in(8) => {
                let is_optional = writer.choices.once_in(3);
                writer.key(key, if is_optional { "?" } else { "" });
                writer.put("#");
                writer.expression(value, is_optional);
            }
            Some(OptionKey::Order) => {
                writer.key(key, "");
                writer.order(value);
            }
            Some(OptionKey::Fields | OptionKey::Aggregate) => {
                writer.key(key, "");
                writer.words(value);
            }
            _ => {
                writer.key(key, "");
                writer.literal(value);
            }
        });
    }

    fn order(&mut self, order: &Value) {
        let Value::Object(members) = order else { return self.words(order) };
        self.object(members, |writer, key, direction| {
            writer.key(key, "");
            if writer.choices.once_in(8) {
                writer.put("#");
                writer.expression(direction, false);
            } else {
                writer.words(direction);
            }
        });
    }

    /// What can be words: names of attributes, directions.
    fn words(&mut self, value: &Value) {
        match value {
            Value::String(word) => {
                let word = self.name(word);
                self.put(&word);
            }
            Value::Array(items) => self.list(items, Self::words),
            other => self.literal(other),
        }
    }

    fn filter(&mut self, filter: &Value) {
        let Value::Object(members) = filter else { return self.literal(filter) };
        if self.choices.once_in(12) {
            self.put("#");
            return self.expression(filter, false);
        }
        self.object(members, |writer, key, condition| match condition {
            Value::Array(filters) if matches!(key, "and" | "or") => {
                writer.key(key, "");
                writer.list(filters, Self::filter);
            }
            Value::Object(operators) => writer.operators(key, operators),
            condition => writer.value(key, condition, false),
        });
    }

    /// `key: { $operator: value }`, where an expression makes the key optional.
    fn operators(&mut self, key: &str, operators: &Map<String, Value>) {
        let can_be_list = |value: &Value| !value.is_null();
        let hoisted = operators.len() == 1 && operators.values().all(can_be_list) && self.choices.once_in(4);
        let is_optional = hoisted && self.choices.once_in(3);
        self.key(key, if is_optional { "?" } else { "" });
        self.object(operators, |writer, operator, operand| {
            writer.key(operator, "");
            match operand {
                operand if hoisted => writer.expression(operand, is_optional),
                Value::Array(items) => writer.list(items, |writer, item| {
                    if !item.is_null() && writer.choices.once_in(4) {
                        writer.expression(item, false);
                    } else {
                        writer.literal(item);
                    }
                }),
                operand => writer.literal(operand),
            }
        });
    }

    /// `key: value`, in place or as an expression.
    fn value(&mut self, key: &str, value: &Value, has_no_literal: bool) {
        if !value.is_null() && (has_no_literal || self.choices.once_in(4)) {
            let is_optional = self.choices.once_in(3);
            self.key(key, if is_optional { "?" } else { "" });
            self.expression(value, is_optional);
        } else {
            self.key(key, "");
            self.literal(value);
        }
    }

    fn expression(&mut self, value: &Value, is_optional: bool) {
        let _ = write!(self.written.text, "v{}", self.written.values.len());
        self.written.values.push(value.clone());
        self.written.optional.push(is_optional);
    }

    fn literal(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.object(members, |writer, key, value| {
                writer.key(key, "");
                writer.literal(value);
            }),
            Value::Array(items) => self.list(items, Self::literal),
            Value::String(text) => self.put(&quote!(#text).to_string()),
            other => self.put(&other.to_string()),
        }
    }
}
