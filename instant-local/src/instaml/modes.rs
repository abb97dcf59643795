//! `create` and strict `update`: whether entities exist, by the state before the transaction.

use std::collections::HashMap;

use uuid::Uuid;

use super::known_attrs::KnownAttrs;
use super::lookups;
use super::tx_step::{EntityRef, Mode, TxStep};
use crate::error::ApiError;
use crate::store::ReadTx;

/// Fails when a step creates an entity that exists, or strictly updates one that does not. An id of another entity
/// type does not count.
pub(super) fn check(tx: &ReadTx<'_>, known: &KnownAttrs, steps: &[TxStep]) -> Result<(), ApiError> {
    let mut existence = Existence { tx, known, ids: HashMap::new() };
    let creates = offenders(&mut existence, steps, Mode::Create, true)?;
    refuse(known, "Creating entities that exist", &creates)?;
    let updates = offenders(&mut existence, steps, Mode::Update, false)?;
    refuse(known, "Updating entities that don't exist", &updates)
}

fn offenders<'a>(
    existence: &mut Existence<'_>,
    steps: &'a [TxStep],
    wanted: Mode,
    refused: bool,
) -> Result<Vec<&'a TxStep>, ApiError> {
    let mut offenders = Vec::new();
    for step in steps {
        let (TxStep::AddTriple { mode, .. } | TxStep::DeepMerge { mode, .. }) = step else { continue };
        if *mode == wanted && existence.of(step)? == refused {
            offenders.push(step);
        }
    }
    Ok(offenders)
}

fn refuse(known: &KnownAttrs, what: &str, offenders: &[&TxStep]) -> Result<(), ApiError> {
    if offenders.is_empty() {
        return Ok(());
    }
    let mut ids = Vec::with_capacity(offenders.len());
    let mut input = Vec::with_capacity(offenders.len());
    for step in offenders {
        let (TxStep::AddTriple { entity, attr, .. } | TxStep::DeepMerge { entity, attr, .. }) = step else {
            continue;
        };
        ids.push(entity.printed());
        input.push(step.to_described(known.get(*attr)));
    }
    let message = format!("{what}: {}", ids.join(", "));
    Err(ApiError::invalid("tx-step", input, message))
}

/// Which entities exist. Asks the store once for each.
struct Existence<'t> {
    tx: &'t ReadTx<'t>,
    known: &'t KnownAttrs,
    ids: HashMap<(Uuid, &'t str), bool>,
}

impl Existence<'_> {
    fn of(&mut self, step: &TxStep) -> Result<bool, ApiError> {
        let (TxStep::AddTriple { entity, attr, .. } | TxStep::DeepMerge { entity, attr, .. }) = step else {
            return Ok(false);
        };
        match entity {
            EntityRef::Id(id) => {
                let Some(etype) = self.known.entity_of(*attr) else { return Ok(false) };
                if let Some(exists) = self.ids.get(&(*id, etype)) {
                    return Ok(*exists);
                }
                let exists = self.tx.exists(etype, *id)?;
                self.ids.insert((*id, etype), exists);
                Ok(exists)
            }
            EntityRef::Lookup(_) => Ok(lookups::find_earlier(self.tx, entity)?.is_some()),
        }
    }
}
