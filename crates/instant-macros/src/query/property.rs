//! Random schemas and queries: what `query!` sends is what the check of JSON queries accepts, and what one of the two
//! refuses the other refuses by the same rule.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::str::FromStr;

use instant_schema::instaql::{self, Operand, Operator, Rule, ask_for_order};
use instant_schema::{Attribute, LinkRef, Schema, ValueType};
use proc_macro2::{Span, TokenStream};
use proptest::collection::vec;
use proptest::prelude::*;
use quote::quote;
use serde_json::{Map, Value, json};

use super::plan::Plan;
use super::{Input, form};
use crate::literal;
use crate::names::{Names, Renames};

const ENTITIES: [&str; 4] = ["posts", "$users", "blog posts", "größen"];
/// No path of `where` can name the one with dots.
const DOTTED: &str = "a.b";
const LABELS: [&str; 6] = ["title", "type", "created at", "and", DOTTED, "views"];
const TYPES: [&str; 5] = ["string", "number", "boolean", "date", "json"];
const ID: &str = "5f60a7e1-0000-4000-8000-0000000000e7";

/// Decisions taken from a list of bytes, which shrinks to a short list of zeros.
struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % count.max(1)
    }

    fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    fn schema(&mut self) -> Schema {
        let entities = &ENTITIES[..=self.below(ENTITIES.len())];
        let attribute = |choices: &mut Self| {
            let [indexed, unique, required] = [(); 3].map(|()| choices.once_in(2));
            json!({
                "valueType": TYPES[choices.below(TYPES.len())], "required": required,
                "config": { "indexed": indexed, "unique": unique }
            })
        };
        let mut listed = Map::new();
        for entity in entities {
            let labels = &LABELS[..self.below(LABELS.len() + 1)];
            let required = |mut attribute: Value| {
                // Attributes of the user's own on a system entity are optional.
                attribute["required"] = json!(attribute["required"] == true && !entity.starts_with('$'));
                attribute
            };
            let attrs: Map<String, Value> =
                labels.iter().map(|label| ((*label).to_owned(), required(attribute(self)))).collect();
            listed.insert((*entity).to_owned(), json!({ "attrs": attrs }));
        }
        let has = |choices: &mut Self| if choices.once_in(2) { "one" } else { "many" };
        let links: Map<String, Value> = (0..self.below(5))
            .map(|number| {
                let [on, to] = [(); 2].map(|()| entities[self.below(entities.len())]);
                let forward = json!({ "on": on, "has": has(self), "label": format!("l{number}") });
                let reverse = json!({ "on": to, "has": has(self), "label": format!("r{number}") });
                (number.to_string(), json!({ "forward": forward, "reverse": reverse }))
            })
            .collect();
        Schema::from_json(&json!({ "entities": listed, "links": links }).to_string()).unwrap()
    }

    fn entity<'a>(&mut self, schema: &'a Schema) -> &'a str {
        schema.entities.get_index(self.below(schema.entities.len())).unwrap().0
    }

    fn query(&mut self, schema: &Schema) -> Map<String, Value> {
        let roots: Vec<&str> = (0..=self.below(2)).map(|_| self.entity(schema)).collect();
        roots.into_iter().map(|root| (root.to_owned(), self.form(schema, root, 0))).collect()
    }

    fn form(&mut self, schema: &Schema, entity: &str, depth: usize) -> Value {
        let mut form = Map::new();
        let mut options = Map::new();
        if self.once_in(2) {
            options.insert("where".into(), self.filter(schema, entity, 0));
        }
        if depth == 0 && self.once_in(8) {
            options.insert("aggregate".into(), json!("count"));
            return json!({ "$": options });
        }
        if self.once_in(2)
            && let Some(by) = self.order(schema, entity, depth == 0)
        {
            options.insert("order".into(), json!({ by: if self.once_in(2) { "desc" } else { "asc" } }));
        }
        if depth == 0 && self.once_in(2) {
            let size = ["limit", "first", "last"][self.below(3)];
            options.insert(size.into(), json!(1 + self.below(9)));
            options.insert("offset".into(), json!(self.below(3)));
            options.insert("afterInclusive".into(), json!(self.once_in(2)));
        }
        if self.once_in(3) {
            let fields: Vec<&String> =
                schema.entities[entity].attributes.keys().filter(|_| self.once_in(2)).collect();
            options.insert("fields".into(), json!(fields));
        }
        if !options.is_empty() {
            form.insert("$".into(), options.into());
        }
        for link in schema.links_of(entity).filter(|_| depth < 3) {
            if self.once_in(3) {
                form.insert(link.label().to_owned(), self.form(schema, link.target(), depth + 1));
            }
        }
        form.into()
    }

    fn order<'a>(&mut self, schema: &'a Schema, entity: &str, is_root: bool) -> Option<&'a str> {
        let usable =
            |attribute: &Attribute| !is_root || attribute.indexed && attribute.value_type != ValueType::Json;
        let attributes = schema.entities[entity].attributes.iter();
        let labels: Vec<&str> = attributes
            .filter_map(|(label, attribute)| usable(attribute).then_some(label.as_str()))
            .chain(["serverCreatedAt"])
            .collect();
        self.one_of(&labels).copied()
    }

    /// Conditions of which at most the first goes through links: side by side several could be about one entity.
    fn filter(&mut self, schema: &Schema, entity: &str, depth: usize) -> Value {
        let mut filter = Map::new();
        for number in 0..self.below(3) {
            let (path, condition) = self.condition(schema, entity, if number == 0 { 2 } else { 0 });
            filter.insert(path, condition);
        }
        if depth < 2 && self.once_in(3) {
            let joined: Vec<Value> =
                (0..=self.below(2)).map(|_| self.filter(schema, entity, depth + 1)).collect();
            filter.insert(if self.once_in(2) { "and" } else { "or" }.into(), joined.into());
        }
        filter.into()
    }

    fn condition(&mut self, schema: &Schema, entity: &str, most_links: usize) -> (String, Value) {
        let mut path = String::new();
        let mut on = entity.to_owned();
        for _ in 0..self.below(most_links + 1) {
            let links: Vec<LinkRef<'_>> = schema.links_of(&on).collect();
            let Some(link) = self.one_of(&links) else { break };
            path = format!("{path}{}.", link.label());
            link.target().clone_into(&mut on);
        }
        let links: Vec<LinkRef<'_>> = schema.links_of(&on).collect();
        let attributes = &schema.entities[on.as_str()].attributes;
        let names = attributes.keys().map(String::as_str).filter(|label| *label != DOTTED).chain(["id"]);
        let names: Vec<&str> = names.chain(links.iter().map(LinkRef::label)).collect();
        let name = self.one_of(&names).copied().unwrap_or("id");
        (format!("{path}{name}"), self.compared(attributes.get(name)))
    }

    /// What an attribute can be compared with; an id or a link where there is none.
    fn compared(&mut self, attribute: Option<&Attribute>) -> Value {
        let value = |choices: &mut Self| match attribute.map(|attribute| attribute.value_type) {
            None => json!(ID),
            Some(ValueType::String) => json!(["", "a", "\u{1}0", "it's \"so\""][choices.below(4)]),
            Some(ValueType::Number) => [json!(3), json!(-2), json!(1.5)][choices.below(3)].clone(),
            Some(ValueType::Boolean) => json!(choices.once_in(2)),
            Some(ValueType::Date) => {
                [json!("2024-12-31"), json!(1_700_000_000_000_u64)][choices.below(2)].clone()
            }
            Some(ValueType::Json) => [json!("x"), json!(1), json!(true)][choices.below(3)].clone(),
        };
        let is_text = attribute.is_some_and(|attribute| attribute.value_type == ValueType::String);
        let orders =
            attribute.is_some_and(|attribute| attribute.indexed && attribute.value_type != ValueType::Json);
        let works = |operator: Operator| {
            !operator.needs_index() || orders && (operator.operand() != Operand::Pattern || is_text)
        };
        let operators: Vec<(&str, Operator)> =
            Operator::SPELLINGS.into_iter().filter(|(_, operator)| works(*operator)).collect();
        let Some((spelling, operator)) = self.one_of(&operators).filter(|_| self.once_in(2)) else {
            return value(self);
        };
        let operand = match operator.operand() {
            Operand::Value => value(self),
            Operand::Boolean => json!(self.once_in(2)),
            Operand::Pattern => json!("%a_"),
            Operand::List => {
                let mut list: Vec<Value> = (0..self.below(3)).map(|_| value(self)).collect();
                list.extend(attribute.filter(|attribute| attribute.indexed).map(|_| Value::Null));
                list.into()
            }
        };
        json!({ *spelling: operand })
    }

    /// A form that breaks one rule, if the schema has what it takes.
    fn broken(&mut self, schema: &Schema, entity: &str) -> Option<(Value, Rule)> {
        let attributes = &schema.entities[entity].attributes;
        let links: Vec<LinkRef<'_>> = schema.links_of(entity).collect();
        let labels: Vec<&str> =
            attributes.keys().map(String::as_str).filter(|label| !["and", DOTTED].contains(label)).collect();
        let label = self.one_of(&labels).copied();
        let link = self.one_of(&links).copied();
        let is = |kind: ValueType| label.filter(|label| attributes[*label].value_type == kind);
        let checked = label.filter(|label| attributes[*label].value_type != ValueType::Json);
        let unindexed = label.filter(|label| !attributes[*label].indexed);
        let filter = |filter: Value| json!({ "$": { "where": filter } });
        let comparison = ["$gt", "$gte", "$lt", "$lte"][self.below(4)];
        Some(match self.below(54) {
            0 => (json!({ "nope": {} }), Rule::UnknownLink),
            1 => (json!({ label?: {} }), Rule::NotALink),
            2 => (json!({ "$": { "wher": {} } }), Rule::UnknownOption),
            3 => (filter(json!({ "nope": 1 })), Rule::UnknownName),
            4 => (filter(json!({ "nope.id": ID })), Rule::UnknownLink),
            5 => (filter(json!({ format!("{}.nope", link?.label()): 1 })), Rule::UnknownName),
            6 => (filter(json!({ format!("{}.id", label?): ID })), Rule::NotALink),
            7 => (filter(json!({ "id.id": ID })), Rule::NotALink),
            8 => (filter(json!({ label?: { "$foo": 1 } })), Rule::UnknownOperator),
            9 => (filter(json!({ is(ValueType::String)?: 5 })), Rule::WrongValue),
            10 => (filter(json!({ is(ValueType::Number)?: { "$not": "5" } })), Rule::WrongValue),
            11 => (filter(json!({ is(ValueType::Boolean)?: { "$in": [true, 1] } })), Rule::WrongValue),
            12 => (filter(json!({ is(ValueType::Date)?: "tomorrow" })), Rule::WrongValue),
            13 => (filter(json!({ is(ValueType::Date)?: { "in": ["2024-13-41"] } })), Rule::WrongValue),
            14 => (filter(json!({ label?: ["x"] })), Rule::WrongValue),
            15 => (filter(json!({ label?: null })), Rule::NullValue),
            16 => (filter(json!({ label?: { "$ne": null } })), Rule::NullValue),
            17 => (filter(json!({ "id": "nope" })), Rule::WrongValue),
            18 => (filter(json!({ link?.label(): 5 })), Rule::WrongValue),
            19 => (filter(json!({ link?.label(): { "$in": ["nope"] } })), Rule::WrongValue),
            20 => (filter(json!({ "id": { "$in": ID } })), Rule::NotAList),
            21 => (filter(json!({ unindexed?: { "$in": [null] } })), Rule::NullValue),
            22 => (filter(json!({ "id": { comparison: ID } })), Rule::NeedsType),
            23 => (filter(json!({ is(ValueType::Json)?: { comparison: 5 } })), Rule::NeedsType),
            24 => (
                filter(json!({ is(ValueType::Number).filter(|_| unindexed.is_some())?: { comparison: 5 } })),
                Rule::NeedsIndex,
            ),
            25 => (filter(json!({ is(ValueType::Number)?: { "$like": "5%" } })), Rule::NotText),
            26 => (filter(json!({ label?: { "$isNull": "yes" } })), Rule::WrongValue),
            27 => (filter(json!({ label?: { "$not": "x", "$isNull": true } })), Rule::OneOperator),
            28 => (filter(json!({ label?: {} })), Rule::NoOperator),
            29 => (filter(json!({ "or": [] })), Rule::EmptyList),
            30 => (
                json!({ link?.label(): { "$": { ["limit", "first", "offset"][self.below(3)]: 1 } } }),
                Rule::RootOnly,
            ),
            31 => (json!({ "$": { "limit": 1, "last": 2 } }), Rule::OnePageSize),
            32 => {
                let size = self.one_of(&[json!(0), json!(-1), json!(1.5), json!("1")])?.clone();
                (json!({ "$": { "limit": size } }), Rule::PageSize)
            }
            33 => {
                let order =
                    self.one_of(&[json!({}), json!({ "serverCreatedAt": "asc", "id": "asc" })])?.clone();
                (json!({ "$": { "order": order } }), Rule::OneOrderKey)
            }
            34 => (json!({ "$": { "order": { "serverCreatedAt": "up" } } }), Rule::OrderDirection),
            35 => (json!({ "$": { "order": { format!("{}.id", link?.label()): "asc" } } }), Rule::OrderPath),
            36 => (json!({ "$": { "order": { link?.label(): "asc" } } }), Rule::OrderLink),
            37 => (
                json!({ "$": { "order": { checked.filter(|_| unindexed.is_some())?: "asc" } } }),
                Rule::NeedsIndex,
            ),
            38 => (json!({ "$": { "order": { "nope": "asc" } } }), Rule::UnknownAttribute),
            39 => (json!({ "$": { "fields": [link?.label()] } }), Rule::LinkInFields),
            40 => (json!({ "$": { "aggregate": "count", "fields": [] } }), Rule::AggregateAlone),
            41 => (json!({ "$": { "aggregate": "sum" } }), Rule::Aggregate),
            42 => (json!({ "$": { "fields": [label?, label?] } }), Rule::DuplicateKey),
            43 => (json!({ "$": { "fields": ["nope"] } }), Rule::UnknownAttribute),
            44 => (json!({ "id": {} }), Rule::NotALink),
            45 => (json!({ "$$ruleParams": {} }), Rule::RootOnly),
            46 => (filter(json!({ DOTTED: attributes.get(DOTTED).map(|_| 1)? })), Rule::Unaddressable),
            47 => (filter(json!("x")), Rule::Shape),
            48 => (filter(json!({ "or": "x" })), Rule::Shape),
            49 => (json!({ "$": { "fields": "id" } }), Rule::Shape),
            50 => (json!({ "$": { "order": "id" } }), Rule::OneOrderKey),
            51 => (json!({ "$": { "afterInclusive": 1 } }), Rule::Shape),
            52 => (json!({ "$": [] }), Rule::Shape),
            _ => {
                let other = links.iter().find(|other| {
                    link.is_some_and(|link| link.label() != other.label() && link.target() == other.target())
                })?;
                let [one, two] = [link?, *other].map(|link| format!("{}.id", link.label()));
                (filter(json!({ one: ID, two: { "$in": [ID] } })), Rule::SharedLink)
            }
        })
    }
}

