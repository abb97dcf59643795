//! The direction of an order, and the fields that the server needs to order by.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SERVER_CREATED_AT;
use crate::option::OptionKey;
use crate::rule;

/// The direction of an order. It parses, prints and serialises as `asc` and `desc`.
///
/// ```
/// use instant_schema::instaql::Direction;
///
/// let direction: Direction = "desc".parse().unwrap();
/// assert_eq!(direction, Direction::Desc);
/// assert_eq!(direction.reversed().to_string(), "asc");
/// assert_eq!(
///     "down".parse::<Direction>().unwrap_err().to_string(),
///     "`down` is not a direction: write `asc` or `desc`"
/// );
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Smallest or oldest first; null and missing values before all others.
    #[default]
    Asc,
    /// Greatest or newest first; null and missing values after all others.
    Desc,
}

/// The error of a text that is not a [`Direction`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseDirectionError {
    given: String,
}

impl Direction {
    /// Returns the spelling in a query.
    pub fn name(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }

    /// Returns the direction with this spelling.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Asc, Self::Desc].into_iter().find(|direction| direction.name() == name)
    }

    /// Returns the other direction.
    pub fn reversed(self) -> Self {
        match self {
            Self::Asc => Self::Desc,
            Self::Desc => Self::Asc,
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Direction {
    type Err = ParseDirectionError;

    fn from_str(text: &str) -> Result<Self, ParseDirectionError> {
        Self::from_name(text).ok_or_else(|| ParseDirectionError { given: text.chars().take(64).collect() })
    }
}

impl fmt::Display for ParseDirectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rule::order_direction(&self.given).message)
    }
}

impl std::error::Error for ParseDirectionError {}

/// Adds the attribute of `order` to `fields`, where the options have both.
///
/// The server sorts the rows once more by the values in its answer: without the attribute they would come in the order
/// of their ids. Whoever reads the answer has to ignore the field.
///
/// ```
/// use instant_schema::instaql::ask_for_order;
/// use serde_json::json;
///
/// let mut options = json!({ "order": { "views": "desc" }, "fields": ["title"] });
/// ask_for_order(options.as_object_mut().unwrap());
/// assert_eq!(options["fields"], json!(["title", "views"]));
/// ```
pub fn ask_for_order(options: &mut Map<String, Value>) {
    let orders = options.get(OptionKey::Order.name()).and_then(Value::as_object);
    let by = orders.and_then(|order| order.keys().next()).filter(|by| *by != SERVER_CREATED_AT).cloned();
    let fields = options.get_mut(OptionKey::Fields.name()).and_then(Value::as_array_mut);
    if let (Some(by), Some(fields)) = (by, fields)
        && !fields.iter().any(|field| *field == by)
    {
        fields.push(Value::String(by));
    }
}
