//! A transaction on one app.

use std::ops::Deref;
use std::sync::Arc;

use rusqlite::params;
use serde_json::Value;
use uuid::Uuid;

use super::catalog::{AttrCatalog, StoredAttr};
use super::changes::{Notes, Touched, Triples};
use super::read::ReadTx;
use crate::ApiError;

/// A transaction on one app: reads like a [`ReadTx`], sees what it wrote, and is stored whole or not at all.
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
    now: i64,
    last_tx_id: &'c mut i64,
    logged: Option<i64>,
    attrs_changed: bool,
    /// What to announce. `None` if there was no listener when the transaction began.
    notes: Option<Notes>,
    /// How many rows the connection had changed before the transaction.
    changes_before: u64,
}

/// What to announce of a transaction that wrote something.
pub(super) struct Written {
    pub tx_id: Option<i64>,
    pub touched: Touched,
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<'c> WriteTx<'c> {
    /// `last_tx_id`: the id that the transaction before had. `announced`: whether to note what the transaction touches.
    pub(super) fn begin(read: ReadTx<'c>, now: i64, last_tx_id: &'c mut i64, announced: bool) -> Self {
        let changes_before = read.conn.total_changes();
        let notes = announced.then(Notes::default);
        Self { read, now, last_tx_id, logged: None, attrs_changed: false, notes, changes_before }
    }

    /// The time of this transaction in milliseconds since the epoch: the `created` of everything that it adds.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The id of this transaction, which grows from one to the next. The first call writes it to the log.
    pub fn tx_id(&mut self) -> Result<i64, ApiError> {
        if let Some(id) = self.logged {
            return Ok(id);
        }
        let id = *self.last_tx_id + 1;
        let sql = "INSERT INTO transactions (id, app, created) VALUES (?1, ?2, ?3)";
        self.conn.prepare_cached(sql)?.execute(params![id, self.app.key, self.now])?;
        *self.last_tx_id = id;
        self.logged = Some(id);
        Ok(id)
    }

    /// Writes an attribute's record and makes it known to the rest of this transaction.
    pub(super) fn put_attr(&mut self, stored: StoredAttr) -> Result<(), ApiError> {
        let record = serde_json::to_string(&*stored.attr).map_err(ApiError::internal)?;
        let sql = "UPDATE attrs SET record = ?2 WHERE key = ?1";
        self.conn.prepare_cached(sql)?.execute(params![stored.key, record])?;
        self.know_attr(stored);
        Ok(())
    }

    pub(super) fn know_attr(&mut self, stored: StoredAttr) {
        if let Some(notes) = &mut self.notes {
            notes.attr(stored.attr.id);
        }
        AttrCatalog::put(Arc::make_mut(&mut self.read.catalog), stored);
        self.attrs_changed = true;
    }

    /// Whether to note what this transaction touches.
    pub(super) fn is_announced(&self) -> bool {
        self.notes.is_some()
    }

    /// Notes that a triple was written or removed. The value is announced where `stored` has an index, or is a link.
    pub(super) fn touch(&mut self, stored: &StoredAttr, entity: Uuid, value: Option<&Value>) {
        if let Some(notes) = &mut self.notes {
            notes.triple(entity, stored.attr.id, value.filter(|_| stored.is_ranked() || stored.is_link()));
        }
    }

    /// Prepares the commit. Returns `None` if nothing was written.
    pub(super) fn finish(self) -> Result<Option<Written>, ApiError> {
        if self.attrs_changed {
            let sql = "UPDATE apps SET attr_version = attr_version + 1 WHERE key = ?1";
            self.conn.prepare_cached(sql)?.execute([self.app.key])?;
        }
        if self.conn.total_changes() == self.changes_before {
            return Ok(None);
        }
        let any = Touched { triples: Triples::Any, ..Touched::default() };
        Ok(Some(Written { tx_id: self.logged, touched: self.notes.map_or(any, Notes::touched) }))
    }
}
