//! The rules of steps, each with the one sentence for its breach.

use super::Rule;
use super::problem::Problem;
use crate::suggest::{hint, list};

/// There is no such step.
pub(crate) fn unknown_action(name: &str, actions: &[&'static str]) -> Problem {
    let message = format!("there is no step `{name}`: {}", hint(name, "steps", actions.iter().copied()));
    Problem::new(Rule::UnknownAction, message)
}

/// A step is a list.
pub(crate) fn not_a_step() -> Problem {
    Problem::new(Rule::NotAStep, "expected a step: [\"update\", entity, id, {..}]")
}

/// A step names its entity in a string.
pub(crate) fn not_a_name() -> Problem {
    Problem::new(Rule::NotAName, "expected the name of an entity in a string")
}

/// Attributes, links and options are objects.
pub(crate) fn not_an_object() -> Problem {
    Problem::new(Rule::NotAnObject, "expected an object")
}

/// An id is a UUID or a lookup.
pub(crate) fn not_an_id() -> Problem {
    Problem::new(Rule::NotAnId, "expected a UUID or a lookup { attribute: value }")
}

/// A lookup in a list is an attribute and its value.
pub(crate) fn not_a_pair() -> Problem {
    Problem::new(Rule::NotAPair, "expected a lookup [attribute, value]")
}

/// A step ends where its action has no more parts.
pub(crate) fn step_too_long() -> Problem {
    Problem::new(Rule::StepTooLong, "expected nothing more here")
}

/// What follows `lookup__attribute__` is JSON.
pub(crate) fn lookup_value(attribute: &str, json: &str) -> Problem {
    let message = format!("the value of the lookup by `{attribute}` is not JSON: {json}");
    Problem::new(Rule::LookupValue, message)
}

/// A lookup object has one attribute.
pub(crate) fn lookup_keys(given: usize) -> Problem {
    let message =
        format!("a lookup is an object with one unique attribute and its value; this one has {given}");
    Problem::new(Rule::LookupKeys, message)
}

/// Lookups go by unique attributes.
pub(crate) fn not_unique(entity: &str, attribute: &str, unique: &[&str]) -> Problem {
    let others = if unique.is_empty() {
        format!("`{entity}` has no unique attributes, so name the entity by its id")
    } else {
        format!("unique attributes: {}", list(unique.iter().copied()))
    };
    let message =
        format!("a lookup needs a unique attribute, and `{entity}.{attribute}` is not unique; {others}");
    Problem::new(Rule::NotUnique, message)
}

/// Links are written with `link`.
pub(crate) fn link_as_attribute(entity: &str, label: &str) -> Problem {
    let message = format!(
        "`{label}` is a link of `{entity}`, not an attribute: write it with `link`, to an id or to \
         `{{ attribute: value }}`"
    );
    Problem::new(Rule::UnknownAttribute, message)
}

/// Attributes are written with `update`.
pub(crate) fn attribute_as_linked(entity: &str, label: &str) -> Problem {
    let message = format!("`{label}` is an attribute of `{entity}`, not a link: write it with `update`");
    Problem::new(Rule::NotALink, message)
}
