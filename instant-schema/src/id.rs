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

/// Whether a text has the five groups of an id, of the wrong lengths: `1-1-1-1-1`. A server passes such a text on to
/// where it is used, and refuses it there.
///
/// In 36 characters the groups might be only displaced. Such a text is never passed on: it is almost an id, but of what?
pub(crate) fn has_groups_of_an_id(text: &str) -> bool {
    let is_group = |group: &str| group.len() <= 16 && i64::from_str_radix(group, 16).is_ok();
    let is_plain = |c: char| c == '-' || c.is_ascii_hexdigit();
    text.len() < 36
        && text.chars().all(is_plain)
        && text.split('-').count() == 5
        && text.split('-').all(is_group)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_groups_of_hexadecimal_digits_are_like_an_id() {
        for text in ["1-1-1-1-1", "8aa64e4c-64f9-472e-8a61-3fa28870e6c", "a-b-c-d-7fffffffffffffff"] {
            assert!(has_groups_of_an_id(text), "{text}");
        }
        for text in [
            "",
            "1-1-1-1",
            "1-1-1-1-1-1",
            "1-1--1-1",
            "1-1-1-1-g",
            "+1-1-1-1-1",
            "1-1-1-1-ffffffffffffffff",
            " 1-1-1-1-1",
            // Displaced by one, and an id.
            "8aa64e4-c64f9-472e-8a61-3fa28870e6cb",
            "8aa64e4c-64f9-472e-8a61-3fa28870e6cb",
        ] {
            assert!(!has_groups_of_an_id(text), "{text}");
        }
    }
}
