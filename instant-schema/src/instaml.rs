//! InstaML as data: the steps of a transaction, and their JSON for `POST /admin/transact`.

mod check;
mod read;

use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use check::{Misfit, check};
pub use read::{ACTIONS, Expected, StepError, StepProblem};

/// One step of a transaction, by names (the admin format).
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Makes an entity; fails where it exists.
    Create {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Values by label.
        attributes: Map<String, Value>,
    },
    /// Writes attributes.
    Update {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Values by label.
        attributes: Map<String, Value>,
        /// `Some(false)` fails where the entity does not exist; else it is made.
        upsert: Option<bool>,
    },
    /// Deep-merges json attributes.
    Merge {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Patches by label: a null removes a key.
        attributes: Map<String, Value>,
        /// As in `Update`.
        upsert: Option<bool>,
    },
    /// Adds links.
    Link {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Label, from either side of the link, and targets.
        links: Vec<(String, Vec<Target>)>,
    },
    /// Removes links.
    Unlink {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Label, from either side of the link, and targets.
        links: Vec<(String, Vec<Target>)>,
    },
    /// Deletes the entity, and what cascades from it.
    Delete {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
    },
    /// Values for permission rules; writes nothing.
    RuleParams {
        /// The entity's type.
        entity: String,
        /// Which one.
        target: Target,
        /// Values by name.
        params: Map<String, Value>,
    },
}

/// Which entity a step means: by id, or by the value of a unique attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// By id.
    Id(Uuid),
    /// By a unique attribute.
    Lookup {
        /// The attribute's label.
        attribute: String,
        /// Its value.
        value: Value,
    },
}

impl Step {
    /// The entity the step writes.
    pub fn entity(&self) -> &str {
        match self {
            Self::Create { entity, .. }
            | Self::Update { entity, .. }
            | Self::Merge { entity, .. }
            | Self::Link { entity, .. }
            | Self::Unlink { entity, .. }
            | Self::Delete { entity, .. }
            | Self::RuleParams { entity, .. } => entity,
        }
    }

    /// Which entity the step means.
    pub fn target(&self) -> &Target {
        match self {
            Self::Create { target, .. }
            | Self::Update { target, .. }
            | Self::Merge { target, .. }
            | Self::Link { target, .. }
            | Self::Unlink { target, .. }
            | Self::Delete { target, .. }
            | Self::RuleParams { target, .. } => target,
        }
    }

    /// The name of what the step does, as on the wire: `ruleParams`, for example.
    pub fn action(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Merge { .. } => "merge",
            Self::Link { .. } => "link",
            Self::Unlink { .. } => "unlink",
            Self::Delete { .. } => "delete",
            Self::RuleParams { .. } => "ruleParams",
        }
    }

    /// The step as `POST /admin/transact` takes it.
    pub fn to_json(&self) -> Value {
        let (action, entity, target) = (self.action(), self.entity(), self.target().to_json());
        match self {
            Self::Create { attributes, .. } => json!([action, entity, target, attributes]),
            Self::Update { attributes, upsert, .. } | Self::Merge { attributes, upsert, .. } => {
                match upsert {
                    None => json!([action, entity, target, attributes]),
                    Some(upsert) => json!([action, entity, target, attributes, { "upsert": upsert }]),
                }
            }
            Self::Link { links, .. } | Self::Unlink { links, .. } => {
                json!([action, entity, target, links_json(links)])
            }
            Self::Delete { .. } => json!([action, entity, target]),
            Self::RuleParams { params, .. } => json!([action, entity, target, params]),
        }
    }
}

impl Target {
    /// The form for the place of an entity id: the uuid, or `[attribute, value]`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup { attribute, value } => json!([attribute, value]),
        }
    }

    /// The form for the place of a link target: the uuid, or `{attribute: value}`, since a bare pair would
    /// be read as a list of two ids.
    pub fn to_link_json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup { attribute, value } => json!({ attribute: value }),
        }
    }
}

fn links_json(links: &[(String, Vec<Target>)]) -> Value {
    let labels = links.iter().map(|(label, targets)| {
        let targets = match targets.as_slice() {
            [one] => one.to_link_json(),
            many => many.iter().map(Target::to_link_json).collect(),
        };
        (label.clone(), targets)
    });
    Value::Object(labels.collect())
}
