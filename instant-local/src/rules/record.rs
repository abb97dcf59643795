//! The records that rules read: entities as objects of their attributes with one value.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use rusqlite::types::Value as SqlValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::cel::Keys;
use crate::error::ApiError;
use crate::store::{Place, ReadTx, StoredAttr, id_value, parse};

/// Reads the records of entities of one type, in the order of `ids`, which are distinct: what they have under those of
/// `keys` that are attributes with one value, links included. The record of an entity that does not exist is empty.
pub(crate) fn records(
    tx: &ReadTx<'_>,
    etype: &str,
    ids: &[Uuid],
    keys: &Keys,
) -> Result<Vec<Map<String, Value>>, ApiError> {
    let wanted = |label: &str| match keys {
        Keys::All => true,
        Keys::Only(labels) => labels.contains(label),
    };
    let attrs: Vec<&Arc<StoredAttr>> =
        tx.catalog().owned(etype).filter(|stored| stored.is_one() && wanted(stored.label())).collect();
    let mut records = vec![Map::new(); ids.len()];
    let at: HashMap<Uuid, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
    let blobs: Rc<Vec<SqlValue>> =
        Rc::new(ids.iter().map(|id| SqlValue::Blob(id.as_bytes().to_vec())).collect());
    for place in [Place::Entities, Place::Blobs, Place::Refs] {
        let labels: HashMap<i64, &str> = attrs
            .iter()
            .filter(|stored| stored.place == place)
            .map(|stored| (stored.key, stored.label()))
            .collect();
        if labels.is_empty() {
            continue;
        }
        let keys = labels.keys().map(i64::to_string).collect::<Vec<_>>().join(",");
        let sql = match place {
            Place::Entities => format!(
                "SELECT found.entity, found.attr, NULL FROM rarray(?1) wanted
                 CROSS JOIN entities found ON found.attr IN ({keys}) AND found.entity = wanted.value"
            ),
            Place::Blobs => format!(
                "SELECT found.entity, found.attr, found.value FROM rarray(?1) wanted
                 CROSS JOIN blobs found ON found.entity = wanted.value AND found.attr IN ({keys})"
            ),
            Place::Refs => format!(
                "SELECT found.source, found.attr, found.target FROM rarray(?1) wanted
                 CROSS JOIN refs found ON found.attr IN ({keys}) AND found.source = wanted.value"
            ),
        };
        let mut statement = tx.connection().prepare_cached(&sql)?;
        let mut rows = statement.query([Rc::clone(&blobs)])?;
        while let Some(row) = rows.next()? {
            let entity = Uuid::from_bytes(row.get(0)?);
            let (Some(index), Some(label)) = (at.get(&entity), labels.get(&row.get(1)?)) else { continue };
            let value = match place {
                Place::Entities => id_value(entity),
                Place::Blobs => parse(row.get_ref(2)?.as_str()?)?,
                Place::Refs => id_value(Uuid::from_bytes(row.get(2)?)),
            };
            records[*index].insert((*label).to_owned(), value);
        }
    }
    Ok(records)
}
