//! Which entities a root form selects: one statement for the rows, and one each for what lies around a page.

use instant_schema::Direction;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, params_from_iter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::filter::Filter;
use super::parse::Cursor;
use super::plan::{Page, Plan};
use super::sql::{Statement, ends, id_blob};
use crate::ApiError;
use crate::store::{Comparable, ReadTx, StoredAttr, comparable, id_value, parse};

/// A selected entity, and where it stands in the order.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    pub entity: Uuid,
    /// When its `id` triple was written, if it has one.
    pub created: Option<i64>,
    /// Its value of the attribute that the page is ordered by.
    value: Option<String>,
    key: SqlValue,
}

/// The rows of a form, and whether there are more.
#[derive(Debug, Default)]
pub(super) struct Selection {
    pub rows: Vec<Selected>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// Selects the entities of a root form.
pub(super) fn roots(tx: &ReadTx<'_>, plan: &Plan) -> Result<Selection, ApiError> {
    let Some(scan) = Scan::of(tx, plan) else { return Ok(Selection::default()) };
    let Some(page) = &plan.page else {
        return Ok(Selection { rows: scan.rows(&[], None, 0, false)?, ..Selection::default() });
    };
    let ends = [(&page.after, true), (&page.before, false)];
    let bounds: Vec<Bound> = ends
        .iter()
        .filter_map(|(cursor, after)| Some(Bound::of_cursor(cursor.as_ref()?, *after, page)))
        .collect();
    let from_end = page.size.is_some_and(|size| size.from_end);
    // One row more than asked for shows whether there are more.
    let limit = page.size.map(|size| size.rows.saturating_add(1));
    let mut rows = scan.rows(&bounds, limit, page.offset, from_end)?;
    let further = limit.is_some_and(|limit| rows.len() as u64 == limit);
    if further {
        rows.pop();
    }
    if from_end {
        rows.reverse();
    }
    let beyond = |row: Option<&Selected>, after: bool| match row {
        Some(row) => Ok(!scan.rows(&[Bound::of_row(row, after, page)], Some(1), 0, false)?.is_empty()),
        None => Ok::<_, ApiError>(!after && (page.offset > 0 || page.after.is_some())),
    };
    let has_next = match page.size {
        None if page.before.is_none() => false,
        Some(size) if page.before.is_none() && !size.from_end => further,
        _ => beyond(rows.last(), true)?,
    };
    let has_previous = match (page.after.is_some(), from_end) {
        (false, true) => further,
        (false, false) if page.offset == 0 => false,
        _ => beyond(rows.first(), false)?,
    };
    Ok(Selection { rows, has_next, has_previous })
}

/// Counts the entities of a root form.
pub(super) fn count(tx: &ReadTx<'_>, plan: &Plan) -> Result<i64, ApiError> {
    let Some(scan) = Scan::of(tx, plan) else { return Ok(0) };
    let mut statement = Statement::default();
    let from = scan.body(&mut statement, &[])?;
    let sql = format!("SELECT count(*) {from}");
    let params = statement.params()?;
    Ok(tx.connection().prepare_cached(&sql)?.query_row(params_from_iter(params), |row| row.get(0))?)
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
    let filters = statement.all(&filters.iter().collect::<Vec<_>>(), &far)?;
    let sql = format!(
        "SELECT {near}, {far} FROM {parents} parent CROSS JOIN refs link{index}
         WHERE link.attr = {} AND {near} = parent.value AND {filters}",
        link.key
    );
    let params = statement.params()?;
    let mut prepared = tx.connection().prepare_cached(&sql)?;
    let pairs = prepared.query_map(params_from_iter(params), |row| {
        Ok((Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?)))
    })?;
    Ok(pairs.collect::<rusqlite::Result<_>>()?)
}

impl Selected {
    /// The row as a cursor: `[entity, attribute, value, created]`.
    pub fn cursor(&self, plan: &Plan) -> Result<Value, ApiError> {
        let order = plan.page.as_ref().and_then(|page| page.order.as_ref());
        let attr = order.or(plan.id_attr.as_ref()).map(|stored| stored.attr.id);
        let value = match (&self.value, order) {
            (_, None) => id_value(self.entity),
            (Some(text), Some(_)) => parse(text)?,
            (None, Some(_)) => Value::Null,
        };
        Ok(json!([self.entity, attr, value, self.created.unwrap_or_default()]))
    }
}

/// A place in the order that rows must lie behind or before.
struct Bound {
    entity: Uuid,
    key: SqlValue,
    /// The entity's row or another with its values lies behind it.
    later: bool,
    inclusive: bool,
}

