//! Reading ids from text.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

/// Reads an id: a UUID of 36 characters, 8-4-4-4-12 hexadecimal digits in upper or lower case, with nothing around it.
///
/// This is the only function that decides which texts are ids.
///
/// ```
/// use instant_schema::parse_id;
///
/// assert!(parse_id("8AA64E4C-64f9-472e-8a61-3fa28870e6cb").is_some());
/// assert!(parse_id(" 8aa64e4c-64f9-472e-8a61-3fa28870e6cb").is_none());
/// assert!(parse_id("8aa64e4c64f9472e8a613fa28870e6cb").is_none());
/// ```
pub fn parse_id(text: &str) -> Option<Uuid> {
    // Other spellings of a UUID (without hyphens, in braces, as a URN) have other lengths.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// Reads an id from a JSON value, which must be a string that [`parse_id`] reads.
///
/// ```
/// use instant_schema::parse_id_value;
/// use serde_json::json;
///
/// assert!(parse_id_value(&json!("8aa64e4c-64f9-472e-8a61-3fa28870e6cb")).is_some());
/// assert!(parse_id_value(&json!(7)).is_none());
/// ```
pub fn parse_id_value(value: &Value) -> Option<Uuid> {
    parse_id(value.as_str()?)
}

/// Deserialises an id by the rule of [`parse_id`].
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_id(&text).ok_or_else(|| {
        D::Error::custom(format_args!(
            "`{text}` is not an id: write a UUID of 36 characters, 8-4-4-4-12 hexadecimal digits"
        ))
    })
}
