//! The errors of a query.

use serde_json::{Value, json};

use crate::ApiError;

/// A path in a query: the keys that lead to a place.
pub(super) type At = Vec<Value>;

/// The path that `keys` lead to from `at`.
pub(super) fn below(at: &[Value], keys: &[&str]) -> At {
    at.iter().cloned().chain(keys.iter().map(|key| Value::from(*key))).collect()
}

/// The query that is checked. Its errors echo it.
#[derive(Clone, Copy)]
pub(super) struct Query<'q>(pub &'q Value);

impl Query<'_> {
    /// An error in the shape or meaning of the query. `expected` is the official server's name for the check.
    pub fn refuse(self, expected: &str, at: &[Value], message: impl Into<String>) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "message": message.into() });
        ApiError::validation("query", self.0.clone(), vec![error])
    }

    /// An error for which the official server has no message. `hint` says what to write instead.
    pub fn refuse_shape(self, expected: &str, at: &[Value], help: &str) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "hint": help });
        ApiError::validation("query", self.0.clone(), vec![error])
    }

    /// An error in the value of a condition. The official server reports it after all others.
    pub fn refuse_value(self, expected: &str, at: &[Value], help: &str) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "hint": help });
        ApiError::validation("coerced-query", self.0.clone(), vec![error])
    }

    /// An error in the operand of a condition. The official server writes `expected?` here.
    pub fn refuse_operand(self, expected: &str, at: &[Value], message: impl Into<String>) -> ApiError {
        let error = json!({ "expected?": expected, "in": at, "message": message.into() });
        ApiError::validation("query", self.0.clone(), vec![error])
    }
}
