//! Cursors: places between rows, and the text in which they travel through URLs.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A place between rows, as the server made it. It is opaque, and fits only the order of the query it came from.
///
/// [`PageInfo`](crate::PageInfo) gives cursors; the options `after` and `before` take them. To hand one to a client of
/// your own, print it: the text has only letters, digits, `-` and `_`, so that it fits into a URL as it is.
///
/// ```
/// use instant_admin::Cursor;
/// # let json = r#"["67e55044-10b1-426f-9247-bb680e5fe0c8", "a2b1c3d4-0000-4000-8000-000000000000", "x", 1]"#;
/// # let cursor: Cursor = serde_json::from_str(json).unwrap();
/// let link = format!("/posts?after={cursor}");
/// let (_, text) = link.split_once("after=").unwrap();
/// assert_eq!(text.parse::<Cursor>().unwrap(), cursor);
/// assert!("page2".parse::<Cursor>().unwrap_err().to_string().starts_with("`page2` is not a cursor"));
/// ```
///
/// serde writes a cursor as the JSON list that the server takes, so that it can stand in the JSON of
/// [`query_json`](crate::Db::query_json) and be handed to other Instant clients; it reads that list and the text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Value);

/// The error for a text that is not a [`Cursor`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseCursorError {
    given: String,
}

const PARTS: usize = 4;

/// How many characters of such a text an error repeats.
const EXCERPT: usize = 64;

impl Cursor {
    /// A cursor from its wire form: entity id, attribute id, value, time.
    fn from_wire(wire: Value) -> Option<Self> {
        let fits = match wire.as_array().map(Vec::as_slice) {
            Some([entity, attribute, _, time]) => {
                entity.is_string() && attribute.is_string() && (time.is_i64() || time.is_u64())
            }
            _ => false,
        };
        fits.then_some(Self(wire))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_string()))
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let wire = URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
        wire.and_then(Self::from_wire)
            .ok_or_else(|| ParseCursorError { given: text.chars().take(EXCERPT).collect() })
    }
}

impl fmt::Display for ParseCursorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a cursor: expected the text of a cursor that `page_info()` returned",
            self.given
        )
    }
}

impl std::error::Error for ParseCursorError {}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CursorVisitor)
    }
}

struct CursorVisitor;

impl<'de> Visitor<'de> for CursorVisitor {
    type Value = Cursor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a cursor: its text, or the list of its {PARTS} parts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cursor, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Cursor, A::Error> {
        let mut wire = Vec::with_capacity(PARTS);
        while let Some(part) = parts.next_element::<Value>()? {
            wire.push(part);
        }
        let refusal =
            || de::Error::custom("the list is not a cursor: expected an id, an id, a value and a number");
        Cursor::from_wire(Value::Array(wire)).ok_or_else(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ENTITY: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    const ATTRIBUTE: &str = "a2b1c3d4-0000-4000-8000-000000000000";

    fn cursor(value: &Value) -> Cursor {
        serde_json::from_value(json!([ENTITY, ATTRIBUTE, value, 1_706_745_600_000_i64])).unwrap()
    }

    #[test]
    fn a_cursor_survives_its_text_and_its_json() {
        for value in [
            json!("x"),
            json!("ü/?&#\u{1f600}\n"),
            json!(null),
            json!(true),
            json!(-0.5),
            json!(31.245_270_191_439_438),
            json!(u64::MAX),
            json!("2024-01-01"),
            json!("a".repeat(10_000)),
        ] {
            let cursor = cursor(&value);
            let text = cursor.to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
            assert_eq!(text.parse::<Cursor>().unwrap(), cursor);
            assert_eq!(serde_json::from_str::<Cursor>(&json!(cursor).to_string()).unwrap(), cursor);
            assert_eq!(serde_json::from_value::<Cursor>(json!(text)).unwrap(), cursor);
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused_and_repeated_shortly() {
        let encoded = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let (scalar, short) = (encoded("7"), encoded(r#"["a","b",1]"#));
        let ids = encoded(r#"[1,"b",null,2]"#);
        let time = encoded(r#"["a","b",null,2.5]"#);
        let (broken, padded) = (encoded("[\"a\""), format!("{}=", cursor(&json!(1))));
        let deep = encoded(&"[".repeat(10_000));
        for text in ["", " ", "page2", "%20", "ä", &scalar, &short, &ids, &time, &broken, &padded, &deep] {
            let error = text.parse::<Cursor>().unwrap_err().to_string();
            assert!(error.contains("is not a cursor: expected the text") && error.len() < 400, "{error}");
        }
        for wire in [json!(7), json!(["a", "b", 1]), json!(["a", "b", 1, "2"]), json!("nonsense"), json!({})]
        {
            let error = serde_json::from_value::<Cursor>(wire).unwrap_err().to_string();
            assert!(error.contains("cursor"), "{error}");
        }
    }
}
