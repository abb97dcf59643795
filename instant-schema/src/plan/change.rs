//! A plan for people: each change in words, and what the server has beyond the schema.

use std::collections::HashMap;
use std::fmt;

use uuid::Uuid;

use super::{Job, PlanStep};
use crate::attr::{Attr, Cardinality};
use crate::model::{Has, Schema};
use crate::records::{names, shown, wanted};
use crate::value_type::CheckedType;

/// One change of what a server has. It prints as a line: ``create `posts.slug` (string, required, unique)``.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// A new entity, without attributes yet.
    CreateEntity {
        /// Its name.
        entity: String,
    },
    /// A new attribute.
    CreateAttribute {
        /// The entity.
        entity: String,
        /// The attribute's label.
        attribute: String,
        /// The type that is enforced; none for json.
        value_type: Option<CheckedType>,
        /// Whether every entity must have a value.
        required: bool,
        /// Whether values are indexed.
        indexed: bool,
        /// Whether no two entities may have the same value.
        unique: bool,
    },
    /// A new link.
    CreateLink {
        /// The entity that owns it.
        entity: String,
        /// Its label there.
        link: String,
        /// The entity it leads to.
        target: String,
        /// Its label there.
        reverse: String,
        /// Both sides of it.
        shape: LinkShape,
        /// Whether every entity must have it.
        required: bool,
    },
    /// An attribute or link gets another label. Its values stay.
    Rename {
        /// The entity.
        entity: String,
        /// The label it has.
        from: String,
        /// The label it gets.
        to: String,
    },
    /// The values get an index or lose it.
    SetIndexed {
        /// The entity.
        entity: String,
        /// The attribute's label.
        attribute: String,
        /// Whether they get it.
        indexed: bool,
    },
    /// The values must be unique, or need not be any more.
    SetUnique {
        /// The entity.
        entity: String,
        /// The attribute's label.
        attribute: String,
        /// Whether they must.
        unique: bool,
    },
    /// Every entity must have a value or link, or need not any more.
    SetRequired {
        /// The entity.
        entity: String,
        /// The label of the attribute or link.
        attribute: String,
        /// Whether it must.
        required: bool,
    },
    /// The type of the values is enforced, or not any more.
    SetType {
        /// The entity.
        entity: String,
        /// The attribute's label.
        attribute: String,
        /// The type; none to allow any JSON.
        value_type: Option<CheckedType>,
    },
    /// A link leads to one or to many, or cascades, other than before.
    SetLink {
        /// The entity that owns it.
        entity: String,
        /// Its label there.
        link: String,
        /// Both sides of it.
        shape: LinkShape,
    },
    /// An attribute or link is deleted, with its values. The server keeps them for a while.
    Delete {
        /// The entity.
        entity: String,
        /// Its label; `id` for the entity itself.
        attribute: String,
    },
}

/// What both sides of a link say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkShape {
    /// How many entities the owning side leads to.
    pub has: Has,
    /// How many the other side leads to.
    pub reverse_has: Has,
    /// Whether the owning side's entity is deleted with the one it leads to.
    pub cascades: bool,
    /// Whether the other side's entity is deleted with the one it leads to.
    pub reverse_cascades: bool,
}

/// An attribute or link that a server has and the schema does not. No plan touches it, unless it is renamed or deleted
/// by name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Beyond {
    /// The entity.
    pub entity: String,
    /// Its label; `id` where the schema does not have the entity.
    pub attribute: String,
    /// Whether the server requires it, though the schema has the entity without it: whoever creates such an entity by
    /// the schema is then refused.
    pub blocks_creation: bool,
}

