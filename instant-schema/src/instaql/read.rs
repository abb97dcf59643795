//! From a JSON query to the tree of forms and options, noting every broken rule on the way.

use serde_json::{Map, Number, Value};

use super::direction::Direction;
use super::judge::{self, ValueKind};
use super::names::{self, EntityRef};
use super::rule::{self, Breach};
use super::tree::{Aggregate, Cursor, Form, Limit, LimitKind, Options, Order, Query};
use super::{MAX_DEPTH, OPTIONS, OptionKey, Problem, RULE_PARAMS};
use crate::model::Schema;
use crate::path::Path;

impl Query {
    /// Reads a query whose names nobody knows. All that is wrong with its shape is reported; names, and what
    /// depends on them, are judged by [`check`](super::check).
    ///
    /// ```
    /// use instant_schema::instaql::{LimitKind, Query};
    /// use serde_json::json;
    ///
    /// let query = Query::from_json(&json!({ "posts": { "$": { "first": 3 }, "author": {} } })).unwrap();
    /// assert_eq!(query.forms[0].options.limit.unwrap().kind, LimitKind::First);
    /// assert_eq!(query.forms[0].children[0].name, "author");
    ///
    /// let problems = Query::from_json(&json!({ "posts": { "$": { "limit": 0 } } })).unwrap_err();
    /// assert_eq!(problems[0].to_string(), "posts.$.limit: `limit` takes a positive integer, not 0");
    /// ```
    pub fn from_json(query: &Value) -> Result<Self, Vec<Problem>> {
        let mut reader = Reader::new(None);
        let query = reader.query(query);
        if reader.problems.is_empty() { Ok(query) } else { Err(reader.problems) }
    }
}

/// Reads as much as it can: what breaks a rule is noted and left out.
pub(super) struct Reader<'a> {
    schema: Option<&'a Schema>,
    pub(super) problems: Vec<Problem>,
}

/// The entity that names are looked up on, unless there is no schema or its own name is unknown.
pub(super) type Scope<'a> = Option<EntityRef<'a>>;

impl<'a> Reader<'a> {
    pub(super) fn new(schema: Option<&'a Schema>) -> Self {
        Self { schema, problems: Vec::new() }
    }

    pub(super) fn query(&mut self, query: &Value) -> Query {
        let path = Path::root();
        let mut read = Query::default();
        let Some(members) = self.object(query, &path, "a query", "an object such as `{ posts: {} }`") else {
            return read;
        };
        for (name, value) in members {
            let path = path.key(name);
            if name == RULE_PARAMS {
                read.rule_params =
                    self.object(value, &path, "`$$ruleParams`", "an object of names and values").cloned();
                continue;
            }
            let scope = self.schema.and_then(|schema| EntityRef::find(schema, name));
            if let Some(schema) = self.schema.filter(|_| scope.is_none()) {
                self.note(
                    &path,
                    rule::unknown_entity(name, schema.entities.keys().map(String::as_str).collect()),
                );
            }
            read.forms.extend(self.form(name, value, scope, &path, 0));
        }
        read
    }

    fn form(
        &mut self,
        name: &str,
        value: &Value,
        scope: Scope<'a>,
        path: &Path,
        depth: usize,
    ) -> Option<Form> {
        if depth == MAX_DEPTH {
            self.note(path, rule::too_deep(MAX_DEPTH));
            return None;
        }
        let members =
            self.object(value, path, &format!("`{name}`"), "an object: `{}` asks for everything")?;
        let mut form = Form { name: name.to_owned(), ..Form::default() };
        for (key, value) in members {
            let path = path.key(key);
            if key == OPTIONS {
                form.options = self.options(name, value, scope, &path, depth);
                continue;
            }
            let target = match scope {
                // What was asked of an attribute is no form, and judging it as one would only confuse.
                Some(on) => match self.noted(&path, names::child(&on, key)) {
                    Some(target) => Some(target),
                    None => continue,
                },
                None => None,
            };
            form.children.extend(self.form(key, value, target, &path, depth + 1));
        }
        if form.options.aggregate.is_some() && (!form.children.is_empty() || form.options.fields.is_some()) {
            self.note(&path.key(OPTIONS).key("aggregate"), rule::aggregate_alone());
        }
        Some(form)
    }

