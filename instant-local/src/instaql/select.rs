//! Which entities a form selects, and whether there are more around a page.
//!
//! A page can be read in two ways: walk its order and test each row until the page is full, or list the entities of
//! one filter by its index, test them, and sort. The first is bad where few rows pass, the second where many do.
//! Nothing tells beforehand how many that are, so both are tried in turn with a growing limit. The work is then a
//! small multiple of what the better way needs.

use std::collections::VecDeque;

use instant_schema::Direction;
use uuid::Uuid;

use super::count;
use super::filter::Filter;
use super::plan::{Page, Plan};
use super::source::{self, FIRST_ROUND, GROWTH, Source, Start};
use super::sql::{Statement, ends, id_blob};
use super::stretch::{Cutter, Side, Stretch};
use super::walk::{Selected, Walk, Window};
use crate::ApiError;
use crate::store::{ReadTx, StoredAttr};

/// The rows of a page, and whether there are more before and behind it.
#[derive(Debug, Default)]
pub(super) struct PageRows {
    pub rows: Vec<Selected>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// Selects all entities of a root form, in no particular order.
pub(super) fn all(tx: &ReadTx<'_>, plan: &Plan) -> Result<Vec<Uuid>, ApiError> {
    match Scan::of(tx, plan) {
        Some(scan) => scan.all(),
        None => Ok(Vec::new()),
    }
}

/// Selects the page of a root form, in its order.
pub(super) fn page(tx: &ReadTx<'_>, plan: &Plan, page: &Page) -> Result<PageRows, ApiError> {
    let Some(scan) = Scan::of(tx, plan) else { return Ok(PageRows::default()) };
    let order = Ordered::of(&scan, page)?;
    let from_end = page.size.is_some_and(|size| size.from_end);
    // One row more than asked for shows whether there are more.
    let take = page.size.map_or(u64::MAX, |size| size.rows.saturating_add(1));
    let mut rows = order.rows(order.between_cursors()?, page.descending != from_end, page.offset, take)?;
    let further = page.size.is_some() && rows.len() as u64 == take;
    if further {
        rows.pop();
    }
    if from_end {
        rows.reverse();
    }
    let beyond =
        |row: Option<&Selected>, after| row.map_or(Ok(false), |row| order.has_any_beyond(row, after));
    let has_next = match page.size {
        None if page.before.is_none() => false,
        Some(_) if page.before.is_none() && !from_end => further,
        _ => beyond(rows.last(), true)?,
    };
    let is_behind = page.offset > 0 || page.after.is_some();
    let has_previous = match rows.first() {
        None => is_behind,
        Some(_) if from_end && page.after.is_none() => further,
        Some(_) if !from_end && !is_behind => false,
        first => beyond(first, false)?,
    };
    Ok(PageRows { rows, has_next, has_previous })
}

/// Counts the rows that the filters of a root form join; without filters, its entities. `None` where the form names
/// something unknown.
pub(super) fn count(tx: &ReadTx<'_>, plan: &Plan) -> Result<Option<u64>, ApiError> {
    match (Scan::of(tx, plan), &plan.id_attr) {
        (None, _) => Ok(None),
        (Some(Scan { filters: [], .. }), Some(id_attr)) => {
            let sql = "SELECT count(*) FROM entities WHERE attr = ?1";
            let mut counting = tx.connection().prepare_cached(sql)?;
            let entities: i64 = counting.query_row([id_attr.key], |row| row.get(0))?;
            Ok(Some(entities.unsigned_abs()))
        }
        (Some(scan), _) => count::rows(tx, scan.filters, &scan.all()?).map(Some),
    }
}

/// The pairs of parent and child that the link of a nested form gives, in one statement for all parents.
pub(super) fn children(
    tx: &ReadTx<'_>,
    plan: &Plan,
    parents: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<(Uuid, Uuid)>, ApiError> {
    let (Some((link, side)), Some(filters)) = (&plan.link, &plan.filters) else { return Ok(Vec::new()) };
    let mut statement = Statement::default();
    let parents = statement.bind_list(parents.into_iter().map(id_blob));
    let (near, far) = ends("link", *side);
    let index = match side {
        Direction::Forward => "",
        Direction::Reverse => " INDEXED BY refs_by_target",
    };
    let attr = statement.bind(link.key);
    let filters = statement.all(&filters.iter().collect::<Vec<_>>(), &far)?;
    let sql = format!(
        "SELECT {near}, {far} FROM {parents} parent CROSS JOIN refs link{index}
         WHERE link.attr = {attr} AND {near} = parent.value AND {filters}"
    );
    let mut pairs = Vec::new();
    statement.each(tx, &sql, |row| {
        pairs.push((Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?)));
        Ok(())
    })?;
    Ok(pairs)
}

/// The entities of a form.
struct Scan<'a> {
    tx: &'a ReadTx<'a>,
    /// The attribute that lists them. Filters find entities without it.
    id_attr: Option<&'a StoredAttr>,
    filters: &'a [Filter],
}

impl<'a> Scan<'a> {
    fn of(tx: &'a ReadTx<'a>, plan: &'a Plan) -> Option<Self> {
        let filters = plan.filters.as_ref()?;
        Some(Self { tx, id_attr: plan.id_attr.as_deref(), filters })
    }

