//! The schema model: entities with their attributes, links between entities, and rooms.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::layout::Layout;
use crate::value_type::ValueType;

/// A whole schema, in the order in which its file lists things.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// Entities by name, `$users` and the other system entities included where the file lists them.
    pub entities: IndexMap<String, Entity>,
    /// Links by the name the file gives them. The server never sees that name.
    pub links: IndexMap<String, Link>,
    /// Rooms by type.
    pub rooms: IndexMap<String, Room>,
}

/// An entity (also: namespace, entity type): what its attributes are. `id` is implied and never listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entity {
    /// Attributes by label.
    pub attributes: IndexMap<String, Attribute>,
    /// How the file lists them, where it also lists the implied `id`.
    pub layout: Layout,
    /// The order in which the file repeats the entity's links.
    pub link_order: Layout,
}

/// What the schema says of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether every entity must have a value that is not null.
    pub required: bool,
    /// Whether the server keeps an index: needed for comparisons, `$like` and `order`.
    pub indexed: bool,
    /// Whether no two entities may have the same value: needed for lookups.
    pub unique: bool,
    /// Whatever the file says under `metadata`.
    pub metadata: Map<String, Value>,
}

/// How many entities a link leads to from the side one stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Has {
    /// At most one.
    One,
    /// Any number.
    Many,
}

/// A link between two entities, seen from both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The side that owns the link.
    pub forward: LinkSide,
    /// The side it points to.
    pub reverse: LinkSide,
    /// How the file writes it.
    pub layout: Layout,
}

/// One side of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkSide {
    /// The entity this side stands on.
    pub on: String,
    /// How many entities of the other side it leads to.
    pub has: Has,
    /// The link's name on this entity.
    pub label: String,
    /// Whether an entity of this side must have the link. The server enforces it on forward sides only; what is
    /// generated for Rust asks for the link on either side.
    pub required: Option<bool>,
    /// Whether this side's entity is deleted when the entity it links to is.
    pub cascade: bool,
    /// How the file writes it.
    pub layout: Layout,
}

/// A room type: what its peers announce, and the topics they publish on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Room {
    /// The shape of a peer's presence.
    pub presence: Entity,
    /// The shape of each topic's messages, if the file lists any; `None` where it has no `topics` key.
    pub topics: Option<IndexMap<String, Entity>>,
    /// How the file writes it.
    pub layout: Layout,
}

/// Which side of a link one stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// On the side that owns the link.
    Forward,
    /// On the side it points to.
    Reverse,
}

/// A link as one entity sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkRef<'a> {
    /// The name the file gives the link.
    pub name: &'a str,
    /// The link itself.
    pub link: &'a Link,
    /// The side this entity stands on.
    pub direction: Direction,
}

impl Schema {
    /// The entity of that name.
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.get(name)
    }

    /// The attribute `label` of `entity`; `id` is not listed and gives `None`.
    pub fn attribute(&self, entity: &str, label: &str) -> Option<&Attribute> {
        self.entity(entity)?.attributes.get(label)
    }

    /// The link `label` of `entity`, forward sides first.
    pub fn link(&self, entity: &str, label: &str) -> Option<LinkRef<'_>> {
        self.links_of(entity).find(|link| link.label() == label)
    }

    /// All links of `entity`: forward sides in the file's order, then reverse sides.
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
    /// The side this entity stands on.
    pub fn near(&self) -> &'a LinkSide {
        match self.direction {
            Direction::Forward => &self.link.forward,
            Direction::Reverse => &self.link.reverse,
        }
    }

    /// The other side.
    pub fn far(&self) -> &'a LinkSide {
        match self.direction {
            Direction::Forward => &self.link.reverse,
            Direction::Reverse => &self.link.forward,
        }
    }

    /// The link's name on this entity.
    pub fn label(&self) -> &'a str {
        &self.near().label
    }

    /// The entity it leads to.
    pub fn target(&self) -> &'a str {
        &self.far().on
    }

    /// How many entities it leads to.
    pub fn has(&self) -> Has {
        self.near().has
    }

    /// Whether this entity must have it. The server enforces that of forward sides only.
    pub fn is_required(&self) -> bool {
        self.near().required == Some(true)
    }
}

impl Has {
    /// How `instant.schema.json` writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
        }
    }
}

impl Attribute {
    /// A required attribute of that type, neither indexed nor unique.
    pub fn new(value_type: ValueType) -> Self {
        Self { value_type, required: true, indexed: false, unique: false, metadata: Map::new() }
    }
}

impl LinkSide {
    /// A side that is neither required nor cascades.
    pub fn new(on: impl Into<String>, has: Has, label: impl Into<String>) -> Self {
        let (on, label) = (on.into(), label.into());
        Self { on, has, label, required: None, cascade: false, layout: Layout::default() }
    }
}

impl Link {
    /// A link between two sides.
    pub fn new(forward: LinkSide, reverse: LinkSide) -> Self {
        Self { forward, reverse, layout: Layout::default() }
    }
}