    /// The options of the form of that name, which is at the root where its depth is 0.
    fn options(&mut self, form: &str, value: &Value, scope: Scope<'a>, path: &Path, depth: usize) -> Options {
        let mut options = Options::default();
        let Some(members) = self.object(value, path, "`$`", "options: `{ where: {..} }`") else {
            return options;
        };
        let mut page_size = None;
        for (name, value) in members {
            let path = path.key(name);
            let Some(option) = OptionKey::parse(name) else {
                self.note(&path, rule::unknown_option(name));
                continue;
            };
            if depth > 0 && option.root_only() {
                self.note(&path, rule::root_only(option, form));
                continue;
            }
            // The server takes null for an option that is not given.
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
                OptionKey::Where => options.filter = self.top_filter(value, scope, &path, depth + 1),
                OptionKey::Order => options.order = self.order(value, scope, depth == 0, &path),
                OptionKey::Limit | OptionKey::First | OptionKey::Last => {
                    let count = self.count(option, value, &path);
                    options.limit =
                        LimitKind::of(option).zip(count).map(|(kind, count)| Limit { kind, count });
                }
                OptionKey::Offset => options.offset = self.count(option, value, &path),
                OptionKey::After => options.after = self.cursor(option, value, &path),
                OptionKey::Before => options.before = self.cursor(option, value, &path),
                OptionKey::AfterInclusive => options.after_inclusive = self.boolean(option, value, &path),
                OptionKey::BeforeInclusive => options.before_inclusive = self.boolean(option, value, &path),
                OptionKey::Fields => options.fields = self.fields(value, scope, &path),
                OptionKey::Aggregate => options.aggregate = self.aggregate(value, &path),
            }
        }
        options
    }

    fn order(&mut self, value: &Value, scope: Scope<'a>, is_root: bool, path: &Path) -> Option<Order> {
        let Some(members) = value.as_object().filter(|members| members.len() == 1) else {
            self.note(path, rule::one_order_key());
            return None;
        };
        let (by, direction) = members.iter().next()?;
        let path = path.key(by);
        if let Some(on) = scope {
            self.noted(&path, names::order(&on, by, is_root));
        }
        let found = direction.as_str().and_then(Direction::from_name);
        if found.is_none() {
            let got = direction.as_str().map_or_else(|| direction.to_string(), str::to_owned);
            self.note(&path, rule::order_direction(&got));
        }
        Some(Order { by: by.clone(), direction: found? })
    }

    fn count(&mut self, option: OptionKey, value: &Value, path: &Path) -> Option<u64> {
        let count =
            value.as_number().filter(|number| judge::is_count(option, number)).and_then(Number::as_u64);
        if count.is_none() {
            let got = match value {
                Value::Number(number) => number.to_string(),
                other => ValueKind::of(other).described().to_owned(),
            };
            self.note(path, rule::page_size(option, &got));
        }
        count
    }

    fn cursor(&mut self, option: OptionKey, value: &Value, path: &Path) -> Option<Cursor> {
        let Some([entity, attribute, value, created_at]) = value.as_array().map(Vec::as_slice) else {
            let got = value.as_array().map_or(ValueKind::of(value).described().to_owned(), |parts| {
                format!("a list of {}", parts.len())
            });
            self.note(path, rule::cursor(option, &format!("a list of four parts, not {got}")));
            return None;
        };
        let uuid = crate::parse_id_value;
        match (uuid(entity), uuid(attribute), created_at.as_i64()) {
            (Some(entity), Some(attribute), Some(created_at)) => {
                Some(Cursor { entity, attribute, value: value.clone(), created_at })
            }
            (entity, attribute, _) => {
                let why = match (entity, attribute) {
                    (None, _) => "its first part is the UUID of an entity",
                    (_, None) => "its second part is the UUID of an attribute",
                    _ => "its last part is an integer",
                };
                self.note(path, rule::cursor(option, why));
                None
            }
        }
    }

    fn boolean(&mut self, option: OptionKey, value: &Value, path: &Path) -> Option<bool> {
        if value.as_bool().is_none() {
            let place = format!("`{}`", option.name());
            self.note(path, rule::shape(&place, "`true` or `false`", ValueKind::of(value).described()));
        }
        value.as_bool()
    }

    fn fields(&mut self, value: &Value, scope: Scope<'a>, path: &Path) -> Option<Vec<String>> {
        let Value::Array(list) = value else {
            let got = ValueKind::of(value).described();
            self.note(path, rule::shape("`fields`", "a list of attributes: `[\"title\"]`", got));
            return None;
        };
        let mut fields: Vec<String> = Vec::with_capacity(list.len());
        for (index, value) in list.iter().enumerate() {
            let path = path.index(index);
            let Value::String(label) = value else {
                let got = ValueKind::of(value).described();
                self.note(&path, rule::shape("`fields`", "the names of attributes", got));
                continue;
            };
            if fields.contains(label) {
                self.note(&path, rule::duplicate_key(label));
                continue;
            }
            if let Some(on) = scope {
                self.noted(&path, names::field(&on, label));
            }
            fields.push(label.clone());
        }
        Some(fields)
    }

    fn aggregate(&mut self, value: &Value, path: &Path) -> Option<Aggregate> {
        let found = value.as_str().and_then(Aggregate::from_name);
        if found.is_none() {
            let got = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.note(path, rule::aggregate(&got));
        }
        found
    }

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

    pub(super) fn noted<T>(&mut self, path: &Path, result: Result<T, Breach>) -> Option<T> {
        result.map_err(|breach| self.note(path, breach)).ok()
    }

    pub(super) fn note(&mut self, path: &Path, Breach { rule, message }: Breach) {
        self.problems.push(Problem { path: path.clone(), rule, message });
    }
}
