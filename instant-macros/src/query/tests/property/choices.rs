//! Random schemas, and random queries on them that break no rule.

use instant_schema::instaql::{Holds, Operand, Operator, RULE_PARAMS, SERVER_CREATED_AT};
use instant_schema::{Attribute, LinkRef, Schema, ValueType};
use serde_json::{Map, Value, json};

pub(super) const ENTITIES: [&str; 4] = ["posts", "$users", "blog posts", "größen"];
/// No path of `where` can name the one with dots.
pub(super) const DOTTED: &str = "a.b";
pub(super) const LABELS: [&str; 6] = ["title", "type", "created at", "and", DOTTED, "views"];
const TYPES: [&str; 5] = ["string", "number", "boolean", "date", "json"];
pub(super) const ID: &str = "5f60a7e1-0000-4000-8000-0000000000e7";

/// A place in a page.
pub(super) fn cursor() -> Value {
    json!([ID, ID, null, 7])
}

/// Decisions taken from a list of bytes, which shrinks to a short list of zeros.
pub(super) struct Choices(std::vec::IntoIter<u8>);

impl Choices {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(bytes.into_iter())
    }

    /// The first of all that can be chosen.
    pub(super) fn zeros() -> Self {
        Self::new(Vec::new())
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().unwrap_or(0)) % count.max(1)
    }

    pub(super) fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub(super) fn one_of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    pub(super) fn schema(&mut self) -> Schema {
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

    pub(super) fn entity<'a>(&mut self, schema: &'a Schema) -> &'a str {
        schema.entities.get_index(self.below(schema.entities.len())).unwrap().0
    }

    pub(super) fn query(&mut self, schema: &Schema) -> Map<String, Value> {
        let roots: Vec<&str> = (0..=self.below(2)).map(|_| self.entity(schema)).collect();
        let forms = roots.into_iter().map(|root| (root.to_owned(), self.form(schema, root, 0)));
        let mut query: Map<String, Value> = forms.collect();
        if self.once_in(4) {
            query.insert(RULE_PARAMS.to_owned(), json!({ "secret": [self.below(9)] }));
        }
        query
    }

    fn form(&mut self, schema: &Schema, entity: &str, depth: usize) -> Value {
        let mut form = Map::new();
        let mut options = Map::new();
        if self.once_in(2) {
            options.insert("where".into(), self.filter(schema, entity, 0));
        }
        if self.once_in(2)
            && let Some(by) = self.order(schema, entity, depth == 0)
        {
            options.insert("order".into(), json!({ by: if self.once_in(2) { "desc" } else { "asc" } }));
        }
        if depth == 0 {
            self.page(&mut options);
            if self.once_in(8) {
                options.insert("aggregate".into(), json!("count"));
                return json!({ "$": options });
            }
        }
        if self.once_in(3) {
            let labels = schema.entities[entity].attributes.keys().map(String::as_str);
            let fields: Vec<&str> = labels.chain(["id"]).filter(|_| self.once_in(2)).collect();
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

    /// The options that only root entities have.
    fn page(&mut self, options: &mut Map<String, Value>) {
        if self.once_in(2) {
            options.insert(["limit", "first", "last"][self.below(3)].into(), json!(1 + self.below(9)));
        }
        if self.once_in(3) {
            options.insert("offset".into(), json!(self.below(3)));
        }
        for name in ["after", "before"].into_iter().filter(|_| self.once_in(3)).collect::<Vec<_>>() {
            options.insert(name.into(), cursor());
        }
        for name in ["afterInclusive", "beforeInclusive"] {
            if self.once_in(4) {
                options.insert(name.into(), json!(self.once_in(2)));
            }
        }
    }

    fn order<'a>(&mut self, schema: &'a Schema, entity: &str, is_root: bool) -> Option<&'a str> {
        let usable =
            |attribute: &Attribute| !is_root || attribute.indexed && attribute.value_type != ValueType::Json;
        let attributes = schema.entities[entity].attributes.iter();
        let labels: Vec<&str> = attributes
            .filter_map(|(label, attribute)| usable(attribute).then_some(label.as_str()))
            .chain([SERVER_CREATED_AT])
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
        if depth > 0 && filter.is_empty() {
            filter.insert("id".into(), json!(ID));
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
        let equates = attribute.is_none_or(|attribute| Holds::of(attribute).equals());
        let works = |operator: Operator| match operator {
            Operator::IsNull => true,
            Operator::In | Operator::Not => equates,
            _ => orders && (operator.operand() != Operand::Pattern || is_text),
        };
        let operators: Vec<(&str, Operator)> =
            Operator::SPELLINGS.into_iter().filter(|(_, operator)| works(*operator)).collect();
        let Some((spelling, operator)) = self.one_of(&operators).filter(|_| !equates || self.once_in(2))
        else {
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
}
