//! Checking a JSON query against a schema.

use std::fmt;

use serde_json::Value;

use super::Rule;
use super::read::Reader;
use crate::model::Schema;
use crate::path::Path;

/// A broken rule in a JSON query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The value it is about, as `posts.$.where["author.handle"].$in[0]`.
    pub path: Path,
    /// Which rule.
    pub rule: Rule,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with a query, by the rules that `query!` has at compile time: unknown names,
/// values of wrong types, operators on attributes that lack what they need, options in wrong places.
///
/// ```
/// use instant_schema::{Schema, instaql};
/// use serde_json::json;
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string"}}}}}"#,
/// )?;
/// let problems = instaql::check(&schema, &json!({ "posts": { "$": { "where": { "titel": "Hi" } } } }));
/// assert_eq!(
///     problems[0].to_string(),
///     "posts.$.where.titel: `posts` has no attribute or link `titel`; did you mean `title`?\n\
///      attributes: `id`, `title`\nlinks: none"
/// );
/// # Ok::<(), instant_schema::SchemaErrors>(())
/// ```
pub fn check(schema: &Schema, query: &Value) -> Vec<Problem> {
    let mut reader = Reader::new(Some(schema));
    reader.query(query);
    reader.problems
}
