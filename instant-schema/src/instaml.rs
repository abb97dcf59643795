//! InstaML: the steps of a transaction, and their JSON for `POST /admin/transact`.

mod check;
mod read;

use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use check::check;
pub use read::{ACTIONS, split_lookup};

/// One step of a transaction: what to do to which entity, by names.
///
/// ```
/// use instant_schema::instaml::{Action, Step, Target};
/// use serde_json::json;
///
/// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
/// let target = Target::Id(id.parse()?);
/// let step = Step::new("posts", target, Action::Delete);
/// assert_eq!(step.to_json(), json!(["delete", "posts", id]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Step {
    /// The type of the entity.
    pub entity: String,
    /// Which entity of that type.
    pub target: Target,
    /// What to do to it.
    pub action: Action,
}

/// What a [`Step`] does. Whoever reads steps has to handle every action, so the list is exhaustive.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Creates the entity with these attributes; fails where it exists.
    Create(Map<String, Value>),
    /// Writes attributes.
    Update {
        /// Values by label.
        attributes: Map<String, Value>,
        /// `Some(false)` fails where the entity does not exist; otherwise it is created.
        upsert: Option<bool>,
    },
    /// Deep-merges json attributes.
    Merge {
        /// Patches by label: a null removes a key.
        attributes: Map<String, Value>,
        /// As in [`Action::Update`].
        upsert: Option<bool>,
    },
    /// Adds links: labels, from either side of the link, with their targets.
    Link(Vec<(String, Vec<Target>)>),
    /// Removes links: labels, from either side of the link, with their targets.
    Unlink(Vec<(String, Vec<Target>)>),
    /// Deletes the entity, and what cascades from it.
    Delete,
    /// Gives values to the permission rules, by name; writes nothing.
    RuleParams(Map<String, Value>),
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
    /// A text that is no id. A server reads it where a lookup could stand, and refuses it where it writes it.
    Unreadable(String),
}

impl Step {
    /// Returns a step on one entity.
    pub fn new(entity: impl Into<String>, target: Target, action: Action) -> Self {
        Self { entity: entity.into(), target, action }
    }

    /// Returns the JSON of the step for `POST /admin/transact`.
    pub fn to_json(&self) -> Value {
        let mut parts = vec![json!(self.action.name()), json!(self.entity), self.target.to_json()];
        match &self.action {
            Action::Create(values) | Action::RuleParams(values) => parts.push(json!(values)),
            Action::Update { attributes, upsert } | Action::Merge { attributes, upsert } => {
                parts.push(json!(attributes));
                parts.extend(upsert.map(|upsert| json!({ "upsert": upsert })));
            }
            Action::Link(links) | Action::Unlink(links) => parts.push(links_json(links)),
            Action::Delete => {}
        }
        Value::Array(parts)
    }
}

impl Action {
    /// Returns the name of the action in JSON, such as `ruleParams`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "create",
            Self::Update { .. } => "update",
            Self::Merge { .. } => "merge",
            Self::Link(_) => "link",
            Self::Unlink(_) => "unlink",
            Self::Delete => "delete",
            Self::RuleParams(_) => "ruleParams",
        }
    }

    /// Returns the attributes that the action writes, if it writes any.
    pub fn attributes(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Create(attributes) | Self::Update { attributes, .. } | Self::Merge { attributes, .. } => {
                Some(attributes)
            }
            Self::Link(_) | Self::Unlink(_) | Self::Delete | Self::RuleParams(_) => None,
        }
    }

    /// Returns the links that the action adds or removes, if it does either.
    pub fn links(&self) -> Option<&[(String, Vec<Target>)]> {
        match self {
            Self::Link(links) | Self::Unlink(links) => Some(links),
            Self::Create(_)
            | Self::Update { .. }
            | Self::Merge { .. }
            | Self::Delete
            | Self::RuleParams(_) => None,
        }
    }
}

impl Target {
    /// Returns the JSON of the target of a step: the UUID, or `[attribute, value]`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup { attribute, value } => json!([attribute, value]),
            Self::Unreadable(text) => json!(text),
        }
    }

    /// Returns the JSON of the target of a link: the UUID, or `{attribute: value}`, since the server would read a pair
    /// as a list of two ids.
    pub fn to_link_json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup { attribute, value } => json!({ attribute: value }),
            Self::Unreadable(text) => json!(text),
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
