//! The server's record of one attribute or link, as it travels on the wire.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::value_type::CheckedType;

/// The server's record of an attribute (a *blob*, which holds a JSON value) or of a link (a *ref*, one record for both
/// directions). The names of its JSON members are the server's.
///
/// ```
/// use instant_schema::{Attr, CheckedType};
///
/// let views = Attr { checked_data_type: Some(CheckedType::Number), ..Attr::blob("posts", "views") };
/// let json = serde_json::to_value(&views)?;
/// assert_eq!(json["value-type"], "blob");
/// assert_eq!(json["checked-data-type"], "number");
/// assert_eq!(serde_json::from_value::<Attr>(json)?, views);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attr {
    /// The record's own id: what triples refer to.
    #[serde(deserialize_with = "crate::id::deserialize")]
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
    #[serde(rename = "unique?", default, deserialize_with = "null_is_false")]
    pub unique: bool,
    /// Whether values are indexed.
    #[serde(rename = "index?", default, deserialize_with = "null_is_false")]
    pub indexed: bool,
    /// Whether every entity must have a value.
    #[serde(rename = "required?", default, deserialize_with = "null_is_false")]
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
    /// The enforced type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked_data_type: Option<CheckedType>,
    /// When a soft-deleted attribute was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_marked_at: Option<String>,
    /// What a soft-deleted attribute needs to be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Value>,
}

/// A name of an attribute record on one entity: `[id of the name, entity, label]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity(#[serde(deserialize_with = "crate::id::deserialize")] pub Uuid, pub String, pub String);

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

/// A change of an attribute record. `None` keeps the value of the record, except for the two cascades: a change
/// always sets them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AttrUpdate {
    /// The id of the record.
    #[serde(deserialize_with = "crate::id::deserialize")]
    pub id: Uuid,
    /// Value or link.
    #[serde(rename = "value-type", default, skip_serializing_if = "Option::is_none")]
    pub stored_as: Option<StoredAs>,
    /// How many values one entity may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cardinality: Option<Cardinality>,
    /// A new name on the entity that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_identity: Option<Identity>,
    /// A new name on the entity it points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverse_identity: Option<Identity>,
    /// Whether values are unique.
    #[serde(rename = "unique?", default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<bool>,
    /// Whether values are indexed.
    #[serde(rename = "index?", default, skip_serializing_if = "Option::is_none")]
    pub indexed: Option<bool>,
    /// Whether every entity must have a value.
    #[serde(rename = "required?", default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// `cascade`, or `None` to clear it.
    #[serde(default)]
    pub on_delete: Option<String>,
    /// `cascade`, or `None` to clear it.
    #[serde(default)]
    pub on_delete_reverse: Option<String>,
}

fn user_catalog() -> String {
    "user".to_owned()
}

fn null_is_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(false))
}

impl Attr {
    /// Returns a new record of a value: not unique, not indexed, not required, and without an enforced type.
    pub fn blob(entity: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: Uuid::new_v4(),
            stored_as: StoredAs::Blob,
            cardinality: Cardinality::One,
            forward_identity: Identity(Uuid::new_v4(), entity.into(), label.into()),
            reverse_identity: None,
            unique: false,
            indexed: false,
            required: false,
            inferred_types: None,
            catalog: user_catalog(),
            on_delete: None,
            on_delete_reverse: None,
            checked_data_type: None,
            deletion_marked_at: None,
            metadata: None,
        }
    }

    /// Returns a new record of the `id` that every entity has.
    pub fn id_of(entity: impl Into<String>) -> Self {
        Self { unique: true, ..Self::blob(entity, "id") }
    }

    /// Returns a new record of a link, many to many.
    pub fn link(
        entity: impl Into<String>,
        label: impl Into<String>,
        reverse_entity: impl Into<String>,
        reverse_label: impl Into<String>,
    ) -> Self {
        let reverse = Identity(Uuid::new_v4(), reverse_entity.into(), reverse_label.into());
        Self {
            stored_as: StoredAs::Ref,
            cardinality: Cardinality::Many,
            reverse_identity: Some(reverse),
            ..Self::blob(entity, label)
        }
    }

    /// Whether the record is a link.
    pub fn is_ref(&self) -> bool {
        self.stored_as == StoredAs::Ref
    }

    /// Applies a change as a server does: new names keep the ids of the old ones.
    pub fn update(&mut self, update: &AttrUpdate) {
        fn set<T: Clone>(field: &mut T, value: Option<&T>) {
            if let Some(value) = value {
                field.clone_from(value);
            }
        }
        set(&mut self.stored_as, update.stored_as.as_ref());
        set(&mut self.cardinality, update.cardinality.as_ref());
        let renamed = |old: &Identity, new: &Identity| Identity(old.0, new.1.clone(), new.2.clone());
        if let Some(new) = &update.forward_identity {
            self.forward_identity = renamed(&self.forward_identity, new);
        }
        if let Some(new) = &update.reverse_identity {
            let old = self.reverse_identity.as_ref().unwrap_or(new);
            self.reverse_identity = Some(renamed(old, new));
        }
        set(&mut self.unique, update.unique.as_ref());
        set(&mut self.indexed, update.indexed.as_ref());
        set(&mut self.required, update.required.as_ref());
        self.on_delete.clone_from(&update.on_delete);
        self.on_delete_reverse.clone_from(&update.on_delete_reverse);
    }
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
