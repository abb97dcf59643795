//! Forms and their options.

use serde_json::{Map, Value};
use uuid::Uuid;

use instant_schema::instaql::{MAX_DEPTH, OptionKey};
use instant_schema::parse_id_value;

use super::Parser;
use super::condition::{self, Condition};
use crate::instaql::problem::{At, below};
use crate::{ApiError, json};

/// One entity type or link of a query, with its options and nested forms.
#[derive(Debug)]
pub(in crate::instaql) struct Form {
    /// The entity type at the root, the link's label below.
    pub key: String,
    /// Its path in the query.
    pub at: At,
    pub options: Options,
    pub children: Vec<Form>,
}

/// The options under `$`.
#[derive(Debug, Default)]
pub(in crate::instaql) struct Options {
    pub filter: Vec<Condition>,
    pub order: Option<Order>,
    pub size: Option<Size>,
    pub offset: Option<u64>,
    pub after: Option<Cursor>,
    pub before: Option<Cursor>,
    pub fields: Option<Vec<String>>,
    pub count: bool,
}

#[derive(Debug, Clone)]
pub(in crate::instaql) struct Order {
    pub label: String,
    pub descending: bool,
}

/// How many rows a page has, and from which end of the range they are taken.
#[derive(Debug, Clone, Copy)]
pub(in crate::instaql) struct Size {
    pub rows: u64,
    pub from_end: bool,
}

/// The row at which a page begins or ends.
#[derive(Debug)]
pub(in crate::instaql) struct Cursor {
    pub entity: Uuid,
    pub attr: Uuid,
    pub value: Value,
    pub created: i64,
    pub inclusive: bool,
}

/// Reads the forms of the whole query.
pub(super) fn roots(parser: &mut Parser<'_>, query: &Value) -> Result<Vec<Form>, ApiError> {
    parser.forms(query, &Vec::new(), 0)
}

