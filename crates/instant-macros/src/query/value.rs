//! Values of conditions: literals go into the template, expressions become values that fill it.

use instant_schema::ValueType;
use instant_schema::instaql::{Operand, Operator, rule};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;
use serde_json::Value as Json;

use super::member::{self, Value, string_of};
use super::plan::Plan;
use crate::literal::{AttributeView, EntityView};

/// What a condition compares.
pub(crate) enum Subject {
    Attribute(EntityView, AttributeView),
    /// An entity's own id, or a link: both are compared with ids of this entity. With the entity and the name on it,
    /// for messages.
    Id {
        of: EntityView,
        on: String,
        name: String,
    },
}

/// A literal as a user writes it.
pub(crate) enum Literal {
    Text(String),
    Number(serde_json::Number),
    Boolean(bool),
    Null,
}

impl Literal {
    /// The literal that these tokens are, if they are one.
    pub(crate) fn of(tokens: &[TokenTree]) -> Option<Self> {
        match tokens {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                Self::of(&group.stream().into_iter().collect::<Vec<_>>())
            }
            [TokenTree::Literal(literal)] => {
                string_of(literal).map(Self::Text).or_else(|| Self::number(&literal.to_string()))
            }
            [TokenTree::Punct(minus), TokenTree::Literal(literal)] if minus.as_char() == '-' => {
                Self::number(&format!("-{literal}"))
            }
            [TokenTree::Ident(word)] => match word.to_string().as_str() {
                "true" => Some(Self::Boolean(true)),
                "false" => Some(Self::Boolean(false)),
                "null" => Some(Self::Null),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number without a type suffix; JSON and Rust write these alike but for underscores.
    fn number(text: &str) -> Option<Self> {
        serde_json::from_str(text.replace('_', "").as_str()).ok().map(Self::Number)
    }

    fn described(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Null => "null",
        }
    }
}

impl Subject {
    /// Its name with the entity's: `("posts", "views")`.
    pub(crate) fn place(&self) -> (&str, &str) {
        match self {
            Self::Attribute(entity, attribute) => (&entity.name, &attribute.label),
            Self::Id { on, name, .. } => (on, name),
        }
    }