    fn all(&self) -> Result<Vec<Uuid>, ApiError> {
        let sources = source::sources(self.filters.iter().enumerate());
        let Some((source, entities)) = source::small(self.tx, &sources)? else { return self.each() };
        let left = self.left((0..self.filters.len()).collect(), source);
        if left.is_empty() {
            return Ok(entities);
        }
        let mut statement = Statement::default();
        let listed = statement.bind_list(entities.into_iter().map(id_blob));
        let filters = statement.all(&left, "listed.value")?;
        statement.ids(self.tx, &format!("SELECT listed.value FROM {listed} listed WHERE {filters}"))
    }

    /// Tests each entity.
    fn each(&self) -> Result<Vec<Uuid>, ApiError> {
        let filters: Vec<&Filter> = self.filters.iter().collect();
        let mut found = Vec::new();
        if let Some(id_attr) = self.id_attr {
            let mut statement = Statement::default();
            let attr = statement.bind(id_attr.key);
            let filters = statement.all(&filters, "found.entity")?;
            let sql =
                format!("SELECT found.entity FROM entities found WHERE found.attr = {attr} AND {filters}");
            found = statement.ids(self.tx, &sql)?;
        }
        // A link may begin or end at an id that is no entity, and filters find that, too.
        for Start { attr, side } in source::starts(self.filters) {
            let mut statement = Statement::default();
            let (near, _) = ends("link", side);
            let id_attr = statement.bind(self.id_attr.map(|stored| stored.key));
            let attr = statement.bind(attr);
            let filters = statement.all(&filters, &near)?;
            let sql = format!(
                "SELECT DISTINCT {near} FROM refs link WHERE link.attr = {attr}
                 AND NOT EXISTS (SELECT 1 FROM entities found WHERE found.attr = {id_attr} AND found.entity = {near})
                 AND {filters}"
            );
            found.extend(statement.ids(self.tx, &sql)?);
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The filters, by index, that are still to be tested on what a source lists.
    fn left(&self, filters: Vec<usize>, source: &Source<'_>) -> Vec<&'a Filter> {
        let done = |index: &usize| source.exact && *index == source.filter;
        filters.into_iter().filter(|index| !done(index)).map(|index| &self.filters[index]).collect()
    }
}

/// The entities of a form in the order of its page.
struct Ordered<'a> {
    scan: &'a Scan<'a>,
    page: &'a Page,
    walk: Walk<'a>,
    /// The whole order, ascending, without what its own filters exclude.
    stretches: Vec<Stretch>,
    /// The other filters, by index.
    filters: Vec<usize>,
    sources: Vec<Source<'a>>,
}

impl<'a> Ordered<'a> {
    fn of(scan: &'a Scan<'a>, page: &'a Page) -> Result<Self, ApiError> {
        let walk = Walk { tx: scan.tx, id_attr: &page.id_attr, order: page.order.as_deref() };
        let (stretches, applied) = walk.stretches(scan.filters)?;
        let filters: Vec<usize> = (0..scan.filters.len()).filter(|index| !applied.contains(index)).collect();
        let sources = source::sources(filters.iter().map(|index| (*index, &scan.filters[*index])));
        Ok(Self { scan, page, walk, stretches, filters, sources })
    }

    /// What lies between the cursors of the page.
    fn between_cursors(&self) -> Result<Vec<Stretch>, ApiError> {
        let mut stretches = self.stretches.clone();
        for (cursor, after) in [(&self.page.after, true), (&self.page.before, false)] {
            let Some(cursor) = cursor else { continue };
            stretches =
                Cutter(self.scan.tx).cut(stretches, self.side(after), &cursor.at, cursor.inclusive)?;
        }
        Ok(stretches)
    }

    /// The side of a row on which its successors lie, or its predecessors.
    fn side(&self, after: bool) -> Side {
        if after == self.page.descending { Side::Below } else { Side::Above }
    }

    /// Whether any row, between the cursors or not, lies after a row, or before it.
    fn has_any_beyond(&self, row: &Selected, after: bool) -> Result<bool, ApiError> {
        let side = self.side(after);
        let stretches = Cutter(self.scan.tx).cut(self.stretches.clone(), side, &row.position, false)?;
        Ok(!self.rows(stretches, side == Side::Below, 0, 1)?.is_empty())
    }

    /// Reads rows of the stretches, which are ascending, in one direction.
    fn rows(
        &self,
        stretches: Vec<Stretch>,
        descending: bool,
        skip: u64,
        take: u64,
    ) -> Result<Vec<Selected>, ApiError> {
        let mut window = Window::of(skip, take);
        let filters: Vec<&Filter> = self.filters.iter().map(|index| &self.scan.filters[*index]).collect();
        let mut ahead = VecDeque::from(stretches);
        if descending {
            ahead.make_contiguous().reverse();
        }
        let mut round = FIRST_ROUND;
        while !ahead.is_empty() && !window.is_full() {
            if let Some((source, entities)) = source::smallest(self.scan.tx, &self.sources, round)? {
                let left = self.scan.left(self.filters.clone(), source);
                self.walk.sort(&entities, ahead.make_contiguous(), &left, descending, &mut window)?;
                break;
            }
            let Some(next) = ahead.pop_front() else { break };
            let (now, later) = if self.sources.is_empty() {
                (vec![next], Vec::new())
            } else {
                self.walk.split(next, round, descending)?
            };
            for stretch in &now {
                if !window.is_full() {
                    self.walk.read(stretch, &filters, descending, &mut window)?;
                }
            }
            later.into_iter().rev().for_each(|stretch| ahead.push_front(stretch));
            round = round.saturating_mul(GROWTH);
        }
        Ok(window.rows)
    }
}
