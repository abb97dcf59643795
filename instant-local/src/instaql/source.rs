//! Sources: filters for which an index lists the entities, so that a search can begin there.
//!
//! SQLite knows nothing about the values of an app, so it cannot tell whether a filter lets through ten entities or
//! a million. A source is therefore asked with a limit: it lists its entities, or says that they are too many.

use instant_schema::Direction;
use rusqlite::types::Value as SqlValue;
use uuid::Uuid;

use super::filter::{Comparison, End, Filter, Path, ValueTest};
use super::sql::{LOWEST_KEY, Statement, ends, id_blob, limit};
use crate::ApiError;
use crate::store::ReadTx;

/// A way to list all entities that can pass one of the filters of a form.
pub(super) struct Source<'f> {
    /// The filter, by its index.
    pub filter: usize,
    /// Whether every listed entity passes that filter.
    pub exact: bool,
    way: Way<'f>,
}

enum Way<'f> {
    /// From the end of a path back along its links.
    Path(&'f Path),
    /// The branches of an `or`, each with its own ways.
    Branches(Vec<Vec<Way<'f>>>),
}

/// How many ways to list one set of entities are tried at most: each costs time.
const MOST_TRIED: usize = 4;

/// How many entities the first round lists at most. Each further round takes `GROWTH` times as many.
pub(super) const FIRST_ROUND: u64 = 64;
pub(super) const GROWTH: u64 = 4;

/// The most promising sources among the filters of a form.
pub(super) fn sources<'f>(filters: impl Iterator<Item = (usize, &'f Filter)>) -> Vec<Source<'f>> {
    let of = |(index, filter)| {
        let exact = is_exact(filter);
        ways(filter).into_iter().map(move |way| Source { filter: index, exact, way })
    };
    let mut sources: Vec<Source<'_>> = filters.flat_map(of).collect();
    sources.sort_by_key(|source| source.way.rank());
    sources.truncate(MOST_TRIED);
    sources
}

/// Lists the source that has the fewest entities, in the order of their ids. `None` where each has `most` or more.
pub(super) fn smallest<'s, 'f>(
    tx: &ReadTx<'_>,
    sources: &'s [Source<'f>],
    most: u64,
) -> Result<Option<(&'s Source<'f>, Vec<Uuid>)>, ApiError> {
    let mut smallest: Option<(&Source<'_>, Vec<Uuid>)> = None;
    for source in sources {
        let Some(entities) = source.way.entities(tx, most)? else { continue };
        if smallest.as_ref().is_none_or(|(_, fewest)| entities.len() < fewest.len()) {
            smallest = Some((source, entities));
        }
    }
    Ok(smallest)
}

/// Lists a source with few entities, however many that are. `None` where there is no source.
pub(super) fn small<'s, 'f>(
    tx: &ReadTx<'_>,
    sources: &'s [Source<'f>],
) -> Result<Option<(&'s Source<'f>, Vec<Uuid>)>, ApiError> {
    let mut most = match sources {
        [] => return Ok(None),
        [_] => u64::MAX,
        _ => FIRST_ROUND,
    };
    loop {
        let found = smallest(tx, sources, most)?;
        if found.is_some() || most == u64::MAX {
            return Ok(found);
        }
        most = most.saturating_mul(GROWTH);
    }
}

/// A link at the beginning of a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub attr: i64,
    pub side: Direction,
}

/// The links of which any id that is no entity must have one, to pass all filters. Empty where only entities can pass.
pub(super) fn starts(filters: &[Filter]) -> Vec<Start> {
    let each: Vec<Vec<Start>> = filters.iter().map(starts_of).collect();
    if each.iter().any(Vec::is_empty) {
        return Vec::new();
    }
    each.into_iter().min_by_key(Vec::len).unwrap_or_default()
}

fn starts_of(filter: &Filter) -> Vec<Start> {
    match filter {
        Filter::All(members) => starts(members),
        Filter::Any { branches, .. } => {
            let mut all: Vec<Start> = Vec::new();
            for start in branches.iter().flat_map(starts_of) {
                if !all.contains(&start) {
                    all.push(start);
                }
            }
            all
        }
        Filter::Exists(paths) => {
            let start = |path: &Path| match (path.hops.first(), &path.end) {
                (Some(hop), _) => Some(Start { attr: hop.attr, side: hop.side }),
                (None, End::Link { attr, side, .. }) => Some(Start { attr: *attr, side: *side }),
                (None, _) => None,
            };
            let starts: Option<Vec<Start>> = paths.iter().map(start).collect();
            starts.into_iter().flatten().take(1).collect()
        }
    }
}

