//! What SQL cannot calculate for a migration: values and sort keys in the form of today, as two functions of the database.

use std::cell::RefCell;
use std::collections::HashMap;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Error};

use super::catalog::StoredAttr;
use super::key::sort_key;
use super::read::parse;
use crate::{ApiError, json};

/// Registers `instant_value(value)` and `instant_sort_key(place, record, value)`.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    conn.create_scalar_function("instant_value", 1, flags, |context| Ok(json::write(&value(context, 0)?)))?;
    // Attributes are few and values many, so each record is read once.
    let attrs = RefCell::new(HashMap::new());
    conn.create_scalar_function("instant_sort_key", 3, flags, move |context| -> rusqlite::Result<SqlValue> {
        let (place, record) = (context.get::<String>(0)?, context.get::<String>(1)?);
        let mut attrs = attrs.borrow_mut();
        let attr = if let Some(attr) = attrs.get(&record) {
            attr
        } else {
            let attr = StoredAttr::from_columns(0, &place, &record).map_err(failed)?;
            attrs.entry(record).or_insert(attr)
        };
        Ok(sort_key(attr, &value(context, 2)?))
    })
}

fn value(context: &Context<'_>, column: usize) -> rusqlite::Result<serde_json::Value> {
    parse(&context.get::<String>(column)?).map_err(failed)
}

fn failed(error: ApiError) -> Error {
    Error::UserFunctionError(Box::new(error))
}
