//! The format of the database: the steps that lead to it, and which files this program reads.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::files::OpenError;
use super::rekey;

/// The steps from an empty file to the current format. The step at index `i` leads from format `i` to `i + 1`.
///
/// A new file takes all of them, an older file those that it lacks. To change the format, append a step; never
/// change one that was released. `tests/stored` has a file of each format, and `tests/stored_files.rs` opens them.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1-layout.sql"),
    include_str!("migrations/2-rules-version.sql"),
    include_str!("migrations/3-rule-versions.sql"),
    include_str!("migrations/4-ids-of-attrs.sql"),
    include_str!("migrations/5-sort-keys.sql"),
];

/// `INST`, in the file's header.
const APPLICATION_ID: i64 = 0x494e_5354;

/// Brings the file at `path` to the current format.
///
/// # Errors
///
/// Fails with [`OpenError::Foreign`] on a file of another program, with [`OpenError::Newer`] on a format that this
/// program does not know, and with [`OpenError::Sqlite`] on a file that
/// SQLite cannot read or write.
pub(crate) fn run(conn: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let refused = |source| OpenError::sqlite(path, source);
    let Some(found) = format_of(conn).map_err(refused)? else {
        return Err(OpenError::Foreign(path.to_owned()));
    };
    let Some(missing) = MIGRATIONS.get(found..) else {
        let (found, known) = (found, MIGRATIONS.len());
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    };
    if !missing.is_empty() {
        rekey::register(conn).map_err(refused)?;
    }
    for (format, step) in (found + 1..).zip(missing) {
        migrate(conn, format, step).map_err(refused)?;
    }
    Ok(())
}

/// Runs one step in a transaction of its own, together with the number it leads to.
fn migrate(conn: &mut Connection, format: usize, step: &str) -> rusqlite::Result<()> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(step)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(format).unwrap_or(i64::MAX))?;
    transaction.commit()
}

/// The format of a file: 0 where it is empty, `None` where another program wrote it.
fn format_of(conn: &Connection) -> rusqlite::Result<Option<usize>> {
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, format) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (application, format) {
        (0, 0) if tables == 0 => Some(0),
        (APPLICATION_ID, 1..) => usize::try_from(format).ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(conn: &Connection) -> i64 {
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    /// An empty database with the collation that the layout needs, and these numbers in its header.
    fn database(application: i64, format: i64) -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        super::super::collation::register(&conn).unwrap();
        conn.pragma_update(None, "application_id", application).unwrap();
        conn.pragma_update(None, "user_version", format).unwrap();
        conn
    }

    #[test]
    fn a_new_file_takes_every_step() {
        let mut conn = database(0, 0);
        run(&mut conn, Path::new("new")).unwrap();
        assert_eq!(format(&conn), i64::try_from(MIGRATIONS.len()).unwrap());
        // The steps that were taken are not taken again.
        run(&mut conn, Path::new("new")).unwrap();
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_in_the_format_it_had() {
        let mut conn = database(APPLICATION_ID, 1);
        // The second step changes a table that this damaged file lacks.
        let error = run(&mut conn, Path::new("damaged")).unwrap_err();
        assert!(matches!(error, OpenError::Sqlite { .. }), "{error}");
        assert!(error.to_string().starts_with("cannot open damaged: "), "{error}");
        assert_eq!(format(&conn), 1);
    }

    #[test]
    fn a_file_of_another_program_or_of_a_later_format_is_refused_as_it_is() {
        for (application, found) in [(0, 1), (7, 2), (APPLICATION_ID, 0), (APPLICATION_ID, -1)] {
            let mut conn = database(application, found);
            let error = run(&mut conn, Path::new("file")).unwrap_err();
            assert!(matches!(error, OpenError::Foreign(_)), "{application} {found}: {error}");
            assert_eq!(format(&conn), found);
        }
        let error = run(&mut database(APPLICATION_ID, 99), Path::new("file")).unwrap_err();
        assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");
    }
}