impl Parser<'_> {
    fn forms(&mut self, value: &Value, at: &At, level: usize) -> Result<Vec<Form>, ApiError> {
        let members =
            self.object(value, at, "a form is an object: `{}`, or `{\"$\": {..}, \"link\": {..}}`")?;
        let children = members.iter().filter(|(key, _)| !(level > 0 && *key == "$"));
        children.enumerate().map(|(index, (key, value))| self.form(key, value, at, level, index)).collect()
    }

    fn form(
        &mut self,
        key: &str,
        value: &Value,
        at: &At,
        level: usize,
        index: usize,
    ) -> Result<Form, ApiError> {
        let at = below(at, &[key]);
        if level >= MAX_DEPTH {
            let message = format!(
                "The query is nested more than {MAX_DEPTH} levels deep. Ask for the rest in a second query."
            );
            return Err(self.query.refuse("supported-depth?", &at, message));
        }
        let members =
            self.object(value, &at, "a form is an object: `{}`, or `{\"$\": {..}, \"link\": {..}}`")?;
        let options = match members.get("$") {
            None => Options::default(),
            Some(options) => self.options(options, &below(&at, &["$"]), level, index)?,
        };
        let children = self.forms(value, &at, level + 1)?;
        Ok(Form { key: key.to_owned(), at, options, children })
    }

    fn options(&mut self, value: &Value, at: &At, level: usize, index: usize) -> Result<Options, ApiError> {
        let given = self.object(value, at, "`$` is an object of options, for example `{\"where\": {..}}`")?;
        let filter = match given.get("where") {
            None | Some(Value::Null) => Vec::new(),
            Some(filter) => {
                let filter =
                    self.object(filter, &below(at, &["where"]), "`where` is an object of conditions")?;
                condition::parse(self, filter, at, index)?
            }
        };
        let order = match given.get("order") {
            None | Some(Value::Null) => None,
            Some(order) => self.order(order, &below(at, &["order"]))?,
        };
        let limit = self.count(given, "limit", at)?;
        let first = self.count(given, "first", at)?;
        let last = self.count(given, "last", at)?;
        let offset = match truthy(given, "offset") {
            None => None,
            Some(value) => Some(integer(value).ok_or_else(|| {
                let message =
                    format!("The offset field must be a non-negative integer. Got {}.", json::message(value));
                self.query.refuse("supported-options?", &below(at, &["offset"]), message)
            })?),
        };
        let after = self.cursor(given, "after", at, index)?;
        let after_inclusive = self.flag(given, "afterInclusive", at)?;
        let before = self.cursor(given, "before", at, index)?;
        let before_inclusive = self.flag(given, "beforeInclusive", at)?;
        let count = match truthy(given, "aggregate") {
            None => false,
            Some(Value::String(count)) if count == "count" => true,
            Some(other) => {
                let message =
                    format!("The aggregate field only accepts \"count\", got {}.", json::message(other));
                return Err(self.query.refuse("supported-options?", &below(at, &["aggregate"]), message));
            }
        };
        let fields = self.fields(given, at, index)?;
        if given.keys().any(|key| OptionKey::parse(key).is_none()) {
            let message =
                "We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.";
            return Err(self.query.refuse("supported-options?", at, message));
        }
        if level > 0 && (offset.is_some() || after.is_some() || before.is_some()) {
            let message = "We currently only support `offset`, `before`, and `after` clauses on the top-level field. Limit fields will be ignored";
            return Err(self.query.refuse("supported-options?", at, message));
        }
        let sizes = [("`limit`", limit), ("`first`", first), ("`last`", last)];
        let named: Vec<&str> =
            sizes.iter().filter(|(_, size)| size.is_some()).map(|(name, _)| *name).collect();
        if named.len() > 1 {
            let message = format!("Only provide one of {}.", named.join(" or "));
            return Err(self.query.refuse("supported-options?", at, message));
        }
        let size = limit.or(first).or(last).map(|rows| Size { rows, from_end: last.is_some() });
        let inclusive =
            |cursor: Option<Cursor>, inclusive| cursor.map(|cursor| Cursor { inclusive, ..cursor });
        Ok(Options {
            filter,
            order,
            size,
            offset,
            after: inclusive(after, after_inclusive),
            before: inclusive(before, before_inclusive),
            fields,
            count,
        })
    }

    fn order(&self, value: &Value, at: &At) -> Result<Option<Order>, ApiError> {
        let order = self.object(value, at, "`order` is an object of one key: `{\"label\": \"asc\"}`")?;
        let mut keys = order.iter();
        let (Some((label, direction)), rest) = (keys.next(), keys.next()) else { return Ok(None) };
        if rest.is_some() {
            let keys = order.keys().map(String::as_str).collect::<Vec<_>>().join(",");
            let message = format!("We only support a single key in the `order` clause. Got {keys}.");
            return Err(self.query.refuse("single-key?", at, message));
        }
        let descending = match direction.as_str() {
            Some("asc") => false,
            Some("desc") => true,
            _ => {
                let message =
                    format!("We only support \"asc\" or \"desc\" in the `order` clause. Got {direction}.");
                return Err(self.query.refuse("valid-direction?", &below(at, &[label]), message));
            }
        };
        Ok(Some(Order { label: label.clone(), descending }))
    }

    fn count(&self, given: &Map<String, Value>, name: &str, at: &At) -> Result<Option<u64>, ApiError> {
        let Some(value) = truthy(given, name) else { return Ok(None) };
        let rows = integer(value).filter(|rows| *rows > 0).ok_or_else(|| {
            let message =
                format!("The {name} field must be a positive integer. Got {}.", json::message(value));
            self.query.refuse("supported-options?", &below(at, &[name]), message)
        })?;
        Ok(Some(rows))
    }

    fn flag(&self, given: &Map<String, Value>, name: &str, at: &At) -> Result<bool, ApiError> {
        match given.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => {
                let help = format!("`{name}` is `true` or `false`");
                Err(self.query.refuse_shape("boolean?", &below(at, &[name]), &help))
            }
        }
    }

    fn cursor(
        &mut self,
        given: &Map<String, Value>,
        name: &str,
        at: &At,
        index: usize,
    ) -> Result<Option<Cursor>, ApiError> {
        let Some(value) = truthy(given, name) else { return Ok(None) };
        let expected = |what: &str, got: &Value| {
            let message = format!("Expected a join row {what}for the cursor, got {}.", json::message(got));
            self.query.refuse("join-row?", &below(at, &[name]), message)
        };
        let row = value.as_array().ok_or_else(|| expected("", value))?;
        let (entity, attr, value, created) = match row.as_slice() {
            [entity, attr, value] | [entity, attr, value, Value::Null | Value::Bool(false)] => {
                (entity, attr, value, None)
            }
            [entity, attr, value, created] => (entity, attr, value, Some(created)),
            _ => return Err(expected("with 4 items ", value)),
        };
        let position = |what: &str, got: &Value| {
            let message = format!("Expected a join row with {what}, got {}.", json::message(got));
            self.query.refuse("join-row?", &below(at, &[name]), message)
        };
        let attr = parse_id_value(attr)
            .ok_or_else(|| position("a uuid attribute id in the second position", attr))?;
        let integer = |created: &Value| {
            created.as_i64().ok_or_else(|| position("an integer created_at in the last position", created))
        };
        let created = created.map(integer).transpose()?;
        let (Some(created), Some(entity)) = (created, parse_id_value(entity)) else {
            let at = vec![index.into(), "option-map".into(), name.into(), 0.into()];
            let help =
                "a cursor is [entity, attribute, value, created]: pass one back as it came in a page's info";
            self.report_late(self.query.refuse_value("uuid?", &at, help));
            return Ok(None);
        };
        Ok(Some(Cursor { entity, attr, value: value.clone(), created, inclusive: false }))
    }

    fn fields(
        &mut self,
        given: &Map<String, Value>,
        at: &At,
        index: usize,
    ) -> Result<Option<Vec<String>>, ApiError> {
        let Some(value) = truthy(given, "fields") else { return Ok(None) };
        let Some(names) = value.as_array() else {
            let message = "The `fields` property should be an array of field names.";
            return Err(self.query.refuse("array?", &below(at, &["fields"]), message));
        };
        let labels = names.iter().map(|name| name.as_str().map(str::to_owned));
        let Some(fields) = labels.collect::<Option<Vec<String>>>() else {
            let at = vec![index.into(), "option-map".into(), "fields".into()];
            self.report_late(self.query.refuse_value(
                "string?",
                &at,
                "each of `fields` is the name of an attribute",
            ));
            return Ok(None);
        };
        Ok(Some(fields))
    }
}

/// The value of an option; null and false count as missing.
fn truthy<'v>(given: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    given.get(name).filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
}

/// A whole number from 0 to the largest that SQLite counts to.
fn integer(value: &Value) -> Option<u64> {
    value.as_i64().and_then(|number| u64::try_from(number).ok())
}
