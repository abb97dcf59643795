//! Opening the database: its settings, its layout, and which versions of it this program reads.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::collation;
use super::files::{Files, OpenError};
use super::like;

/// Opens the file for writing, and lays it out where it is new.
pub(crate) fn open_writer(files: &Files) -> Result<Connection, OpenError> {
    let path = files.database();
    let refused = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign(path.to_owned()),
        _ => OpenError::Sqlite { path: path.to_owned(), source },
    };
    let mut conn = Connection::open(path).map_err(refused)?;
    // FULL syncs the log at every commit: what was acknowledged survives a loss of power.
    let synchronous = if files.durable() { "FULL" } else { "OFF" };
    configure(&conn).map_err(refused)?;
    conn.pragma_update(None, "synchronous", synchronous).map_err(refused)?;
    lay_out(&mut conn, path, refused)?;
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

/// Starts a transaction that holds the write lock from the start, so that it cannot fail half-way for it.
pub(crate) fn begin(conn: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    conn.transaction_with_behavior(TransactionBehavior::Immediate)
}

/// `INST`, in the file's header.
const APPLICATION_ID: i64 = 0x494e_5354;
/// The layout this program writes.
const FORMAT: i64 = 2;
const LAYOUT: &str = include_str!("layout.sql");

fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(std::time::Duration::from_secs(10))?;
    conn.pragma_update(None, "cache_size", -32_000)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.set_prepared_statement_cache_capacity(128);
    rusqlite::vtab::array::load_module(conn)?;
    collation::register(conn)?;
    like::register(conn)
}

fn lay_out(
    conn: &mut Connection,
    path: &Path,
    refused: impl Fn(rusqlite::Error) -> OpenError + Copy,
) -> Result<(), OpenError> {
    let pragma =
        |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(refused);
    let (application, format) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(refused)?;
    match (application, format) {
        (0, 0) if tables == 0 => {}
        (APPLICATION_ID, FORMAT) => return Ok(()),
        (APPLICATION_ID, 1) => return add_rules_version(conn).map_err(refused),
        (APPLICATION_ID, found) if found > FORMAT => {
            return Err(OpenError::Newer { path: path.to_owned(), found, known: FORMAT });
        }
        _ => return Err(OpenError::Foreign(path.to_owned())),
    }
    let create = |conn: &mut Connection| {
        let transaction = begin(conn)?;
        transaction.execute_batch(LAYOUT)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", FORMAT)?;
        transaction.commit()
    };
    create(conn).map_err(refused)
}

/// From the first layout to the second.
fn add_rules_version(conn: &mut Connection) -> rusqlite::Result<()> {
    let transaction = begin(conn)?;
    transaction.execute_batch(
        "ALTER TABLE apps ADD COLUMN rules_version INTEGER NOT NULL DEFAULT 0;
         UPDATE apps SET rules_version = 1 WHERE rules IS NOT NULL;",
    )?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}