/// The changes that steps make to a server with the attributes `before`.
pub(super) fn changes(steps: &[PlanStep], before: &[Attr]) -> Vec<Change> {
    let mut state: HashMap<Uuid, Attr> = before.iter().map(|attr| (attr.id, attr.clone())).collect();
    let mut changes = Vec::new();
    for step in steps {
        match step {
            PlanStep::AddAttr(attr) => changes.push(created(attr)),
            PlanStep::UpdateAttr(update) => {
                let Some(attr) = state.get_mut(&update.id) else { continue };
                let old = attr.clone();
                attr.update(update);
                updated(&old, attr, &mut changes);
            }
            PlanStep::DeleteAttr(id) => {
                let Some(attr) = state.get(id) else { continue };
                let (entity, attribute) = owned(attr);
                changes.push(Change::Delete { entity, attribute });
            }
            PlanStep::Job { job, attr_id, .. } => {
                let Some(attr) = state.get(attr_id) else { continue };
                changes.push(constrained(attr, job));
            }
        }
    }
    changes
}

/// What a server has beyond a schema.
pub(super) fn beyond(schema: &Schema, current: &[Attr]) -> Vec<Beyond> {
    let wanted = wanted(schema);
    let is_wanted = |attr: &Attr| {
        let is_id = attr.forward_identity.label() == "id" && !attr.is_ref();
        if is_id {
            return schema.entity(attr.forward_identity.entity()).is_some();
        }
        wanted.iter().any(|known| names(known) == names(attr))
    };
    let own = shown(current).into_iter().filter(|attr| attr.catalog != "system" && !is_wanted(attr));
    own.map(|attr| {
        let (entity, attribute) = owned(&attr);
        let blocks_creation = attr.required && schema.entity(&entity).is_some();
        Beyond { entity, attribute, blocks_creation }
    })
    .collect()
}

fn owned(attr: &Attr) -> (String, String) {
    (attr.forward_identity.entity().to_owned(), attr.forward_identity.label().to_owned())
}

fn created(attr: &Attr) -> Change {
    let (entity, label) = owned(attr);
    match &attr.reverse_identity {
        Some(reverse) if attr.is_ref() => Change::CreateLink {
            entity,
            link: label,
            target: reverse.entity().to_owned(),
            reverse: reverse.label().to_owned(),
            shape: shape(attr),
            required: attr.required,
        },
        _ if label == "id" => Change::CreateEntity { entity },
        _ => Change::CreateAttribute {
            entity,
            attribute: label,
            value_type: attr.checked_data_type,
            required: attr.required,
            indexed: attr.indexed,
            unique: attr.unique,
        },
    }
}

fn updated(old: &Attr, new: &Attr, changes: &mut Vec<Change>) {
    let (entity, attribute) = owned(new);
    let sides = [
        (Some(&old.forward_identity), Some(&new.forward_identity)),
        (old.reverse_identity.as_ref(), new.reverse_identity.as_ref()),
    ];
    for (from, to) in sides.into_iter().filter_map(|(from, to)| Some((from?, to?))) {
        if from.label() != to.label() {
            let (entity, from, to) = (to.entity().to_owned(), from.label().to_owned(), to.label().to_owned());
            changes.push(Change::Rename { entity, from, to });
        }
    }
    if new.is_ref() {
        if shape(old) != shape(new) {
            changes.push(Change::SetLink {
                entity: entity.clone(),
                link: attribute.clone(),
                shape: shape(new),
            });
        }
    } else {
        if old.unique != new.unique {
            let (entity, attribute) = owned(new);
            changes.push(Change::SetUnique { entity, attribute, unique: new.unique });
        }
        if old.indexed != new.indexed {
            let (entity, attribute) = owned(new);
            changes.push(Change::SetIndexed { entity, attribute, indexed: new.indexed });
        }
    }
    if old.required != new.required {
        changes.push(Change::SetRequired { entity, attribute, required: new.required });
    }
}

