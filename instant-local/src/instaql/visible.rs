//! What a scoped asker sees of an answer.
//!
//! A query runs as for an administrator. What it finds, it finds by triples: the links along the paths of its filters, the
//! values at their ends, the links of its nested forms. An entity is listed only if the asker may see all triples of one
//! way to find it; else a filter would tell what is hidden.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use instant_schema::Direction;
use uuid::Uuid;

use super::View;
use super::filter::{Filter, Path};
use super::plan::Plan;
use super::sql::{MatchRows, Part, Statement, id_blob};
use crate::ApiError;
use crate::store::{Place, ReadTx, StoredAttr};

/// The view of an asker, asked once about each entity and each value.
pub(super) struct Sight<'a> {
    tx: &'a ReadTx<'a>,
    view: &'a dyn View,
    attrs: HashMap<i64, &'a StoredAttr>,
    entities: RefCell<HashMap<String, Verdicts>>,
    values: RefCell<HashMap<i64, Verdicts>>,
}

/// Whether each entity, or its value of one attribute, may be seen.
type Verdicts = HashMap<Uuid, bool>;

/// How many ways to find its entities one filter may have.
const MOST_ROWS: usize = 2_000_000;

impl<'a> Sight<'a> {
    pub fn of(tx: &'a ReadTx<'a>, view: &'a dyn View) -> Self {
        let attrs = tx.catalog().iter().map(|stored| (stored.key, &**stored)).collect();
        Self { tx, view, attrs, entities: RefCell::default(), values: RefCell::default() }
    }

    /// The visible ones of these entities of one type.
    pub fn entities(&self, etype: &str, ids: &[Uuid]) -> Result<Vec<Uuid>, ApiError> {
        if !self.view.judges(etype) {
            return Ok(ids.to_vec());
        }
        let mut known = self.entities.borrow_mut();
        let verdicts = known.entry(etype.to_owned()).or_default();
        judge(verdicts, ids, |ids| self.view.entities(etype, ids))?;
        Ok(ids.iter().copied().filter(|id| verdicts[id]).collect())
    }

    /// Those of these entities whose value of an attribute is hidden, whether or not they are visible themselves.
    pub fn hidden_values(&self, stored: &StoredAttr, ids: &[Uuid]) -> Result<HashSet<Uuid>, ApiError> {
        if ids.is_empty() || !self.view.judges_values(stored) {
            return Ok(HashSet::new());
        }
        let mut known = self.values.borrow_mut();
        let verdicts = known.entry(stored.key).or_default();
        let holders = holders(self.tx, stored, ids)?;
        judge(verdicts, &holders, |ids| self.view.values(stored, ids))?;
        Ok(holders.into_iter().filter(|id| !verdicts[id]).collect())
    }

    /// The entities of a root form that are found by what is visible. They may be hidden themselves.
    pub fn found(&self, plan: &Plan, ids: Vec<Uuid>) -> Result<Vec<Uuid>, ApiError> {
        let mut found = match &plan.filters {
            Some(filters) => self.passing(filters, ids)?,
            None => Vec::new(),
        };
        if let Some(order) = plan.page.as_ref().and_then(|page| page.order.as_ref()) {
            let hidden = self.hidden_values(order, &found)?;
            found.retain(|id| !hidden.contains(id));
        }
        Ok(found)
    }

    /// For each pair of parent and child in a nested form, whether it is found by what is visible.
    pub fn pairs(&self, plan: &Plan, pairs: &[(Uuid, Uuid)]) -> Result<Vec<bool>, ApiError> {
        let (Some((link, side)), Some(filters)) = (&plan.link, &plan.filters) else {
            return Ok(vec![false; pairs.len()]);
        };
        let owner = |(parent, child): &(Uuid, Uuid)| match side {
            Direction::Forward => *parent,
            Direction::Reverse => *child,
        };
        let visible =
            self.triples(Part { attr: link.key, value: true }, pairs.iter().map(owner).collect())?;
        let found: HashSet<Uuid> = self
            .passing(filters, distinct(pairs.iter().map(|(_, child)| *child).collect()))?
            .into_iter()
            .collect();
        Ok(pairs.iter().map(|pair| visible.has(&owner(pair)) && found.contains(&pair.1)).collect())
    }

    /// Those of the entities that pass all filters by visible triples. They are known to pass by all triples.
    fn passing(&self, filters: &[Filter], mut ids: Vec<Uuid>) -> Result<Vec<Uuid>, ApiError> {
        for filter in filters {
            ids = match filter {
                Filter::All(filters) => self.passing(filters, ids)?,
                Filter::Exists(paths) if !self.judges_any(paths) => ids,
                filter => self.matching(filter, ids)?,
            };
        }
        Ok(ids)
    }

