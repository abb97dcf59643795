//! The shape of a query: JSON becomes forms with their options and conditions.

mod condition;
mod form;

use serde_json::{Map, Value};

use super::problem::{At, Query};
use crate::ApiError;

pub(super) use condition::{Condition, PathTest, Test};
pub(super) use form::{Cursor, Form, Order, Size};

/// Reads the forms of a query.
///
/// Fails with the first error in the server's order; an error in the value of a condition comes after all others.
pub(super) fn parse(query: &Value) -> Result<Vec<Form>, ApiError> {
    let mut parser = Parser { query: Query(query), late: None };
    let forms = form::roots(&mut parser, query)?;
    match parser.late {
        Some(error) => Err(error),
        None => Ok(forms),
    }
}

/// The query that is read, and the error that waits for all others.
struct Parser<'q> {
    query: Query<'q>,
    /// The first error in the value of a condition.
    late: Option<ApiError>,
}

impl Parser<'_> {
    /// Keeps an error that all others precede.
    fn report_late(&mut self, error: ApiError) {
        self.late.get_or_insert(error);
    }

    /// Returns the members of an object; `help` says what to write where the value is something else.
    fn object<'v>(&self, value: &'v Value, at: &At, help: &str) -> Result<&'v Map<String, Value>, ApiError> {
        value.as_object().ok_or_else(|| self.query.refuse_shape("map?", at, help))
    }
}
