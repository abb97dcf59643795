//! Checking a JSON query against a schema: its forms, their options and links.

use serde_json::{Map, Value};

use super::judge::{self, ValueKind};
use super::names::{self, EntityRef};
use super::order::Direction;
use super::{MAX_DEPTH, OPTIONS, RULE_PARAMS};
use crate::id::parse_id_value;
use crate::model::Schema;
use crate::option::{Aggregate, OptionKey};
use crate::path::Path;
use crate::rule::{self, Problem};

/// Checks a query by the rules of `query!` and returns everything that is wrong: unknown names, values of the wrong
/// type, operators on attributes without the index or type that they need, options in the wrong place.
///
/// ```
/// use instant_schema::{Schema, instaql};
/// use serde_json::json;
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string"}}}}}"#,
/// )?;
/// let problems = instaql::check(&schema, &json!({ "posts": { "$": { "where": { "titel": "Hi" } } } }));
/// assert_eq!(
///     problems[0].to_string(),
///     "posts.$.where.titel: `posts` has no attribute or link `titel`; did you mean `title`?\n\
///      attributes: `id`, `title`\nlinks: none"
/// );
/// # Ok::<(), instant_schema::Problems>(())
/// ```
pub fn check(schema: &Schema, query: &Value) -> Vec<Problem> {
    let mut checker = Checker { schema, problems: Vec::new() };
    checker.query(query);
    checker.problems
}

/// Walks a query and notes every broken rule.
pub(super) struct Checker<'a> {
    schema: &'a Schema,
    problems: Vec<Problem>,
}

/// The entity whose names count; `None` where its own name is unknown.
pub(super) type Scope<'a> = Option<EntityRef<'a>>;

impl<'a> Checker<'a> {
    fn query(&mut self, query: &Value) {
        let path = Path::root();
        let members = self.object(query, &path, "a query", "an object such as `{ posts: {} }`");
        for (name, value) in members.into_iter().flatten() {
            let path = path.key(name);
            if name == RULE_PARAMS {
                self.object(value, &path, "`$$ruleParams`", "an object of names and values");
                continue;
            }
            let scope = EntityRef::find(self.schema, name);
            if scope.is_none() {
                let entities = self.schema.entities.keys().map(String::as_str).collect();
                self.note(&path, rule::unknown_entity(name, entities));
            }
            self.form(name, value, scope, &path, 0);
        }
    }

    fn form(&mut self, name: &str, value: &Value, scope: Scope<'a>, path: &Path, depth: usize) {
        if depth == MAX_DEPTH {
            self.note(path, rule::too_deep(MAX_DEPTH));
            return;
        }
        let members = self.object(value, path, &format!("`{name}`"), "an object: `{}` asks for everything");
        let (mut aggregates, mut has_rows) = (false, false);
        for (key, value) in members.into_iter().flatten() {
            let path = path.key(key);
            if key == OPTIONS {
                self.options(name, value, scope, &path, depth);
                let gives =
                    |option: OptionKey| value.get(option.name()).is_some_and(|value| !value.is_null());
                aggregates = gives(OptionKey::Aggregate) && depth == 0;
                has_rows |= gives(OptionKey::Fields);
                continue;
            }
            let target = match scope {
                // Problems inside would confuse: an attribute is not a form.
                Some(on) => match self.noted(&path, names::child(&on, key)) {
                    Some(target) => Some(target),
                    None => continue,
                },
                None => None,
            };
            has_rows = true;
            self.form(key, value, target, &path, depth + 1);
        }
        if aggregates && has_rows {
            self.note(&path.key(OPTIONS).key("aggregate"), rule::aggregate_alone());
        }
    }

    /// The options of the form `form`, which is at the root where its depth is 0.
    fn options(&mut self, form: &str, value: &Value, scope: Scope<'a>, path: &Path, depth: usize) {
        let members = self.object(value, path, "`$`", "options: `{ where: {..} }`");
        let mut page_size = None;
        for (name, value) in members.into_iter().flatten() {
            let path = path.key(name);
            let Some(option) = OptionKey::parse(name) else {
                self.note(&path, rule::unknown_option(name));
                continue;
            };
            if depth > 0 && option.root_only() {
                self.note(&path, rule::root_only(option, form));
                continue;
            }
            // For the server, null means that the option is not given.
            if value.is_null() {
                continue;
            }
            if option.sizes_page() {
                if let Some(earlier) = page_size {
                    self.note(&path, rule::one_page_size(option, earlier));
                }
                page_size = page_size.or(Some(option));
            }
            match option {
                OptionKey::Where => self.top_filter(value, scope, &path, depth + 1),
                OptionKey::Order => self.order(value, scope, depth == 0, &path),
                OptionKey::Limit | OptionKey::First | OptionKey::Last | OptionKey::Offset => {
                    self.count(option, value, &path);
                }
                OptionKey::After | OptionKey::Before => self.cursor(option, value, &path),
                OptionKey::AfterInclusive | OptionKey::BeforeInclusive => self.boolean(option, value, &path),
                OptionKey::Fields => self.fields(value, scope, &path),
                OptionKey::Aggregate => self.aggregate(value, &path),
            }
        }
    }

