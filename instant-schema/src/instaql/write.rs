//! From the tree to the JSON of a query.

use serde_json::{Map, Value, json};

use super::tree::{Condition, Cursor, Form, Options, Query, Where};
use super::{OPTIONS, OptionKey, RULE_PARAMS};

impl Query {
    /// The query as the server takes it.
    pub fn to_json(&self) -> Value {
        let forms = self.forms.iter().map(|form| (form.name.clone(), form.to_json()));
        let params = self.rule_params.iter().map(|params| (RULE_PARAMS.to_owned(), json!(params)));
        Value::Object(forms.chain(params).collect())
    }
}

impl Form {
    /// The form without its name.
    pub fn to_json(&self) -> Value {
        let options = self.options.to_json();
        let options = (!options.is_empty()).then(|| (OPTIONS.to_owned(), Value::Object(options)));
        let children = self.children.iter().map(|child| (child.name.clone(), child.to_json()));
        Value::Object(options.into_iter().chain(children).collect())
    }
}

impl Options {
    /// What stands under `$`; empty where nothing is said.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |option: OptionKey, value: Option<Value>| {
            members.extend(value.map(|value| (option.name().to_owned(), value)));
        };
        put(OptionKey::Where, self.filter.as_ref().map(Where::to_json));
        put(OptionKey::Order, self.order.as_ref().map(|order| json!({ &*order.by: order.direction.name() })));
        if let Some(limit) = self.limit {
            put(limit.kind.option(), Some(json!(limit.count)));
        }
        put(OptionKey::Offset, self.offset.map(Value::from));
        put(OptionKey::After, self.after.as_ref().map(Cursor::to_json));
        put(OptionKey::AfterInclusive, self.after_inclusive.map(Value::from));
        put(OptionKey::Before, self.before.as_ref().map(Cursor::to_json));
        put(OptionKey::BeforeInclusive, self.before_inclusive.map(Value::from));
        put(OptionKey::Fields, self.fields.as_ref().map(|fields| json!(fields)));
        put(OptionKey::Aggregate, self.aggregate.map(|aggregate| json!(aggregate.name())));
        members
    }
}

impl Where {
    /// The conditions as one object.
    ///
    /// Conditions on the same path, and several groups of a kind, cannot stand in one object: those after
    /// the first move into an `and`, where they mean the same unless they share linked entities.
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut repeated = Vec::new();
        for condition in &self.0 {
            let (key, value) = condition.to_member();
            if members.contains_key(&key) {
                repeated.push(json!({ key: value }));
            } else {
                members.insert(key, value);
            }
        }
        if !repeated.is_empty() {
            match members.entry("and").or_insert_with(|| json!([])) {
                Value::Array(list) => list.extend(repeated),
                // An attribute that is called `and`: its condition goes into the list too.
                other => {
                    let attribute = json!({ "and": other.take() });
                    repeated.push(attribute);
                    *other = Value::Array(repeated);
                }
            }
        }
        Value::Object(members)
    }
}

impl Condition {
    fn to_member(&self) -> (String, Value) {
        let list = |filters: &[Where]| filters.iter().map(Where::to_json).collect();
        match self {
            Self::Compare { path, operator, operand } => {
                let value = match operator {
                    None => operand.clone(),
                    Some(operator) => json!({ operator.name(): operand }),
                };
                (path.join("."), value)
            }
            Self::And(filters) => ("and".to_owned(), list(filters)),
            Self::Or(filters) => ("or".to_owned(), list(filters)),
        }
    }
}

impl Cursor {
    /// `[entity id, attribute id, value, created-at milliseconds]`.
    pub fn to_json(&self) -> Value {
        json!([self.entity, self.attribute, self.value, self.created_at])
    }
}
