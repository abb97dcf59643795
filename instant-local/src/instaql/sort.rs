//! How the objects of one list are sorted.

use std::cmp::Ordering;

use serde_json::Value;

use crate::json::{self, Integer};
use crate::store::listed_date;

/// What an object is sorted by. Values of one kind compare with each other; kinds compare in this order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    Nothing,
    Bool(bool),
    /// The nearest double, and what it is exactly where that is a whole number.
    Number(f64, Option<Integer>),
    /// Microseconds since 2000 or milliseconds since the epoch.
    Instant(i64),
    Text(String),
    Other(String),
}

/// Sorts objects that are listed by their ids. Returns the index of the first, of the second, and so on. Equal keys are
/// ordered by id, in the same direction.
pub(super) fn order<'k>(keys: impl Iterator<Item = &'k Key>, descending: bool) -> Vec<usize> {
    let keys: Vec<&Key> = keys.collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|a, b| {
        let ascending = keys[*a].compare(keys[*b]).then_with(|| a.cmp(b));
        if descending { ascending.reverse() } else { ascending }
    });
    order
}

impl Key {
    pub fn of_time(created: Option<i64>) -> Self {
        created.map_or(Self::Nothing, Self::Instant)
    }

    pub fn of_value(value: &Value, is_date: bool) -> Self {
        match value {
            Value::Null => Self::Nothing,
            value if is_date => {
                listed_date(value).map_or(Self::Nothing, |moment| Self::Instant(moment.micros_since_2000()))
            }
            Value::Bool(value) => Self::Bool(*value),
            number if json::is_number(number) => {
                Self::Number(json::double(number).unwrap_or_default(), json::integer(number))
            }
            Value::Number(_) => Self::Nothing,
            Value::String(text) => Self::Text(text.clone()),
            other @ (Value::Array(_) | Value::Object(_)) => Self::Other(other.to_string()),
        }
    }

    /// Ascending. Strings compare by their UTF-16 code units.
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            // Doubles that are equal without being whole are one number.
            (Self::Number(a, exact), Self::Number(b, other)) => a.total_cmp(b).then_with(|| exact.cmp(other)),
            (Self::Instant(a), Self::Instant(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.encode_utf16().cmp(b.encode_utf16()),
            (Self::Other(a), Self::Other(b)) => a.cmp(b),
            (a, b) => a.kind().cmp(&b.kind()),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Bool(_) => 1,
            Self::Number(..) => 2,
            Self::Instant(_) => 3,
            Self::Text(_) => 4,
            Self::Other(_) => 5,
        }
    }
}
