//! One rule: an expression that decides about one action on one entity type.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::cel::{Program, RuleKind};

/// What a rule decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Action {
    /// Seeing an entity, or one of its attributes.
    View,
    /// Making an entity, or an attribute.
    Create,
    /// Changing an entity.
    Update,
    /// Deleting an entity.
    Delete,
    /// Adding a link.
    Link,
    /// Removing a link.
    Unlink,
}

/// A rule, compiled. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// The entity type that `data.ref` starts from, and that errors name.
    pub(super) etype: String,
    pub(super) action: Action,
    pub(super) compiled: Arc<Compiled>,
}

/// The part of a rule that rules of several entity types may share.
#[derive(Debug)]
pub(super) struct Compiled {
    /// The expression with its binds.
    pub(super) code: String,
    /// The expression as it was written: a text, or a boolean.
    pub(super) written: Value,
    pub(super) program: Program,
}

impl Action {
    /// Its name in the rules document and in errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Link => "link",
            Self::Unlink => "unlink",
        }
    }

    /// Which variables its rules have.
    pub(super) fn kind(self) -> RuleKind {
        match self {
            Self::View | Self::Delete => RuleKind::Read,
            Self::Create | Self::Update => RuleKind::Write,
            Self::Link => RuleKind::Link,
            Self::Unlink => RuleKind::Unlink,
        }
    }
}

impl Rule {
    /// The compiled expression.
    pub(crate) fn program(&self) -> &Program {
        &self.compiled.program
    }

    /// The rule as the check endpoints show it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "etype": self.etype,
            "action": self.action.name(),
            "code": self.compiled.code,
            "display-code": self.compiled.written,
        })
    }
}
