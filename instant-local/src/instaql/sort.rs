//! How the objects of one list are sorted.

use std::cmp::Ordering;

use instant_schema::CheckedType;
use instant_schema::instaql::SERVER_CREATED_AT;
use serde_json::Value;
use uuid::Uuid;

use super::object::Object;
use super::parse::Order;
use crate::store::{AttrCatalog, date_micros};

/// Where an object stands: by the value it is ordered by, then by its id.
#[derive(Debug, Clone)]
pub(super) struct Rank {
    key: Key,
    id: Uuid,
}

/// Values of one kind compare among themselves; kinds compare in this order.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Nothing,
    Bool(bool),
    Number(f64),
    /// Microseconds or milliseconds since the epoch, whole.
    Instant(i64),
    Text(String),
    Other(String),
}

/// The rank of an object under an order: by its attribute's value as the object shows it, or by creation.
pub(super) fn rank(
    catalog: &AttrCatalog,
    entity: &str,
    order: Option<&Order>,
    id: Uuid,
    object: &Object,
) -> Rank {
    let key = match order.filter(|order| order.label != SERVER_CREATED_AT) {
        None => object.created.map_or(Key::Nothing, Key::Instant),
        Some(order) => {
            let is_date = catalog
                .forward(entity, &order.label)
                .is_some_and(|stored| stored.checked_type() == Some(CheckedType::Date));
            match object.record.get(&order.label) {
                None | Some(Value::Null) => Key::Nothing,
                Some(value) if is_date => date_micros(value).map_or(Key::Nothing, Key::Instant),
                Some(Value::Bool(value)) => Key::Bool(*value),
                Some(Value::Number(number)) => Key::Number(number.as_f64().unwrap_or(f64::MAX)),
                Some(Value::String(text)) => Key::Text(text.clone()),
                Some(other) => Key::Other(other.to_string()),
            }
        }
    };
    Rank { key, id }
}

impl Rank {
    /// Ascending; strings by their UTF-16 code units.
    pub fn compare(&self, other: &Self) -> Ordering {
        let keys = match (&self.key, &other.key) {
            (Key::Bool(a), Key::Bool(b)) => a.cmp(b),
            (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
            (Key::Instant(a), Key::Instant(b)) => a.cmp(b),
            (Key::Text(a), Key::Text(b)) => a.encode_utf16().cmp(b.encode_utf16()),
            (Key::Other(a), Key::Other(b)) => a.cmp(b),
            (a, b) => a.kind().cmp(&b.kind()),
        };
        keys.then_with(|| self.id.cmp(&other.id))
    }
}

impl Key {
    fn kind(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::Instant(_) => 3,
            Self::Text(_) => 4,
            Self::Other(_) => 5,
        }
    }
}
