//! Required attributes: checked after all writes, on every entity that was touched.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{ReadTx, StoredAttr};

/// The entities that a transaction touched, with the types it touched them in.
#[derive(Default)]
pub(super) struct Touched(BTreeSet<(Uuid, String)>);

/// A required attribute that an entity lacks.
struct Missing {
    entity: Uuid,
    attr: Arc<StoredAttr>,
}

impl Touched {
    /// Notes that a triple of `entity` under `attr` was written or removed.
    pub(super) fn add(&mut self, tx: &ReadTx<'_>, entity: Uuid, attr: Uuid) {
        let Some(stored) = tx.catalog().attr(attr) else { return };
        self.0.insert((entity, stored.entity().to_owned()));
    }

    /// Fails when some of the entities still exist but lack required attributes. Lists them in the order of the ids of
    /// entities and attributes.
    pub(super) fn check_required(&self, tx: &ReadTx<'_>) -> Result<(), ApiError> {
        let mut missing = Vec::new();
        for (entity, etype) in &self.0 {
            let owned: Vec<&Arc<StoredAttr>> = tx.catalog().owned(etype).collect();
            if !owned.iter().any(|stored| stored.attr.required) || !has_anything(tx, &owned, *entity)? {
                continue;
            }
            for attr in owned.iter().filter(|stored| stored.attr.required || stored.label() == "id") {
                if !tx.has_value(attr, *entity)? {
                    missing.push(Missing { entity: *entity, attr: Arc::clone(attr) });
                }
            }
        }
        missing.sort_by_key(|missing| (missing.entity, missing.attr.attr.id));
        if missing.is_empty() { Ok(()) } else { Err(error(&missing)) }
    }
}

fn has_anything(tx: &ReadTx<'_>, owned: &[&Arc<StoredAttr>], entity: Uuid) -> Result<bool, ApiError> {
    for stored in owned {
        if tx.has_value(stored, entity)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The error about them, with one sentence for each attribute.
fn error(missing: &[Missing]) -> ApiError {
    let mut sentences: Vec<(&StoredAttr, Vec<String>)> = Vec::new();
    for Missing { entity, attr } in missing {
        match sentences.iter_mut().find(|(known, _)| known.attr.id == attr.attr.id) {
            Some((_, entities)) => entities.push(entity.to_string()),
            None => sentences.push((attr, vec![entity.to_string()])),
        }
    }
    let sentences = sentences.into_iter().map(|(attr, entities)| {
        let plural = if entities.len() == 1 { "" } else { "s" };
        let (etype, label) = (attr.entity(), attr.label());
        format!("Missing required attribute{plural} `{etype}/{label}`: {}", entities.join(", "))
    });
    let message = sentences.collect::<Vec<_>>().join(". ");
    let records = missing.iter().map(|Missing { entity, attr }| {
        json!({
            "entity_id": entity,
            "attr_id": attr.attr.id,
            "etype": attr.entity(),
            "label": attr.label(),
            "is_required": attr.required_flag(),
        })
    });
    ApiError::validation_with_hint(message, json!({ "records": records.collect::<Vec<Value>>() }))
}
