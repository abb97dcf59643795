//! Lookups: finds entities by a unique value, or makes them where a write names a missing one.

use std::collections::{HashMap, HashSet};

use instant_schema::{StoredAs, parse_id_value};
use serde_json::{Value, json};
use uuid::Uuid;

use super::tx_step::{EntityRef, Lookup, TxStep};
use crate::error::ApiError;
use crate::store::{ReadTx, StoredAttr, Triple, WriteTx};

/// The lookups of one group of writes, resolved before the first write.
pub(super) struct Lookups {
    /// By attribute and the value's JSON.
    resolved: HashMap<(Uuid, String), Resolved>,
    /// The triples that make missing entities: each entity gets the value that it was looked up by.
    pub(super) new_entities: Vec<Triple>,
}

#[derive(Clone, Copy)]
struct Resolved {
    entity: Uuid,
    is_new: bool,
}

impl Lookups {
    /// Finds each lookup's entity, or gives it a new id. Nothing is found by null, so each transaction makes its own.
    ///
    /// Fails on attributes that are unknown or not unique, and where a new entity's own lookup attribute is
    /// written again.
    pub(super) fn resolve(tx: &WriteTx<'_>, group: &[&TxStep]) -> Result<Self, ApiError> {
        let mut lookups = Self { resolved: HashMap::new(), new_entities: Vec::new() };
        for step in group {
            let (TxStep::AddTriple { entity, attr, .. } | TxStep::DeepMerge { entity, attr, .. }) = step
            else {
                continue;
            };
            let Some(lookup) = entity.lookup() else { continue };
            let resolved = lookups.get_or_resolve(tx, lookup)?;
            if resolved.is_new && *attr == lookup.attr {
                return Err(renames_what_it_makes(group));
            }
        }
        Ok(lookups)
    }

    /// The id of an entity that a step of this group names.
    pub(super) fn entity(&self, entity: &EntityRef) -> Uuid {
        match entity {
            EntityRef::Id(id) => *id,
            EntityRef::Lookup(lookup) => self.get(lookup).expect("every lookup of the group was resolved"),
        }
    }

    /// Returns a value to write, with a lookup in it replaced by the entity's id.
    pub(super) fn value(&self, tx: &ReadTx<'_>, attr: Uuid, value: &Value) -> Result<Value, ApiError> {
        let Some(lookup) = lookup_in_value(tx, attr, value) else { return Ok(value.clone()) };
        let found = match self.get(&lookup) {
            Some(id) => Some(id),
            None => find(tx, &lookup)?,
        };
        found.map(|id| json!(id)).ok_or_else(|| no_entity(tx, &lookup))
    }

    fn get(&self, lookup: &Lookup) -> Option<Uuid> {
        self.resolved.get(&key(lookup)).map(|resolved| resolved.entity)
    }

    fn get_or_resolve(&mut self, tx: &ReadTx<'_>, lookup: &Lookup) -> Result<Resolved, ApiError> {
        let key = key(lookup);
        if let Some(resolved) = self.resolved.get(&key) {
            return Ok(*resolved);
        }
        let found = find(tx, lookup)?;
        let entity = found.map_or_else(|| new_id(tx, lookup), Ok)?;
        if found.is_none() {
            self.new_entities.push(Triple { entity, attr: lookup.attr, value: lookup.value.clone() });
        }
        let resolved = Resolved { entity, is_new: found.is_none() };
        self.resolved.insert(key, resolved);
        Ok(resolved)
    }
}

/// The error about a write of the attribute that its own entity is looked up by, where there is no such entity yet. It
/// shows all lookups of the group.
fn renames_what_it_makes(group: &[&TxStep]) -> ApiError {
    let (mut shown, mut seen) = (Vec::new(), HashSet::new());
    for step in group {
        let (TxStep::AddTriple { entity, .. } | TxStep::DeepMerge { entity, .. }) = step else { continue };
        if let Some(lookup) = entity.lookup().filter(|lookup| seen.insert(key(lookup))) {
            shown.push(lookup.to_json());
        }
    }
    let message = "Updates with lookups can only update the lookup attribute if an entity with the unique attribute \
                   value already exists.";
    ApiError::invalid("lookup", shown, message)
}

