//! The server's record of one attribute or link, as it travels on the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// An attribute record: a *blob* holds a JSON value, a *ref* is a link (one record for both directions).
///
/// The key names are the server's; see `row->attr` in the Instant source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attr {
    /// The record's own id: what triples refer to.
    pub id: Uuid,
    /// Value or link.
    #[serde(rename = "value-type")]
    pub stored_as: StoredAs,
    /// How many values one entity may have. Blobs always have one.
    pub cardinality: Cardinality,
    /// Name on the entity that owns it.
    pub forward_identity: Identity,
    /// Name on the entity it points to; refs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_identity: Option<Identity>,
    /// Blob: values are unique. Ref: each target is linked from at most one source.
    #[serde(rename = "unique?", default)]
    pub unique: bool,
    /// Whether values are indexed.
    #[serde(rename = "index?", default)]
    pub indexed: bool,
    /// Whether every entity must have a value.
    #[serde(rename = "required?", default)]
    pub required: bool,
    /// Types seen in written values: a subset of `number`, `string`, `boolean`, `json`.
    #[serde(default)]
    pub inferred_types: Option<Vec<String>>,
    /// `system` for the system catalog, else `user`.
    #[serde(default = "user_catalog")]
    pub catalog: String,
    /// `cascade`: deleting the target deletes the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete: Option<String>,
    /// `cascade`: deleting the source deletes the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_delete_reverse: Option<String>,
    /// The enforced type, one of `string`, `number`, `boolean`, `date`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_data_type: Option<String>,
    /// When a soft-deleted attribute was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_marked_at: Option<String>,
    /// What a soft-deleted attribute needs to be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// `[ident id, entity, label]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity(pub Uuid, pub String, pub String);

/// Whether an attribute record holds values or links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoredAs {
    /// A JSON value.
    Blob,
    /// The id of another entity.
    Ref,
}

/// How many values of an attribute record one entity may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cardinality {
    /// At most one.
    One,
    /// Any number.
    Many,
}

fn user_catalog() -> String {
    "user".to_owned()
}

impl Identity {
    /// The entity's name.
    pub fn entity(&self) -> &str {
        &self.1
    }

    /// The label on that entity.
    pub fn label(&self) -> &str {
        &self.2
    }
}
