//! Values as text: `string(..)`, error messages, and the JSON of the check endpoints.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::bindings::Request;
use super::failure::Failure;
use super::value::{StoredMap, Time, Value, WeakInt};
use crate::json;

/// The most values that are printed as one. Nested binds can double a value at each level.
const LARGEST_PRINTED: usize = 1_000_000;
/// About the longest text of a value in an error's message.
const LONGEST_EXCERPT: usize = 1000;

impl Value<'_> {
    /// The value as the check endpoints print it. Fails with [`Failure::Unsupported`] for a value without a JSON form
    /// (a type, bytes, ..).
    pub(crate) fn to_json(&self) -> Result<Json, Failure> {
        printed(self, &mut { LARGEST_PRINTED })
    }
}

fn printed(value: &Value<'_>, left: &mut usize) -> Result<Json, Failure> {
    *left = left.checked_sub(1).ok_or_else(|| no_json("a value of more than a million parts"))?;
    Ok(match value {
        Value::Null | Value::MissingElement => Json::Null,
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) | Value::WeakInt(WeakInt::Small(value)) => Json::from(*value),
        Value::WeakInt(WeakInt::Large(digits)) => json::read(digits.as_bytes()).unwrap_or_default(),
        Value::Double(value) if value.is_finite() => Json::from(*value),
        Value::Double(value) => Json::from(double(*value)),
        Value::Text(text) => json::text(text.as_str()),
        Value::Timestamp(time) => match timestamp(*time) {
            Some(text) => Json::from(text),
            None => return Err(no_json("a time beyond the years 1 to 9999")),
        },
        Value::Duration(time) if time.seconds < 0 && time.nanos != 0 => {
            return Err(no_json("a negative duration with a fraction"));
        }
        Value::Duration(time) => Json::from(duration(*time)),
        Value::List(elements) => {
            elements.iter().map(|element| printed(element, left)).collect::<Result<_, _>>()?
        }
        Value::Map(entries) => {
            let mut object = Map::new();
            for (key, value) in entries.iter() {
                object.insert(plain(key), printed(value, left)?);
            }
            Json::Object(object)
        }
        Value::JsonList(elements) | Value::StoredList(elements) => Json::from(elements.to_vec()),
        Value::JsonMap(entries) => Json::Object((*entries).clone()),
        Value::StoredMap(StoredMap { entries, .. }) => Json::Object(entries.cloned().unwrap_or_default()),
        Value::Request(request) => Json::Object(request_fields(request)),
        Value::Uint(_) => return Err(no_json("a uint")),
        Value::Bytes(_) => return Err(no_json("bytes")),
        Value::Type(_) => return Err(no_json("a type")),
        Value::Bucket(_) | Value::Buckets => return Err(no_json("a rate limit")),
        Value::Unknown => return Err(no_json("an unknown value")),
    })
}

fn request_fields(request: &Request<'_>) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("time".into(), Json::from(timestamp(Time::now()).unwrap_or_default()));
    if !request.modified_fields.is_empty() {
        object.insert("modifiedFields".into(), Json::from(request.modified_fields.to_vec()));
    }
    for (name, value) in [("ip", request.ip), ("origin", request.origin)] {
        if let Some(value) = value {
            object.insert(name.into(), Json::from(value));
        }
    }
    object
}

fn no_json(what: &str) -> Failure {
    Failure::Unsupported(format!(
        "{what} cannot be shown as the value of a rule: compare it, or convert it with string()"
    ))
}

/// The value in an error's message.
pub(super) fn plain(value: &Value<'_>) -> String {
    let mut text = String::new();
    push_plain(value, &mut text);
    text
}

