//! What is wrong with the JSON of a tx-step, and where.

use serde_json::{Value, json};

/// Why a step cannot be read: what was expected, a sentence, or both, and the place in the step.
#[derive(Debug, PartialEq)]
pub(crate) struct BadStep {
    /// An `{expected}` or a `{message}`, as in the `errors` of a hint.
    pub(super) error: Value,
    /// The indexes and keys that lead there from the step.
    pub(super) place: Vec<Value>,
}

impl BadStep {
    /// The entry for the `errors` of a hint. `before` leads to the step.
    pub(crate) fn into_error(self, before: &[Value]) -> Value {
        let mut error = self.error;
        error["in"] = before.iter().cloned().chain(self.place).collect();
        error
    }

    pub(super) fn expected(what: impl Into<Value>, place: &[Value]) -> Self {
        Self { error: json!({ "expected": what.into() }), place: place.to_vec() }
    }

    /// The same mistake, in words.
    pub(super) fn saying(mut self, message: &str) -> Self {
        self.error["message"] = json!(message);
        self
    }

    pub(super) fn said(message: &str, place: &[Value]) -> Self {
        Self { error: json!({ "message": message }), place: place.to_vec() }
    }
}
