//! How a file lays out an object, so that it can be written back as it was.

use serde_json::{Map, Value};

/// The members of an object as a file has them: their order, and those this crate does not know.
///
/// A schema built in code leaves this at its default and is written in the official order. Two schemas
/// that differ only here mean the same, so layouts always compare equal.
#[derive(Debug, Clone, Default)]
pub struct Layout(Map<String, Value>);

impl PartialEq for Layout {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Layout {
    /// Remembers an object, unless `is_usual` says that it is written alike without.
    pub(crate) fn of(members: Map<String, Value>, is_usual: bool) -> Self {
        Self(if is_usual { Map::new() } else { members })
    }

    /// The place of a member in the file; members that it does not have come last.
    pub(crate) fn place(&self, name: &str) -> usize {
        self.0.keys().position(|member| member == name).unwrap_or(usize::MAX)
    }

    /// The members of an object whose `known` ones come from the schema, in their usual order; `None` is
    /// a member that the schema does not have.
    pub(crate) fn write(&self, known: Vec<(&str, Option<Value>)>) -> Map<String, Value> {
        let mut written = Map::new();
        for (name, as_read) in &self.0 {
            match known.iter().find(|(known, _)| known == name) {
                None => written.insert(name.clone(), as_read.clone()),
                Some((_, Some(value))) => written.insert(name.clone(), value.clone()),
                // An explicit null means what leaving the member out means.
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
