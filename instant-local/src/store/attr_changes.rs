//! Changes attributes: by `update-attr`, and one constraint at a time as indexing jobs do.

use instant_schema::plan::PlanStep;
use instant_schema::{AttrUpdate, CheckedType, StoredAs, catalog};
use serde_json::{Value, json};
use uuid::Uuid;

use super::attrs::identities;
use super::catalog::{Place, StoredAttr};
use super::write::WriteTx;
use crate::ApiError;

/// One constraint of an attribute, as it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// Whether values are indexed. An index that is made gives each entity without a value a null.
    Indexed(bool),
    /// Whether values are unique.
    Unique(bool),
    /// Whether every entity must have a value.
    Required(bool),
    /// The enforced type.
    Type(Option<CheckedType>),
}

impl WriteTx<'_> {
    /// Changes an attribute, and checks its values against what it now enforces. Other than when an index is made by
    /// [`constrain`](Self::constrain), entities without a value get no null. A system attribute or an unknown one stays
    /// as it is, without an error.
    ///
    /// # Errors
    ///
    /// Fails with `record-not-unique` on a name that is taken, and where a value, a target or an entity has several of
    /// what it may have one of; with `validation-failed` on a name that is blank or reserved by the system, when
    /// entities lack a value that becomes required, and on values that are too large for an index or no ids of targets.
    pub fn update_attr(&mut self, change: &AttrUpdate) -> Result<(), ApiError> {
        check_new_names(change)?;
        let Some(old) = self.catalog().attr(change.id).filter(|old| !old.is_system()).cloned() else {
            return Ok(());
        };
        let mut attr = (*old.attr).clone();
        attr.update(change);
        if Place::of(&attr) != old.place && attr.stored_as == old.attr.stored_as {
            let message =
                "`id` is the name of what identifies an entity: no attribute can be renamed to or from it.";
            return Err(refused(change, message));
        }
        let is_taken = identities(&attr).any(|name| {
            let holder = self.catalog().resolve(name.entity(), name.label());
            holder.is_some_and(|(holder, _)| holder.attr.id != attr.id)
        });
        if is_taken {
            return Err(ApiError::record_not_unique("attr"));
        }
        if attr.stored_as != old.attr.stored_as {
            self.check_kind_can_change(&old, change)?;
        }
        let stored = self.replace(&old, attr)?;
        if change.required == Some(true) { self.check_all_have(&stored) } else { Ok(()) }
    }

    /// Changes one constraint of an attribute, and checks its values against it.
    ///
    /// # Errors
    ///
    /// Fails as [`update_attr`](Self::update_attr) does, and with `sql-raise` on a system attribute or an unknown one.
    pub fn constrain(&mut self, id: Uuid, constraint: Constraint) -> Result<(), ApiError> {
        let old = self.changeable(id)?;
        let mut attr = (*old.attr).clone();
        match constraint {
            Constraint::Indexed(is_indexed) => attr.indexed = is_indexed,
            Constraint::Unique(is_unique) => attr.unique = is_unique,
            Constraint::Required(is_required) => attr.required = is_required,
            Constraint::Type(checked) => attr.checked_data_type = checked,
        }
        let stored = self.replace(&old, attr)?;
        if constraint == Constraint::Indexed(true) {
            self.fill_nulls_of(&stored)?;
        }
        Ok(())
    }

    /// Fails where values are no ids, and thus cannot be links. What could become a link or a value is refused too: the
    /// official server leaves it useless.
    fn check_kind_can_change(&self, old: &StoredAttr, change: &AttrUpdate) -> Result<(), ApiError> {
        let (is, asked) = match old.attr.stored_as {
            StoredAs::Blob => {
                self.check_values_are_ids(old)?;
                ("is no link", "a link")
            }
            StoredAs::Ref => ("is a link", "an attribute"),
        };
        let message = format!(
            "`{}` {is}: its `value-type` cannot change. Delete it, and add {asked} with the same name.",
            old.name()
        );
        Err(refused(change, &message))
    }

    /// Fails when an entity lacks a value of the attribute.
    fn check_all_have(&self, stored: &StoredAttr) -> Result<(), ApiError> {
        if !self.entities_without(stored)?.is_empty() {
            let message = format!(
                "Can't update attribute `{}` to required because `{}` already have entities without it",
                stored.label(),
                stored.entity()
            );
            return Err(ApiError::invalid("attributes", json!({ "id": stored.attr.id }), message));
        }
        Ok(())
    }
}

/// Fails where a change names what no attribute of an app can be named.
fn check_new_names(change: &AttrUpdate) -> Result<(), ApiError> {
    for name in [&change.forward_identity, &change.reverse_identity].into_iter().flatten() {
        let (entity, label) = (name.entity(), name.label());
        if entity.trim().is_empty() || label.trim().is_empty() {
            return Err(refused(change, "Names of entities and attributes must not be blank."));
        }
        if let Some(refusal) = catalog::refusal(entity, label) {
            return Err(refused(change, &refusal));
        }
    }
    Ok(())
}

fn refused(change: &AttrUpdate, message: &str) -> ApiError {
    let mut step = PlanStep::UpdateAttr(change.clone()).to_json();
    let payload = step.get_mut(1).map_or(Value::Null, Value::take);
    ApiError::invalid("attributes", payload, message)
}
