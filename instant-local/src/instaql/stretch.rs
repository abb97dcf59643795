//! Stretches: an order cut into parts that are each one range of an index.
//!
//! A row's place in an order is its key and, among equal keys, its entity. SQLite can seek to a place only where the
//! condition is a plain range. "After the row (5, e)" is not one, but it is two: the rows with key 5 and an entity
//! above e, then the rows with a key above 5.

use std::cmp::Ordering;

use rusqlite::types::Value as SqlValue;
use uuid::Uuid;

use super::sql::{LOWEST_KEY, Statement};
use crate::ApiError;
use crate::store::ReadTx;

/// A row's place in an order. NULL is the lowest key.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub key: SqlValue,
    pub entity: Uuid,
}

/// A part of an order that one range of an index gives.
#[derive(Debug, Clone)]
pub(super) enum Stretch {
    /// The rows of one key, NULL or not, by their entities.
    Tie { key: SqlValue, entities: Range<Uuid> },
    /// The rows of a range of keys, NULL excepted.
    Keys(Range<SqlValue>),
}

#[derive(Debug, Clone)]
pub(super) struct Range<T> {
    pub low: Option<Edge<T>>,
    pub high: Option<Edge<T>>,
}

/// Where a range begins or ends.
#[derive(Debug, Clone)]
pub(super) struct Edge<T> {
    pub at: T,
    pub inclusive: bool,
}

/// The two sides of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

impl<T> Range<T> {
    pub const ALL: Self = Self { low: None, high: None };

    /// The range on one side of a place.
    pub fn beyond(side: Side, edge: Edge<T>) -> Self {
        match side {
            Side::Above => Self { low: Some(edge), high: None },
            Side::Below => Self { low: None, high: Some(edge) },
        }
    }
}

impl Stretch {
    /// The rows that have NULL as their key.
    pub fn nulls() -> Self {
        Self::Tie { key: SqlValue::Null, entities: Range::ALL }
    }

    /// The rows that have a key.
    pub fn keyed() -> Self {
        Self::Keys(Range::ALL)
    }

    /// The condition on a row, given the SQL of its key and its entity.
    pub fn sql(&self, statement: &mut Statement, key: &str, entity: &str) -> String {
        match self {
            Self::Tie { key: SqlValue::Null, entities } => {
                format!("{key} IS NULL{}", entities.sql(statement, entity, |id| *id.as_bytes()))
            }
            Self::Tie { key: tied, entities } => {
                let tied = statement.bind(tied.clone());
                format!("{key} = {tied}{}", entities.sql(statement, entity, |id| *id.as_bytes()))
            }
            Self::Keys(keys) => {
                // A range without a low end would begin with the NULLs.
                let lowest = match keys.low {
                    Some(_) => "1".to_owned(),
                    None => format!("{key} >= {}", statement.bind(LOWEST_KEY)),
                };
                format!("{lowest}{}", keys.sql(statement, key, SqlValue::clone))
            }
        }
    }

    /// Whether all its rows have one key, so that only their entities order them.
    pub fn is_tie(&self) -> bool {
        matches!(self, Self::Tie { .. })
    }
}

impl<T> Range<T> {
    fn sql<V: rusqlite::ToSql + 'static>(
        &self,
        statement: &mut Statement,
        column: &str,
        value: impl Fn(&T) -> V,
    ) -> String {
        let mut term = |edge: &Option<Edge<T>>, operator: &str| {
            edge.as_ref().map_or_else(String::new, |edge| {
                let equals = if edge.inclusive { "=" } else { "" };
                format!(" AND {column} {operator}{equals} {}", statement.bind(value(&edge.at)))
            })
        };
        term(&self.low, ">") + &term(&self.high, "<")
    }
}

/// Cuts stretches at places. Keys compare as the index compares them.
#[derive(Clone, Copy)]
pub(super) struct Cutter<'a>(pub &'a ReadTx<'a>);

