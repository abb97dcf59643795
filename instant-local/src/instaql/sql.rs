//! Filters as SQL expressions.

use std::iter;
use std::rc::Rc;

use instant_schema::Direction;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, ToSql, params_from_iter};
use uuid::Uuid;

use super::filter::{End, Filter, Hop, Path, ValueTest};
use crate::ApiError;
use crate::store::{Comparable, ReadTx};

/// The parameters of a statement that is being written, and how many table names it uses.
#[derive(Default)]
pub(super) struct Statement {
    params: Vec<Box<dyn ToSql>>,
    tables: usize,
}

/// The statement for the ways in which paths find entities.
pub(super) struct MatchRows {
    /// Selects, for each way, the entity and then the owners of triples.
    pub sql: String,
    /// The triples, in the order of their owners.
    pub triples: Vec<Part>,
}

/// A kind of triple that ways lead through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    /// The attribute, by key.
    pub attr: i64,
    /// Whether they lead through its value, not only through the entity that has it or lacks it.
    pub value: bool,
}

/// The lowest sort key but NULL: numbers come before all other keys.
pub(super) const LOWEST_KEY: f64 = f64::NEG_INFINITY;

/// SQLite joins at most 64 tables.
const MOST_TABLES: usize = 60;
/// SQLite takes seconds to plan many subqueries, and cannot be interrupted then.
const MOST_TABLES_IN_ALL: usize = 5_000;
/// SQLite takes at most 32,766 parameters.
const MOST_PARAMS: usize = 30_000;

impl Statement {
    pub fn bind(&mut self, value: impl ToSql + 'static) -> String {
        self.params.push(Box::new(value));
        format!("?{}", self.params.len())
    }

    pub fn bind_id(&mut self, id: Uuid) -> String {
        self.bind(*id.as_bytes())
    }

    /// A subquery of the bound values.
    pub fn bind_list(&mut self, values: impl IntoIterator<Item = SqlValue>) -> String {
        let values: Rc<Vec<SqlValue>> = Rc::new(values.into_iter().collect());
        format!("(SELECT value FROM rarray({}))", self.bind(values))
    }

