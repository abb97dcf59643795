//! Checks of steps that no rule can change: the system's own columns for all callers, and lookups and linked values for
//! users and guests.

use instant_schema::{Attr, Identity, catalog, parse_id_value};
use serde_json::{Value, json};

use super::known_attrs::KnownAttrs;
use super::tx_step::{Lookup, TxStep};
use crate::error::ApiError;

/// Fails on the first step that changes what belongs to the system.
pub(super) fn check_system(known: &KnownAttrs, is_admin: bool, steps: &[TxStep]) -> Result<(), ApiError> {
    steps.iter().try_for_each(|step| check_system_step(known, is_admin, step))
}

/// Checks the steps of a user or guest: first that linked values are ids or lookups, then that lookups use an attribute of
/// the right entity type.
pub(super) fn check_names(known: &KnownAttrs, steps: &[TxStep]) -> Result<(), ApiError> {
    let targets = || steps.iter().filter_map(|step| Some((step, target(known, step)?)));
    for (step, (_, value)) in targets() {
        if !value.is_array() && parse_id_value(value).is_none() {
            let message = "Expected link value to be a uuid.";
            let error = json!({ "message": message, "hint": { "tx-step": step.to_listed() } });
            return Err(ApiError::validation("eid", value.clone(), vec![error]));
        }
    }
    for step in steps {
        let (entity, etype) = match step {
            TxStep::AddTriple { entity, attr, .. }
            | TxStep::DeepMerge { entity, attr, .. }
            | TxStep::Retract { entity, attr, .. } => (entity, known.entity_of(*attr)),
            TxStep::RuleParams { entity, etype, .. } => (entity, Some(etype.as_str())),
            _ => continue,
        };
        if let Some(lookup) = entity.lookup() {
            check_namespace(known, step, lookup, etype)?;
        }
    }
    for (step, (side, value)) in targets() {
        if let Some(lookup) = Lookup::from_value(value) {
            check_namespace(known, step, &lookup, Some(side.entity()))?;
        }
    }
    Ok(())
}

/// A link's name on its target, and the value that names the target. `None` for steps that are not about a link.
fn target<'s>(known: &'s KnownAttrs, step: &'s TxStep) -> Option<(&'s Identity, &'s Value)> {
    let (TxStep::AddTriple { attr, value, .. }
    | TxStep::DeepMerge { attr, value, .. }
    | TxStep::Retract { attr, value, .. }) = step
    else {
        return None;
    };
    let side = known.get(*attr).and_then(|attr: &Attr| attr.reverse_identity.as_ref())?;
    Some((side, value))
}

fn check_namespace(
    known: &KnownAttrs,
    step: &TxStep,
    lookup: &Lookup,
    etype: Option<&str>,
) -> Result<(), ApiError> {
    match known.entity_of(lookup.attr) {
        None => {
            let message = "Invalid lookup. Could not determine namespace from lookup attribute.";
            Err(ApiError::invalid("lookup", lookup.to_json(), message))
        }
        of if of != etype => Err(refused(
            step,
            "Invalid transaction. The namespace in the lookup attribute is different from the namespace of the \
             attribute that is being set",
        )),
        _ => Ok(()),
    }
}

fn check_system_step(known: &KnownAttrs, is_admin: bool, step: &TxStep) -> Result<(), ApiError> {
    let (attr, value) = match step {
        TxStep::DeleteEntity { etype: Some(etype), .. } if etype.starts_with('$') => {
            if is_admin || etype == "$files" {
                return Ok(());
            }
            let message = format!("{etype} is a system entity. You aren't allowed to delete this directly.");
            return Err(refused(step, message));
        }
        TxStep::AddTriple { attr, value, .. }
        | TxStep::DeepMerge { attr, value, .. }
        | TxStep::Retract { attr, value, .. } => (known.get(*attr), value),
        _ => return Ok(()),
    };
    let Some(attr) = attr.filter(|attr| attr.catalog == "system") else { return Ok(()) };
    let (etype, label) = (attr.forward_identity.entity(), attr.forward_identity.label());
    let may_write =
        catalog::is_open_to_users(etype, label) || (is_admin && catalog::is_writable(etype, label));
    if !may_write {
        let message =
            format!("{etype}.{label} is a system column. You aren't allowed to change this directly.");
        return Err(refused(step, message));
    }
    let of_a_stream = value.as_str().is_some_and(|path| path.starts_with("$stream/"));
    if (etype, label) == ("$files", "path") && of_a_stream {
        return Err(refused(step, "The path for stream files can't be edited."));
    }
    Ok(())
}

/// The error about a step that nobody, or no user, may make.
pub(super) fn refused(step: &TxStep, message: impl Into<String>) -> ApiError {
    ApiError::validation("tx-step", step.to_listed(), vec![json!({ "message": message.into() })])
}