/// JSON as a user of the macro writes it.
fn written(value: &Value) -> String {
    match value {
        Value::Object(members) => format!("{{ {} }}", members_of(members)),
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quote!(#text).to_string(),
        other => other.to_string(),
    }
}

fn members_of(members: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, value) in members {
        let bare = key.trim_start_matches('$');
        let is_bare =
            bare.is_empty() || bare.split('.').all(|name| syn::parse_str::<syn::Ident>(name).is_ok());
        let key = if is_bare { key.clone() } else { quote!(#key).to_string() };
        let _ = write!(text, "{key}: {}, ", written(value));
    }
    text
}

/// What the macro sends for a query, and the rules it finds broken. Its mistakes of syntax are those that JSON has in
/// its shape.
fn planned(schema: &Schema, query: &Map<String, Value>) -> (Plan, Value, BTreeSet<String>) {
    let names = Names::new(schema, &Renames::default());
    let literal = literal::encode(schema, &names, &|_, _| false);
    let tokens = TokenStream::from_str(&members_of(query)).unwrap();
    let input = Input { editor: false, literal, schema: quote!(crate::schema), tokens };
    let mut plan = Plan::new(&input, String::new(), Span::call_site());
    let (sent, _) = form::roots(&mut plan, input.tokens);
    let rules = plan.diagnostics.rules().map(|rule| format!("{:?}", rule.unwrap_or(Rule::Shape))).collect();
    (plan, sent, rules)
}

fn checked(schema: &Schema, query: &Value) -> BTreeSet<String> {
    instaql::check(schema, query).into_iter().map(|problem| format!("{:?}", problem.rule)).collect()
}

/// The query as the macro completes it.
fn completed(form: &mut Value) {
    for (key, member) in form.as_object_mut().into_iter().flatten() {
        match member.as_object_mut().filter(|_| key == "$") {
            Some(options) => ask_for_order(options),
            None => completed(member),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_macro_sends_is_accepted(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices(bytes.into_iter());
        let schema = choices.schema();
        let query = choices.query(&schema);
        let (plan, sent, _) = planned(&schema, &query);
        prop_assert_eq!(plan.diagnostics.messages(), Vec::<&str>::new(), "{}", members_of(&query));
        // Strings that look like the mark of a value are sent as values.
        if plan.values.is_empty() {
            let mut expected = Value::Object(query);
            completed(&mut expected);
            prop_assert_eq!(&sent, &expected);
        }
        prop_assert_eq!(checked(&schema, &sent), BTreeSet::new(), "{}", sent);
    }

    #[test]
    fn what_one_refuses_the_other_refuses_by_the_same_rule(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices(bytes.into_iter());
        let schema = choices.schema();
        let entity = choices.entity(&schema).to_owned();
        let Some((broken, rule)) = choices.broken(&schema, &entity) else { return Ok(()) };
        let mut query = choices.query(&schema);
        query.insert(entity, broken);
        let (_, _, refused) = planned(&schema, &query);
        prop_assert!(refused.contains(&format!("{rule:?}")), "{refused:?}, not {rule:?}: {}", members_of(&query));
        prop_assert_eq!(refused, checked(&schema, &Value::Object(query.clone())), "{}", members_of(&query));
    }
}

#[test]
fn an_entity_of_no_schema_is_refused_by_both() {
    let schema = Schema::from_json(r#"{"entities":{"posts":{"attrs":{}}}}"#).unwrap();
    let query = Map::from_iter([("post".to_owned(), json!({}))]);
    let (_, _, refused) = planned(&schema, &query);
    assert_eq!(refused, BTreeSet::from(["UnknownEntity".to_owned()]));
    assert_eq!(refused, checked(&schema, &query.into()));
}
