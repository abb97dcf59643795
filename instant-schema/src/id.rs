//! Ids as text.

use uuid::Uuid;

/// A UUID as servers read it: in its form of 36 characters, in any case, with white space around it allowed.
///
/// ```
/// use instant_schema::parse_id;
///
/// assert!(parse_id(" 8AA64E4C-64f9-472e-8a61-3fa28870e6cb").is_some());
/// assert!(parse_id("8aa64e4c64f9472e8a613fa28870e6cb").is_none());
/// ```
pub fn parse_id(text: &str) -> Option<Uuid> {
    let text = text.trim();
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}
