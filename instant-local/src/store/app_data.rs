//! What belongs to an app: every table that has rows of apps, and what binds a row to its app.

use rusqlite::Connection;

/// What binds the rows of a table to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// The column `app` holds the key of the app.
    App,
    /// The column `attr` holds the key of one of the app's attributes.
    Attr,
}

/// Every table with rows of apps, in the order in which they are emptied: rows bound by an attribute before the
/// attributes.
const TABLES: &[(&str, Bond)] = &[
    ("entities", Bond::Attr),
    ("blobs", Bond::Attr),
    ("refs", Bond::Attr),
    ("rule_versions", Bond::App),
    ("transactions", Bond::App),
    ("attrs", Bond::App),
];

/// Deletes the app with this key, and everything that belongs to it.
pub(super) fn delete(conn: &Connection, app: i64) -> rusqlite::Result<()> {
    for (table, bond) in TABLES {
        let bound = match bond {
            Bond::App => "app = ?1",
            Bond::Attr => "attr IN (SELECT key FROM attrs WHERE app = ?1)",
        };
        conn.execute(&format!("DELETE FROM {table} WHERE {bound}"), [app])?;
    }
    conn.execute("DELETE FROM apps WHERE key = ?1", [app])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::Store;

    /// A table that is added to the layout must be added to [`TABLES`], or its rows outlive their app.
    #[tokio::test]
    async fn every_table_with_an_app_or_attr_column_is_listed() {
        let store = Store::in_memory().unwrap();
        let columns = |conn: &Connection| {
            let sql = "SELECT tables.name, columns.name FROM sqlite_schema tables, pragma_table_info(tables.name) columns
                       WHERE tables.type = 'table' AND columns.name IN ('app', 'attr')";
            let mut select = conn.prepare(sql)?;
            let rows =
                select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<BTreeMap<_, _>>>()?)
        };
        let found = store.0.readers.run(columns).await.unwrap();
        let listed = TABLES.iter().map(|(table, bond)| {
            let column = match bond {
                Bond::App => "app",
                Bond::Attr => "attr",
            };
            ((*table).to_owned(), column.to_owned())
        });
        assert_eq!(found, listed.collect());
    }
}
