//! The schema model: entities with their attributes, links between entities, and rooms.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::layout::Layout;
use crate::value_type::ValueType;

/// A whole schema, in the order in which its file lists things.
///
/// Read one from its file with [`Schema::from_json`], or build one in code and [check](Schema::check) it:
///
/// ```
/// use instant_schema::{Attribute, Entity, Schema, ValueType};
///
/// let mut title = Attribute::new(ValueType::String);
/// title.indexed = true;
/// let mut posts = Entity::default();
/// posts.attributes.insert("title".to_owned(), title);
/// let mut schema = Schema::default();
/// schema.entities.insert("posts".to_owned(), posts);
/// assert_eq!(schema.check(), Ok(()));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Schema {
    /// Entities by name, `$users` and the other system entities included where the file lists them.
    pub entities: IndexMap<String, Entity>,
    /// Links by the name the file gives them. The server never sees that name.
    pub links: IndexMap<String, Link>,
    /// Rooms by type.
    pub rooms: IndexMap<String, Room>,
}

/// An entity (also called namespace or entity type), with its attributes. Every entity has an `id`, which is not among
/// them.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Entity {
    /// Attributes by label.
    pub attributes: IndexMap<String, Attribute>,
    /// Their order in the file, where the file also lists `id`.
    pub layout: Layout,
    /// The order of the links that the file repeats for the entity.
    pub link_order: Layout,
}

/// An attribute of an entity.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attribute {
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether every entity must have a value that is not null.
    pub required: bool,
    /// Whether the server keeps an index: needed for comparisons, `$like` and `order`.
    pub indexed: bool,
    /// Whether no two entities may have the same value: needed for lookups.
    pub unique: bool,
    /// The `metadata` of the file, unchanged.
    pub metadata: Map<String, Value>,
}

/// How many entities a link leads to from one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Has {
    /// At most one.
    One,
    /// Any number.
    Many,
}

/// A link between two entities, with both of its sides.
///
/// ```
/// use instant_schema::{Has, Link, LinkSide};
///
/// let mut author = LinkSide::new("posts", Has::One, "author");
/// author.required = Some(true);
/// let link = Link::new(author, LinkSide::new("users", Has::Many, "posts"));
/// assert_eq!(link.reverse.label, "posts");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The side that owns the link.
    pub forward: LinkSide,
    /// The side that the link points to.
    pub reverse: LinkSide,
    /// The order of its members in the file.
    pub layout: Layout,
}

/// One side of a link.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LinkSide {
    /// The entity of this side.
    pub on: String,
    /// How many entities of the other side it leads to.
    pub has: Has,
    /// The link's name on this entity.
    pub label: String,
    /// Whether an entity of this side must have the link. The server enforces this on forward sides only; typed steps
    /// ask for the link on either side.
    pub required: Option<bool>,
    /// Whether an entity of this side is deleted with the entity that it links to.
    pub cascade: bool,
    /// The order of its members in the file.
    pub layout: Layout,
}

/// A room type: the presence of its peers, and the topics on which they publish.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Room {
    /// The shape of a peer's presence.
    pub presence: Entity,
    /// The shape of each topic's messages, if the file lists any; `None` where it has no `topics` key.
    pub topics: Option<IndexMap<String, Entity>>,
    /// The order of its members in the file.
    pub layout: Layout,
}

/// A side of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The side that owns the link.
    Forward,
    /// The side that the link points to.
    Reverse,
}

/// A link as one entity sees it.
///
/// ```
/// use instant_schema::{Has, Schema};
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {}}, "tags": {"attrs": {}}},
///         "links": {"l": {"forward": {"on": "posts", "has": "many", "label": "tags"},
///                         "reverse": {"on": "tags", "has": "one", "label": "post"}}}}"#,
/// )?;
/// let post = schema.link("tags", "post").unwrap();
/// assert_eq!((post.target(), post.has(), post.is_required()), ("posts", Has::One, false));
/// # Ok::<(), instant_schema::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct LinkRef<'a> {
    /// The name the file gives the link.
    pub name: &'a str,
    /// The link itself.
    pub link: &'a Link,
    /// The side of this entity.
    pub direction: Direction,
}

impl Schema {
    /// Returns the entity with this name.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.get(name)
    }

    /// Returns the attribute `label` of `entity`; `None` for `id`, which is not listed.
    pub fn attribute(&self, entity: &str, label: &str) -> Option<&Attribute> {
        self.entity(entity)?.attributes.get(label)
    }

    /// Returns the link `label` of `entity`, looking at forward sides first.
    pub fn link(&self, entity: &str, label: &str) -> Option<LinkRef<'_>> {
        self.links_of(entity).find(|link| link.label() == label)
    }

    /// Returns all links of `entity`: forward sides in the order of the file, then reverse sides.
    pub fn links_of(&self, entity: &str) -> impl Iterator<Item = LinkRef<'_>> {
        let sides = [Direction::Forward, Direction::Reverse];
        sides.into_iter().flat_map(move |direction| {
            self.links
                .iter()
                .map(move |(name, link)| LinkRef { name, link, direction })
                .filter(move |link| link.near().on == entity)
        })
    }
}

impl<'a> LinkRef<'a> {
    /// Returns the side of this entity.
    pub fn near(&self) -> &'a LinkSide {
        match self.direction {
            Direction::Forward => &self.link.forward,
            Direction::Reverse => &self.link.reverse,
        }
    }

    /// Returns the other side.
    pub fn far(&self) -> &'a LinkSide {
        match self.direction {
            Direction::Forward => &self.link.reverse,
            Direction::Reverse => &self.link.forward,
        }
    }

    /// Returns the name of the link on this entity.
    pub fn label(&self) -> &'a str {
        &self.near().label
    }

    /// Returns the entity that the link leads to.
    pub fn target(&self) -> &'a str {
        &self.far().on
    }

    /// Returns how many entities the link leads to.
    pub fn has(&self) -> Has {
        self.near().has
    }

    /// Whether this entity must have the link. The server enforces this on forward sides only.
    pub fn is_required(&self) -> bool {
        self.near().required == Some(true)
    }
}

impl Has {
    /// Returns the spelling in `instant.schema.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
        }
    }
}

impl Attribute {
    /// Returns a required attribute of this type, neither indexed nor unique.
    pub fn new(value_type: ValueType) -> Self {
        Self { value_type, required: true, indexed: false, unique: false, metadata: Map::new() }
    }
}

impl LinkSide {
    /// Returns a side that is not required and does not cascade.
    pub fn new(on: impl Into<String>, has: Has, label: impl Into<String>) -> Self {
        let (on, label) = (on.into(), label.into());
        Self { on, has, label, required: None, cascade: false, layout: Layout::default() }
    }
}

impl Link {
    /// Returns a link between two sides.
    pub fn new(forward: LinkSide, reverse: LinkSide) -> Self {
        Self { forward, reverse, layout: Layout::default() }
    }
}