    /// Runs the statement and hands over its rows. Fails where it has more parameters or tables than SQLite copes with.
    pub fn each(
        &self,
        tx: &ReadTx<'_>,
        sql: &str,
        mut row_read: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<(), ApiError> {
        if self.params.len() > MOST_PARAMS || self.tables > MOST_TABLES_IN_ALL {
            return Err(ApiError::parameter_limit());
        }
        let mut prepared = tx.connection().prepare_cached(sql)?;
        let mut rows = prepared.query(params_from_iter(&self.params))?;
        while let Some(row) = rows.next()? {
            row_read(row)?;
        }
        Ok(())
    }

    /// Runs the statement and returns the ids in its first column.
    pub fn ids(&self, tx: &ReadTx<'_>, sql: &str) -> Result<Vec<Uuid>, ApiError> {
        let mut ids = Vec::new();
        self.each(tx, sql, |row| {
            ids.push(Uuid::from_bytes(row.get(0)?));
            Ok(())
        })?;
        Ok(ids)
    }

    /// The filters as one boolean expression on `entity`, an SQL expression.
    pub fn all(&mut self, filters: &[&Filter], entity: &str) -> Result<String, ApiError> {
        let terms = filters.iter().map(|filter| self.filter(filter, entity)).collect::<Result<_, _>>()?;
        Ok(balanced(terms, "AND", "1"))
    }

    fn filter(&mut self, filter: &Filter, entity: &str) -> Result<String, ApiError> {
        let each = |this: &mut Self, filters: &[Filter]| {
            filters.iter().map(|one| this.filter(one, entity)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match filter {
            Filter::All(filters) => balanced(each(self, filters)?, "AND", "1"),
            Filter::Any { branches, .. } => balanced(each(self, branches)?, "OR", "0"),
            Filter::Exists(paths) => format!("EXISTS (SELECT 1 {})", Join::along(self, paths, entity).sql()?),
        })
    }

    /// How many rows join the paths from `entity`, as an expression.
    pub fn count(&mut self, paths: &[Path], entity: &str) -> Result<String, ApiError> {
        Ok(format!("(SELECT count(*) {})", Join::along(self, paths, entity).sql()?))
    }

    /// The triples that the paths go through. What a path finds missing is no triple.
    pub fn triples_of(&mut self, paths: &[Path]) -> Vec<Part> {
        Join::along(self, paths, "").triples.into_iter().map(|(part, _)| part).collect()
    }

    /// The ways in which all the paths find those entities that `listed`, a list that is bound, has. `wanted` says the owners
    /// of which triples are selected.
    pub fn match_rows(
        &mut self,
        paths: &[Path],
        listed: &str,
        wanted: &dyn Fn(Part) -> bool,
    ) -> Result<MatchRows, ApiError> {
        let mut join = Join::along(self, paths, "listed.value");
        if join.tables.len() > MOST_TABLES {
            return Err(ApiError::parameter_limit());
        }
        join.triples.retain(|(part, _)| wanted(*part));
        join.triples.sort_unstable();
        join.triples.dedup();
        let columns: Vec<&str> =
            iter::once("listed.value").chain(join.triples.iter().map(|(_, owner)| owner.as_str())).collect();
        // CROSS JOIN keeps the order of the paths, so that each table is found by its index.
        let listed = format!("{listed} listed");
        let tables: Vec<&str> =
            iter::once(listed.as_str()).chain(join.tables.iter().map(String::as_str)).collect();
        let (columns, tables) = (columns.join(", "), tables.join(" CROSS JOIN "));
        let terms = balanced(join.terms, "AND", "1");
        Ok(MatchRows {
            sql: format!("SELECT {columns} FROM {tables} WHERE {terms}"),
            triples: join.triples.into_iter().map(|(part, _)| part).collect(),
        })
    }

    fn table(&mut self) -> String {
        self.tables += 1;
        format!("t{}", self.tables)
    }
}

/// The tables and terms of one subquery.
struct Join {
    /// The tested entity, an SQL expression.
    root: String,
    variables: Vec<(Hop, String, String)>,
    tables: Vec<String>,
    terms: Vec<String>,
    /// The triple in each table, and its owner, an SQL expression.
    triples: Vec<(Part, String)>,
}

impl Join {
    fn of(entity: &str) -> Self {
        Self {
            root: entity.to_owned(),
            variables: Vec::new(),
            tables: Vec::new(),
            terms: Vec::new(),
            triples: Vec::new(),
        }
    }

    /// The tables of paths that begin at `entity`.
    fn along(statement: &mut Statement, paths: &[Path], entity: &str) -> Self {
        let mut join = Self::of(entity);
        for path in paths {
            join.path(statement, path);
        }
        join
    }

    fn path(&mut self, statement: &mut Statement, path: &Path) {
        let mut from = self.root.clone();
        for hop in &path.hops {
            from = self.hop(statement, hop, from);
        }
        self.end(statement, &path.end, &from);
    }

    /// Follows a link from `from`; returns the far entity.
    fn hop(&mut self, statement: &mut Statement, hop: &Hop, from: String) -> String {
        let known = self.variables.iter().find(|(other, start, _)| {
            (other.attr, other.side, &other.variable) == (hop.attr, hop.side, &hop.variable) && *start == from
        });
        if let Some((_, _, far)) = known {
            return far.clone();
        }
        let table = statement.table();
        let (near, far) = ends(&table, hop.side);
        self.tables.push(format!("refs {table}"));
        self.triples.push((Part { attr: hop.attr, value: true }, format!("{table}.source")));
        self.terms.push(format!("{table}.attr = {}", hop.attr));
        self.terms.push(format!("{near} = {from}"));
        let same = self.variables.iter().find(|(other, ..)| other.variable == hop.variable);
        if let Some((_, _, other)) = same {
            self.terms.push(format!("{far} = {other}"));
        }
        self.variables.push((hop.clone(), from, far.clone()));
        far
    }

    fn end(&mut self, statement: &mut Statement, end: &End, from: &str) {
        let table = statement.table();
        match end {
            End::Id { attr, ids, negated } => {
                self.entity(&table, *attr, from);
                self.terms.push(one_of_ids(statement, &format!("{table}.entity"), ids, *negated));
            }
            End::IdRange { attr, lowest, highest } => {
                self.entity(&table, *attr, from);
                let (lowest, highest) = (statement.bind_id(*lowest), statement.bind_id(*highest));
                self.terms.push(format!("{table}.entity BETWEEN {lowest} AND {highest}"));
            }
            End::Null { attr, value, null } => {
                self.entity(&table, *attr, from);
                let mut inner = Self::of(from);
                inner.end(statement, value, from);
                let (tables, terms) = (inner.tables.join(", "), inner.terms.join(" AND "));
                let not = if *null { "NOT " } else { "" };
                self.terms.push(format!("{not}EXISTS (SELECT 1 FROM {tables} WHERE {terms})"));
            }
            End::Value { attr, ranked, test } => {
                self.tables.push(format!("blobs {table}"));
                // Without an index, "not this" is found as "no such value".
                let value = *ranked || !matches!(test, ValueTest::Not { .. });
                self.triples.push((Part { attr: *attr, value }, format!("{table}.entity")));
                self.terms.push(format!("{table}.attr = {attr}"));
                if *ranked {
                    self.terms.push(format!("{table}.ranked = 1"));
                }
                self.terms.push(format!("{table}.entity = {from}"));
                let test = value_test(statement, &table, test);
                self.terms.push(test);
            }
            End::Link { attr, side, targets, negated } => {
                let (near, far) = ends(&table, *side);
                self.tables.push(format!("refs {table}"));
                self.triples.push((Part { attr: *attr, value: true }, format!("{table}.source")));
                self.terms.push(format!("{table}.attr = {attr}"));
                self.terms.push(format!("{near} = {from}"));
                if let Some(targets) = targets {
                    self.terms.push(one_of_ids(statement, &far, targets, *negated));
                }
            }
        }
    }

    /// Joins the entity `from` itself.
    fn entity(&mut self, table: &str, attr: i64, from: &str) {
        self.tables.push(format!("entities {table}"));
        self.triples.push((Part { attr, value: true }, format!("{table}.entity")));
        self.terms.push(format!("{table}.attr = {attr}"));
        self.terms.push(format!("{table}.entity = {from}"));
    }

    fn sql(self) -> Result<String, ApiError> {
        if self.tables.len() > MOST_TABLES {
            return Err(ApiError::parameter_limit());
        }
        let terms = balanced(self.terms, "AND", "1");
        Ok(format!("FROM {} WHERE {terms}", self.tables.join(", ")))
    }
}

/// The near and the far column of a link's table, seen from `side`.
pub(super) fn ends(table: &str, side: Direction) -> (String, String) {
    let (source, target) = (format!("{table}.source"), format!("{table}.target"));
    match side {
        Direction::Forward => (source, target),
        Direction::Reverse => (target, source),
    }
}

pub(super) fn id_blob(id: Uuid) -> SqlValue {
    SqlValue::Blob(id.as_bytes().to_vec())
}

/// A number of rows for `LIMIT`. It goes into the text of a statement: SQLite plans with it, so that a statement with a
/// bound limit would be planned anew each time.
pub(super) fn limit(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(-1)
}

/// Joins terms in a balanced tree: SQLite limits how deep an expression may be, not how wide.
fn balanced(mut terms: Vec<String>, operator: &str, empty: &str) -> String {
    while terms.len() > 1 {
        let mut pairs = Vec::with_capacity(terms.len().div_ceil(2));
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => format!("({left} {operator} {right})"),
                None => left,
            });
        }
        terms = pairs;
    }
    terms.pop().unwrap_or_else(|| empty.to_owned())
}

