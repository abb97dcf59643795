//! Reading an app on a snapshot.

use std::sync::Arc;

use instant_schema::{Direction, parse_id_value};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use uuid::Uuid;

use super::app::App;
use super::catalog::{AttrCatalog, Place, StoredAttr};
use super::catalog_cache::CatalogCache;
use super::key::{json_equal, sort_key};
use crate::{ApiError, json};

/// A snapshot of one app: what it reads does not change.
pub struct ReadTx<'c> {
    pub(super) conn: &'c Connection,
    pub(super) app: App,
    pub(super) catalog: Arc<AttrCatalog>,
}

/// A triple as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTriple {
    /// The entity that has the value; for a link, the one that owns it.
    pub entity: Uuid,
    /// The attribute.
    pub attr: Uuid,
    /// The value as it was written; for a link, the id of the target.
    pub value: Value,
    /// When the triple was first written, in milliseconds since the epoch.
    pub created: i64,
}

impl<'c> ReadTx<'c> {
    /// Returns `None` when there is no such app.
    pub(super) fn begin(
        conn: &'c Connection,
        cache: &CatalogCache,
        app: Uuid,
    ) -> Result<Option<Self>, ApiError> {
        let Some(app) = App::load(conn, app)? else { return Ok(None) };
        let catalog = cache.get(conn, app.key, app.attr_version)?;
        Ok(Some(Self { conn, app, catalog }))
    }

    /// The app.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The app's attributes.
    pub fn catalog(&self) -> &Arc<AttrCatalog> {
        &self.catalog
    }

