//! The types of values: the one table of their names, and which of them the server checks.

use serde::{Deserialize, Serialize};

/// The type of an attribute's values.
///
/// Code that depends on the type matches all of them, so that a new one cannot be forgotten.
///
/// ```
/// use instant_schema::{CheckedType, ValueType};
///
/// assert_eq!(ValueType::from_name("date"), Some(ValueType::Date));
/// assert_eq!(ValueType::Date.checked(), Some(CheckedType::Date));
/// assert_eq!(ValueType::Json.checked(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An ISO string or milliseconds since the epoch.
    Date,
    /// Any JSON value; the server does not check it.
    Json,
}

/// A type that the server enforces when a value is written. In attribute records it is `checked-data-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckedType {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An ISO string or milliseconds since the epoch.
    Date,
}

impl ValueType {
    /// All value types, in the order in which messages list them.
    pub const ALL: [Self; 5] = [Self::String, Self::Number, Self::Boolean, Self::Date, Self::Json];

    /// Returns the type with this spelling in `instant.schema.json`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|value_type| value_type.name() == name)
    }

    /// Returns the spelling in `instant.schema.json`.
    pub fn name(self) -> &'static str {
        self.checked().map_or("json", CheckedType::name)
    }

    /// Returns the values of the type in the plural, for messages: "strings".
    pub fn plural(self) -> &'static str {
        match self {
            Self::String => "strings",
            Self::Number => "numbers",
            Self::Boolean => "booleans",
            Self::Date => "dates",
            Self::Json => "json",
        }
    }

    /// Returns the type that the server enforces; `None` where it does not check values.
    pub fn checked(self) -> Option<CheckedType> {
        match self {
            Self::String => Some(CheckedType::String),
            Self::Number => Some(CheckedType::Number),
            Self::Boolean => Some(CheckedType::Boolean),
            Self::Date => Some(CheckedType::Date),
            Self::Json => None,
        }
    }
}

impl CheckedType {
    /// All checked types, in the order in which messages list them.
    pub const ALL: [Self; 4] = [Self::String, Self::Number, Self::Boolean, Self::Date];

    /// Returns the type with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|checked| checked.name() == name)
    }

    /// Returns the spelling in attribute records and in schemas.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Date => "date",
        }
    }
}