fn key(lookup: &Lookup) -> (Uuid, String) {
    (lookup.attr, lookup.value.to_string())
}

/// Returns the id of an entity, if it exists.
pub(super) fn find_entity(tx: &ReadTx<'_>, entity: &EntityRef) -> Result<Option<Uuid>, ApiError> {
    match entity {
        EntityRef::Id(id) => Ok(Some(*id)),
        EntityRef::Lookup(lookup) => find(tx, lookup),
    }
}

/// Returns the id of an entity, judged by the state before the transaction.
///
/// `None` for a lookup by an attribute that the transaction itself adds: it has no values yet. Here, and only here, null is
/// a value that an entity is found by.
pub(super) fn find_earlier(tx: &ReadTx<'_>, entity: &EntityRef) -> Result<Option<Uuid>, ApiError> {
    match entity.lookup() {
        Some(lookup) if tx.catalog().attr(lookup.attr).is_none() => Ok(None),
        Some(lookup) if lookup.value.is_null() => tx.newest_with_null(unique_attr(tx, lookup)?),
        _ => find_entity(tx, entity),
    }
}

/// Returns a value with a lookup in it replaced by the entity's id. `None` if the entity does not exist.
pub(super) fn find_value(tx: &ReadTx<'_>, attr: Uuid, value: &Value) -> Result<Option<Value>, ApiError> {
    match lookup_in_value(tx, attr, value) {
        Some(lookup) => Ok(find(tx, &lookup)?.map(|id| json!(id))),
        None => Ok(Some(value.clone())),
    }
}

/// Returns the lookup in a value of a link or of an `id`. For other attributes such a pair is data.
pub(super) fn lookup_in_value(tx: &ReadTx<'_>, attr: Uuid, value: &Value) -> Option<Lookup> {
    let lookup = Lookup::from_value(value)?;
    let stored = tx.catalog().attr(attr)?;
    (stored.attr.stored_as == StoredAs::Ref || stored.label() == "id").then_some(lookup)
}

/// Returns the entity with the lookup's value.
pub(super) fn find(tx: &ReadTx<'_>, lookup: &Lookup) -> Result<Option<Uuid>, ApiError> {
    let stored = unique_attr(tx, lookup)?;
    tx.find(stored, &lookup.value)
}

fn unique_attr<'a>(tx: &'a ReadTx<'_>, lookup: &Lookup) -> Result<&'a StoredAttr, ApiError> {
    let stored = tx.catalog().attr(lookup.attr).ok_or_else(|| {
        ApiError::sql_raise(&format!("We could not find an attribute with id = '{}'", lookup.attr))
    })?;
    if stored.attr.unique { Ok(stored) } else { Err(ApiError::sql_raise("attribute is not unique")) }
}

fn new_id(tx: &ReadTx<'_>, lookup: &Lookup) -> Result<Uuid, ApiError> {
    let stored = unique_attr(tx, lookup)?;
    if stored.label() != "id" {
        return Ok(Uuid::new_v4());
    }
    let id = parse_id_value(&lookup.value);
    id.ok_or_else(|| {
        let message = format!(
            "Invalid lookup '{}'. The lookup attribute is '{}', but the lookup value is not a valid UUID.",
            lookup.printed(),
            stored.name()
        );
        ApiError::invalid("tx-steps", lookup.to_json(), message)
    })
}

fn no_entity(tx: &ReadTx<'_>, lookup: &Lookup) -> ApiError {
    let stored = tx.catalog().attr(lookup.attr);
    let input = json!({
        "attribute-id": lookup.attr,
        "namespace": stored.map(|stored| stored.entity()),
        "label": stored.map(|stored| stored.label()),
        "value": lookup.value,
    });
    ApiError::invalid("lookup", input, "The entity for the lookup does not exist.")
}