    pub(crate) fn connection(&self) -> &'c Connection {
        self.conn
    }

    /// The id of the latest transaction that this snapshot has seen, of any app; 0 before the first.
    pub fn last_tx_id(&self) -> Result<i64, ApiError> {
        let sql = "SELECT coalesce(max(id), 0) FROM transactions";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Whether there is any triple of `entity` in the entity type `entity_type`.
    pub fn exists(&self, entity_type: &str, entity: Uuid) -> Result<bool, ApiError> {
        for stored in self.catalog.owned(entity_type) {
            if self.has_triple(stored, entity)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether `entity` has a value under `stored` that is not null, or a link.
    pub fn has_value(&self, stored: &StoredAttr, entity: Uuid) -> Result<bool, ApiError> {
        match stored.place {
            Place::Blobs => Ok(self.value(stored, entity)?.is_some_and(|value| !value.is_null())),
            Place::Entities | Place::Refs => self.has_triple(stored, entity),
        }
    }

    /// Returns the value of an entity under a blob attribute. `None` if there is no triple.
    pub fn value(&self, stored: &StoredAttr, entity: Uuid) -> Result<Option<Value>, ApiError> {
        let sql = "SELECT value FROM blobs WHERE entity = ?1 AND attr = ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let text = statement
            .query_row(params![entity.as_bytes(), stored.key], |row| row.get::<_, String>(0))
            .optional()?;
        text.as_deref().map(parse).transpose()
    }

    /// Returns an entity with this value of an attribute that is unique or indexed. A link is found by the id of its
    /// target.
    ///
    /// Fails on attributes without an index.
    pub fn find(&self, stored: &StoredAttr, value: &Value) -> Result<Option<Uuid>, ApiError> {
        let found = match stored.place {
            Place::Entities => match parse_id_value(value) {
                Some(entity) if self.has_triple(stored, entity)? => Some(entity),
                _ => None,
            },
            Place::Refs => match parse_id_value(value) {
                Some(target) => self.links(stored, Direction::Reverse, target)?.into_iter().next(),
                None => None,
            },
            Place::Blobs => self.holders(stored, value)?.into_iter().next(),
        };
        Ok(found)
    }

    /// Returns the newest of the entities whose value of a unique attribute is null.
    pub fn newest_with_null(&self, stored: &StoredAttr) -> Result<Option<Uuid>, ApiError> {
        if stored.place != Place::Blobs {
            return Ok(None);
        }
        let sql =
            "SELECT entity FROM blobs WHERE attr = ?1 AND sort_key IS NULL AND ranked = 1 AND value = 'null'
                   ORDER BY created DESC, entity DESC LIMIT 1";
        let id = self.conn.prepare_cached(sql)?.query_row([stored.key], |row| row.get(0)).optional()?;
        Ok(id.map(Uuid::from_bytes))
    }

    /// The ids that `entity` is linked to through `stored`, seen from `side`, in the order of their ids.
    pub fn links(&self, stored: &StoredAttr, side: Direction, entity: Uuid) -> Result<Vec<Uuid>, ApiError> {
        let sql = match side {
            Direction::Forward => "SELECT target FROM refs WHERE attr = ?1 AND source = ?2 ORDER BY target",
            Direction::Reverse => "SELECT source FROM refs WHERE attr = ?1 AND target = ?2 ORDER BY source",
        };
        let mut statement = self.conn.prepare_cached(sql)?;
        let ids = statement.query_map(params![stored.key, entity.as_bytes()], |row| row.get(0))?;
        ids.map(|id| Ok(Uuid::from_bytes(id?))).collect()
    }

    /// All ids of an entity type, oldest first.
    pub fn entities(&self, entity_type: &str) -> Result<Vec<Uuid>, ApiError> {
        let Some(id_attr) = self.catalog.id_attr(entity_type) else { return Ok(Vec::new()) };
        let sql = "SELECT entity FROM entities WHERE attr = ?1 ORDER BY created, entity";
        let mut statement = self.conn.prepare_cached(sql)?;
        let ids = statement.query_map([id_attr.key], |row| row.get(0))?;
        ids.map(|id| Ok(Uuid::from_bytes(id?))).collect()
    }

    /// The entities of an attribute's type that have no value of it, or null, oldest first.
    pub fn entities_without(&self, stored: &StoredAttr) -> Result<Vec<Uuid>, ApiError> {
        let Some(id_attr) = self.catalog.id_attr(stored.entity()) else { return Ok(Vec::new()) };
        let has = match stored.place {
            Place::Entities => "SELECT 1 FROM entities has WHERE has.entity = ids.entity AND has.attr = ?2",
            Place::Blobs => {
                "SELECT 1 FROM blobs WHERE blobs.entity = ids.entity AND blobs.attr = ?2 AND value <> 'null'"
            }
            Place::Refs => "SELECT 1 FROM refs WHERE refs.source = ids.entity AND refs.attr = ?2",
        };
        let sql = format!(
            "SELECT entity FROM entities ids WHERE attr = ?1 AND NOT EXISTS ({has}) ORDER BY created, entity"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let ids = statement.query_map([id_attr.key, stored.key], |row| row.get(0))?;
        ids.map(|id| Ok(Uuid::from_bytes(id?))).collect()
    }

    /// All triples that `entity` has in an entity type, links it owns included.
    pub fn triples(&self, entity_type: &str, entity: Uuid) -> Result<Vec<StoredTriple>, ApiError> {
        let mut triples = Vec::new();
        for stored in self.catalog.owned(entity_type) {
            let triple = |value, created| StoredTriple { entity, attr: stored.attr.id, value, created };
            let sql = match stored.place {
                Place::Entities => "SELECT NULL, created FROM entities WHERE entity = ?1 AND attr = ?2",
                Place::Blobs => "SELECT value, created FROM blobs WHERE entity = ?1 AND attr = ?2",
                Place::Refs => {
                    "SELECT target, created FROM refs WHERE source = ?1 AND attr = ?2 ORDER BY target"
                }
            };
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![entity.as_bytes(), stored.key])?;
            while let Some(row) = rows.next()? {
                let value = match stored.place {
                    Place::Entities => id_value(entity),
                    Place::Blobs => parse(row.get_ref(0)?.as_str()?)?,
                    Place::Refs => id_value(Uuid::from_bytes(row.get(0)?)),
                };
                triples.push(triple(value, row.get(1)?));
            }
        }
        Ok(triples)
    }

    /// Returns the first `most` triples of an attribute that are `wanted`, as entity and value, oldest first.
    pub fn triples_of(
        &self,
        stored: &StoredAttr,
        most: usize,
        mut wanted: impl FnMut(Uuid, &Value) -> bool,
    ) -> Result<Vec<(Uuid, Value)>, ApiError> {
        let sql = match stored.place {
            Place::Entities => "SELECT entity, entity FROM entities WHERE attr = ?1 ORDER BY created, entity",
            Place::Blobs => "SELECT entity, value FROM blobs WHERE attr = ?1 ORDER BY created, entity",
            Place::Refs => "SELECT source, target FROM refs WHERE attr = ?1 ORDER BY created, source, target",
        };
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([stored.key])?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let entity = Uuid::from_bytes(row.get(0)?);
            let value = match stored.place {
                Place::Blobs => parse(row.get_ref(1)?.as_str().map_err(ApiError::internal)?)?,
                Place::Entities | Place::Refs => id_value(Uuid::from_bytes(row.get(1)?)),
            };
            if wanted(entity, &value) {
                found.push((entity, value));
            }
        }
        Ok(found)
    }

    /// The entities that hold a value, null excepted, by JSON equality.
    pub(super) fn holders(&self, stored: &StoredAttr, value: &Value) -> Result<Vec<Uuid>, ApiError> {
        if value.is_null() {
            return Ok(Vec::new());
        }
        if !stored.is_ranked() {
            return Err(ApiError::internal(format!("a lookup by {}, which has no index", stored.name())));
        }
        let key = sort_key(stored, value);
        let sql = "SELECT entity, value FROM blobs WHERE attr = ?1 AND sort_key = ?2 AND ranked = 1 ORDER BY entity";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![stored.key, key])?;
        let mut holders = Vec::new();
        while let Some(row) = rows.next()? {
            // Equal keys are equal values but for dates, of which two spellings share an instant.
            let text = row.get_ref(1)?.as_str()?;
            if json_equal(&parse(text)?, value) {
                holders.push(Uuid::from_bytes(row.get(0)?));
            }
        }
        Ok(holders)
    }

    pub(super) fn has_triple(&self, stored: &StoredAttr, entity: Uuid) -> Result<bool, ApiError> {
        let sql = match stored.place {
            Place::Entities => "SELECT 1 FROM entities WHERE entity = ?1 AND attr = ?2",
            Place::Blobs => "SELECT 1 FROM blobs WHERE entity = ?1 AND attr = ?2",
            Place::Refs => "SELECT 1 FROM refs WHERE source = ?1 AND attr = ?2",
        };
        Ok(self.conn.prepare_cached(sql)?.exists(params![entity.as_bytes(), stored.key])?)
    }
}

pub(crate) fn id_value(id: Uuid) -> Value {
    Value::String(id.to_string())
}

pub(crate) fn parse(text: &str) -> Result<Value, ApiError> {
    json::read(text.as_bytes()).map_err(ApiError::damaged)
}