fn constrained(attr: &Attr, job: &Job) -> Change {
    let (entity, attribute) = owned(attr);
    match job {
        Job::Index => Change::SetIndexed { entity, attribute, indexed: true },
        Job::RemoveIndex => Change::SetIndexed { entity, attribute, indexed: false },
        Job::Unique => Change::SetUnique { entity, attribute, unique: true },
        Job::RemoveUnique => Change::SetUnique { entity, attribute, unique: false },
        Job::Required => Change::SetRequired { entity, attribute, required: true },
        Job::RemoveRequired => Change::SetRequired { entity, attribute, required: false },
        Job::CheckDataType(checked) => Change::SetType { entity, attribute, value_type: Some(*checked) },
        Job::RemoveDataType => Change::SetType { entity, attribute, value_type: None },
    }
}

fn shape(attr: &Attr) -> LinkShape {
    let has = match attr.cardinality {
        Cardinality::One => Has::One,
        Cardinality::Many => Has::Many,
    };
    LinkShape {
        has,
        reverse_has: if attr.unique { Has::One } else { Has::Many },
        cascades: attr.on_delete.is_some(),
        reverse_cascades: attr.on_delete_reverse.is_some(),
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateEntity { entity } => write!(f, "create entity `{entity}`"),
            Self::CreateAttribute { entity, attribute, value_type, required, indexed, unique } => {
                let value_type = value_type.map_or("json", CheckedType::name);
                write!(f, "create `{entity}.{attribute}` ({value_type}")?;
                for (is_on, word) in [(required, "required"), (indexed, "indexed"), (unique, "unique")] {
                    if *is_on {
                        write!(f, ", {word}")?;
                    }
                }
                f.write_str(")")
            }
            Self::CreateLink { entity, link, target, reverse, shape, required } => {
                let required = if *required { ", required" } else { "" };
                write!(f, "create link `{entity}.{link}` to `{target}.{reverse}` ({shape}{required})")
            }
            Self::Rename { entity, from, to } => write!(f, "rename `{entity}.{from}` to `{entity}.{to}`"),
            Self::SetIndexed { entity, attribute, indexed: true } => {
                write!(f, "index `{entity}.{attribute}`")
            }
            Self::SetIndexed { entity, attribute, indexed: false } => {
                write!(f, "remove the index of `{entity}.{attribute}`")
            }
            Self::SetUnique { entity, attribute, unique: true } => {
                write!(f, "make `{entity}.{attribute}` unique")
            }
            Self::SetUnique { entity, attribute, unique: false } => {
                write!(f, "let values of `{entity}.{attribute}` repeat")
            }
            Self::SetRequired { entity, attribute, required: true } => {
                write!(f, "make `{entity}.{attribute}` required")
            }
            Self::SetRequired { entity, attribute, required: false } => {
                write!(f, "make `{entity}.{attribute}` optional")
            }
            Self::SetType { entity, attribute, value_type: Some(value_type) } => {
                write!(f, "make `{entity}.{attribute}` a {}", value_type.name())
            }
            Self::SetType { entity, attribute, value_type: None } => {
                write!(f, "let `{entity}.{attribute}` hold any JSON")
            }
            Self::SetLink { entity, link, shape } => write!(f, "change link `{entity}.{link}` ({shape})"),
            Self::Delete { entity, attribute } if attribute == "id" => write!(f, "delete entity `{entity}`"),
            Self::Delete { entity, attribute } => write!(f, "delete `{entity}.{attribute}`"),
        }
    }
}

impl fmt::Display for LinkShape {
    /// `has one, reverse has many`, and where it cascades.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has {}, reverse has {}", self.has.name(), self.reverse_has.name())?;
        for (is_on, words) in [(self.cascades, "cascades"), (self.reverse_cascades, "reverse cascades")] {
            if is_on {
                write!(f, ", {words}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entity, attribute, blocks_creation } = self;
        match attribute.as_str() {
            "id" => write!(f, "entity `{entity}`"),
            _ if *blocks_creation => write!(
                f,
                "`{entity}.{attribute}`, which the server requires: `{entity}` cannot be created by this schema"
            ),
            _ => write!(f, "`{entity}.{attribute}`"),
        }
    }
}
