//! SQL for filters.

use std::rc::Rc;

use instant_schema::Direction;
use rusqlite::ToSql;
use rusqlite::types::Value as SqlValue;
use uuid::Uuid;

use super::filter::{End, Filter, Hop, Path, ValueTest};
use crate::ApiError;
use crate::store::Comparable;

/// The parameters of a statement in the making, and the names it has given to tables.
#[derive(Default)]
pub(super) struct Statement {
    params: Vec<Box<dyn ToSql>>,
    tables: usize,
}

/// A set of entities that contains every one a filter lets through.
pub(super) struct Source {
    /// A `SELECT` of one column, `entity`.
    pub sql: String,
    /// Which of the filters it stands for, by their place.
    pub stands_for: Option<usize>,
}

/// SQLite joins 64 tables at the most.
const MOST_TABLES: usize = 60;
/// SQLite takes 32,766 parameters at the most.
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

    /// What to run the statement with. Fails when it has become more than SQLite takes.
    pub fn params(&self) -> Result<Vec<&dyn ToSql>, ApiError> {
        if self.params.len() > MOST_PARAMS {
            return Err(ApiError::parameter_limit());
        }
        Ok(self.params.iter().map(AsRef::as_ref).collect())
    }

    /// The filters as one boolean expression on `entity`, an SQL expression.
    pub fn all(&mut self, filters: &[&Filter], entity: &str) -> Result<String, ApiError> {
        let terms = filters.iter().map(|filter| self.filter(filter, entity)).collect::<Result<_, _>>()?;
        Ok(balanced(terms, "AND", "1"))
    }

    /// The cheapest place to look for what passes all filters, if an index leads to one.
    pub fn source(&mut self, filters: &[Filter]) -> Result<Option<Source>, ApiError> {
        let costs = filters.iter().enumerate().filter_map(|(index, filter)| Some((cost(filter)?, index)));
        let Some((_, index)) = costs.min() else { return Ok(None) };
        let sql = self.select(&filters[index])?;
        let exact = !matches!(filters[index], Filter::All(_)) && is_exact(&filters[index]);
        Ok(Some(Source { sql, stands_for: exact.then_some(index) }))
    }

    /// A `SELECT` of the entities that a filter lets through (or more of them, for an `and`).
    fn select(&mut self, filter: &Filter) -> Result<String, ApiError> {
        match filter {
            Filter::Exists(paths) => {
                let mut join = Join::from_root(None);
                for path in paths {
                    join.path(self, path);
                }
                let root = join.root.clone().unwrap_or_else(|| "NULL".to_owned());
                join.finish(&format!("DISTINCT {root} AS entity"))
            }
            Filter::Any(branches) => {
                let selects =
                    branches.iter().map(|branch| self.select(branch)).collect::<Result<Vec<_>, _>>()?;
                // Nested, since SQLite limits how many terms one UNION may have.
                Ok(union(&selects))
            }
            Filter::All(members) => {
                let cheapest = members
                    .iter()
                    .filter_map(|member| Some((cost(member)?, member)))
                    .min_by_key(|(cost, _)| *cost);
                match cheapest {
                    Some((_, member)) => self.select(member),
                    None => Err(ApiError::internal("a source for a filter without one")),
                }
            }
        }
    }

    fn filter(&mut self, filter: &Filter, entity: &str) -> Result<String, ApiError> {
        let each = |this: &mut Self, filters: &[Filter]| {
            filters.iter().map(|one| this.filter(one, entity)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match filter {
            Filter::All(filters) => balanced(each(self, filters)?, "AND", "1"),
            Filter::Any(filters) => balanced(each(self, filters)?, "OR", "0"),
            Filter::Exists(paths) => {
                let mut join = Join::from_root(Some(entity.to_owned()));
                for path in paths {
                    join.path(self, path);
                }
                if join.tables.is_empty() {
                    // Only tests that something is missing on the entity itself need no table.
                    balanced(join.terms, "AND", "1")
                } else {
                    format!("EXISTS ({})", join.finish("1")?)
                }
            }
        })
    }

    fn table(&mut self) -> String {
        self.tables += 1;
        format!("t{}", self.tables)
    }
}

/// The tables and terms of one `EXISTS` or `SELECT`.
struct Join {
    /// What the entity in question is; not known before the first table where the join is to find it.
    root: Option<String>,
    variables: Vec<(Hop, String, String)>,
    tables: Vec<String>,
    terms: Vec<String>,
}

impl Join {
    fn from_root(root: Option<String>) -> Self {
        Self { root, variables: Vec::new(), tables: Vec::new(), terms: Vec::new() }
    }

    fn path(&mut self, statement: &mut Statement, path: &Path) {
        let mut from = self.root.clone();
        for hop in &path.hops {
            from = Some(self.hop(statement, hop, from));
        }
        self.end(statement, &path.end, from);
    }

    /// Goes along a link from `from`; returns the far entity.
    fn hop(&mut self, statement: &mut Statement, hop: &Hop, from: Option<String>) -> String {
        let known = self.variables.iter().find(|(other, start, _)| {
            (other.attr, other.side, &other.variable) == (hop.attr, hop.side, &hop.variable)
                && Some(start) == from.as_ref()
        });
        if let Some((_, _, far)) = known {
            return far.clone();
        }
        let table = statement.table();
        let (near, far) = ends(&table, hop.side);
        self.tables.push(format!("refs {table}"));
        self.terms.push(format!("{table}.attr = {}", hop.attr));
        let start = self.bind_entity(from, &near);
        let same = self.variables.iter().find(|(other, ..)| other.variable == hop.variable);
        if let Some((_, _, other)) = same {
            self.terms.push(format!("{far} = {other}"));
        }
        self.variables.push((hop.clone(), start, far.clone()));
        far
    }

