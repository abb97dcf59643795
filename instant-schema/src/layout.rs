//! The order in which a file has the members of an object, so that it can be written back unchanged.

use serde_json::{Map, Value};

/// The members of an object as a file has them: their order, and the members that this crate does not know.
///
/// A schema built in code has the default, and is written in the official order. Two schemas that differ only in
/// their layouts mean the same, so all layouts are equal.
#[derive(Debug, Clone, Default)]
pub struct Layout(Map<String, Value>);

impl PartialEq for Layout {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Layout {
    /// Remembers the order of an object's members, unless it is the usual one (`is_usual`).
    pub(crate) fn of(members: Map<String, Value>, is_usual: bool) -> Self {
        Self(if is_usual { Map::new() } else { members })
    }

    /// Returns the index of a member in the file; a member that the file does not have comes last.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.0.keys().position(|member| member == name).unwrap_or(usize::MAX)
    }

    /// Returns the members of an object in the order of the file. `known` are the members of the schema in their usual
    /// order; a member with `None` is not in the schema.
    pub(crate) fn write(&self, known: Vec<(&str, Option<Value>)>) -> Map<String, Value> {
        let mut written = Map::new();
        for (name, as_read) in &self.0 {
            match known.iter().find(|(known, _)| known == name) {
                None => written.insert(name.clone(), as_read.clone()),
                Some((_, Some(value))) => written.insert(name.clone(), value.clone()),
                // An explicit null means the same as a missing member.
                Some((_, None)) if as_read.is_null() => written.insert(name.clone(), Value::Null),
                Some((_, None)) => None,
            };
        }
        for (name, value) in known {
            if let Some(value) = value
                && !written.contains_key(name)
            {
                written.insert(name.to_owned(), value);
            }
        }
        written
    }
}
