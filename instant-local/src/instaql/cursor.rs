//! Cursors: a row of a page as JSON, and back to its place in the order.

use instant_schema::CheckedType;
use instant_schema::instaql::SERVER_CREATED_AT;
use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};

use super::parse::Cursor;
use super::problem::{At, Query, below};
use super::stretch::{Edge, Position};
use super::walk::Selected;
use crate::store::{AttrCatalog, Comparable, ReadTx, StoredAttr, comparable, id_value};
use crate::{ApiError, json};

/// Writes a row of an order as a cursor: `[entity, attribute, value, created]`. `order` is `None` for the time of creation.
pub(super) fn write(
    tx: &ReadTx<'_>,
    id_attr: &StoredAttr,
    order: Option<&StoredAttr>,
    row: &Selected,
) -> Result<Value, ApiError> {
    let entity = row.position.entity;
    let value = match order {
        None => id_value(entity),
        Some(order) => tx.value(order, entity)?.unwrap_or_default(),
    };
    Ok(json!([entity, order.unwrap_or(id_attr).attr.id, value, row.created]))
}

/// Reads the cursors of one form.
pub(super) struct CursorReader<'a> {
    pub catalog: &'a AttrCatalog,
    pub query: Query<'a>,
    /// The path of the form.
    pub at: &'a At,
    pub id_attr: &'a StoredAttr,
    /// The attribute that the form is ordered by; `None` for the time of creation.
    pub order: Option<&'a StoredAttr>,
}

impl CursorReader<'_> {
    /// Returns the place of a cursor, which the option `name` gives.
    pub fn read(&self, name: &str, cursor: Option<Cursor>) -> Result<Option<Edge<Position>>, ApiError> {
        let Some(cursor) = cursor else { return Ok(None) };
        self.check_order(name, &cursor)?;
        let key = match self.order {
            None => SqlValue::Integer(cursor.created),
            Some(order) => key(order, &cursor.value).ok_or_else(|| {
                let (label, value) = (order.label(), &cursor.value);
                let what = order.checked_type().map_or("value", CheckedType::name);
                let message = format!(
                    "Invalid {name} cursor. The query orders by `{label}`, so the third position holds a {what}, got {}.",
                    json::message(value)
                );
                self.refuse(name, message)
            })?,
        };
        let at = Position { key, entity: cursor.entity };
        Ok(Some(Edge { at, inclusive: cursor.inclusive }))
    }

    fn check_order(&self, name: &str, cursor: &Cursor) -> Result<(), ApiError> {
        let label = |stored: &StoredAttr| match stored.label() {
            "id" => SERVER_CREATED_AT.to_owned(),
            label => label.to_owned(),
        };
        let order = self.order.unwrap_or(self.id_attr);
        if cursor.attr == order.attr.id {
            return Ok(());
        }
        let theirs = match self.catalog.attr(cursor.attr) {
            Some(stored) => format!("`{}`", label(stored)),
            None => "a missing attribute".to_owned(),
        };
        let message = format!(
            "Invalid {name} cursor. The query orders by `{}`, but the query that returned the cursor orders by {theirs}.",
            label(order)
        );
        Err(self.refuse(name, message))
    }

    fn refuse(&self, name: &str, message: String) -> ApiError {
        self.query.refuse("valid-cursor?", &below(self.at, &["$", name]), message)
    }
}

/// The sort key of a cursor's value, cast to the type of the order as PostgreSQL casts it. `None` where it cannot be.
fn key(order: &StoredAttr, value: &Value) -> Option<SqlValue> {
    let stored = |value: &Value| match comparable(order, value) {
        Comparable::Key(key) => Some(key),
        Comparable::Text(_) => None,
    };
    match (order.checked_type()?, value) {
        (_, Value::Null) => Some(SqlValue::Null),
        (CheckedType::Number | CheckedType::Date, number) if json::is_number(number) => stored(number),
        (CheckedType::String | CheckedType::Date, text) if json::is_text(text) => stored(text),
        (CheckedType::Boolean, Value::Bool(_)) => stored(value),
        // Compared as JSON, where all other kinds come after strings.
        (CheckedType::String, _) => Some(SqlValue::Blob(Vec::new())),
        (CheckedType::Number, Value::String(text)) => {
            let number: f64 = text.trim().parse().ok()?;
            // PostgreSQL has NaN above all other numbers.
            Some(SqlValue::Real(if number.is_nan() { f64::INFINITY } else { number }))
        }
        (CheckedType::Boolean, Value::String(text)) => stored(&Value::Bool(boolean(text)?)),
        (CheckedType::Number | CheckedType::Boolean | CheckedType::Date, _) => None,
    }
}

/// PostgreSQL reads a word for a truth value, or as much of its beginning as tells it from the others.
fn boolean(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if text == "1" || begins("true", 1) || begins("yes", 1) || text == "on" {
        Some(true)
    } else if text == "0" || begins("false", 1) || begins("no", 1) || begins("off", 2) {
        Some(false)
    } else {
        None
    }
}
