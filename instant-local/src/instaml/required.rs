//! Required attributes: checked after all writes, on every entity that was touched.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{ReadTx, StoredAttr};

/// The entities that a transaction touched, with the types it touched them in.
#[derive(Default)]
pub(super) struct Touched {
    order: Vec<(String, Uuid)>,
    seen: HashSet<(Uuid, String)>,
}

impl Touched {
    /// Notes that a triple of `entity` under `attr` was written or removed.
    pub(super) fn add(&mut self, tx: &ReadTx<'_>, entity: Uuid, attr: Uuid) {
        let Some(stored) = tx.catalog().attr(attr) else { return };
        let etype = stored.entity();
        if self.seen.insert((entity, etype.to_owned())) {
            self.order.push((etype.to_owned(), entity));
        }
    }

    /// Fails when one of the entities still exists but lacks a required attribute.
    pub(super) fn check_required(&self, tx: &ReadTx<'_>) -> Result<(), ApiError> {
        let mut missing: Vec<(Arc<StoredAttr>, Vec<Uuid>)> = Vec::new();
        for (etype, entity) in &self.order {
            let owned: Vec<&Arc<StoredAttr>> = tx.catalog().owned(etype).collect();
            if !owned.iter().any(|stored| stored.attr.required) || !has_anything(tx, &owned, *entity)? {
                continue;
            }
            let needed = owned.iter().filter(|stored| stored.attr.required || stored.label() == "id");
            for stored in needed {
                if tx.has_value(stored, *entity)? {
                    continue;
                }
                match missing.iter_mut().find(|(known, _)| known.attr.id == stored.attr.id) {
                    Some((_, entities)) => entities.push(*entity),
                    None => missing.push((Arc::clone(stored), vec![*entity])),
                }
            }
        }
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

fn error(missing: &[(Arc<StoredAttr>, Vec<Uuid>)]) -> ApiError {
    let messages = missing.iter().map(|(stored, entities)| {
        let plural = if entities.len() == 1 { "" } else { "s" };
        let ids: Vec<String> = entities.iter().map(Uuid::to_string).collect();
        let (etype, label) = (stored.entity(), stored.label());
        format!("Missing required attribute{plural} `{etype}/{label}`: {}", ids.join(", "))
    });
    let message = messages.collect::<Vec<_>>().join(". ");
    let records = missing.iter().flat_map(|(stored, entities)| {
        entities.iter().map(|entity| {
            json!({
                "entity_id": entity,
                "attr_id": stored.attr.id,
                "etype": stored.entity(),
                "label": stored.label(),
                "is_required": stored.attr.required,
            })
        })
    });
    let records: Vec<_> = records.collect();
    ApiError::validation_with_hint(message, json!({ "records": records }))
}
