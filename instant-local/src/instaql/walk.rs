//! Walking an order: the SQL that reads the rows of a stretch from its index, in order, up to a limit.

use rusqlite::Row;
use rusqlite::types::Value as SqlValue;
use uuid::Uuid;

use super::filter::{Comparison, End, Filter, ValueTest};
use super::sql::{Statement, id_blob, limit};
use super::stretch::{Cutter, Edge, Position, Range, Side, Stretch};
use crate::ApiError;
use crate::store::{ReadTx, StoredAttr};

/// A selected entity and its place in the order.
#[derive(Debug, Clone)]
pub(super) struct Selected {
    pub position: Position,
    /// The time of its `id` triple.
    pub created: i64,
}

/// The rows that are wanted, and those of them that have been found.
pub(super) struct Window {
    pub skip: u64,
    pub take: u64,
    pub rows: Vec<Selected>,
}

/// An order over the entities of one type.
#[derive(Clone, Copy)]
pub(super) struct Walk<'a> {
    pub tx: &'a ReadTx<'a>,
    pub id_attr: &'a StoredAttr,
    /// The attribute to order by; `None` for the time of creation.
    pub order: Option<&'a StoredAttr>,
}

/// Where the rows of a stretch are, and the SQL of their columns.
struct Table {
    from: String,
    key: &'static str,
    entity: &'static str,
    terms: String,
    /// Joins the `id` triple as `found`, where `from` does not have it.
    join: String,
}

impl Window {
    pub fn of(skip: u64, take: u64) -> Self {
        Self { skip, take, rows: Vec::new() }
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() as u64 >= self.take
    }

    /// How many more rows to read.
    fn limit(&self) -> i64 {
        limit(self.take.saturating_add(self.skip).saturating_sub(self.rows.len() as u64))
    }

    fn push(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        let position = Position { entity: Uuid::from_bytes(row.get(0)?), key: row.get(2)? };
        self.rows.push(Selected { position, created: row.get(1)? });
        Ok(())
    }
}

impl Walk<'_> {
    /// The stretches of the whole order, ascending, narrowed to what the filters on its attribute let through; and
    /// the filters that this makes superfluous, by their index.
    pub fn stretches(self, filters: &[Filter]) -> Result<(Vec<Stretch>, Vec<usize>), ApiError> {
        let Some(order) = self.order else { return Ok((vec![Stretch::keyed()], Vec::new())) };
        let (mut nulls, mut keyed, mut keys) = (true, true, Range::ALL);
        let mut applied = Vec::new();
        for (index, filter) in filters.iter().enumerate() {
            let Some(narrowed) = on_key(filter, order) else { continue };
            match narrowed {
                OnKey::Nulls => keyed = false,
                OnKey::Keys(range) => {
                    nulls = false;
                    keys = Cutter(self.tx).within(keys, range)?;
                }
                OnKey::KeysOrNull(range) => keys = Cutter(self.tx).within(keys, range)?,
            }
            applied.push(index);
        }
        let nulls = nulls.then(Stretch::nulls);
        Ok((nulls.into_iter().chain(keyed.then_some(Stretch::Keys(keys))).collect(), applied))
    }

    /// Reads the rows of a stretch that pass the filters, until the window is full.
    pub fn read(
        self,
        stretch: &Stretch,
        filters: &[&Filter],
        descending: bool,
        window: &mut Window,
    ) -> Result<(), ApiError> {
        let mut statement = Statement::default();
        let Table { from, key, entity, terms, join } = self.table(&mut statement);
        let stretched = stretch.sql(&mut statement, key, entity);
        let filters = statement.all(filters, entity)?;
        let order = order_by(stretch.is_tie(), key, entity, descending);
        let limit = window.limit();
        let sql = format!(
            "SELECT {entity}, found.created, {key} FROM {from}{join}
             WHERE {terms} AND {stretched} AND {filters} ORDER BY {order} LIMIT {limit}"
        );
        statement.each(self.tx, &sql, |row| window.push(row))
    }

    /// Reads those of the given entities that are in the stretches and pass the filters, sorted.
    pub fn sort(
        self,
        entities: &[Uuid],
        stretches: &[Stretch],
        filters: &[&Filter],
        descending: bool,
        window: &mut Window,
    ) -> Result<(), ApiError> {
        let mut statement = Statement::default();
        let source = statement.bind_list(entities.iter().copied().map(id_blob));
        let id_attr = statement.bind(self.id_attr.key);
        let (key, ranked) = match self.order {
            None => ("found.created", String::new()),
            Some(order) => {
                let attr = statement.bind(order.key);
                let on = format!("ranked.entity = found.entity AND ranked.attr = {attr}");
                ("ranked.sort_key", format!(" CROSS JOIN blobs ranked ON {on}"))
            }
        };
        let entity = "found.entity";
        let places =
            stretches.iter().map(|stretch| format!("({})", stretch.sql(&mut statement, key, entity)));
        let places = places.collect::<Vec<_>>().join(" OR ");
        let filters = statement.all(filters, entity)?;
        let order = order_by(false, key, entity, descending);
        let limit = window.limit();
        let sql = format!(
            "SELECT {entity}, found.created, {key} FROM {source} source
             CROSS JOIN entities found ON found.attr = {id_attr} AND found.entity = source.value{ranked}
             WHERE ({places}) AND {filters} ORDER BY {order} LIMIT {limit}"
        );
        statement.each(self.tx, &sql, |row| window.push(row))
    }

    /// Cuts off the first rows of a stretch, in the direction of the walk: those rows, and what follows them.
    pub fn split(
        self,
        stretch: Stretch,
        rows: u64,
        descending: bool,
    ) -> Result<(Vec<Stretch>, Vec<Stretch>), ApiError> {
        let Some(last) = self.nth(&stretch, rows, descending)? else {
            return Ok((vec![stretch], Vec::new()));
        };
        let (near, far) = if descending { (Side::Above, Side::Below) } else { (Side::Below, Side::Above) };
        let cutter = Cutter(self.tx);
        let mut first = cutter.cut(vec![stretch.clone()], near, &last, true)?;
        let mut rest = cutter.cut(vec![stretch], far, &last, false)?;
        if descending {
            first.reverse();
            rest.reverse();
        }
        Ok((first, rest))
    }

    /// The place of the nth row of a stretch, counted from 1, whether or not its entity exists.
    fn nth(self, stretch: &Stretch, nth: u64, descending: bool) -> Result<Option<Position>, ApiError> {
        let mut statement = Statement::default();
        let Table { from, key, entity, terms, join: _ } = self.table(&mut statement);
        let stretched = stretch.sql(&mut statement, key, entity);
        let order = order_by(stretch.is_tie(), key, entity, descending);
        let offset = i64::try_from(nth.saturating_sub(1)).unwrap_or(i64::MAX);
        let sql = format!(
            "SELECT {entity}, {key} FROM {from} WHERE {terms} AND {stretched} ORDER BY {order} LIMIT 1 OFFSET {offset}"
        );
        let mut position = None;
        statement.each(self.tx, &sql, |row| {
            position = Some(Position { entity: Uuid::from_bytes(row.get(0)?), key: row.get(1)? });
            Ok(())
        })?;
        Ok(position)
    }

    fn table(self, statement: &mut Statement) -> Table {
        let id_attr = statement.bind(self.id_attr.key);
        // An entity without a row of the attribute has no place in its order.
        let Some(order) = self.order else {
            return Table {
                from: "entities found INDEXED BY entities_by_age".to_owned(),
                key: "found.created",
                entity: "found.entity",
                terms: format!("found.attr = {id_attr}"),
                join: String::new(),
            };
        };
        let attr = statement.bind(order.key);
        let on = format!("found.attr = {id_attr} AND found.entity = ranked.entity");
        Table {
            from: "blobs ranked INDEXED BY blobs_by_key".to_owned(),
            key: "ranked.sort_key",
            entity: "ranked.entity",
            terms: format!("ranked.attr = {attr} AND ranked.ranked = 1"),
            join: format!(" CROSS JOIN entities found ON {on}"),
        }
    }
}

