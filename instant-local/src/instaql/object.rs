//! The objects of entities: all that one form shows of them, in a fixed number of statements.

use std::collections::HashMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::sql::{Statement, id_blob};
use crate::ApiError;
use crate::store::{Place, ReadTx, StoredAttr, id_value, parse};

/// An entity as a JSON object, and when its `id` triple was written, if it has one.
#[derive(Debug, Clone, Default)]
pub(super) struct Object {
    pub created: Option<i64>,
    pub record: Map<String, Value>,
}

/// Reads `ids`, all of one entity type: the `id`, and of the attributes with one value those that `wanted` picks.
pub(super) fn read(
    tx: &ReadTx<'_>,
    entity: &str,
    ids: impl IntoIterator<Item = Uuid>,
    wanted: impl Fn(&str) -> bool,
) -> Result<HashMap<Uuid, Object>, ApiError> {
    let mut ids: Vec<Uuid> = ids.into_iter().collect();
    // In the order of the table, so that its pages are read once and in a row.
    ids.sort_unstable();
    ids.dedup();
    let mut objects: HashMap<Uuid, Object> = ids.iter().map(|id| (*id, Object::default())).collect();
    let catalog = tx.catalog();
    let shown = |stored: &&std::sync::Arc<StoredAttr>| stored.is_one() && wanted(stored.label());
    if let Some(id_attr) = catalog.id_attr(entity) {
        let table =
            format!("entities found WHERE found.attr = {} AND found.entity = wanted.value", id_attr.key);
        each(tx, &ids, "found.entity, found.attr, found.created", &table, |id, _, row| {
            let object = objects.entry(id).or_default();
            object.created = Some(row.get(2)?);
            object.record.insert("id".to_owned(), id_value(id));
            Ok(())
        })?;
    }
    let mut add = |id: Uuid, attr: i64, value: Value| {
        if let Some(stored) = catalog.by_key(attr).filter(|stored| stored.entity() == entity) {
            objects.entry(id).or_default().record.insert(stored.label().to_owned(), value);
        }
    };
    let blobs = keys(catalog.owned(entity).filter(shown), Place::Blobs);
    if !blobs.is_empty() {
        let table = format!("blobs found WHERE found.entity = wanted.value AND found.attr IN ({blobs})");
        each(tx, &ids, "found.entity, found.attr, found.value", &table, |id, attr, row| {
            add(id, attr, parse(row.get_ref(2)?.as_str().map_err(ApiError::internal)?)?);
            Ok(())
        })?;
    }
    let refs = keys(catalog.owned(entity).filter(shown), Place::Refs);
    if !refs.is_empty() {
        let table = format!("refs found WHERE found.attr IN ({refs}) AND found.source = wanted.value");
        each(tx, &ids, "found.source, found.attr, found.target", &table, |id, attr, row| {
            add(id, attr, id_value(Uuid::from_bytes(row.get(2)?)));
            Ok(())
        })?;
    }
    Ok(objects)
}

fn keys<'a>(attrs: impl Iterator<Item = &'a std::sync::Arc<StoredAttr>>, place: Place) -> String {
    let keys = attrs.filter(|stored| stored.place == place).map(|stored| stored.key.to_string());
    keys.collect::<Vec<_>>().join(",")
}

/// Runs one statement over all `ids`: `columns` begin with the entity and the attribute.
fn each(
    tx: &ReadTx<'_>,
    ids: &[Uuid],
    columns: &str,
    table: &str,
    mut row_read: impl FnMut(Uuid, i64, &rusqlite::Row<'_>) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let mut statement = Statement::default();
    let wanted = statement.bind_list(ids.iter().copied().map(id_blob));
    // CROSS JOIN keeps SQLite from putting the table first.
    let sql = format!("SELECT {columns} FROM {wanted} wanted CROSS JOIN {table}");
    let params = statement.params()?;
    let mut prepared = tx.connection().prepare_cached(&sql)?;
    let mut rows = prepared.query(rusqlite::params_from_iter(params))?;
    while let Some(row) = rows.next()? {
        row_read(Uuid::from_bytes(row.get(0)?), row.get(1)?, row)?;
    }
    Ok(())
}