    fn end(&mut self, statement: &mut Statement, end: &End, from: Option<String>) {
        if let End::Missing(present) = end {
            // `from` is known: a test for what is missing never looks for entities.
            let mut inner = Self::from_root(Some(from.unwrap_or_else(|| "NULL".to_owned())));
            let entity = inner.root.clone();
            inner.end(statement, present, entity);
            let inner =
                format!("SELECT 1 FROM {} WHERE {}", inner.tables.join(", "), inner.terms.join(" AND "));
            self.terms.push(format!("NOT EXISTS ({inner})"));
            return;
        }
        let table = statement.table();
        match end {
            End::Id { attr, ids, negated } => {
                self.tables.push(format!("entities {table}"));
                self.terms.push(format!("{table}.attr = {attr}"));
                self.bind_entity(from, &format!("{table}.entity"));
                self.terms.push(one_of_ids(statement, &format!("{table}.entity"), ids, *negated));
            }
            End::IdPrefix { attr, digits } => {
                self.tables.push(format!("entities {table}"));
                self.terms.push(format!("{table}.attr = {attr}"));
                self.bind_entity(from, &format!("{table}.entity"));
                let digits = statement.bind(digits.clone());
                self.terms.push(format!("instr(lower(hex({table}.entity)), {digits}) = 1"));
            }
            End::Value { attr, ranked, test } => {
                self.tables.push(format!("blobs {table}"));
                self.terms.push(format!("{table}.attr = {attr}"));
                if *ranked {
                    self.terms.push(format!("{table}.ranked = 1"));
                }
                self.bind_entity(from, &format!("{table}.entity"));
                let test = value_test(statement, &table, test);
                self.terms.push(test);
            }
            End::Link { attr, side, targets, negated } => {
                let (near, far) = ends(&table, *side);
                self.tables.push(format!("refs {table}"));
                self.terms.push(format!("{table}.attr = {attr}"));
                self.bind_entity(from, &near);
                if let Some(targets) = targets {
                    self.terms.push(one_of_ids(statement, &far, targets, *negated));
                }
            }
            End::Missing(_) => {}
        }
    }

    /// Says that `column` is the entity `from`, or takes it as the root where that is not known yet.
    fn bind_entity(&mut self, from: Option<String>, column: &str) -> String {
        match from.or_else(|| self.root.clone()) {
            Some(from) => {
                self.terms.push(format!("{column} = {from}"));
                from
            }
            None => self.root.insert(column.to_owned()).clone(),
        }
    }

    fn finish(self, select: &str) -> Result<String, ApiError> {
        if self.tables.len() > MOST_TABLES {
            return Err(ApiError::parameter_limit());
        }
        let terms = balanced(self.terms, "AND", "1");
        Ok(format!("SELECT {select} FROM {} WHERE {terms}", self.tables.join(", ")))
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

fn union(selects: &[String]) -> String {
    match selects {
        [] => "SELECT NULL AS entity WHERE 0".to_owned(),
        [one] => one.clone(),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            format!("SELECT entity FROM ({}) UNION SELECT entity FROM ({})", union(left), union(right))
        }
    }
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
        ValueTest::Not(Comparable::Key(key)) => {
            format!("{table}.sort_key IS NOT {}", statement.bind(key.clone()))
        }
        ValueTest::Not(Comparable::Text(json)) => {
            format!("{table}.value <> {}", statement.bind(json.clone()))
        }
        ValueTest::Compare { operator, operand, null } => {
            let compared = format!("{table}.sort_key {operator} {}", statement.bind(operand.clone()));
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

/// Whether the entities that `select` gives for the filter are just those it lets through.
fn is_exact(filter: &Filter) -> bool {
    match filter {
        Filter::Exists(_) => true,
        Filter::Any(branches) => branches.iter().all(is_exact),
        Filter::All(_) => false,
    }
}

/// How many entities an index would give for the filter, roughly, as a rank: `None` where no index helps.
fn cost(filter: &Filter) -> Option<u8> {
    match filter {
        Filter::Exists(paths) => {
            // The links of the other paths narrow it down further.
            let rank = paths.iter().filter_map(|path| end_cost(&path.end)).min()?;
            // A path that ends in something missing cannot start a search from its end, but rides along.
            paths.iter().all(|path| !path.hops.is_empty() || end_cost(&path.end).is_some()).then_some(rank)
        }
        Filter::Any(branches) => branches.iter().map(cost).collect::<Option<Vec<_>>>()?.into_iter().max(),
        Filter::All(members) => members.iter().filter_map(cost).min(),
    }
}

fn end_cost(end: &End) -> Option<u8> {
    match end {
        End::Id { negated: false, .. } => Some(0),
        End::Value { ranked: true, test: ValueTest::OneOf { null: false, .. }, .. } => Some(1),
        End::Link { targets: Some(_), negated: false, .. } => Some(2),
        End::Value { ranked: true, test: ValueTest::OneOf { .. }, .. } => Some(4),
        End::Value { ranked: true, test: ValueTest::Compare { null: false, .. }, .. } => Some(5),
        _ => None,
    }
}
