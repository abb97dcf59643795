//! Runs tx-steps in one transaction of the store.

use std::collections::HashSet;
use std::sync::Arc;

use instant_schema::Direction;
use uuid::Uuid;

use super::known_attrs::KnownAttrs;
use super::lookups::{Lookups, find_entity, find_value};
use super::permissions::{Enforcement, Permissions, Report};
use super::required::Touched;
use super::tx_step::{EntityRef, Kind, NewAttr, TxStep, canonical, canonical_map};
use super::{cascade, guards, modes};
use crate::error::ApiError;
use crate::store::{Status, Triple, WriteTx};

/// What a transaction has done.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Its id.
    pub(crate) tx_id: i64,
    /// What the rules said.
    pub(crate) report: Report,
}

/// Runs the steps, all or nothing: under the rules that are to be enforced, or as the administrator.
///
/// Runs the steps grouped by kind, in the order in which the kinds first appear. Checks modes and cascades against the
/// state before the first step; permissions before the first step and after the last.
pub(crate) fn execute(
    tx: &mut WriteTx<'_>,
    enforcement: Option<Enforcement<'_>>,
    steps: Vec<TxStep>,
) -> Result<Outcome, ApiError> {
    match tx.app().status {
        Status::Active => {}
        Status::ReadOnly => return Err(ApiError::app_read_only()),
        Status::Disabled => return Err(ApiError::app_disabled()),
    }
    let mut order: Vec<Kind> = Vec::new();
    for step in &steps {
        if !order.contains(&step.kind()) {
            order.push(step.kind());
        }
    }
    let steps: Vec<TxStep> = steps.into_iter().map(canonical_step).collect();
    let known = KnownAttrs::new(tx, &steps);
    let mut expanded = cascade::expand(tx, steps)?;
    guards::check_system(&known, enforcement.is_none(), &expanded.steps)?;
    let permissions = match enforcement {
        Some(enforcement) => {
            expanded.inherit_rule_params(tx)?;
            Some(Permissions::before(enforcement, tx, &known, &expanded.steps)?)
        }
        None => None,
    };
    let steps = expanded.steps;
    modes::check(tx, &known, &steps)?;
    let tx_id = tx.tx_id()?;
    let mut touched = Touched::default();
    for kind in order {
        let group: Vec<&TxStep> = steps.iter().filter(|step| step.kind() == kind).collect();
        run_group(tx, kind, &group, &mut touched)?;
    }
    touched.check_required(tx)?;
    let report = permissions.map(|permissions| permissions.after(tx, &known, &steps)).transpose()?;
    Ok(Outcome { tx_id, report: report.unwrap_or_default() })
}

fn canonical_step(step: TxStep) -> TxStep {
    let entity_ref = |entity| match entity {
        EntityRef::Id(id) => EntityRef::Id(id),
        EntityRef::Lookup(mut lookup) => {
            lookup.value = canonical(lookup.value);
            EntityRef::Lookup(lookup)
        }
    };
    match step {
        TxStep::AddTriple { entity, attr, value, mode } => {
            TxStep::AddTriple { entity: entity_ref(entity), attr, value: canonical(value), mode }
        }
        TxStep::DeepMerge { entity, attr, value, mode } => {
            TxStep::DeepMerge { entity: entity_ref(entity), attr, value: canonical(value), mode }
        }
        TxStep::Retract { entity, attr, value } => {
            TxStep::Retract { entity: entity_ref(entity), attr, value: canonical(value) }
        }
        TxStep::DeleteEntity { entity, etype } => TxStep::DeleteEntity { entity: entity_ref(entity), etype },
        TxStep::RuleParams { entity, etype, params } => {
            let params = Arc::new(canonical_map(Arc::unwrap_or_clone(params)));
            TxStep::RuleParams { entity: entity_ref(entity), etype, params }
        }
        other => other,
    }
}

fn run_group(
    tx: &mut WriteTx<'_>,
    kind: Kind,
    group: &[&TxStep],
    touched: &mut Touched,
) -> Result<(), ApiError> {
    match kind {
        Kind::AddTriple | Kind::DeepMerge => write(tx, kind, group, touched),
        Kind::Retract => retract(tx, group, touched),
        Kind::DeleteEntity => delete(tx, group, touched),
        Kind::RuleParams => Ok(()),
        Kind::AddAttr | Kind::UpdateAttr | Kind::DeleteAttr => change_attrs(tx, group),
    }
}