    fn order(&mut self, value: &Value, scope: Scope<'a>, is_root: bool, path: &Path) {
        let members = value.as_object().filter(|members| members.len() == 1);
        let Some((by, direction)) = members.and_then(|members| members.iter().next()) else {
            self.note(path, rule::one_order_key());
            return;
        };
        let path = path.key(by);
        if let Some(on) = scope {
            self.noted(&path, names::order(&on, by, is_root));
        }
        if direction.as_str().and_then(Direction::from_name).is_none() {
            let got = direction.as_str().map_or_else(|| direction.to_string(), str::to_owned);
            self.note(&path, rule::order_direction(&got));
        }
    }

    fn count(&mut self, option: OptionKey, value: &Value, path: &Path) {
        if value.as_number().is_some_and(|number| judge::is_count(option, number)) {
            return;
        }
        let got = match value {
            Value::Number(number) => number.to_string(),
            other => ValueKind::of(other).described().to_owned(),
        };
        self.note(path, rule::page_size(option, &got));
    }

    /// A cursor is `[entity id, attribute id, value, created-at milliseconds]`.
    fn cursor(&mut self, option: OptionKey, value: &Value, path: &Path) {
        let Some([entity, attribute, _, created_at]) = value.as_array().map(Vec::as_slice) else {
            let got = value.as_array().map_or(ValueKind::of(value).described().to_owned(), |parts| {
                format!("a list of {}", parts.len())
            });
            self.note(path, rule::cursor(option, &format!("a list of four parts, not {got}")));
            return;
        };
        let why = if parse_id_value(entity).is_none() {
            "its first part is the UUID of an entity"
        } else if parse_id_value(attribute).is_none() {
            "its second part is the UUID of an attribute"
        } else if created_at.as_i64().is_none() {
            "its last part is an integer"
        } else {
            return;
        };
        self.note(path, rule::cursor(option, why));
    }

    fn boolean(&mut self, option: OptionKey, value: &Value, path: &Path) {
        if value.as_bool().is_none() {
            let place = format!("`{}`", option.name());
            self.note(path, rule::shape(&place, "`true` or `false`", ValueKind::of(value).described()));
        }
    }

    fn fields(&mut self, value: &Value, scope: Scope<'a>, path: &Path) {
        let Value::Array(list) = value else {
            let got = ValueKind::of(value).described();
            self.note(path, rule::shape("`fields`", "a list of attributes: `[\"title\"]`", got));
            return;
        };
        let mut fields: Vec<&str> = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let path = path.index(index);
            let Value::String(label) = value else {
                let got = ValueKind::of(value).described();
                self.note(&path, rule::shape("`fields`", "the names of attributes", got));
                continue;
            };
            if fields.contains(&label.as_str()) {
                self.note(&path, rule::duplicate_key(label));
                continue;
            }
            if let Some(on) = scope {
                self.noted(&path, names::field(&on, label));
            }
            fields.push(label);
        }
    }

    fn aggregate(&mut self, value: &Value, path: &Path) {
        if value.as_str().and_then(Aggregate::from_name).is_none() {
            let got = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.note(path, rule::aggregate(&got));
        }
    }

    /// The members of an object. Anything else is noted.
    pub(super) fn object<'v>(
        &mut self,
        value: &'v Value,
        path: &Path,
        place: &str,
        wanted: &str,
    ) -> Option<&'v Map<String, Value>> {
        if value.as_object().is_none() {
            self.note(path, rule::shape(place, wanted, ValueKind::of(value).described()));
        }
        value.as_object()
    }

    /// Returns the value, or notes the problem.
    pub(super) fn noted<T>(&mut self, path: &Path, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.note(path, problem)).ok()
    }

    pub(super) fn note(&mut self, path: &Path, problem: Problem) {
        self.problems.push(problem.at(path));
    }
}
