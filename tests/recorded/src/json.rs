//! JSON whose numbers keep their text: `1` stays apart from `1.0`, and 2^53 + 1 stays what it is.
//!
//! `serde_json` has a feature for it, but that would change the numbers of every crate of the workspace.

mod number;
mod read;
mod write;

pub use number::Number;
pub use read::read;

use indexmap::IndexMap;

/// The members of an object, in their order.
pub type Object = IndexMap<String, Json>;

/// A value. Two are equal if no client could tell them apart: objects have no order.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

impl Json {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    pub fn as_list(&self) -> Option<&[Json]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The member of an object. Nothing else has members.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// How many lists and objects are inside each other, not counting empty ones.
    pub fn depth(&self) -> usize {
        let deepest = match self {
            Self::List(items) => items.iter().map(Self::depth).max(),
            Self::Object(members) => members.values().map(Self::depth).max(),
            _ => None,
        };
        deepest.map_or(0, |depth| depth + 1)
    }

    /// The text of a text, else the value as JSON.
    pub fn plain(&self) -> String {
        self.as_text().map_or_else(|| self.to_string(), str::to_owned)
    }
}
