//! The errors of a query.

use serde_json::{Value, json};

use crate::ApiError;

/// Where in a query something is: the keys that lead there.
pub(super) type At = Vec<Value>;

/// The path that `keys` lead to from `at`.
pub(super) fn below(at: &[Value], keys: &[&str]) -> At {
    at.iter().cloned().chain(keys.iter().map(|key| Value::from(*key))).collect()
}

/// What is being checked, to be echoed in its errors.
#[derive(Clone, Copy)]
pub(super) struct Query<'q>(pub &'q Value);

impl Query<'_> {
    /// An error of the query's shape or meaning. `expected` is the server's name of what is missing.
    pub fn refuse(self, expected: &str, at: &[Value], message: impl Into<String>) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "message": message.into() });
        ApiError::validation("query", self.0.clone(), vec![error])
    }

    /// An error for which the server has no sentence. What to write instead goes into `hint`.
    pub fn refuse_shape(self, expected: &str, at: &[Value], help: &str) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "hint": help });
        ApiError::validation("query", self.0.clone(), vec![error])
    }

    /// An error in the value of a condition, which the server reports after all others.
    pub fn refuse_value(self, expected: &str, at: &[Value], help: &str) -> ApiError {
        let error = json!({ "expected": expected, "in": at, "hint": help });
        ApiError::validation("coerced-query", self.0.clone(), vec![error])
    }

    /// An error in what a condition compares. The server writes `expected?` here.
    pub fn refuse_operand(self, expected: &str, at: &[Value], message: impl Into<String>) -> ApiError {
        let error = json!({ "expected?": expected, "in": at, "message": message.into() });
        ApiError::validation("query", self.0.clone(), vec![error])
    }
}
