//! The query tree.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::direction::Direction;
use super::{Operator, OptionKey};

/// A query: one form per entity, and values for permission rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The top-level forms, in order.
    pub forms: Vec<Form>,
    /// What stands under `$$ruleParams`.
    pub rule_params: Option<Map<String, Value>>,
}

/// What is asked of one entity type or link.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    /// The entity's name at the top level, the link's label below it.
    pub name: String,
    /// What stands under `$`.
    pub options: Options,
    /// Linked entities, in order.
    pub children: Vec<Form>,
}

/// Which entities, in which order, with which attributes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// `where`
    pub filter: Option<Where>,
    /// `order`
    pub order: Option<Order>,
    /// `limit`, `first` or `last`
    pub limit: Option<Limit>,
    /// `offset`
    pub offset: Option<u64>,
    /// `after`
    pub after: Option<Cursor>,
    /// `afterInclusive`
    pub after_inclusive: Option<bool>,
    /// `before`
    pub before: Option<Cursor>,
    /// `beforeInclusive`
    pub before_inclusive: Option<bool>,
    /// `fields`
    pub fields: Option<Vec<String>>,
    /// `aggregate`
    pub aggregate: Option<Aggregate>,
}

/// Conditions that must all hold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Where(pub Vec<Condition>);

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A comparison.
    Compare {
        /// Labels: links, then an attribute, `id` or a link.
        path: Vec<String>,
        /// How to compare; `None` is equality.
        operator: Option<Operator>,
        /// With what.
        operand: Value,
    },
    /// `and`: all of these hold, each about linked entities of its own.
    And(Vec<Where>),
    /// `or`: one of these holds.
    Or(Vec<Where>),
}

/// What to order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// An attribute's label, or `serverCreatedAt`.
    pub by: String,
    /// Which way.
    pub direction: Direction,
}

/// How many entities, and from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Which of the three options.
    pub kind: LimitKind,
    /// How many, at least one.
    pub count: u64,
}

/// `limit`, `first` or `last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// From the start.
    Limit,
    /// From the start, as `limit`.
    First,
    /// From the end.
    Last,
}

/// A place in an ordered result: `[entity id, attribute id, value, created-at milliseconds]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The entity at that place.
    pub entity: Uuid,
    /// The attribute that the result is ordered by.
    pub attribute: Uuid,
    /// Its value on that entity.
    pub value: Value,
    /// When that value was first written.
    pub created_at: i64,
}

/// What to compute instead of the entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many there are.
    Count,
}

impl Aggregate {
    /// How it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
        }
    }

    /// The aggregate that is written as `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        (name == Self::Count.name()).then_some(Self::Count)
    }
}

impl LimitKind {
    /// The limit that an option is, if it is one.
    pub fn of(option: OptionKey) -> Option<Self> {
        match option {
            OptionKey::Limit => Some(Self::Limit),
            OptionKey::First => Some(Self::First),
            OptionKey::Last => Some(Self::Last),
            _ => None,
        }
    }

    /// The option it is written as.
    pub fn option(self) -> OptionKey {
        match self {
            Self::Limit => OptionKey::Limit,
            Self::First => OptionKey::First,
            Self::Last => OptionKey::Last,
        }
    }
}
