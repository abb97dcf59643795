//! Sort keys: what the database compares instead of a JSON value.

use std::time::{SystemTime, UNIX_EPOCH};

use instant_schema::CheckedType;
use instant_schema::date::{self, Timestamp};
use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::catalog::StoredAttr;
use crate::json;
use crate::zones::BundledZones;

/// What a query compares with a stored value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Comparable {
    /// Compare with the `sort_key` column.
    Key(SqlValue),
    /// Compare with the `value` column: the attribute keeps no sort keys for values of this kind.
    Text(String),
}

/// The sort key of a value of `attr`.
///
/// | value | key |
/// |---|---|
/// | null | NULL, before everything |
/// | number of an indexed number attribute | REAL: 2^53 is 2^53+1 |
/// | other number | INTEGER or REAL, which SQLite compares as numbers: 1 is 1.0; of a larger integer BLOB `03` and its digits |
/// | date of an indexed date attribute | INTEGER, microseconds since 2000 |
/// | string | TEXT, under the collation `instant` |
/// | boolean | BLOB `00` or `01` |
/// | array, object | BLOB `02` and its canonical JSON, for equality only |
///
/// Strings, arrays and objects of attributes that are neither indexed nor unique have no key (NULL): their JSON
/// text serves for equality, and is not stored twice.
pub(super) fn sort_key(attr: &StoredAttr, value: &Value) -> SqlValue {
    if has_date_keys(attr) {
        return date_key(stored_date(value));
    }
    match value {
        Value::Null => SqlValue::Null,
        Value::Bool(value) => SqlValue::Blob(vec![u8::from(*value)]),
        number if json::is_number(number) => number_key(number, has_number_keys(attr)),
        Value::Number(_) => SqlValue::Null,
        _ if !attr.is_ranked() => SqlValue::Null,
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Array(_) | Value::Object(_) => {
            let mut key = vec![2];
            write_canonical(value, &mut key);
            SqlValue::Blob(key)
        }
    }
}

/// Returns how to find the values of `attr` that a query compares with `value`, which is not null.
pub(crate) fn comparable(attr: &StoredAttr, value: &Value) -> Comparable {
    let key = match value {
        // What is compared is read by another reader than what is stored.
        value if has_date_keys(attr) => date_key(date::from_value_at(value, now()).ok()),
        value => sort_key(attr, value),
    };
    match key {
        SqlValue::Null => Comparable::Text(json::write(value)),
        key => Comparable::Key(key),
    }
}

/// JSON equality as PostgreSQL has it: 1 equals 1.0, and the order of an object's keys does not matter.
pub(super) fn json_equal(a: &Value, b: &Value) -> bool {
    a == b || {
        let canonical = |value| {
            let mut text = Vec::new();
            write_canonical(value, &mut text);
            text
        };
        canonical(a) == canonical(b)
    }
}

fn has_number_keys(attr: &StoredAttr) -> bool {
    attr.attr.indexed && attr.checked_type() == Some(CheckedType::Number)
}

fn has_date_keys(attr: &StoredAttr) -> bool {
    attr.attr.indexed && attr.checked_type() == Some(CheckedType::Date)
}

fn date_key(moment: Option<Timestamp>) -> SqlValue {
    moment.map_or(SqlValue::Null, |moment| SqlValue::Integer(moment.micros_since_2000()))
}

/// Returns the moment of a stored date. A word like `today` is read as of now.
pub(super) fn stored_date(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => date::parse_stored(text, now(), &BundledZones).ok(),
        other => date::from_milliseconds(json::double(other)?).ok(),
    }
}

/// Returns the moment by which a list that is read orders a stored date: as a query reads it, where a query can read it.
pub(crate) fn listed_date(value: &Value) -> Option<Timestamp> {
    date::from_value_at(value, now()).ok().or_else(|| stored_date(value))
}

/// This moment.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn number_key(number: &Value, is_double: bool) -> SqlValue {
    let double = json::double(number).unwrap_or_default();
    match json::integer(number) {
        Some(integer) if !is_double => match integer.as_str().parse() {
            Ok(integer) => SqlValue::Integer(integer),
            Err(_) => SqlValue::Blob([b"\x03", integer.as_str().as_bytes()].concat()),
        },
        _ => SqlValue::Real(double),
    }
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push(b'{');
            for (key, value) in members {
                out.extend_from_slice(Value::from(key.as_str()).to_string().as_bytes());
                out.push(b':');
                write_canonical(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        scalar => match json::integer(scalar) {
            Some(integer) => out.extend_from_slice(integer.as_str().as_bytes()),
            None => out.extend_from_slice(json::write(scalar).as_bytes()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_equality_ignores_number_spelling_and_key_order() {
        assert!(json_equal(&json!(1), &json!(1.0)));
        assert!(json_equal(&json!(-0.0), &json!(0)));
        assert!(json_equal(&json!({ "a": [1.0], "b": null }), &json!({ "b": null, "a": [1] })));
        assert!(!json_equal(&json!(true), &json!(1)));
        assert!(!json_equal(&json!("1"), &json!(1)));
        assert!(json_equal(&json!(1e15), &json!(1_000_000_000_000_000_u64)));
        assert!(json_equal(&json!(1e15), &json!(1_000_000_000_000_000_u64)));
        assert!(!json_equal(&json!(9_007_199_254_740_993_u64), &json!(9_007_199_254_740_992_u64)));
    }
}
