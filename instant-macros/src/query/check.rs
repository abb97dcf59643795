//! Checking what was read by the rules of the schema: every mistake is reported, and what is right goes on.

mod checker;
mod condition;
mod form;
mod options;
mod value;

pub(crate) use checker::Checker;
pub(crate) use form::{FormPlace, form_body, query};
