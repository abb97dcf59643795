//! Attribute records as clients send them.

use instant_schema::Attr;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::ApiError;
use crate::store::AttrChange;

/// Reads the record of an `add-attr`.
pub(crate) fn parse_attr(record: &Map<String, Value>) -> Result<Attr, ApiError> {
    parse("add-attr", record)
}

/// Reads the changes of an `update-attr`.
pub(crate) fn parse_change(record: &Map<String, Value>) -> Result<AttrChange, ApiError> {
    parse("update-attr", record)
}

fn parse<T: DeserializeOwned>(action: &str, record: &Map<String, Value>) -> Result<T, ApiError> {
    // A null says the same as leaving the key out.
    let said: Map<String, Value> =
        record.iter().filter(|(_, value)| !value.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect();
    serde_json::from_value(Value::Object(said)).map_err(|error| {
        let message = format!("The attribute of the `{action}` step cannot be read: {error}.");
        ApiError::invalid("tx-steps", json!([action, record]), message)
    })
}
