//! InstaQL: from a query to SQL, from rows to the tree of objects.

mod count;
mod cursor;
mod filter;
mod object;
mod parse;
mod plan;
mod problem;
mod resolve;
mod run;
mod select;
mod sort;
mod source;
mod sql;
mod stretch;
#[cfg(test)]
mod tests;
mod tree;
mod visible;
mod walk;

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::ApiError;
use crate::store::StoredAttr;

pub use run::run;

/// How a query is to be run.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Whether a link that leads to at most one entity gives an object or null instead of a list.
    pub inference: bool,
    /// What the asker may see.
    pub access: Access<'a>,
    /// Makes the `url` of files; without it they have none.
    pub file_url: Option<&'a FileUrl<'a>>,
}

/// Makes the `url` of a `$files` record from all of its stored members.
pub type FileUrl<'a> = dyn Fn(&Map<String, Value>) -> Option<String> + 'a;

impl Options<'_> {
    /// As an administrator of the app, without inference.
    pub fn admin() -> Self {
        Self { inference: false, access: Access::Admin, file_url: None }
    }
}

/// What the asker may see.
#[derive(Clone, Copy)]
pub enum Access<'a> {
    /// Everything.
    Admin,
    /// Only what the view lets through.
    Scoped(&'a dyn View),
}

/// Decides what a scoped asker sees: entities, and single values of theirs. It is asked once about each.
pub trait View {
    /// Whether any entity of this type may be hidden.
    fn judges(&self, etype: &str) -> bool;

    /// Which of these entities may be seen, in their order.
    fn entities(&self, etype: &str, ids: &[Uuid]) -> Result<Vec<bool>, ApiError>;

    /// Whether the value of this attribute, or a link that it owns, may be hidden of any entity.
    fn judges_values(&self, attr: &StoredAttr) -> bool;

    /// Of which of these entities, which all have the attribute, its value may be seen; in their order.
    fn values(&self, attr: &StoredAttr, ids: &[Uuid]) -> Result<Vec<bool>, ApiError>;
}

/// The result of a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// A list of objects for each entity type of the query, as the text of one JSON object.
    pub tree: String,
    /// For each entity type with a page or an order: its cursors, and whether there are more rows.
    pub page_info: Map<String, Value>,
    /// For each entity type that was counted: `{"count": n}`.
    pub aggregate: Map<String, Value>,
}
