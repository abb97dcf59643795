//! Checks which values an attribute can store.

use instant_schema::{CheckedType, parse_id_value};
use serde_json::{Value, json};
use uuid::Uuid;

use super::catalog::{Place, StoredAttr};
use super::key::stored_date;
use crate::{ApiError, json};

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
        CheckedType::String => json::is_text(value),
        CheckedType::Number => json::is_number(value),
        CheckedType::Boolean => value.is_boolean(),
        CheckedType::Date => stored_date(value).is_some(),
    }
}

/// The largest value an index takes, in bytes of PostgreSQL's binary JSON.
const LARGEST: usize = 1024;
/// How many bytes of a value's text an error shows.
const SHOWN: usize = 64;

fn check_type(stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
    let Some(expected) = stored.checked_type() else { return Ok(()) };
    if is_of_type(value, expected) {
        return Ok(());
    }
    let found = match cut(value) {
        Some(_) => String::new(),
        None => format!(" but the provided value type is {}", json::type_name(value)),
    };
    let message =
        format!("Invalid value type for {}. Value must be a {}{found}.", stored.name(), expected.name());
    Err(refused(stored, entity, value, &message))
}

fn check_size(stored: &StoredAttr, entity: Uuid, value: &Value) -> Result<(), ApiError> {
    if !stored.is_ranked() || json::size(value) <= LARGEST {
        return Ok(());
    }
    let constraint = if stored.attr.unique { "a unique" } else { "an indexed" };
    let message = format!("Value is too large for {constraint} attribute.");
    Err(refused(stored, entity, value, &message).with_hint("value-too-large?", true))
}

fn refused(stored: &StoredAttr, entity: Uuid, value: &Value, message: &str) -> ApiError {
    let checked = stored.attr.checked_data_type.map_or("null", CheckedType::name);
    let hint = json!({
        "namespace": stored.entity(),
        "attribute": stored.label(),
        "value": cut(value).map_or_else(|| value.clone(), Value::String),
        "checked-data-type": checked,
        "attr-id": stored.attr.id,
        "entity-id": entity,
    });
    ApiError::validation_with_hint(message, hint)
}

/// The beginning of the text of a value whose text is too long for an error.
fn cut(value: &Value) -> Option<String> {
    let text = json::postgres(value);
    let end = text.floor_char_boundary(SHOWN);
    (text.len() > SHOWN).then(|| format!("{}...", &text[..end]))
}

fn has_null_byte(value: &Value) -> bool {
    match value {
        number if json::is_number(number) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_null_byte),
        Value::Object(members) => {
            members.iter().any(|(key, value)| key.contains('\0') || has_null_byte(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
