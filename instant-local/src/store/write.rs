//! A transaction on one app.

use std::ops::Deref;
use std::sync::Arc;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::catalog::{AttrCatalog, StoredAttr};
use super::catalog_cache::CatalogCache;
use super::read::ReadTx;
use crate::ApiError;

/// A transaction on one app: reads like a [`ReadTx`], sees what it wrote, and is stored whole or not at all.
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    now: i64,
    logged: Option<i64>,
    attrs_changed: bool,
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<'c> WriteTx<'c> {
    pub(super) fn begin(
        conn: &'c Connection,
        cache: &CatalogCache,
        app: Uuid,
        now: i64,
    ) -> Result<Option<Self>, ApiError> {
        let read = ReadTx::begin(conn, cache, app)?;
        Ok(read.map(|read| Self { read, now, logged: None, attrs_changed: false }))
    }

    /// The time of this transaction in milliseconds since the epoch: `created` of all that it adds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The id of this transaction, which grows from one to the next. The first call writes it to the log.
    pub fn tx_id(&mut self) -> Result<i64, ApiError> {
        if let Some(id) = self.logged {
            return Ok(id);
        }
        let sql = "INSERT INTO transactions (app, created) VALUES (?1, ?2)";
        self.conn.prepare_cached(sql)?.execute(params![self.app.key, self.now])?;
        let id = self.conn.last_insert_rowid();
        self.logged = Some(id);
        Ok(id)
    }

    /// Writes an attribute's record and makes it known to the rest of this transaction.
    pub(super) fn put_attr(&mut self, stored: StoredAttr) -> Result<(), ApiError> {
        let record = serde_json::to_string(&stored.attr).map_err(ApiError::internal)?;
        let sql = "UPDATE attrs SET record = ?2 WHERE key = ?1";
        self.conn.prepare_cached(sql)?.execute(params![stored.key, record])?;
        self.know_attr(stored);
        Ok(())
    }

    pub(super) fn know_attr(&mut self, stored: StoredAttr) {
        AttrCatalog::put(Arc::make_mut(&mut self.read.catalog), stored);
        self.attrs_changed = true;
    }

    /// What is left to do before the commit.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        if self.attrs_changed {
            let sql = "UPDATE apps SET attr_version = attr_version + 1 WHERE key = ?1";
            self.conn.prepare_cached(sql)?.execute([self.app.key])?;
        }
        Ok(())
    }
}