    fn kind(&self, plan: &Plan) -> TokenStream {
        match self {
            Self::Attribute(entity, attribute) => plan.kind(entity, attribute),
            Self::Id { of, .. } => plan.id_type(of),
        }
    }
}

/// Reads the operand of a condition. `optional`: it is an `Option`, and `None` leaves the condition out.
pub(crate) fn operand(
    plan: &mut Plan,
    subject: &Subject,
    operator: Option<Operator>,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    match (operator.map(Operator::operand), operator) {
        (Some(Operand::List), Some(operator)) => list(plan, subject, operator, value, optional, path),
        (Some(Operand::Boolean), Some(operator)) => {
            scalar_of(plan, operator, "`true` or `false`", &quote!(bool), value, optional, path)
        }
        (Some(Operand::Pattern), Some(operator)) => {
            scalar_of(plan, operator, "a string", &quote!(::std::string::String), value, optional, path)
        }
        _ => compared(plan, subject, value, optional, path),
    }
}

/// A value of the subject's own type.
fn compared(plan: &mut Plan, subject: &Subject, value: &Value, optional: bool, path: &str) -> Json {
    let kind = subject.kind(plan);
    match Literal::of(&value.tokens) {
        None if value.group(Delimiter::Bracket).is_some() => {
            let (entity, name) = subject.place();
            let breach = rule::wrong_list(entity, name);
            plan.diagnostics.breach(value.span, breach);
            Json::Null
        }
        None => fill(plan, &kind, value, optional, path),
        Some(Literal::Null) => {
            let breach = rule::null_value(subject.place().1);
            plan.diagnostics.breach(value.span, breach);
            Json::Null
        }
        Some(literal) => {
            refuse_optional(plan, value.span, optional);
            checked(plan, subject, literal, value.span, path)
        }
    }
}

/// A literal, checked against the subject.
fn checked(plan: &mut Plan, subject: &Subject, literal: Literal, span: Span, path: &str) -> Json {
    let breach = match subject {
        Subject::Id { on, name, .. } => match &literal {
            Literal::Text(text) if is_uuid(text) => None,
            Literal::Text(_) => Some(rule::wrong_id(on, name, "this text")),
            other => Some(rule::wrong_id(on, name, other.described())),
        },
        Subject::Attribute(entity, attribute) => {
            let (entity, label, is) = (&entity.name, &attribute.label, attribute.value_type);
            match (&literal, is) {
                (Literal::Text(_), ValueType::String | ValueType::Json)
                | (Literal::Number(_), ValueType::Number | ValueType::Json | ValueType::Date)
                | (Literal::Boolean(_), ValueType::Boolean | ValueType::Json) => None,
                (Literal::Text(text), ValueType::Date) => {
                    (!may_be_date(text)).then(|| rule::wrong_date(entity, label, text))
                }
                (other, _) => Some(rule::wrong_value(entity, label, is, other.described())),
            }
        }
    };
    if let Some(breach) = breach {
        plan.diagnostics.breach(span, breach);
    }
    match literal {
        Literal::Text(text) => plan.text(text, span, path),
        Literal::Number(number) => Json::Number(number),
        Literal::Boolean(value) => Json::Bool(value),
        Literal::Null => Json::Null,
    }
}

/// The operand of `$in`.
fn list(
    plan: &mut Plan,
    subject: &Subject,
    operator: Operator,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    if let Some(literal) = Literal::of(&value.tokens) {
        plan.diagnostics.breach(value.span, rule::not_a_list(operator, literal.described()));
        return Json::Null;
    }
    let kind = subject.kind(plan);
    let Some(group) = value.group(Delimiter::Bracket).filter(|group| !repeats(group.stream())) else {
        let through = if optional { quote!(optional_list::<#kind, _>) } else { quote!(list::<#kind, _>) };
        return plan.fill(value.stream(), value.span, through, path.to_owned());
    };
    refuse_optional(plan, value.span, optional);
    let elements = member::elements(group.stream());
    let element = |element: &Value| match Literal::of(&element.tokens) {
        Some(Literal::Null) => {
            if let Subject::Attribute(entity, attribute) = subject
                && !attribute.indexed
            {
                plan.diagnostics.breach(element.span, rule::null_in_list(&entity.name, &attribute.label));
            }
            Json::Null
        }
        _ => compared(plan, subject, element, false, path),
    };
    Json::Array(elements.iter().map(element).collect())
}

/// The operand of an operator that takes one type whatever the subject's is.
fn scalar_of(
    plan: &mut Plan,
    operator: Operator,
    expected: &str,
    kind: &TokenStream,
    value: &Value,
    optional: bool,
    path: &str,
) -> Json {
    let wants_text = operator.operand() == Operand::Pattern;
    match Literal::of(&value.tokens) {
        None => fill(plan, kind, value, optional, path),
        Some(Literal::Text(text)) if wants_text => {
            refuse_optional(plan, value.span, optional);
            plan.text(text, value.span, path)
        }
        Some(Literal::Boolean(value_)) if !wants_text => {
            refuse_optional(plan, value.span, optional);
            Json::Bool(value_)
        }
        Some(other) => {
            let breach = rule::wrong_operand(operator, expected, other.described());
            plan.diagnostics.breach(value.span, breach);
            Json::Null
        }
    }
}

fn fill(plan: &mut Plan, kind: &TokenStream, value: &Value, optional: bool, path: &str) -> Json {
    let through = if optional { quote!(optional::<#kind, _>) } else { quote!(operand::<#kind, _>) };
    plan.fill(value.stream(), value.span, through, path.to_owned())
}

/// `key?: "literal"` says that the literal may be missing, which it cannot.
pub(crate) fn refuse_optional(plan: &mut Plan, span: Span, optional: bool) {
    if optional {
        plan.diagnostics.report(
            span,
            "a key with `?` takes an `Option` and is left out where that is `None`; this is always there, so write \
             the key without `?`",
        );
    }
}

/// Whether `[value; count]` is meant.
fn repeats(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(index, letter)| match index {
            8 | 13 | 18 | 23 => letter == '-',
            _ => letter.is_ascii_hexdigit(),
        })
}

/// Whether the server could read this as a date. Words such as `tomorrow` are dates in writes, not in queries.
fn may_be_date(text: &str) -> bool {
    text.contains(|letter: char| letter.is_ascii_digit())
}
