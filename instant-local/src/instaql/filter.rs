//! Filters: conditions resolved against the attributes of an app, in terms of tables.

use std::rc::Rc;

use instant_schema::Direction;
use rusqlite::types::Value as SqlValue;
use uuid::Uuid;

use crate::store::Comparable;

/// A test of an entity, in terms of tables.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    /// At least one of the branches. `leads` says whether it is joined before all others of its group, which tells how
    /// many rows it makes.
    Any {
        branches: Vec<Filter>,
        leads: bool,
    },
    /// All these paths hold. Paths that pass through one variable pass through one entity.
    Exists(Vec<Path>),
}

/// A chain of links from the tested entity, and a test of the entity at its end.
#[derive(Debug)]
pub(super) struct Path {
    pub hops: Vec<Hop>,
    pub end: End,
}

/// One step along a link.
#[derive(Debug, Clone)]
pub(super) struct Hop {
    pub attr: i64,
    pub side: Direction,
    /// The variable of the far entity. Within one `Exists`, equal variables are one entity.
    pub variable: (Rc<str>, usize),
}

/// The test at the end of a path.
#[derive(Debug)]
pub(super) enum End {
    /// The entity exists, and its id is one of these, or none of these.
    Id { attr: i64, ids: Vec<Uuid>, negated: bool },
    /// The entity exists, and its id is one of this range, ends included.
    IdRange { attr: i64, lowest: Uuid, highest: Uuid },
    /// The entity has a value that passes the test.
    Value { attr: i64, ranked: bool, test: ValueTest },
    /// The entity has a link to one of these entities; with `None` to any.
    Link { attr: i64, side: Direction, targets: Option<Vec<Uuid>>, negated: bool },
    /// The entity exists, `attr` being its `id`; and it has such a value or link, or with `null` does not have it.
    Null { attr: i64, value: Box<End>, null: bool },
}

/// A test of one stored value.
#[derive(Debug)]
pub(super) enum ValueTest {
    OneOf {
        keys: Vec<SqlValue>,
        texts: Vec<String>,
        null: bool,
    },
    /// Another value; `null` says whether null passes too.
    Not {
        value: Comparable,
        null: bool,
    },
    NotNull,
    /// `null` says whether null passes too.
    Compare {
        comparison: Comparison,
        operand: SqlValue,
        null: bool,
    },
    Like {
        function: &'static str,
        pattern: String,
    },
}

/// How a stored value compares with an operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub fn sql(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}
