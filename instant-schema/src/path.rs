//! The place of a value in a JSON document.

use std::fmt;

/// A path from the root of a JSON document. It prints as `entities.posts.attrs["a b"].valueType`.
///
/// ```
/// use instant_schema::Path;
///
/// let path = Path::of(["posts", "$", "where"]).key("author.handle").key("$in").index(0);
/// assert_eq!(path.to_string(), r#"posts.$.where["author.handle"].$in[0]"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Path(Vec<Segment>);

/// One segment of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Segment {
    /// A member of an object.
    Key(String),
    /// An element of an array, counted from zero.
    Index(usize),
}

impl Path {
    /// Returns the path of the root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Returns the path of the member `name` of the object at this path.
    pub fn key(&self, name: &str) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Key(name.to_owned()));
        path
    }

    /// Returns the path of the element `index` of the array at this path.
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.0.push(Segment::Index(index));
        path
    }

    /// Returns the path of nested members.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(|name| Segment::Key(name.to_owned())).collect())
    }

    /// Returns the segments, starting at the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Whether this is the path of the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(name) if is_plain(name) => {
                    write!(f, "{}{name}", if place == 0 { "" } else { "." })?;
                }
                Segment::Key(name) => write!(f, "[{name:?}]")?,
            }
        }
        Ok(())
    }
}

/// Whether a path prints a name without quotes.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_identifiers_are_printed_in_quotes() {
        let path = Path::of(["entities", "$users", "attrs"]).key("a b").key("").index(3).key("x.y");
        assert_eq!(path.to_string(), r#"entities.$users.attrs["a b"][""][3]["x.y"]"#);
    }
}
