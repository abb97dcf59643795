//! Tx-steps: the steps of a transaction by attribute ids. Admin steps are turned into these.

mod bad_step;
mod json;
mod new_attr;

use std::sync::Arc;

use instant_schema::{AttrUpdate, parse_id};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::edn;

pub(crate) use bad_step::BadStep;
pub(crate) use new_attr::NewAttr;

/// One tx-step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TxStep {
    /// Writes a value or adds a link. A ref's value (or that of an `id`) may be a lookup.
    AddTriple {
        /// The entity written to.
        entity: EntityRef,
        /// The attribute's id.
        attr: Uuid,
        /// What is written.
        value: Value,
        /// Whether the entity must, or must not, exist.
        mode: Mode,
    },
    /// Merges an object into a value.
    DeepMerge {
        /// The entity written to.
        entity: EntityRef,
        /// The attribute's id.
        attr: Uuid,
        /// What is merged in.
        value: Value,
        /// As for `AddTriple`.
        mode: Mode,
    },
    /// Removes exactly this value.
    Retract {
        /// The entity it is removed from.
        entity: EntityRef,
        /// The attribute's id.
        attr: Uuid,
        /// What is removed.
        value: Value,
    },
    /// Deletes an entity, and what cascades from it. Without an entity type: of every type the id has.
    DeleteEntity {
        /// The entity.
        entity: EntityRef,
        /// Its type.
        etype: Option<String>,
    },
    /// Values for the permission rules of an entity; writes nothing.
    RuleParams {
        /// The entity.
        entity: EntityRef,
        /// Its type.
        etype: String,
        /// The values by name.
        params: Arc<Map<String, Value>>,
    },
    /// A new attribute.
    AddAttr(Box<NewAttr>),
    /// Changes to an attribute.
    UpdateAttr(Box<AttrUpdate>),
    /// Soft deletion of an attribute.
    DeleteAttr(Uuid),
}

/// The kinds of tx-steps: a transaction runs all steps of one kind together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    AddTriple,
    DeepMerge,
    Retract,
    DeleteEntity,
    RuleParams,
    AddAttr,
    UpdateAttr,
    DeleteAttr,
}

/// An entity by its id, or by the value of a unique attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EntityRef {
    Id(Uuid),
    Lookup(Lookup),
}

/// A unique attribute and a value of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lookup {
    /// The attribute's id.
    pub(crate) attr: Uuid,
    /// The value looked for.
    pub(crate) value: Value,
}

/// What a write requires of the state before the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing.
    Upsert,
    /// The entity must not exist.
    Create,
    /// The entity must exist.
    Update,
}

impl TxStep {
    /// The step's kind.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::AddTriple { .. } => Kind::AddTriple,
            Self::DeepMerge { .. } => Kind::DeepMerge,
            Self::Retract { .. } => Kind::Retract,
            Self::DeleteEntity { .. } => Kind::DeleteEntity,
            Self::RuleParams { .. } => Kind::RuleParams,
            Self::AddAttr(_) => Kind::AddAttr,
            Self::UpdateAttr(_) => Kind::UpdateAttr,
            Self::DeleteAttr(_) => Kind::DeleteAttr,
        }
    }
}

impl EntityRef {
    /// The lookup, if it is one.
    pub(crate) fn lookup(&self) -> Option<&Lookup> {
        match self {
            Self::Id(_) => None,
            Self::Lookup(lookup) => Some(lookup),
        }
    }

    /// The form in error messages.
    pub(crate) fn printed(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Lookup(lookup) => lookup.printed(),
        }
    }
}

impl Lookup {
    /// The form in error messages.
    pub(crate) fn printed(&self) -> String {
        edn::print(&self.to_json())
    }
}

/// Writes every uuid in a value (also in keys) in lower case, as the official server stores them.
pub(crate) fn canonical(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(canonical_text(text)),
        Value::Array(list) => list.into_iter().map(canonical).collect(),
        Value::Object(map) => Value::Object(canonical_map(map)),
        other => other,
    }
}

/// As [`canonical`], for an object.
pub(crate) fn canonical_map(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().map(|(key, value)| (canonical_text(key), canonical(value))).collect()
}

fn canonical_text(text: String) -> String {
    parse_id(&text).map_or(text, |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn uuids_are_written_in_lower_case_wherever_they_are() {
        let id = "8AA64E4C-64F9-472E-8A61-3FA28870E6CB";
        let lower = id.to_lowercase();
        let value = json!({ id: [id, { "k": id }], "text": "ABC", "n": 1 });
        assert_eq!(canonical(value), json!({ &lower: [&lower, { "k": &lower }], "text": "ABC", "n": 1 }));
    }
}