fn one_of_ids(statement: &mut Statement, column: &str, ids: &[Uuid], negated: bool) -> String {
    match (ids, negated) {
        ([], _) => if negated { "1" } else { "0" }.to_owned(),
        ([id], false) => format!("{column} = {}", statement.bind_id(*id)),
        ([id], true) => format!("{column} <> {}", statement.bind_id(*id)),
        (ids, negated) => {
            let list = statement.bind_list(ids.iter().copied().map(id_blob));
            format!("{column} {} {list}", if negated { "NOT IN" } else { "IN" })
        }
    }
}

fn value_test(statement: &mut Statement, table: &str, test: &ValueTest) -> String {
    match test {
        ValueTest::NotNull => format!("{table}.value <> 'null'"),
        ValueTest::Not { value: Comparable::Key(key), null } => {
            let differs = if *null { "IS NOT" } else { "<>" };
            format!("{table}.sort_key {differs} {}", statement.bind(key.clone()))
        }
        ValueTest::Not { value: Comparable::Text(json), null } => {
            let not_null = if *null { String::new() } else { format!(" AND {table}.value <> 'null'") };
            format!("{table}.value <> {}{not_null}", statement.bind(json.clone()))
        }
        ValueTest::Compare { comparison, operand, null } => {
            let operand = statement.bind(operand.clone());
            let compared = format!("{table}.sort_key {} {operand}", comparison.sql());
            if *null { format!("({compared} OR {table}.sort_key IS NULL)") } else { compared }
        }
        ValueTest::Like { function, pattern } => {
            format!("{function}({}, {table}.sort_key)", statement.bind(pattern.clone()))
        }
        ValueTest::OneOf { keys, texts, null } => {
            let mut terms = Vec::new();
            match keys.as_slice() {
                [] => {}
                [key] => terms.push(format!("{table}.sort_key = {}", statement.bind(key.clone()))),
                keys => {
                    terms.push(format!("{table}.sort_key IN {}", statement.bind_list(keys.iter().cloned())));
                }
            }
            match texts.as_slice() {
                [] => {}
                [json] => terms.push(format!("{table}.value = {}", statement.bind(json.clone()))),
                texts => {
                    let list = statement.bind_list(texts.iter().cloned().map(SqlValue::Text));
                    terms.push(format!("{table}.value IN {list}"));
                }
            }
            if *null {
                terms.push(format!("{table}.sort_key IS NULL"));
            }
            balanced(terms, "OR", "0")
        }
    }
}