fn push_plain(value: &Value<'_>, out: &mut String) {
    if out.len() > LONGEST_EXCERPT {
        return;
    }
    match value {
        Value::Null | Value::MissingElement => out.push_str("NULL_VALUE"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) | Value::WeakInt(WeakInt::Small(value)) => out.push_str(&value.to_string()),
        Value::Uint(value) => out.push_str(&value.to_string()),
        Value::WeakInt(WeakInt::Large(digits)) => out.push_str(digits),
        Value::Double(value) => out.push_str(&double(*value)),
        Value::Text(text) => out.push_str(text.as_str()),
        Value::Bytes(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
        Value::Timestamp(time) => out.push_str(&timestamp(*time).unwrap_or_default()),
        Value::Duration(time) => out.push_str(&duration(*time)),
        Value::Type(name) => out.push_str(name),
        Value::List(elements) => {
            out.push('[');
            for (place, element) in elements.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                push_plain(element, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (place, (key, value)) in entries.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                push_plain(key, out);
                out.push('=');
                push_plain(value, out);
            }
            out.push('}');
        }
        other => match other.to_json() {
            Ok(value) => out.push_str(&json::write(&value)),
            Err(_) => out.push_str("a value"),
        },
    }
}

/// The name of the Java class of a value, which is what messages about macros tell.
pub(super) fn class(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null | Value::MissingElement => "NullValue",
        Value::Bool(_) => "Boolean",
        Value::Int(_) => "Long",
        Value::WeakInt(WeakInt::Small(_)) => "Integer",
        Value::WeakInt(WeakInt::Large(_)) => "BigInteger",
        Value::Uint(_) => "UnsignedLong",
        Value::Double(_) => "Double",
        Value::Text(_) => "String",
        Value::Bytes(_) => "LiteralByteString",
        Value::Timestamp(_) => "Timestamp",
        Value::Duration(_) => "Duration",
        Value::Type(_) => "TypeType",
        Value::Bucket(_) => "RateLimitBucket",
        Value::Request(_) => "DynamicMessage",
        _ => "Object",
    }
}

/// A double as Java writes it: `1.0`, `1.0E7`, `1.0E-4`.
pub(super) fn double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    // JSON has no negative zero.
    if value == 0.0 && value.is_sign_negative() { "-0.0".into() } else { json::java_double(value) }
}

/// A time as RFC 3339 in UTC, with 0, 3, 6 or 9 digits of fraction; none if it is beyond the years 1 to 9999.
pub(super) fn timestamp(time: Time) -> Option<String> {
    let moment = Timestamp::new(time.seconds, 0).ok()?;
    let mut text = moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    if text.starts_with('-') || text.starts_with("0000") {
        return None;
    }
    push_fraction(&mut text, time.nanos);
    text.push('Z');
    Some(text)
}

/// A duration in seconds: `5400s`.
pub(super) fn duration(time: Time) -> String {
    let nanos = time.total_nanos();
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    let mut text = format!("{sign}{seconds}");
    // A remainder of a division by 10^9 fits.
    push_fraction(&mut text, u32::try_from(rest).unwrap_or_default());
    text.push('s');
    text
}

fn push_fraction(text: &mut String, nanos: u32) {
    // Writing to a string cannot fail.
    let _ = match nanos {
        0 => Ok(()),
        _ if nanos.is_multiple_of(1_000_000) => write!(text, ".{:03}", nanos / 1_000_000),
        _ if nanos.is_multiple_of(1000) => write!(text, ".{:06}", nanos / 1000),
        _ => write!(text, ".{nanos:09}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_does() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
            (1e-4, "1.0E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (123_456_789.0, "1.23456789E8"),
            (-1.5e300, "-1.5E300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double(value), text);
        }
    }

    #[test]
    fn durations_and_times_have_a_fraction_in_thousands() {
        let time = |nanos| Time::from_nanos(nanos).unwrap();
        assert_eq!(duration(time(5_400_000_000_000)), "5400s");
        assert_eq!(duration(time(-1_500_000_000)), "-1.500s");
        assert_eq!(timestamp(time(1_000)).unwrap(), "1970-01-01T00:00:00.000001Z");
        assert_eq!(timestamp(Time { seconds: -70_000_000_000, nanos: 0 }), None);
    }
}