impl Cutter<'_> {
    /// What the stretches, in ascending order, have on one side of a place, and at it where `inclusive`.
    pub fn cut(
        self,
        stretches: Vec<Stretch>,
        side: Side,
        place: &Position,
        inclusive: bool,
    ) -> Result<Vec<Stretch>, ApiError> {
        let mut kept = Vec::with_capacity(stretches.len() + 1);
        for stretch in stretches {
            match stretch {
                Stretch::Tie { key, entities } => match (self.compare(&key, &place.key)?, side) {
                    (Ordering::Equal, side) => {
                        let edge = Edge { at: place.entity, inclusive };
                        let entities = intersect(entities, Range::beyond(side, edge), |a, b| Ok(a.cmp(b)))?;
                        kept.push(Stretch::Tie { key, entities });
                    }
                    (Ordering::Greater, Side::Above) | (Ordering::Less, Side::Below) => {
                        kept.push(Stretch::Tie { key, entities });
                    }
                    (Ordering::Greater, Side::Below) | (Ordering::Less, Side::Above) => {}
                },
                Stretch::Keys(keys) if place.key == SqlValue::Null => {
                    if side == Side::Above {
                        kept.push(Stretch::Keys(keys));
                    }
                }
                Stretch::Keys(keys) => {
                    let tie = self.contains(&keys, &place.key)?.then(|| Stretch::Tie {
                        key: place.key.clone(),
                        entities: Range::beyond(side, Edge { at: place.entity, inclusive }),
                    });
                    let edge = Edge { at: place.key.clone(), inclusive: false };
                    let others = Stretch::Keys(self.within(keys, Range::beyond(side, edge))?);
                    match side {
                        Side::Above => kept.extend(tie.into_iter().chain([others])),
                        Side::Below => kept.extend([others].into_iter().chain(tie)),
                    }
                }
            }
        }
        Ok(kept)
    }

    /// The range that two ranges of keys share.
    pub fn within(self, keys: Range<SqlValue>, other: Range<SqlValue>) -> Result<Range<SqlValue>, ApiError> {
        intersect(keys, other, |a, b| self.compare(a, b))
    }

    fn contains(self, keys: &Range<SqlValue>, key: &SqlValue) -> Result<bool, ApiError> {
        let passes = |edge: &Option<Edge<SqlValue>>, beyond: Ordering| match edge {
            None => Ok(true),
            Some(edge) => {
                let ordering = self.compare(key, &edge.at)?;
                Ok::<_, ApiError>(ordering == beyond || (edge.inclusive && ordering == Ordering::Equal))
            }
        };
        Ok(passes(&keys.low, Ordering::Greater)? && passes(&keys.high, Ordering::Less)?)
    }

    /// Compares two keys as the index does. Only SQLite knows how: numbers of two kinds, then texts by collation.
    fn compare(self, a: &SqlValue, b: &SqlValue) -> Result<Ordering, ApiError> {
        match (a, b) {
            (SqlValue::Null, SqlValue::Null) => Ok(Ordering::Equal),
            (SqlValue::Null, _) => Ok(Ordering::Less),
            (_, SqlValue::Null) => Ok(Ordering::Greater),
            (SqlValue::Integer(a), SqlValue::Integer(b)) => Ok(a.cmp(b)),
            _ => {
                let sql = "SELECT (?1 COLLATE instant > ?2) - (?1 COLLATE instant < ?2)";
                let mut compared = self.0.connection().prepare_cached(sql)?;
                let sign: i64 = compared.query_row([a, b], |row| row.get(0))?;
                Ok(sign.cmp(&0))
            }
        }
    }
}

fn intersect<T>(
    a: Range<T>,
    b: Range<T>,
    compare: impl Fn(&T, &T) -> Result<Ordering, ApiError>,
) -> Result<Range<T>, ApiError> {
    let tighter = |a: Option<Edge<T>>, b: Option<Edge<T>>, further: Ordering| match (a, b) {
        (Some(a), Some(b)) => {
            let ordering = compare(&a.at, &b.at)?;
            let first = ordering == further || (ordering == Ordering::Equal && !a.inclusive);
            Ok::<_, ApiError>(Some(if first { a } else { b }))
        }
        (a, b) => Ok(a.or(b)),
    };
    Ok(Range {
        low: tighter(a.low, b.low, Ordering::Greater)?,
        high: tighter(a.high, b.high, Ordering::Less)?,
    })
}
