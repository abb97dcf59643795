//! JSON as the store and the wire have it: numbers as PostgreSQL's `numeric` keeps them, text as the official server
//! prints it.
//!
//! Numbers are read by the official server's rules, so that what was sent and what comes back are the same number. One
//! without a point and an exponent is an integer of any size. Any other is a double; one that is whole and has eight
//! digits or more is stored and sent as an integer.
//!
//! A `serde_json::Value` holds integers of 64 bits. A larger one is carried in it as a text: a NUL and the digits. No
//! text that was sent can be taken for one, as [`read`] puts another NUL before a NUL that begins a text.

mod number;
mod read;
mod size;
mod text;

use serde_json::Value;

pub(crate) use number::{Integer, double, integer, print_java as java_double};
#[cfg(test)]
pub(crate) use read::DEPTH;
pub(crate) use read::{JsonError, read};
pub(crate) use size::size;
pub(crate) use text::{message, plain_text, postgres, text, write};

/// The name of a value's type in messages.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        value if is_number(value) => "number",
        Value::String(_) | Value::Number(_) => "string",
    }
}

/// Whether a value is a number, of any size.
pub(crate) fn is_number(value: &Value) -> bool {
    value.is_number() || number::large(value).is_some()
}

/// Whether a value is a text.
pub(crate) fn is_text(value: &Value) -> bool {
    value.is_string() && number::large(value).is_none()
}

#[cfg(test)]
mod tests;
