//! What is wrong with a schema file: every problem, with its place.

use std::fmt;

use crate::path::Path;

/// Everything that is wrong with a schema, in the order of the file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct SchemaErrors(Vec<SchemaProblem>);

/// One thing that is wrong with a schema: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaProblem {
    /// The value it is about.
    pub path: Path,
    /// The place in the file; `None` for a schema that was built in code.
    pub position: Option<Position>,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// A place in a text. Both count from one; a column is a character, not a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl SchemaErrors {
    /// Wraps problems; there must be at least one for the error to mean anything.
    pub(crate) fn new(problems: Vec<SchemaProblem>) -> Self {
        Self(problems)
    }

    /// The problems, in the order of the file.
    pub fn problems(&self) -> &[SchemaProblem] {
        &self.0
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

impl fmt::Display for SchemaProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        if !self.path.is_root() {
            write!(f, "at `{}`: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        assert_eq!(Position::of("ab\nüö\"x", 8), Position { line: 2, column: 4 });
        assert_eq!(Position::of("", 0), Position { line: 1, column: 1 });
    }
}
