//! Checks what a transaction may change: system columns for all callers, and the default rules for users and guests.

use instant_schema::{catalog, parse_id_value};
use serde_json::{Value, json};

use super::known_attrs::KnownAttrs;
use super::lookups;
use super::tx_step::{EntityRef, Lookup, TxStep};
use crate::caller::Caller;
use crate::default_rules::DefaultRules;
use crate::error::ApiError;
use crate::store::ReadTx;

/// Fails on the first step that `caller` is not allowed to make.
pub(super) fn check(
    tx: &ReadTx<'_>,
    known: &KnownAttrs,
    caller: Caller,
    steps: &[TxStep],
) -> Result<(), ApiError> {
    let is_admin = caller == Caller::Admin;
    for step in steps {
        check_system(known, is_admin, step)?;
    }
    if is_admin {
        return Ok(());
    }
    let scoped = Scoped { tx, known, rules: DefaultRules { caller } };
    for step in steps {
        check_lookups(known, step)?;
        scoped.check(step)?;
    }
    Ok(())
}

fn check_system(known: &KnownAttrs, is_admin: bool, step: &TxStep) -> Result<(), ApiError> {
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

/// Checks that lookups of a user or guest use an attribute of the right entity type, and that linked values are ids.
fn check_lookups(known: &KnownAttrs, step: &TxStep) -> Result<(), ApiError> {
    let (TxStep::AddTriple { entity, attr, value, .. }
    | TxStep::DeepMerge { entity, attr, value, .. }
    | TxStep::Retract { entity, attr, value }) = step
    else {
        return Ok(());
    };
    let Some(attr) = known.get(*attr) else { return Ok(()) };
    let same_namespace = |lookup: &Lookup, etype: &str| match known.entity_of(lookup.attr) {
        None => {
            let message = "Invalid lookup. Could not determine namespace from lookup attribute.";
            Err(ApiError::invalid("lookup", lookup.to_json(), message))
        }
        Some(of) if of != etype => Err(refused(
            step,
            "Invalid transaction. The namespace in the lookup attribute is different from the namespace of the \
             attribute that is being set",
        )),
        Some(_) => Ok(()),
    };
    if let Some(lookup) = entity.lookup() {
        same_namespace(lookup, attr.forward_identity.entity())?;
    }
    let Some(target) = &attr.reverse_identity else { return Ok(()) };
    match Lookup::from_value(value) {
        Some(lookup) => same_namespace(&lookup, target.entity()),
        None if parse_id_value(value).is_some() => Ok(()),
        None => Err(ApiError::invalid("eid", value.clone(), "Expected link value to be a uuid.")),
    }
}

/// The steps of a caller to whom rules apply.
struct Scoped<'a> {
    tx: &'a ReadTx<'a>,
    known: &'a KnownAttrs,
    rules: DefaultRules,
}

impl Scoped<'_> {
    fn check(&self, step: &TxStep) -> Result<(), ApiError> {
        match step {
            TxStep::AddTriple { entity, attr, value, .. }
            | TxStep::DeepMerge { entity, attr, value, .. }
            | TxStep::Retract { entity, attr, value } => {
                let Some(attr) = self.known.get(*attr) else { return Ok(()) };
                let writes = !matches!(step, TxStep::Retract { .. });
                self.check_write(step, entity, attr.forward_identity.entity(), writes)?;
                match &attr.reverse_identity {
                    Some(target) => self.check_target(value, target.entity()),
                    None => Ok(()),
                }
            }
            TxStep::DeleteEntity { etype: Some(etype), .. } if etype.starts_with('$') => Err(denied(etype)),
            TxStep::UpdateAttr(_) | TxStep::DeleteAttr(_) => {
                Err(ApiError::permission_denied(&["attrs", "attr"], "perms-pass?"))
            }
            TxStep::DeleteEntity { .. } | TxStep::RuleParams | TxStep::AddAttr(_) => Ok(()),
        }
    }

    /// Users may change themselves and their linked guests, and no other system entities.
    fn check_write(
        &self,
        step: &TxStep,
        entity: &EntityRef,
        etype: &str,
        writes: bool,
    ) -> Result<(), ApiError> {
        if !catalog::is_system_entity(etype) {
            return Ok(());
        }
        let existing = match lookups::find_earlier(self.tx, entity)? {
            Some(id) if self.tx.exists(etype, id)? => Some(id),
            _ => None,
        };
        match existing {
            Some(id) if self.rules.admit(self.tx, etype, id)? => Ok(()),
            Some(_) => Err(denied(etype)),
            None if etype == "$users" && writes => {
                let message = "$users is a system entity. You aren't allowed to create this directly.";
                Err(refused(step, message))
            }
            None if writes => Err(denied(etype)),
            None => Ok(()),
        }
    }

    /// Fails when the target of a link is not visible to the caller.
    fn check_target(&self, value: &Value, etype: &str) -> Result<(), ApiError> {
        if !catalog::is_system_entity(etype) {
            return Ok(());
        }
        let id = match Lookup::from_value(value) {
            Some(lookup) => lookups::find_earlier(self.tx, &EntityRef::Lookup(lookup))?,
            None => parse_id_value(value),
        };
        match id {
            Some(id) if self.tx.exists(etype, id)? && !self.rules.admit(self.tx, etype, id)? => {
                Err(denied(etype))
            }
            _ => Ok(()),
        }
    }
}

fn denied(etype: &str) -> ApiError {
    ApiError::permission_denied(&[etype, "object"], "perms-pass?")
}

fn refused(step: &TxStep, message: impl Into<String>) -> ApiError {
    ApiError::validation("tx-step", step.to_json(), vec![json!({ "message": message.into() })])
}