fn write(tx: &mut WriteTx<'_>, kind: Kind, group: &[&TxStep], touched: &mut Touched) -> Result<(), ApiError> {
    if rows(group) > MOST_ROWS {
        return Err(ApiError::parameter_limit());
    }
    let mut lookups = Lookups::resolve(tx, group)?;
    let mut triples = std::mem::take(&mut lookups.new_entities);
    let given = triples.len();
    for step in group {
        let (TxStep::AddTriple { entity, attr, value, .. } | TxStep::DeepMerge { entity, attr, value, .. }) =
            step
        else {
            continue;
        };
        let value = lookups.value(tx, *attr, value)?;
        triples.push(Triple { entity: lookups.entity(entity), attr: *attr, value });
    }
    for triple in &triples {
        touched.add(tx, triple.entity, triple.attr);
    }
    if kind == Kind::AddTriple {
        tx.add(triples)?;
    } else {
        let patches = triples.split_off(given);
        tx.add(triples)?;
        tx.merge(patches)?;
    }
    // The values as the steps have them; what a lookup alone makes does not count.
    tx.note_types(group.iter().filter_map(|step| match step {
        TxStep::AddTriple { attr, value, .. } | TxStep::DeepMerge { attr, value, .. } => Some((*attr, value)),
        _ => None,
    }))
}

/// The most rows of one kind that a transaction writes: as many as fit the parameters of one statement of PostgreSQL.
const MOST_ROWS: usize = 13_105;

/// How many rows a group of writes gives. The merges of one value are one row.
fn rows(group: &[&TxStep]) -> usize {
    let mut merged: HashSet<(String, Uuid)> = HashSet::new();
    let mut rows = 0;
    for step in group {
        rows += usize::from(match step {
            TxStep::DeepMerge { entity, attr, .. } => merged.insert((entity.printed(), *attr)),
            _ => true,
        });
    }
    rows
}

fn retract(tx: &mut WriteTx<'_>, group: &[&TxStep], touched: &mut Touched) -> Result<(), ApiError> {
    for step in group {
        let TxStep::Retract { entity, attr, value } = step else { continue };
        let Some(entity) = find_entity(tx, entity)? else { continue };
        let Some(value) = find_value(tx, *attr, value)? else { continue };
        if tx.retract(&Triple { entity, attr: *attr, value })? {
            touched.add(tx, entity, *attr);
        }
    }
    Ok(())
}

fn delete(tx: &mut WriteTx<'_>, group: &[&TxStep], touched: &mut Touched) -> Result<(), ApiError> {
    for step in group {
        let TxStep::DeleteEntity { entity: EntityRef::Id(id), etype: Some(etype) } = step else { continue };
        let catalog = tx.catalog().clone();
        // Whoever linked here loses that link, which may have been required.
        for link in catalog.pointing_at(etype) {
            for source in tx.links(link, Direction::Reverse, *id)? {
                touched.add(tx, source, link.attr.id);
            }
        }
        tx.delete_entity(etype, *id)?;
    }
    Ok(())
}

/// The parameters of one statement of PostgreSQL, which adds all attributes of a transaction.
const MOST_PARAMETERS: usize = 65_535;

/// How many of them an attribute takes: for its record, and for each of its names.
fn parameters(new: &NewAttr) -> usize {
    if new.attr.is_ref() { 20 } else { 12 }
}

fn change_attrs(tx: &mut WriteTx<'_>, group: &[&TxStep]) -> Result<(), ApiError> {
    let added = group.iter().map(|step| if let TxStep::AddAttr(new) = step { parameters(new) } else { 0 });
    if added.sum::<usize>() > MOST_PARAMETERS {
        return Err(ApiError::parameter_limit());
    }
    for step in group {
        match step {
            TxStep::AddAttr(new) => {
                tx.add_attr(new.attr.clone()).map_err(|error| error.about("attributes", &new.given))?;
            }
            TxStep::UpdateAttr(change) => tx.update_attr(change)?,
            TxStep::DeleteAttr(id) => tx.delete_attr(*id)?,
            _ => {}
        }
    }
    Ok(())
}