    /// Those of the entities, ascending, that pass a filter by visible triples.
    fn matching(&self, filter: &Filter, ids: Vec<Uuid>) -> Result<Vec<Uuid>, ApiError> {
        if ids.is_empty() {
            return Ok(ids);
        }
        match filter {
            Filter::All(filters) => filters.iter().try_fold(ids, |ids, filter| self.matching(filter, ids)),
            Filter::Any { branches, .. } => {
                let mut all = Vec::new();
                for filter in branches {
                    all.extend(self.matching(filter, ids.clone())?);
                }
                Ok(distinct(all))
            }
            Filter::Exists(paths) => self.by_paths(paths, ids),
        }
    }

    fn judges_any(&self, paths: &[Path]) -> bool {
        let triples = Statement::default().triples_of(paths);
        triples.into_iter().any(|part| self.judges(part))
    }

    fn judges(&self, part: Part) -> bool {
        let Some(stored) = self.attrs.get(&part.attr) else { return false };
        self.view.judges(stored.entity()) || (part.value && self.view.judges_values(stored))
    }

    fn by_paths(&self, paths: &[Path], ids: Vec<Uuid>) -> Result<Vec<Uuid>, ApiError> {
        let mut statement = Statement::default();
        let listed = statement.bind_list(ids.into_iter().map(id_blob));
        let MatchRows { sql, triples } = statement.match_rows(paths, &listed, &|part| self.judges(part))?;
        // Each row is an entity, then the owner of each triple that is judged.
        let mut rows: Vec<Uuid> = Vec::new();
        let width = triples.len() + 1;
        statement.each(self.tx, &format!("{sql} LIMIT {}", MOST_ROWS + 1), |row| {
            for column in 0..width {
                rows.push(Uuid::from_bytes(row.get(column)?));
            }
            Ok(())
        })?;
        if rows.len() / width > MOST_ROWS {
            let message = format!(
                "A filter of the query finds its entities in more than {MOST_ROWS} ways, and the rules apply to each. Narrow it."
            );
            return Err(ApiError::invalid("query", serde_json::Value::Null, message));
        }
        let mut passing = vec![true; rows.len() / width];
        for (column, part) in triples.iter().enumerate() {
            let owners = rows.chunks(width).map(|row| row[column + 1]);
            let visible = self.triples(*part, owners.collect())?;
            for (passes, row) in passing.iter_mut().zip(rows.chunks(width)) {
                *passes &= visible.has(&row[column + 1]);
            }
        }
        let passing = rows.chunks(width).zip(&passing).filter(|(_, passes)| **passes).map(|(row, _)| row[0]);
        Ok(distinct(passing.collect()))
    }

    /// The triples of which of these owners may be seen.
    fn triples(&self, part: Part, owners: Vec<Uuid>) -> Result<Visible, ApiError> {
        let Some(stored) = self.attrs.get(&part.attr).filter(|_| self.judges(part)) else {
            return Ok(Visible::All);
        };
        let owners = distinct(owners);
        let hidden = if part.value { self.hidden_values(stored, &owners)? } else { HashSet::new() };
        let entities = self.entities(stored.entity(), &owners)?;
        Ok(Visible::Only(entities.into_iter().filter(|id| !hidden.contains(id)).collect()))
    }
}

enum Visible {
    All,
    Only(HashSet<Uuid>),
}

impl Visible {
    fn has(&self, id: &Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(id),
        }
    }
}

/// Asks about those of `ids` that have no verdict yet.
fn judge(
    verdicts: &mut Verdicts,
    ids: &[Uuid],
    ask: impl FnOnce(&[Uuid]) -> Result<Vec<bool>, ApiError>,
) -> Result<(), ApiError> {
    let new: Vec<Uuid> = ids.iter().copied().filter(|id| !verdicts.contains_key(id)).collect();
    if !new.is_empty() {
        verdicts.extend(new.iter().copied().zip(ask(&new)?));
    }
    Ok(())
}

/// Those of these entities that have a value of the attribute.
fn holders(tx: &ReadTx<'_>, stored: &StoredAttr, ids: &[Uuid]) -> Result<Vec<Uuid>, ApiError> {
    let mut statement = Statement::default();
    let ids = statement.bind_list(ids.iter().copied().map(id_blob));
    let attr = stored.key;
    let (table, owner) = match stored.place {
        Place::Entities => ("entities", "entity"),
        Place::Blobs => ("blobs", "entity"),
        Place::Refs => ("refs", "source"),
    };
    let found =
        format!("SELECT 1 FROM {table} found WHERE found.attr = {attr} AND found.{owner} = wanted.value");
    statement.ids(tx, &format!("SELECT wanted.value FROM {ids} wanted WHERE EXISTS ({found})"))
}

fn distinct(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
