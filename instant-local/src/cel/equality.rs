//! `==`, `in` and the order of values.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json};

use super::budget::Budget;
use super::failure::Failure;
use super::value::{StoredMap, Value, WeakInt};

/// Whether two values are equal by CEL: numbers by value, lists by element, maps by key.
pub(super) fn equal(a: &Value<'_>, b: &Value<'_>, budget: &mut Budget) -> Result<bool, Failure> {
    budget.spend(1)?;
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return Ok(a.equals(b));
    }
    if let (Some(a), Some(b)) = (List::of(a), List::of(b)) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for place in 0..a.len() {
            if !equal(&a.at(place), &b.at(place), budget)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    match (a, b) {
        (Value::Null, Value::Null) => Ok(true),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Text(a), Value::Text(b)) => {
            let (a, b) = (a.as_str(), b.as_str());
            budget.spend(a.len().min(b.len()) / 16)?;
            Ok(a == b)
        }
        (Value::Bytes(a), Value::Bytes(b)) => Ok(a == b),
        (Value::Timestamp(a), Value::Timestamp(b)) | (Value::Duration(a), Value::Duration(b)) => Ok(a == b),
        (Value::Type(a), Value::Type(b)) => Ok(a == b),
        (Value::StoredMap(_), Value::Map(_) | Value::JsonMap(_) | Value::StoredMap(_))
        | (Value::Map(_), Value::StoredMap(_)) => Err(not_comparable()),
        (Value::Map(a), Value::Map(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (key, value) in a.iter() {
                match find(b, key, budget)? {
                    Some(other) if equal(value, other, budget)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::Map(a), Value::JsonMap(b)) => {
            if a.len() != b.len() {
                return Ok(false);
            }
            for (key, value) in a.iter() {
                match find_json(b, key) {
                    Some(other) if equal(value, &other, budget)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        (Value::JsonMap(a), Value::JsonMap(b)) => equal_json_maps(a, b, budget),
        // The official server takes an object on the left for a list of its entries, which a map literal is not.
        _ => Ok(false),
    }
}

fn equal_json_maps(
    a: &Map<String, Json>,
    b: &Map<String, Json>,
    budget: &mut Budget,
) -> Result<bool, Failure> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for (key, value) in a {
        match b.get(key) {
            Some(other) if equal(&Value::inner(value), &Value::inner(other), budget)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn not_comparable() -> Failure {
    Failure::Unsupported(
        "a stored object cannot be compared with a map: compare its fields, data.meta.x == 1".into(),
    )
}

/// Whether a list has an element that equals `value`.
pub(super) fn contains(list: &List<'_, '_>, value: &Value<'_>, budget: &mut Budget) -> Result<bool, Failure> {
    // As the official server: what was read from a stored map has no equal but itself.
    if matches!(value, Value::StoredMap(_) | Value::StoredList(_)) {
        return Ok(false);
    }
    for place in 0..list.len() {
        let element = list.at(place);
        if matches!(element, Value::StoredMap(_) | Value::StoredList(_)) {
            continue;
        }
        if matches!(list, List::Stored(_)) && matches!(element, Value::JsonList(_) | Value::JsonMap(_)) {
            continue;
        }
        if equal(value, &element, budget)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value under a key of a map literal. Numbers are the same key in all their kinds.
pub(super) fn find<'m, 'a>(
    entries: &'m [(Value<'a>, Value<'a>)],
    key: &Value<'_>,
    budget: &mut Budget,
) -> Result<Option<&'m Value<'a>>, Failure> {
    for (candidate, value) in entries {
        if equal(candidate, key, budget)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The value under a key of an object inside a list. A null is as if missing.
pub(super) fn find_json<'a>(entries: &'a Map<String, Json>, key: &Value<'_>) -> Option<Value<'a>> {
    match key {
        Value::Text(key) => entries.get(key.as_str()).filter(|value| !value.is_null()).map(Value::inner),
        _ => None,
    }
}

/// The lists, whatever they are made of.
#[derive(Clone, Copy)]
pub(super) enum List<'v, 'a> {
    Made(&'v [Value<'a>]),
    Json(&'a [Json]),
    Stored(&'a [Json]),
}

impl<'v, 'a> List<'v, 'a> {
    pub(super) fn of(value: &'v Value<'a>) -> Option<Self> {
        match value {
            Value::List(elements) => Some(Self::Made(elements)),
            Value::JsonList(elements) => Some(Self::Json(elements)),
            Value::StoredList(elements) => Some(Self::Stored(elements)),
            _ => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Made(elements) => elements.len(),
            Self::Json(elements) | Self::Stored(elements) => elements.len(),
        }
    }

    /// An element. `place` is below the length.
    pub(super) fn at(&self, place: usize) -> Value<'a> {
        match self {
            Self::Made(elements) => elements[place].clone(),
            Self::Json(elements) | Self::Stored(elements) => Value::inner(&elements[place]),
        }
    }
}

/// A number, to be compared.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole(i128),
    Double(f64),
}

pub(super) fn number(value: &Value<'_>) -> Option<Number> {
    Some(match value {
        Value::Int(value) | Value::WeakInt(WeakInt::Small(value)) => Number::Whole((*value).into()),
        Value::Uint(value) => Number::Whole((*value).into()),
        Value::WeakInt(WeakInt::Large(digits)) => match digits.parse() {
            Ok(whole) => Number::Whole(whole),
            Err(_) => Number::Double(digits.parse().unwrap_or(f64::NAN)),
        },
        Value::Double(value) => Number::Double(*value),
        _ => return None,
    })
}

impl Number {
    #[expect(clippy::float_cmp, reason = "`==` of CEL is exact")]
    fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a == b,
            (Self::Double(a), Self::Double(b)) => a == b,
            (Self::Whole(whole), Self::Double(double)) | (Self::Double(double), Self::Whole(whole)) => {
                rounded(whole) == double
            }
        }
    }

    /// The order of numbers of any kind. NaN is the largest, and equal to itself.
    pub(super) fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Double(a), Self::Double(b)) => java_order(a, b),
            (Self::Whole(a), Self::Double(b)) => java_order(rounded(a), b),
            (Self::Double(a), Self::Whole(b)) => java_order(a, rounded(b)),
        }
    }
}

/// An int and a double compare as doubles.
#[expect(clippy::cast_precision_loss, reason = "the official server compares the rounded number")]
fn rounded(whole: i128) -> f64 {
    whole as f64
}

fn java_order(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Whether a variable or object reads null whatever the key.
pub(super) fn is_stored(value: &Value<'_>) -> bool {
    matches!(value, Value::StoredMap(StoredMap { .. }) | Value::StoredList(_))
}
