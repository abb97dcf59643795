//! Opening the database, with its settings.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::collation;
use super::files::{Files, OpenError};
use super::like;
use super::migrations;

/// Opens the file for writing, and brings it to the current format.
pub(crate) fn open_writer(files: &Files) -> Result<Connection, OpenError> {
    let path = files.database();
    let refused = |source| OpenError::sqlite(path, source);
    let mut conn = Connection::open(path).map_err(refused)?;
    // FULL syncs the log at every commit: what was acknowledged survives a loss of power.
    let synchronous = if files.durable() { "FULL" } else { "OFF" };
    configure(&conn).map_err(refused)?;
    conn.pragma_update(None, "synchronous", synchronous).map_err(refused)?;
    migrations::run(&mut conn, path)?;
    conn.pragma_update(None, "journal_mode", "WAL").map_err(refused)?;
    Ok(conn)
}

/// Opens the file for reading.
pub(crate) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    configure(&conn)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

/// Starts a transaction that takes the write lock at once, so that it cannot fail later because of the lock.
pub(crate) fn begin(conn: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    conn.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(std::time::Duration::from_secs(10))?;
    conn.pragma_update(None, "cache_size", -32_000)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(128);
    rusqlite::vtab::array::load_module(conn)?;
    collation::register(conn)?;
    like::register(conn)
}
