//! Places in JSON values, and patterns of them: `$.users[0].id`, `$["a b"]`, `[*]`, `.*` and `..key` (at any depth).

use std::fmt::{self, Display, Formatter};

use crate::json::Json;

/// A step down: the name of a member, or the index of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key<'a> {
    Name(&'a str),
    Index(usize),
}

/// The steps down from the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place<'a>(Vec<Key<'a>>);

impl<'a> Place<'a> {
    pub fn inside<T>(&mut self, key: Key<'a>, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(key);
        let found = walk(self);
        self.0.pop();
        found
    }

    pub fn keys(&self) -> &[Key<'a>] {
        &self.0
    }

    /// The name of the member that this is, if it is one.
    pub fn name(&self) -> Option<&'a str> {
        if let Some(Key::Name(name)) = self.0.last() { Some(name) } else { None }
    }
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.0.iter().try_for_each(|key| match key {
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) if !name.is_empty() && name.chars().all(is_plain) => write!(f, ".{name}"),
            Key::Name(name) => write!(f, "[\"{name}\"]"),
        })
    }
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "_$?-".contains(c)
}

/// A pattern of places, or a path: a pattern that fits one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    Index(usize),
    Any,
    /// Any number of steps.
    Deep,
}

impl Pattern {
    pub fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("not a path: {text}");
        let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let mut parts = Vec::new();
        while !rest.is_empty() {
            rest = if let Some(named) = rest.strip_prefix('.') {
                let deep = named.strip_prefix('.');
                parts.extend(deep.map(|_| Part::Deep));
                let named = deep.unwrap_or(named);
                let (name, rest) = named.split_at(named.find(['.', '[', ']']).unwrap_or(named.len()));
                parts.push(match name {
                    "" => return Err(wrong()),
                    "*" => Part::Any,
                    _ => Part::Name(name.to_owned()),
                });
                rest
            } else if let Some(quoted) = rest.strip_prefix("[\"") {
                let (name, rest) = quoted.split_once("\"]").ok_or_else(wrong)?;
                parts.push(Part::Name(name.to_owned()));
                rest
            } else {
                let (index, rest) =
                    rest.strip_prefix('[').and_then(|at| at.split_once(']')).ok_or_else(wrong)?;
                let index = if index == "*" { None } else { Some(index.parse().map_err(|_| wrong())?) };
                parts.push(index.map_or(Part::Any, Part::Index));
                rest
            };
        }
        Ok(Self(parts))
    }

    pub fn fits(&self, place: &Place<'_>) -> bool {
        fits(&self.0, &place.0)
    }

    /// The value at a path.
    pub fn of<'j>(&self, value: &'j Json) -> Option<&'j Json> {
        self.0.iter().try_fold(value, |value, part| match part {
            Part::Name(name) => value.get(name),
            Part::Index(index) => value.as_list()?.get(*index),
            Part::Any | Part::Deep => None,
        })
    }

    /// All values at places that fit.
    pub fn all<'j>(&self, value: &'j Json) -> Vec<&'j Json> {
        let mut found = Vec::new();
        self.collect(value, &mut Place::default(), &mut found);
        found
    }

    fn collect<'j>(&self, value: &'j Json, place: &mut Place<'j>, found: &mut Vec<&'j Json>) {
        if self.fits(place) {
            found.push(value);
        }
        match value {
            Json::Object(members) => {
                for (key, value) in members {
                    place.inside(Key::Name(key), |place| self.collect(value, place, found));
                }
            }
            Json::List(items) => {
                for (n, value) in items.iter().enumerate() {
                    place.inside(Key::Index(n), |place| self.collect(value, place, found));
                }
            }
            _ => {}
        }
    }
}

fn fits(parts: &[Part], place: &[Key<'_>]) -> bool {
    let Some((part, parts)) = parts.split_first() else { return place.is_empty() };
    if *part == Part::Deep {
        return (0..place.len()).any(|skipped| fits(parts, &place[skipped..]));
    }
    let Some((key, place)) = place.split_first() else { return false };
    let here = match (part, key) {
        (Part::Any, _) => true,
        (Part::Name(name), Key::Name(key)) => name == key,
        (Part::Index(index), Key::Index(key)) => index == key,
        _ => false,
    };
    here && fits(parts, place)
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::json::{Json, read};

    fn found(pattern: &str, json: &str) -> String {
        let json = read(json.as_bytes()).unwrap();
        Json::List(Pattern::read(pattern).unwrap().all(&json).into_iter().cloned().collect()).to_string()
    }

    #[test]
    fn patterns_find_values_at_any_depth() {
        let json = r#"{"a":[{"id":1,"b c":2},{"id":3}],"id":4}"#;
        assert_eq!(found("$.a[0].id", json), "[1]");
        assert_eq!(found("$.a[*].id", json), "[1,3]");
        assert_eq!(found("$..id", json), "[1,3,4]");
        assert_eq!(found("$.a[*].*", json), "[1,2,3]");
        assert_eq!(found("$.a[*][\"b c\"]", json), "[2]");
        assert_eq!(found("$", "5"), "[5]");
    }

    #[test]
    fn a_path_that_is_none_is_refused() {
        for text in ["", "a", "$.", "$[", "$[x]", "$a", "$[\"a]"] {
            assert!(Pattern::read(text).is_err(), "{text}");
        }
    }
}
