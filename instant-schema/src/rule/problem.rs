//! What is wrong with a query, a step or a schema: one type for all, with the place and the rule.

use std::fmt;

use super::Rule;
use crate::path::Path;

/// One thing that is wrong with a query, a step of a transaction or a schema: where, by which rule, and what to
/// write instead.
///
/// ```
/// use instant_schema::{Rule, Schema, instaql};
/// use serde_json::json;
///
/// let schema = Schema::from_json(r#"{"entities": {"posts": {"attrs": {}}}}"#)?;
/// let problems = instaql::check(&schema, &json!({ "post": {} }));
/// assert_eq!(problems[0].rule, Rule::UnknownEntity);
/// assert_eq!(problems[0].place.to_string(), "post");
/// assert_eq!(
///     problems[0].to_string(),
///     "post: the schema has no entity `post`; did you mean `posts`?\nentities: `posts`"
/// );
/// # Ok::<(), instant_schema::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// The rule that is broken.
    pub rule: Rule,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Where a [`Problem`] is. It prints as messages begin: `posts.$.limit`, `step 0, update posts.title`,
/// ``line 1, column 58: at `entities.posts` ``.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Place {
    /// The caller knows the place, as `query!` knows the token.
    #[default]
    Unknown,
    /// A value in the JSON of a query or of one step.
    Json(Path),
    /// A step of a transaction.
    Step {
        /// The index of the step, from 0.
        index: usize,
        /// Its action and entity, with the label where the problem is about one: `update posts.title`.
        name: String,
    },
    /// A value in a schema.
    Schema {
        /// The value.
        path: Path,
        /// The line and column in the file; `None` for a schema that was built in code.
        position: Option<Position>,
    },
}

/// A place in a text. Both numbers count from one; a column is a character, not a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Everything that is wrong with a schema or with what was asked of it. There is at least one problem.
///
/// ```
/// let problems = instant_schema::Schema::from_json(r#"{"entities": {"": 5}}"#).unwrap_err();
/// let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
/// assert_eq!(problems.to_string(), lines.join("\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problem {
    /// A problem whose place the caller knows.
    pub(crate) fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self { place: Place::Unknown, rule, message: message.into() }
    }

    /// The same problem, at a value of a JSON document.
    pub(crate) fn at(self, path: &Path) -> Self {
        Self { place: Place::Json(path.clone()), ..self }
    }
}

impl Place {
    /// The line and column, where the problem is in a schema file.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Schema { position, .. } => *position,
            Self::Unknown | Self::Json(_) | Self::Step { .. } => None,
        }
    }

    /// The path of the value, where the problem is in a JSON document.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Json(path) | Self::Schema { path, .. } => Some(path),
            Self::Unknown | Self::Step { .. } => None,
        }
    }
}

impl Position {
    /// The place of a byte of `text`.
    pub(crate) fn of(text: &str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1,
        }
    }
}

impl Problems {
    /// The problems as an error, if there are any.
    pub(crate) fn check(problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The problems: those of a schema file in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Json(path) => path.fmt(f),
            Self::Step { index, name } => write!(f, "step {index}, {name}"),
            Self::Schema { path, position } => {
                if let Some(Position { line, column }) = position {
                    write!(f, "line {line}, column {column}")?;
                    f.write_str(if path.is_root() { "" } else { ": " })?;
                }
                if path.is_root() { Ok(()) } else { write!(f, "at `{path}`") }
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.to_string() {
            place if place.is_empty() => f.write_str(&self.message),
            place => write!(f, "{place}: {}", self.message),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(Position::of("ab\nüö\"x", 8), Position { line: 2, column: 4 });
        assert_eq!(Position::of("", 0), Position { line: 1, column: 1 });
    }
}