impl Bound {
    fn of_cursor(cursor: &Cursor, after: bool, page: &Page) -> Self {
        let key = match &page.order {
            None => SqlValue::Integer(cursor.created),
            Some(order) if !cursor.value.is_null() => match comparable(order, &cursor.value) {
                Comparable::Key(key) => key,
                Comparable::Text(_) => SqlValue::Null,
            },
            Some(_) => SqlValue::Null,
        };
        Self { entity: cursor.entity, key, later: after != page.descending, inclusive: cursor.inclusive }
    }

    fn of_row(row: &Selected, after: bool, page: &Page) -> Self {
        Self { entity: row.entity, key: row.key.clone(), later: after != page.descending, inclusive: false }
    }
}

/// A `SELECT` over the entities of a form.
struct Scan<'a> {
    tx: &'a ReadTx<'a>,
    id_attr: &'a StoredAttr,
    filters: &'a [Filter],
    page: Option<&'a Page>,
}

impl<'a> Scan<'a> {
    fn of(tx: &'a ReadTx<'a>, plan: &'a Plan) -> Option<Self> {
        let (Some(filters), Some(id_attr)) = (&plan.filters, &plan.id_attr) else { return None };
        Some(Self { tx, id_attr, filters, page: plan.page.as_ref() })
    }

    fn rows(
        &self,
        bounds: &[Bound],
        limit: Option<u64>,
        offset: u64,
        backwards: bool,
    ) -> Result<Vec<Selected>, ApiError> {
        let (sql, statement) = self.select(bounds, limit, offset, backwards)?;
        let params = statement.params()?;
        let mut prepared = self.tx.connection().prepare_cached(&sql)?;
        let rows = prepared.query_map(params_from_iter(params), selected)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn select(
        &self,
        bounds: &[Bound],
        limit: Option<u64>,
        offset: u64,
        backwards: bool,
    ) -> Result<(String, Statement), ApiError> {
        let mut statement = Statement::default();
        let from = self.body(&mut statement, bounds)?;
        let (key, value) = match self.order() {
            Some(_) => ("ranked.sort_key", "ranked.value"),
            None => ("found.created", "NULL"),
        };
        let order = match self.page {
            Some(page) => {
                let direction = if page.descending == backwards { "ASC" } else { "DESC" };
                format!("ORDER BY {key} {direction}, found.entity {direction}")
            }
            // Rows are sorted later, when their values are known.
            None => String::new(),
        };
        let range = match (limit, offset) {
            (None, 0) => String::new(),
            (limit, offset) => {
                let limit = limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(-1);
                format!("LIMIT {limit} OFFSET {offset}")
            }
        };
        let sql = format!("SELECT found.entity, found.created, {key}, {value} {from} {order} {range}");
        Ok((sql, statement))
    }

    /// `FROM .. WHERE ..`, with the entities as `found` and the values to order by as `ranked`.
    fn body(&self, statement: &mut Statement, bounds: &[Bound]) -> Result<String, ApiError> {
        let id_attr = self.id_attr.key;
        let source = statement.source(self.filters)?;
        let skipped = source.as_ref().and_then(|source| source.stands_for);
        let found = match source {
            // An entity that a link or a unique value leads to may lack an `id` triple; a page needs one.
            Some(source) => {
                let join = if self.page.is_some() { "JOIN" } else { "LEFT JOIN" };
                format!(
                    "(SELECT source.entity AS entity, listed.created AS created FROM ({}) source
                      {join} entities listed ON listed.attr = {id_attr} AND listed.entity = source.entity) found",
                    source.sql
                )
            }
            None => "entities found".to_owned(),
        };
        let mut terms = Vec::new();
        if skipped.is_none() && !found.starts_with('(') {
            terms.push(format!("found.attr = {id_attr}"));
        }
        let ranked = match self.order() {
            None => String::new(),
            // Where every entity has a row of the attribute, its index gives the order.
            Some(order) if order.fills_nulls() && !found.starts_with('(') => {
                terms.push(format!("ranked.attr = {} AND ranked.ranked = 1", order.key));
                terms.push("found.entity = ranked.entity".to_owned());
                ", blobs ranked".to_owned()
            }
            Some(order) => {
                format!(
                    " LEFT JOIN blobs ranked ON ranked.entity = found.entity AND ranked.attr = {}",
                    order.key
                )
            }
        };
        let rest: Vec<&Filter> = self
            .filters
            .iter()
            .enumerate()
            .filter(|(index, _)| Some(*index) != skipped)
            .map(|(_, filter)| filter)
            .collect();
        terms.push(statement.all(&rest, "found.entity")?);
        for bound in bounds {
            terms.push(self.bound(statement, bound));
        }
        Ok(format!("FROM {found}{ranked} WHERE {}", terms.join(" AND ")))
    }

    fn order(&self) -> Option<&StoredAttr> {
        self.page?.order.as_deref()
    }

