//! How many rows a `where` joins: what an aggregate counts.
//!
//! A row is one way to satisfy all conditions: an entity with two tags that fit makes two rows.

use uuid::Uuid;

use super::filter::{End, Filter, Path};
use super::sql::{Statement, id_blob};
use crate::ApiError;
use crate::store::ReadTx;

/// Returns how many rows the filters join for the entities, all of which pass them.
pub(super) fn rows(tx: &ReadTx<'_>, filters: &[Filter], entities: &[Uuid]) -> Result<u64, ApiError> {
    let mut counter = Counter { statement: Statement::default(), columns: Vec::new() };
    let listed = counter.statement.bind_list(entities.iter().copied().map(id_blob));
    let rows = Rows::Product(counter.each(filters, true)?);
    let Counter { statement, columns } = counter;
    if columns.is_empty() {
        return Ok(entities.len() as u64);
    }
    if columns.len() > MOST_COLUMNS {
        return Err(ApiError::parameter_limit());
    }
    let sql = format!("SELECT {} FROM {listed} listed", columns.join(", "));
    let mut counts = vec![0_u64; columns.len()];
    let mut sum = 0_u64;
    statement.each(tx, &sql, |row| {
        for (nth, count) in counts.iter_mut().enumerate() {
            *count = row.get::<_, i64>(nth)?.unsigned_abs();
        }
        sum = sum.saturating_add(rows.of(&counts));
        Ok(())
    })?;
    Ok(sum)
}

/// SQLite returns at most 2,000 columns.
const MOST_COLUMNS: usize = 2_000;

/// How to count the rows of an entity.
enum Rows {
    /// Exactly one.
    One,
    /// The number in a column.
    Column(usize),
    /// Each row of one with each row of the others.
    Product(Vec<Rows>),
    /// The branches of an `or` that nothing precedes are listed one after the other.
    Sum(Vec<Rows>),
    /// The branches of any other `or` are joined to what precedes it, and to each other. Where some have no row, they
    /// count as one.
    Joined(Vec<Rows>),
}

struct Counter {
    statement: Statement,
    columns: Vec<String>,
}

impl Counter {
    /// `passed` says whether every entity is known to pass the filters.
    fn each(&mut self, filters: &[Filter], passed: bool) -> Result<Vec<Rows>, ApiError> {
        filters.iter().map(|filter| self.rows(filter, passed)).collect()
    }

    fn rows(&mut self, filter: &Filter, passed: bool) -> Result<Rows, ApiError> {
        Ok(match filter {
            Filter::All(filters) => Rows::Product(self.each(filters, passed)?),
            Filter::Any { branches, leads: true } => Rows::Sum(self.each(branches, false)?),
            Filter::Any { branches, leads: false } => Rows::Joined(self.each(branches, false)?),
            Filter::Exists(paths) if passed && paths.iter().all(joins_once) => Rows::One,
            Filter::Exists(paths) => {
                self.columns.push(self.statement.count(paths, "listed.value")?);
                Rows::Column(self.columns.len() - 1)
            }
        })
    }
}

impl Rows {
    fn of(&self, columns: &[u64]) -> u64 {
        let each = |rows: &[Self]| rows.iter().map(|rows| rows.of(columns)).collect::<Vec<_>>();
        let product = |counts: Vec<u64>| counts.into_iter().fold(1_u64, u64::saturating_mul);
        match self {
            Self::One => 1,
            Self::Column(nth) => columns[*nth],
            Self::Product(rows) => product(each(rows)),
            Self::Sum(rows) => each(rows).into_iter().fold(0_u64, u64::saturating_add),
            Self::Joined(rows) => {
                let counts = each(rows);
                if counts.iter().all(|count| *count == 0) {
                    return 0;
                }
                product(counts.into_iter().map(|count| count.max(1)).collect())
            }
        }
    }
}

/// Whether an entity that passes has one row: its own value or its own id.
fn joins_once(path: &Path) -> bool {
    path.hops.is_empty() && !matches!(path.end, End::Link { .. })
}