/// The ways to list all that can pass the filter. Each lists enough, so one is to be chosen.
fn ways(filter: &Filter) -> Vec<Way<'_>> {
    match filter {
        Filter::Exists(paths) => promising(paths.iter().filter(|path| has_index(&path.end)).map(Way::Path)),
        Filter::All(members) => promising(members.iter().flat_map(ways)),
        Filter::Any { branches, .. } => {
            let branches: Vec<Vec<Way<'_>>> = branches.iter().map(ways).collect();
            if branches.iter().any(Vec::is_empty) { Vec::new() } else { vec![Way::Branches(branches)] }
        }
    }
}

fn promising<'f>(ways: impl Iterator<Item = Way<'f>>) -> Vec<Way<'f>> {
    let mut ways: Vec<Way<'f>> = ways.collect();
    ways.sort_by_key(Way::rank);
    ways.truncate(MOST_TRIED);
    ways
}

fn has_index(end: &End) -> bool {
    match end {
        End::Id { negated, .. } => !negated,
        End::Link { targets, negated, .. } => targets.is_some() && !negated,
        End::Value { ranked, test, .. } => {
            *ranked
                && match test {
                    ValueTest::OneOf { texts, .. } => texts.is_empty(),
                    ValueTest::Compare { .. } | ValueTest::NotNull => true,
                    ValueTest::Not { .. } | ValueTest::Like { .. } => false,
                }
        }
        End::IdRange { .. } => true,
        End::Null { value, null, .. } => !null && has_index(value),
    }
}

/// Whether the entities that one of its ways lists all pass the filter.
fn is_exact(filter: &Filter) -> bool {
    match filter {
        Filter::Exists(paths) => paths.len() == 1,
        Filter::Any { branches, .. } => branches.iter().all(is_exact),
        Filter::All(_) => false,
    }
}

impl Way<'_> {
    /// How many entities to expect, as far as its kind tells: few come first.
    fn rank(&self) -> u8 {
        match self {
            Self::Path(path) => match &path.end {
                End::Id { .. } => 0,
                End::Value { test: ValueTest::OneOf { null: false, .. }, .. } => 1,
                End::Link { .. } => 2,
                End::Value { .. } | End::IdRange { .. } | End::Null { .. } => 3,
            },
            Self::Branches(branches) => branches.iter().flatten().map(Self::rank).max().unwrap_or(0),
        }
    }

    fn entities(&self, tx: &ReadTx<'_>, most: u64) -> Result<Option<Vec<Uuid>>, ApiError> {
        match self {
            Self::Path(path) => {
                let Some(mut entities) = at_end(tx, &path.end, most)? else { return Ok(None) };
                for hop in path.hops.iter().rev() {
                    let Some(nearer) = linked(tx, hop.attr, hop.side, &entities, most)? else {
                        return Ok(None);
                    };
                    entities = nearer;
                }
                Ok(Some(entities))
            }
            Self::Branches(branches) => {
                let mut all = Vec::new();
                for ways in branches {
                    let mut fewest: Option<Vec<Uuid>> = None;
                    for way in ways {
                        let Some(entities) = way.entities(tx, most)? else { continue };
                        if fewest.as_ref().is_none_or(|fewest| entities.len() < fewest.len()) {
                            fewest = Some(entities);
                        }
                    }
                    let Some(fewest) = fewest else { return Ok(None) };
                    all.extend(fewest);
                    if all.len() as u64 >= most {
                        return Ok(None);
                    }
                }
                Ok(Some(distinct(all)))
            }
        }
    }
}