    /// Null, which a missing value is as good as, comes before all values.
    fn bound(&self, statement: &mut Statement, bound: &Bound) -> String {
        let column = if self.order().is_some() { "ranked.sort_key" } else { "found.created" };
        let operator = match (bound.later, bound.inclusive) {
            (true, false) => ">",
            (true, true) => ">=",
            (false, false) => "<",
            (false, true) => "<=",
        };
        let entity = statement.bind_id(bound.entity);
        if bound.key == SqlValue::Null {
            let tie = format!("{column} IS NULL AND found.entity {operator} {entity}");
            return if bound.later { format!("({column} IS NOT NULL OR {tie})") } else { format!("({tie})") };
        }
        let key = statement.bind(bound.key.clone());
        let tie = format!("{column} = {key} AND found.entity {operator} {entity}");
        if bound.later {
            format!("({column} > {key} OR {tie})")
        } else {
            format!("({column} < {key} OR {column} IS NULL OR {tie})")
        }
    }
}

fn selected(row: &Row<'_>) -> rusqlite::Result<Selected> {
    Ok(Selected {
        entity: Uuid::from_bytes(row.get(0)?),
        created: row.get(1)?,
        key: row.get(2)?,
        value: row.get(3)?,
    })
}

#[cfg(test)]
mod tests {
    use instant_schema::{Attr, Cardinality, CheckedType};

    use super::super::Access;
    use super::super::parse::parse as parse_query;
    use super::super::plan::Planner;
    use super::super::problem::Query;
    use super::*;
    use crate::store::{NewApp, Store};

    /// How SQLite reads the tables for the root form of a query, a step a line.
    fn explained(tx: &ReadTx<'_>, query: &Value) -> Result<Vec<String>, ApiError> {
        let planner = Planner { catalog: tx.catalog(), query: Query(query), access: &Access::Admin };
        let plans = planner.roots(parse_query(query)?)?;
        let scan = Scan::of(tx, &plans[0]).unwrap();
        let (sql, statement) = scan.select(&[], Some(20), 0, false)?;
        let mut explain = tx.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let steps = explain.query_map(params_from_iter(statement.params()?), |row| row.get(3))?;
        Ok(steps.collect::<rusqlite::Result<_>>()?)
    }

    fn attrs() -> Vec<Attr> {
        let indexed = |label: &str, checked, unique| Attr {
            indexed: true,
            unique,
            checked_data_type: Some(checked),
            ..Attr::blob("posts", label)
        };
        let author =
            Attr { cardinality: Cardinality::One, ..Attr::link("posts", "author", "users", "posts") };
        let handle = Attr { unique: true, ..Attr::blob("users", "handle") };
        let body = Attr::blob("posts", "body");
        let (slug, likes) =
            (indexed("slug", CheckedType::String, true), indexed("likes", CheckedType::Number, false));
        vec![Attr::id_of("posts"), Attr::id_of("users"), slug, likes, body, author, handle]
    }

    #[tokio::test]
    async fn whatever_has_an_index_is_found_through_it() {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp::new("Indexes")).await.unwrap().id;
        store.write(app, |tx| attrs().into_iter().try_for_each(|attr| tx.add_attr(attr))).await.unwrap();
        let root = |entity: &str, options: Value| json!({ entity: { "$": options } });
        for (query, indexes) in [
            (root("posts", json!({ "where": { "slug": "a" } })), ["blobs_by_key"].as_slice()),
            (root("posts", json!({ "where": { "likes": { "$gte": 9 } } })), &["blobs_by_key"]),
            (
                root("posts", json!({ "where": { "or": [{ "likes": 1 }, { "slug": "a" }] } })),
                &["blobs_by_key"],
            ),
            (
                root("posts", json!({ "where": { "author.handle": "a" } })),
                &["blobs_by_key", "refs_by_target"],
            ),
            (root("users", json!({ "where": { "posts.likes": 1 } })), &["blobs_by_key"]),
            (root("posts", json!({ "order": { "likes": "desc" }, "limit": 3 })), &["blobs_by_key"]),
            (root("posts", json!({ "limit": 3, "offset": 1000 })), &["entities_by_age"]),
        ] {
            let asked = query.clone();
            let steps = store.read(app, move |tx| explained(tx, &asked)).await.unwrap();
            let plan = steps.join("\n");
            for index in indexes {
                assert!(plan.contains(&format!("INDEX {index} ")), "{query}: no {index} in\n{plan}");
            }
            // The rows of a subquery have been searched for; lists of the query itself are virtual tables.
            let is_table = |scan: &str| !["(", "source", "parent"].iter().any(|name| scan.starts_with(name));
            let scanned = |step: &&String| {
                step.strip_prefix("SCAN ").is_some_and(|scan| is_table(scan) && !scan.contains("VIRTUAL"))
            };
            assert_eq!(steps.iter().find(scanned), None, "{query}:\n{plan}");
        }
    }
}