fn order_by(tie: bool, key: &str, entity: &str, descending: bool) -> String {
    let direction = if descending { "DESC" } else { "ASC" };
    if tie { format!("{entity} {direction}") } else { format!("{key} {direction}, {entity} {direction}") }
}

/// What a filter on the attribute of an order leaves of it.
enum OnKey {
    Nulls,
    Keys(Range<SqlValue>),
    KeysOrNull(Range<SqlValue>),
}

/// The part of the order that a filter lets through, where that is one range of its keys.
fn on_key(filter: &Filter, order: &StoredAttr) -> Option<OnKey> {
    let Filter::Exists(paths) = filter else { return None };
    let [path] = paths.as_slice() else { return None };
    if !path.hops.is_empty() {
        return None;
    }
    match &path.end {
        End::Value { attr, ranked: true, test } if *attr == order.key => test_on_key(test),
        End::Null { value, null, .. } => match &**value {
            End::Value { attr, .. } if *attr == order.key => {
                Some(if *null { OnKey::Nulls } else { OnKey::Keys(Range::ALL) })
            }
            _ => None,
        },
        _ => None,
    }
}

fn test_on_key(test: &ValueTest) -> Option<OnKey> {
    match test {
        ValueTest::NotNull => Some(OnKey::Keys(Range::ALL)),
        ValueTest::OneOf { keys, texts, null: false } if texts.is_empty() => {
            let [key] = keys.as_slice() else { return None };
            let edge = || Some(Edge { at: key.clone(), inclusive: true });
            Some(OnKey::Keys(Range { low: edge(), high: edge() }))
        }
        ValueTest::Compare { comparison, operand, null } => {
            let (side, inclusive) = match comparison {
                Comparison::Greater => (Side::Above, false),
                Comparison::GreaterOrEqual => (Side::Above, true),
                Comparison::Less => (Side::Below, false),
                Comparison::LessOrEqual => (Side::Below, true),
            };
            let range = Range::beyond(side, Edge { at: operand.clone(), inclusive });
            Some(if *null { OnKey::KeysOrNull(range) } else { OnKey::Keys(range) })
        }
        ValueTest::OneOf { .. } | ValueTest::Not { .. } | ValueTest::Like { .. } => None,
    }
}
