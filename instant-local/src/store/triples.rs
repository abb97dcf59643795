//! Writes triples.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use instant_schema::{Direction, parse_id_value};
use rusqlite::params;
use serde_json::Value;
use uuid::Uuid;

use super::catalog::{AttrCatalog, Place, StoredAttr};
use super::key::{json_equal, sort_key};
use super::merge::deep_merge;
use super::read::{id_value, parse};
use super::values;
use super::write::WriteTx;
use crate::{ApiError, json};

/// A fact to write: `entity` has `value` under `attr`.
#[derive(Debug, Clone, PartialEq)]
pub struct Triple {
    /// The entity; for a link, the one that owns it.
    pub entity: Uuid,
    /// The id of the attribute.
    pub attr: Uuid,
    /// The value; for a link, the id of the target; for an `id` attribute, the entity's own id.
    pub value: Value,
}

impl WriteTx<'_> {
    /// Adds triples as one statement of the official server does: of several values for an attribute that takes
    /// one, the last counts; rows are written, and checked, one after the other in the order of the ids of their entities
    /// and attributes, links to many after all others.
    ///
    /// An `id` triple brings a null for each indexed attribute of the entity type that has no value.
    ///
    /// Fails with `sql-raise` on an unknown attribute, `validation-failed` on a value the attribute cannot take,
    /// `record-not-unique` on a second holder of a unique value.
    pub fn add(&mut self, triples: Vec<Triple>) -> Result<(), ApiError> {
        let mut last: HashMap<(Uuid, i64), usize> = HashMap::new();
        let mut rows: Vec<(Arc<StoredAttr>, Triple)> = Vec::with_capacity(triples.len());
        for triple in triples {
            let stored = self.writable(triple.attr)?;
            values::check_text(&triple.value)?;
            if stored.is_one() {
                if let Some(earlier) = last.get(&(triple.entity, stored.key)) {
                    rows[*earlier].1.value = triple.value;
                    continue;
                }
                last.insert((triple.entity, stored.key), rows.len());
            }
            rows.push((stored, triple));
        }
        rows.sort_by_key(|(stored, triple)| (!stored.is_one(), triple.entity, stored.attr.id));
        let mut named = Vec::new();
        for (stored, triple) in &rows {
            values::check(stored, triple.entity, &triple.value)?;
            match stored.place {
                Place::Entities => {
                    self.put_entity(stored, triple.entity)?;
                    named.push((stored.entity(), triple.entity));
                }
                Place::Blobs => self.put_blob(stored, triple.entity, &triple.value)?,
                Place::Refs => self.put_ref(stored, triple)?,
            }
        }
        for (entity_type, entity) in named {
            self.fill_nulls(entity_type, entity)?;
        }
        Ok(())
    }

    /// Merges values into the stored ones, objects key by key. Applies the patches of one entity and attribute in order,
    /// and [adds](Self::add) the result.
    ///
    /// Fails with `sql-raise` on a link.
    pub fn merge(&mut self, triples: Vec<Triple>) -> Result<(), ApiError> {
        let mut at: HashMap<(Uuid, Uuid), usize> = HashMap::new();
        let mut merged: Vec<Triple> = Vec::new();
        for Triple { entity, attr, value } in triples {
            let stored = self.writable(attr)?;
            if stored.place == Place::Refs {
                return Err(ApiError::sql_raise("merge operation is not supported for links"));
            }
            values::check_text(&value)?;
            if let Some(index) = at.get(&(entity, attr)) {
                let earlier = merged[*index].value.take();
                merged[*index].value = deep_merge(earlier, value);
                continue;
            }
            let old = match stored.place {
                Place::Blobs => self.value(&stored, entity)?,
                Place::Entities | Place::Refs => None,
            };
            at.insert((entity, attr), merged.len());
            merged.push(Triple { entity, attr, value: deep_merge(old.unwrap_or_default(), value) });
        }
        self.add(merged)
    }

    /// Removes one triple if it has exactly this value (by JSON equality). Returns whether it was removed.
    pub fn retract(&mut self, triple: &Triple) -> Result<bool, ApiError> {
        let stored = self.writable(triple.attr)?;
        let entity = triple.entity.as_bytes();
        let removed = match stored.place {
            Place::Entities if triple.value == id_value(triple.entity) => self.execute(
                "DELETE FROM entities WHERE attr = ?1 AND entity = ?2",
                params![stored.key, entity],
            )?,
            Place::Blobs
                if self.value(&stored, triple.entity)?.is_some_and(|old| json_equal(&old, &triple.value)) =>
            {
                self.execute(
                    "DELETE FROM blobs WHERE entity = ?1 AND attr = ?2",
                    params![entity, stored.key],
                )?
            }
            Place::Refs => match parse_id_value(&triple.value) {
                Some(target) => self.execute(
                    "DELETE FROM refs WHERE attr = ?1 AND source = ?2 AND target = ?3",
                    params![stored.key, entity, target.as_bytes()],
                )?,
                None => 0,
            },
            Place::Entities | Place::Blobs => 0,
        };
        if removed > 0 {
            self.touch(&stored, triple.entity, Some(&triple.value));
        }
        Ok(removed > 0)
    }

    /// Removes all triples of `entity` in an entity type, and the links to it. Its triples in other entity types stay;
    /// nothing cascades.
    pub fn delete_entity(&mut self, entity_type: &str, entity: Uuid) -> Result<(), ApiError> {
        let catalog = Arc::clone(self.catalog());
        if self.is_announced() {
            self.touch_all(&catalog, entity_type, entity)?;
        }
        for stored in catalog.owned(entity_type) {
            let sql = match stored.place {
                Place::Entities => "DELETE FROM entities WHERE attr = ?1 AND entity = ?2",
                Place::Blobs => "DELETE FROM blobs WHERE attr = ?1 AND entity = ?2",
                Place::Refs => "DELETE FROM refs WHERE attr = ?1 AND source = ?2",
            };
            self.execute(sql, params![stored.key, entity.as_bytes()])?;
        }
        for stored in links_to(&catalog, entity_type) {
            let sql = "DELETE FROM refs WHERE attr = ?1 AND target = ?2";
            self.execute(sql, params![stored.key, entity.as_bytes()])?;
        }
        Ok(())
    }

    /// Notes the triples that [`delete_entity`](Self::delete_entity) is about to remove.
    fn touch_all(&mut self, catalog: &AttrCatalog, entity_type: &str, entity: Uuid) -> Result<(), ApiError> {
        for triple in self.triples(entity_type, entity)? {
            if let Some(stored) = catalog.attr(triple.attr) {
                self.touch(stored, entity, Some(&triple.value));
            }
        }
        for stored in links_to(catalog, entity_type) {
            for source in self.links(stored, Direction::Reverse, entity)? {
                self.touch(stored, source, Some(&id_value(entity)));
            }
        }
        Ok(())
    }

    /// Computes sort keys and index membership of an attribute's values again, after its record changed, and
    /// checks what it now enforces.
    pub(super) fn rank_again(&mut self, stored: &StoredAttr) -> Result<(), ApiError> {
        match stored.place {
            Place::Blobs => self.rank_blobs(stored),
            Place::Refs => self.check_links(stored),
            Place::Entities => Ok(()),
        }
    }

    /// Gives each entity of the type that lacks a value of an indexed attribute a null.
    pub(super) fn fill_nulls_of(&mut self, stored: &StoredAttr) -> Result<(), ApiError> {
        let catalog = Arc::clone(self.catalog());
        let Some(id_attr) = catalog.id_attr(stored.entity()).filter(|_| stored.fills_nulls()) else {
            return Ok(());
        };
        self.execute(
            "INSERT OR IGNORE INTO blobs (entity, attr, value, sort_key, ranked, created)
             SELECT entity, ?2, 'null', NULL, 1, ?3 FROM entities WHERE attr = ?1",
            params![id_attr.key, stored.key, self.now()],
        )?;
        Ok(())
    }

    /// Gives an entity a null for each indexed attribute of the type that it lacks a value of. An old entity can lack one
    /// where `update-attr` made the index.
    fn fill_nulls(&mut self, entity_type: &str, entity: Uuid) -> Result<(), ApiError> {
        let catalog = Arc::clone(self.catalog());
        let mut indexed = catalog.owned(entity_type).filter(|stored| stored.fills_nulls()).peekable();
        if indexed.peek().is_none() {
            return Ok(());
        }
        let has = self.blobs_of(entity)?;
        for stored in indexed.filter(|stored| !has.contains(&stored.key)) {
            self.execute(
                "INSERT INTO blobs (entity, attr, value, sort_key, ranked, created) VALUES (?1, ?2, 'null', NULL, 1, ?3)",
                params![entity.as_bytes(), stored.key, self.now()],
            )?;
            self.touch(stored, entity, Some(&Value::Null));
        }
        Ok(())
    }

    /// The keys of the attributes that an entity has values of.
    fn blobs_of(&self, entity: Uuid) -> Result<HashSet<i64>, ApiError> {
        let mut select = self.conn.prepare_cached("SELECT attr FROM blobs WHERE entity = ?1")?;
        let keys = select.query_map([entity.as_bytes()], |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    fn writable(&self, attr: Uuid) -> Result<Arc<StoredAttr>, ApiError> {
        self.catalog()
            .attr(attr)
            .cloned()
            .ok_or_else(|| ApiError::sql_raise(&format!("We could not find an attribute with id = '{attr}'")))
    }

    fn put_entity(&mut self, stored: &StoredAttr, entity: Uuid) -> Result<(), ApiError> {
        let sql = "INSERT OR IGNORE INTO entities (attr, entity, created) VALUES (?1, ?2, ?3)";
        if self.execute(sql, params![stored.key, entity.as_bytes(), self.now()])? > 0 {
            self.touch(stored, entity, None);
        }
        Ok(())
    }

    fn put_blob(&mut self, stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
        if stored.attr.unique && self.holders(stored, value)?.into_iter().any(|holder| holder != entity) {
            return Err(ApiError::not_unique(stored.attr.id, stored.entity(), stored.label(), value));
        }
        if self.is_announced() {
            if stored.is_ranked()
                && let Some(old) = self.value(stored, entity)?
            {
                self.touch(stored, entity, Some(&old));
            }
            self.touch(stored, entity, Some(value));
        }
        self.execute(
            "INSERT INTO blobs (entity, attr, value, sort_key, ranked, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (entity, attr) DO UPDATE
             SET value = excluded.value, sort_key = excluded.sort_key, ranked = excluded.ranked",
            params![
                entity.as_bytes(),
                stored.key,
                json::write(value),
                sort_key(stored, value),
                stored.is_ranked(),
                self.now()
            ],
        )?;
        Ok(())
    }

    fn put_ref(&mut self, stored: &StoredAttr, triple: &Triple) -> Result<(), ApiError> {
        let target = parse_id_value(&triple.value).expect("links are checked to be uuids");
        let (key, source) = (stored.key, triple.entity.as_bytes());
        if stored.attr.unique
            && self
                .links(stored, Direction::Reverse, target)?
                .into_iter()
                .any(|holder| holder != triple.entity)
        {
            let target = id_value(target);
            return Err(ApiError::not_unique(stored.attr.id, stored.entity(), stored.label(), &target));
        }
        if self.is_announced() {
            if stored.is_one() {
                for old in self.links(stored, Direction::Forward, triple.entity)? {
                    self.touch(stored, triple.entity, Some(&id_value(old)));
                }
            }
            self.touch(stored, triple.entity, Some(&id_value(target)));
        }
        if stored.is_one() {
            // The row keeps its time: another target is an update of the same fact.
            let sql = "UPDATE OR REPLACE refs SET target = ?3 WHERE attr = ?1 AND source = ?2";
            self.execute(sql, params![key, source, target.as_bytes()])?;
        }
        self.execute(
            "INSERT OR IGNORE INTO refs (attr, source, target, created) VALUES (?1, ?2, ?3, ?4)",
            params![key, source, target.as_bytes(), self.now()],
        )?;
        Ok(())
    }

    fn rank_blobs(&self, stored: &StoredAttr) -> Result<(), ApiError> {
        // Keys first, so that uniqueness is checked among new keys only.
        let mut select =
            self.conn.prepare("SELECT entity, value FROM blobs WHERE attr = ?1 ORDER BY entity")?;
        let rows = select.query_map([stored.key], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<([u8; 16], String)>>>()?;
        for (entity, text) in &rows {
            let value = parse(text)?;
            values::check(stored, Uuid::from_bytes(*entity), &value)?;
            self.execute(
                "UPDATE blobs SET sort_key = ?3, ranked = ?4 WHERE entity = ?1 AND attr = ?2",
                params![entity, stored.key, sort_key(stored, &value), stored.is_ranked()],
            )?;
        }
        if stored.attr.unique { self.check_values_differ(stored) } else { Ok(()) }
    }

    /// Fails on the first value that an older entity has too.
    fn check_values_differ(&self, stored: &StoredAttr) -> Result<(), ApiError> {
        let mut older = HashSet::new();
        for (entity, value) in self.triples_of(stored, usize::MAX, |_, value| !value.is_null())? {
            if self.holders(stored, &value)?.iter().any(|holder| older.contains(holder)) {
                return Err(ApiError::not_unique(stored.attr.id, stored.entity(), stored.label(), &value));
            }
            older.insert(entity);
        }
        Ok(())
    }

    /// Fails on a value that is no id, and thus cannot become a link.
    pub(super) fn check_values_are_ids(&self, stored: &StoredAttr) -> Result<(), ApiError> {
        let mut unfit = self.triples_of(stored, usize::MAX, |_, value| parse_id_value(value).is_none())?;
        unfit.sort_by_key(|(entity, _)| *entity);
        match unfit.first() {
            Some((entity, value)) => Err(values::no_link(stored, *entity, value)
                .with_hint("namespace", Value::Null)
                .with_hint("attribute", Value::Null)),
            None => Ok(()),
        }
    }

    fn check_links(&self, stored: &StoredAttr) -> Result<(), ApiError> {
        let second =
            |of: &str| format!("SELECT {of} FROM refs WHERE attr = ?1 GROUP BY {of} HAVING count(*) > 1");
        let first_of = |sql: String| -> Result<Option<[u8; 16]>, ApiError> {
            use rusqlite::OptionalExtension;
            Ok(self.conn.query_row(&sql, [stored.key], |row| row.get(0)).optional()?)
        };
        if stored.attr.unique
            && let Some(target) = first_of(second("target"))?
        {
            let target = id_value(Uuid::from_bytes(target));
            return Err(ApiError::not_unique(stored.attr.id, stored.entity(), stored.label(), &target));
        }
        if stored.is_one() && first_of(second("source"))?.is_some() {
            return Err(ApiError::record_not_unique("triple"));
        }
        Ok(())
    }

    pub(super) fn execute(&self, sql: &str, params: impl rusqlite::Params) -> Result<usize, ApiError> {
        Ok(self.conn.prepare_cached(sql)?.execute(params)?)
    }
}

/// The links that end at an entity type.
fn links_to<'a>(catalog: &'a AttrCatalog, entity_type: &str) -> impl Iterator<Item = &'a Arc<StoredAttr>> {
    let entity_type = entity_type.to_owned();
    catalog.iter().filter(move |stored| {
        stored.attr.reverse_identity.as_ref().is_some_and(|reverse| reverse.entity() == entity_type)
    })
}