/// The entities that pass the test at the end of a path; `None` where they are `most` or more.
fn at_end(tx: &ReadTx<'_>, end: &End, most: u64) -> Result<Option<Vec<Uuid>>, ApiError> {
    let mut statement = Statement::default();
    match end {
        End::Id { attr, ids, .. } => existing(tx, *attr, ids, most),
        End::IdRange { attr, lowest, highest } => {
            let attr = statement.bind(*attr);
            let (lowest, highest) = (statement.bind_id(*lowest), statement.bind_id(*highest));
            let sql = format!(
                "SELECT found.entity FROM entities found
                 WHERE found.attr = {attr} AND found.entity BETWEEN {lowest} AND {highest}"
            );
            few(tx, &statement, &sql, most)
        }
        End::Null { attr, value, null: false } => {
            let Some(entities) = at_end(tx, value, most)? else { return Ok(None) };
            existing(tx, *attr, &entities, most)
        }
        End::Link { attr, side, targets: Some(targets), .. } => linked(tx, *attr, *side, targets, most),
        End::Value { attr, test, .. } => {
            let mut all = Vec::new();
            for keys in key_ranges(test) {
                let mut statement = Statement::default();
                let attr = statement.bind(*attr);
                let keys = keys.sql(&mut statement, "found.sort_key");
                let sql = format!(
                    "SELECT found.entity FROM blobs found INDEXED BY blobs_by_key
                     WHERE found.attr = {attr} AND found.ranked = 1 AND {keys}"
                );
                let Some(entities) = few(tx, &statement, &sql, most)? else { return Ok(None) };
                all.extend(entities);
                if all.len() as u64 >= most {
                    return Ok(None);
                }
            }
            Ok(Some(distinct(all)))
        }
        End::Link { targets: None, .. } | End::Null { null: true, .. } => Ok(None),
    }
}

/// Those of the ids that have an `id` triple under `attr`; `None` where they are `most` or more.
fn existing(tx: &ReadTx<'_>, attr: i64, ids: &[Uuid], most: u64) -> Result<Option<Vec<Uuid>>, ApiError> {
    let mut statement = Statement::default();
    let ids = statement.bind_list(ids.iter().copied().map(id_blob));
    let attr = statement.bind(attr);
    let sql = format!(
        "SELECT found.entity FROM {ids} wanted
         CROSS JOIN entities found ON found.attr = {attr} AND found.entity = wanted.value"
    );
    few(tx, &statement, &sql, most)
}

/// The entities from which a link leads to one of `targets`; `None` where they are `most` or more.
fn linked(
    tx: &ReadTx<'_>,
    attr: i64,
    side: Direction,
    targets: &[Uuid],
    most: u64,
) -> Result<Option<Vec<Uuid>>, ApiError> {
    let mut statement = Statement::default();
    let targets = statement.bind_list(targets.iter().copied().map(id_blob));
    let attr = statement.bind(attr);
    let (near, far) = ends("link", side);
    let index = match side {
        Direction::Forward => " INDEXED BY refs_by_target",
        Direction::Reverse => "",
    };
    let sql = format!(
        "SELECT {near} FROM {targets} target
         CROSS JOIN refs link{index} ON link.attr = {attr} AND {far} = target.value"
    );
    few(tx, &statement, &sql, most)
}

/// The distinct ids that the statement selects; `None` where it gives `most` rows or more.
fn few(tx: &ReadTx<'_>, statement: &Statement, sql: &str, most: u64) -> Result<Option<Vec<Uuid>>, ApiError> {
    let ids = statement.ids(tx, &format!("{sql} LIMIT {}", limit(most)))?;
    Ok(((ids.len() as u64) < most).then(|| distinct(ids)))
}

fn distinct(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A range of sort keys that the index finds at once.
enum Keys<'t> {
    Null,
    /// All but null.
    Any,
    OneOf(&'t [SqlValue]),
    Beyond(Comparison, &'t SqlValue),
}

/// The ranges of keys that pass a test.
fn key_ranges(test: &ValueTest) -> Vec<Keys<'_>> {
    let null = |null: bool| null.then_some(Keys::Null);
    match test {
        ValueTest::OneOf { keys, null: nulls, .. } => {
            let keys = (!keys.is_empty()).then_some(Keys::OneOf(keys));
            keys.into_iter().chain(null(*nulls)).collect()
        }
        ValueTest::Compare { comparison, operand, null: nulls } => {
            [Keys::Beyond(*comparison, operand)].into_iter().chain(null(*nulls)).collect()
        }
        ValueTest::NotNull => vec![Keys::Any],
        ValueTest::Not { .. } | ValueTest::Like { .. } => Vec::new(),
    }
}

impl Keys<'_> {
    fn sql(&self, statement: &mut Statement, column: &str) -> String {
        match self {
            Self::Null => format!("{column} IS NULL"),
            Self::Any => format!("{column} >= {}", statement.bind(LOWEST_KEY)),
            Self::OneOf([key]) => format!("{column} = {}", statement.bind((*key).clone())),
            Self::OneOf(keys) => format!("{column} IN {}", statement.bind_list(keys.iter().cloned())),
            Self::Beyond(comparison, key) => {
                format!("{column} {} {}", comparison.sql(), statement.bind((*key).clone()))
            }
        }
    }
}
