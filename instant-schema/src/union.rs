//! Two schemas as one, where they agree.

use std::fmt;

use crate::model::{Attribute, Link, LinkSide, Schema};

/// A name that two schemas define differently.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two schemas define `{entity}.{label}` differently: as {ours}, and as {theirs}")]
#[non_exhaustive]
pub struct Conflict {
    /// The entity.
    pub entity: String,
    /// Its attribute or link.
    pub label: String,
    /// What it is in the first schema, in words.
    pub ours: String,
    /// What it is in the second.
    pub theirs: String,
}

impl Schema {
    /// Returns a schema with the entities, attributes, links and rooms of both.
    ///
    /// What both have must be the same: the type of an attribute, whether it is required, indexed and unique, both sides
    /// of a link. Metadata, the names that files give links, and rooms that both have are taken from `self`.
    ///
    /// # Errors
    /// The first name that the two define differently.
    ///
    /// ```
    /// use instant_schema::Schema;
    ///
    /// let posts = Schema::from_json(r#"{"entities":{"posts":{"attrs":{"views":{"valueType":"number"}}}}}"#)?;
    /// let tags = Schema::from_json(r#"{"entities":{"tags":{"attrs":{}}}}"#)?;
    /// assert_eq!(posts.union(&tags)?.entities.len(), 2);
    ///
    /// let other = Schema::from_json(r#"{"entities":{"posts":{"attrs":{"views":{"valueType":"string"}}}}}"#)?;
    /// assert_eq!(
    ///     posts.union(&other).unwrap_err().to_string(),
    ///     "two schemas define `posts.views` differently: as a number (optional), and as a string (optional)"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn union(&self, other: &Self) -> Result<Self, Conflict> {
        let mut all = self.clone();
        for (name, entity) in &other.entities {
            let known = all.entities.entry(name.clone()).or_default();
            for (label, attribute) in &entity.attributes {
                known.attributes.entry(label.clone()).or_insert_with(|| attribute.clone());
            }
        }
        for (name, link) in &other.links {
            if !self.links.values().any(|known| is_same(known, link)) {
                let mut name = name.clone();
                while all.links.contains_key(&name) {
                    name.push('_');
                }
                all.links.insert(name, link.clone());
            }
        }
        for (name, room) in &other.rooms {
            all.rooms.entry(name.clone()).or_insert_with(|| room.clone());
        }
        self.conflict(other).map_or(Ok(all), Err)
    }

    fn conflict(&self, other: &Self) -> Option<Conflict> {
        let attributes = other.entities.iter().flat_map(|(entity, definition)| {
            definition.attributes.keys().map(move |label| (entity.as_str(), label.as_str()))
        });
        let sides = other.links.values().flat_map(|link| [&link.forward, &link.reverse]);
        let links = sides.map(|side| (side.on.as_str(), side.label.as_str()));
        attributes.chain(links).find_map(|(entity, label)| {
            let (ours, theirs) = (self.definition(entity, label)?, other.definition(entity, label)?);
            (!ours.agrees(&theirs)).then(|| Conflict {
                entity: entity.to_owned(),
                label: label.to_owned(),
                ours: ours.to_string(),
                theirs: theirs.to_string(),
            })
        })
    }

    fn definition(&self, entity: &str, label: &str) -> Option<Definition<'_>> {
        let attribute = self.attribute(entity, label).map(Definition::Attribute);
        attribute.or_else(|| self.link(entity, label).map(|link| Definition::Link(link.link)))
    }
}

/// What a schema says about one name.
enum Definition<'a> {
    Attribute(&'a Attribute),
    Link(&'a Link),
}

impl Definition<'_> {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Attribute(one), Self::Attribute(two)) => {
                (one.value_type, one.required, one.indexed, one.unique)
                    == (two.value_type, two.required, two.indexed, two.unique)
            }
            (Self::Link(one), Self::Link(two)) => is_same(one, two),
            _ => false,
        }
    }
}

fn is_same(one: &Link, two: &Link) -> bool {
    let key = |side: &LinkSide| {
        (side.on.clone(), side.label.clone(), side.has, side.required == Some(true), side.cascade)
    };
    (key(&one.forward), key(&one.reverse)) == (key(&two.forward), key(&two.reverse))
}

impl fmt::Display for Definition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => {
                let required = if attribute.required { "required" } else { "optional" };
                write!(f, "a {} ({required}", attribute.value_type.name())?;
                for (is_on, word) in [(attribute.indexed, "indexed"), (attribute.unique, "unique")] {
                    if is_on {
                        write!(f, ", {word}")?;
                    }
                }
                f.write_str(")")
            }
            Self::Link(link) => {
                f.write_str("a link from ")?;
                fmt_side(&link.forward, f)?;
                f.write_str(" to ")?;
                fmt_side(&link.reverse, f)
            }
        }
    }
}

/// `posts.author (one, required)`.
fn fmt_side(side: &LinkSide, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}.{} (has {}", side.on, side.label, side.has.name())?;
    for (is_on, word) in [(side.required == Some(true), "required"), (side.cascade, "cascade")] {
        if is_on {
            write!(f, ", {word}")?;
        }
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(text: &str) -> Schema {
        Schema::from_json(text).unwrap()
    }

    fn linked(forward_has: &str, name: &str) -> Schema {
        schema(
            &r#"{"entities":{"posts":{"attrs":{}},"tags":{"attrs":{}}},"links":{"NAME":{
                "forward":{"on":"posts","has":"HAS","label":"tags"},
                "reverse":{"on":"tags","has":"many","label":"posts"}}}}"#
                .replace("NAME", name)
                .replace("HAS", forward_has),
        )
    }

    #[test]
    fn the_union_has_what_either_has() {
        let one = schema(r#"{"entities":{"posts":{"attrs":{"title":{"valueType":"string"}}}}}"#);
        let union = one.union(&linked("many", "x")).unwrap();
        assert_eq!(union.entities.keys().collect::<Vec<_>>(), ["posts", "tags"]);
        assert!(union.attribute("posts", "title").is_some() && union.link("tags", "posts").is_some());
        assert_eq!(one.union(&one).unwrap(), one);
    }

    #[test]
    fn a_link_is_known_by_its_ends_and_not_by_the_name_in_the_file() {
        assert_eq!(linked("many", "x").union(&linked("many", "y")).unwrap(), linked("many", "x"));
        let mut other = linked("many", "x");
        other.links["x"].forward.label = "labels".to_owned();
        other.links["x"].reverse.label = "articles".to_owned();
        assert_eq!(linked("many", "x").union(&other).unwrap().links.len(), 2);
    }

    #[test]
    fn a_link_that_two_schemas_define_differently_is_named_with_both_definitions() {
        assert_eq!(
            linked("many", "x").union(&linked("one", "x")).unwrap_err().to_string(),
            "two schemas define `posts.tags` differently: as a link from posts.tags (has many) to tags.posts (has \
             many), and as a link from posts.tags (has one) to tags.posts (has many)"
        );
        let attribute =
            schema(r#"{"entities":{"posts":{"attrs":{"tags":{"valueType":"json","required":true}}}}}"#);
        let conflict = attribute.union(&linked("many", "x")).unwrap_err();
        assert_eq!((&*conflict.entity, &*conflict.label), ("posts", "tags"));
        assert_eq!(conflict.ours, "a json (required)");
    }
}
