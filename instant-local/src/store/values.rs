//! Checks which values an attribute can store.

use instant_schema::{CheckedType, parse_id_value};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalog::{Place, StoredAttr};
use super::key::stored_date;
use crate::ApiError;

/// Checks that a value can be written as text: it has no null bytes, in keys neither.
pub(super) fn check_text(value: &Value) -> Result<(), ApiError> {
    if has_null_byte(value) { Err(ApiError::null_bytes()) } else { Ok(()) }
}

/// Checks a value before it is stored: the enforced type, a uuid for a link, and a size that fits the index.
pub(super) fn check(stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
    match stored.place {
        Place::Entities if parse_id_value(value) != Some(entity) => {
            let message =
                format!("The value of {} must be the id of the entity itself, {entity}.", stored.name());
            Err(refused(stored, entity, value, &message))
        }
        Place::Refs if parse_id_value(value).is_none() => Err(no_link(stored, entity, value)),
        Place::Entities | Place::Refs => Ok(()),
        Place::Blobs => {
            check_type(stored, entity, value)?;
            check_size(stored, entity, value)
        }
    }
}

/// The error about a value of a link that is no id.
pub(super) fn no_link(stored: &StoredAttr, entity: Uuid, value: &Value) -> ApiError {
    refused(stored, entity, value, "Linked value must be a valid uuid.")
}

/// Whether a value is of an enforced type; null is of every type.
pub(crate) fn is_of_type(value: &Value, expected: CheckedType) -> bool {
    match expected {
        _ if value.is_null() => true,
        CheckedType::String => value.is_string(),
        CheckedType::Number => value.is_number(),
        CheckedType::Boolean => value.is_boolean(),
        CheckedType::Date => stored_date(value).is_some(),
    }
}

/// The name of a JSON value's type in messages.
pub(crate) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The largest value an index takes, in bytes of PostgreSQL's binary JSON.
const LARGEST: usize = 1024;
/// What that format adds to a string.
const OVERHEAD: usize = 12;
/// How many characters of a value a hint shows.
const SHOWN: usize = 140;

fn check_type(stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
    let Some(expected) = stored.checked_type() else { return Ok(()) };
    if is_of_type(value, expected) {
        return Ok(());
    }
    let message = format!(
        "Invalid value type for {}. Value must be a {} but the provided value type is {}.",
        stored.name(),
        expected.name(),
        json_type(value)
    );
    Err(refused(stored, entity, value, &message))
}

fn check_size(stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
    let size = OVERHEAD + value.as_str().map_or_else(|| value.to_string().len(), str::len);
    if !stored.is_ranked() || size <= LARGEST {
        return Ok(());
    }
    let constraint = if stored.attr.unique { "a unique" } else { "an indexed" };
    let message = format!("Value is too large for {constraint} attribute.");
    Err(refused(stored, entity, value, &message).with_hint("value-too-large?", true))
}

fn refused(stored: &StoredAttr, entity: Uuid, value: &Value, message: &str) -> ApiError {
    let text = value.to_string();
    let shown = match text.char_indices().nth(SHOWN) {
        Some((cut, _)) => Value::from(&text[..cut]),
        None => value.clone(),
    };
    let hint = json!({
        "namespace": stored.entity(),
        "attribute": stored.label(),
        "value": shown,
        "checked-data-type": stored.attr.checked_data_type,
        "attr-id": stored.attr.id,
        "entity-id": entity,
    });
    ApiError::validation_with_hint(message, hint)
}

fn has_null_byte(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_null_byte),
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.contains('\0') || has_null_byte(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
