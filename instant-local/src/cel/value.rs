//! The values of CEL.

use serde_json::Value as Json;

use super::failure::Failure;

/// The value of an expression. It may borrow from the program, the bindings and the host.
#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// JSON that is bound or answered by the host.
    Stored(&'a Json),
}

impl Value<'_> {
    /// Whether the value allows what the rule is about: all but `null` and `false` do.
    pub(crate) fn allows(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false) | Value::Stored(Json::Null | Json::Bool(false)))
    }

    /// The value as the check endpoints print it. Fails with [`Failure::Unsupported`] for a value without a JSON form
    /// (a type, bytes, ..).
    pub(crate) fn to_json(&self) -> Result<Json, Failure> {
        Ok(match self {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Stored(value) => (*value).clone(),
        })
    }
}
