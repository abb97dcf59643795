//! From conditions to filters: names become attributes, operands are checked against their types.

use std::sync::Arc;

use instant_schema::instaql::Operator;
use instant_schema::{CheckedType, Direction, date, parse_id, parse_id_value};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::filter::{Comparison, End, Filter, Hop, Path, ValueTest};
use super::parse::{Condition, Test};
use super::problem::{At, Query, below};
use crate::ApiError;
use crate::store::{AttrCatalog, Comparable, Place, StoredAttr, comparable, json_type};

/// Why conditions could not be resolved.
pub(super) enum Unresolved {
    /// A name is unknown, so nothing can match.
    Unknown,
    /// The condition is wrong.
    Wrong(ApiError),
}

impl From<ApiError> for Unresolved {
    fn from(error: ApiError) -> Self {
        Self::Wrong(error)
    }
}

pub(super) struct Resolver<'a> {
    pub catalog: &'a AttrCatalog,
    pub query: Query<'a>,
    /// The path of the form in the query.
    pub at: &'a At,
    /// The entity type that the form selects.
    pub entity: &'a str,
}

impl Resolver<'_> {
    /// Resolves the members of a `where`.
    ///
    /// Its own paths share variables: two paths that reach the same entity type at the same depth reach the same
    /// entity. Paths inside `or` and `and` share nothing.
    pub fn resolve(&self, conditions: &[Condition]) -> Result<Vec<Filter>, Unresolved> {
        let mut filters = Vec::new();
        let mut groups: Vec<Vec<Path>> = Vec::new();
        for condition in conditions {
            match condition {
                Condition::Path { path, test } => {
                    let path = self.path(path, test)?;
                    let (related, others): (Vec<_>, Vec<_>) =
                        groups.into_iter().partition(|group| group.iter().any(|other| shares(other, &path)));
                    groups = others;
                    groups.push(related.into_iter().flatten().chain([path]).collect());
                }
                Condition::All(members) => self.flatten(members, &mut filters)?,
                any @ Condition::Any(_) => filters.push(self.nested(any)?),
            }
        }
        filters.extend(groups.into_iter().map(Filter::Exists));
        Ok(filters)
    }

    /// Resolves the members of an `and` that must hold on their own, so that each can be looked up in an index.
    fn flatten(&self, members: &[Condition], filters: &mut Vec<Filter>) -> Result<(), Unresolved> {
        for member in members {
            match member {
                Condition::All(inner) => self.flatten(inner, filters)?,
                single => filters.push(self.nested(single)?),
            }
        }
        Ok(())
    }

    fn nested(&self, condition: &Condition) -> Result<Filter, Unresolved> {
        let each = |conditions: &[Condition]| {
            conditions.iter().map(|one| self.nested(one)).collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            Condition::All(conditions) => Filter::All(each(conditions)?),
            Condition::Any(conditions) => Filter::Any(each(conditions)?),
            Condition::Path { path, test } => Filter::Exists(vec![self.path(path, test)?]),
        })
    }

    fn path(&self, path: &[String], test: &Test) -> Result<Path, Unresolved> {
        let Some((last, links)) = path.split_last() else { return self.id_prefix(test) };
        let mut entity = self.entity;
        let mut hops = Vec::with_capacity(links.len());
        for label in links {
            let (stored, side) = self.catalog.resolve(entity, label).ok_or(Unresolved::Unknown)?;
            entity = link_target(entity, label, stored, side)?;
            hops.push(Hop { attr: stored.key, side, variable: (entity.into(), hops.len() + 1) });
        }
        let (stored, side) = self.catalog.resolve(entity, last).ok_or(Unresolved::Unknown)?;
        let end = if let Test::IsNull(null) = test {
            self.catalog.id_attr(entity).ok_or(Unresolved::Unknown)?;
            let present = any_value(stored, side);
            if *null { End::Missing(Box::new(present)) } else { present }
        } else if stored.is_link() {
            self.link_end(stored, side, last, test)?
        } else {
            self.value_end(stored, last, test)?
        };
        Ok(Path { hops, end })
    }

    fn id_prefix(&self, test: &Test) -> Result<Path, Unresolved> {
        let Test::IdStartsWith(prefix) = test else { return Err(Unresolved::Unknown) };
        let attr = self.catalog.id_attr(self.entity).ok_or(Unresolved::Unknown)?.key;
        let digits = prefix.chars().filter(|digit| *digit != '-').collect::<String>().to_lowercase();
        Ok(Path { hops: Vec::new(), end: End::IdPrefix { attr, digits } })
    }

    fn link_end(
        &self,
        stored: &StoredAttr,
        side: Direction,
        label: &str,
        test: &Test,
    ) -> Result<End, Unresolved> {
        let at = || below(self.at, &["$", "where", label]);
        let one = |value: &Value, shown: &Value| {
            parse_id_value(value).ok_or_else(|| {
                let message = format!("Expected {label} to be a uuid, got {shown}");
                self.query.refuse("uuid?", &at(), message)
            })
        };
        let (targets, negated) = match test {
            Test::Equal(value) => (vec![one(value, value)?], false),
            Test::Not(value) => (vec![one(value, &json!({ "$not": value }))?], true),
            Test::Compare(operator, value) => {
                let shown = Value::Object(Map::from_iter([(operator.name().to_owned(), value.clone())]));
                one(&Value::Null, &shown)?;
                (Vec::new(), false)
            }
            Test::In(values) => {
                let ids = values.iter().map(|value| {
                    parse_id_value(value).ok_or_else(|| {
                        let all = Value::from(values.clone());
                        let message = format!("Expected {label} to match on a uuid, found {value} in {all}");
                        self.query.refuse("uuid?", &at(), message)
                    })
                });
                (ids.collect::<Result<_, _>>()?, false)
            }
            Test::IsNull(_) | Test::IdStartsWith(_) => return Err(Unresolved::Unknown),
        };
        Ok(End::Link { attr: stored.key, side, targets: Some(targets), negated })
    }

    fn value_end(&self, stored: &StoredAttr, label: &str, test: &Test) -> Result<End, Unresolved> {
        let at = below(self.at, &["$", "where", label]);
        let checked = |value: &Value| self.check_type(stored, value, &at);
        let test = match test {
            Test::Compare(operator, operand) => return self.compare_end(stored, *operator, operand, &at),
            Test::Equal(value) => {
                checked(value)?;
                one_of(stored, std::slice::from_ref(value))
            }
            Test::In(values) => {
                values.iter().try_for_each(checked)?;
                if values.contains(&Value::Null) && !stored.attr.indexed {
                    let message = format!(
                        "Only indexed attrs can check for `nil` in `$in`. {} is not indexed.",
                        stored.name()
                    );
                    let at = below(self.at, &["$", "where", "$in"]);
                    return Err(self.query.refuse_operand("indexed?", &at, message).into());
                }
                one_of(stored, values)
            }
            Test::Not(value) => {
                checked(value)?;
                if stored.place == Place::Entities {
                    return Ok(End::Id { attr: stored.key, ids: ids([value]), negated: true });
                }
                ValueTest::Not(comparable(stored, value))
            }
            Test::IsNull(_) | Test::IdStartsWith(_) => return Err(Unresolved::Unknown),
        };
        if stored.place == Place::Entities {
            let ids = match &test {
                ValueTest::OneOf { texts, .. } => {
                    texts.iter().filter_map(|text| canonical_id(text)).collect()
                }
                _ => Vec::new(),
            };
            return Ok(End::Id { attr: stored.key, ids, negated: false });
        }
        Ok(End::Value { attr: stored.key, ranked: stored.is_ranked(), test })
    }

    fn compare_end(
        &self,
        stored: &StoredAttr,
        operator: Operator,
        operand: &Value,
        at: &At,
    ) -> Result<End, Unresolved> {
        let refuse =
            |expected, at: &At, message| Unresolved::Wrong(self.query.refuse_operand(expected, at, message));
        let name = stored.name();
        if !stored.attr.indexed {
            let message = format!("The `{name}` attribute must be indexed to use comparison operators.");
            return Err(refuse("indexed?", at, message));
        }
        let Some(checked) = stored.checked_type() else {
            let message =
                format!("The `{name}` attribute must have an enforced type to use comparison operators.");
            return Err(refuse("checked-data-type?", at, message));
        };
        let at = below(at, &[operator.name()]);
        let comparison = match operator {
            Operator::Like => return self.pattern_end(stored, "instant_like", operand, &at),
            Operator::Ilike => return self.pattern_end(stored, "instant_ilike", operand, &at),
            Operator::Gt => Comparison::Greater,
            Operator::Gte => Comparison::GreaterOrEqual,
            Operator::Lt => Comparison::Less,
            Operator::Lte => Comparison::LessOrEqual,
            // The parser has tests of their own for these.
            Operator::In | Operator::Not | Operator::IsNull => return Err(Unresolved::Unknown),
        };
        self.check_type(stored, operand, &at)?;
        let Comparable::Key(key) = comparable(stored, operand) else {
            return Err(Unresolved::Wrong(self.wrong_type(stored, checked, operand, &at)));
        };
        // The server compares strings as jsonb, where null is below every string.
        let below = match comparison {
            Comparison::Less | Comparison::LessOrEqual => true,
            Comparison::Greater | Comparison::GreaterOrEqual => false,
        };
        let null = below && checked == CheckedType::String;
        let test = ValueTest::Compare { comparison, operand: key, null };
        Ok(End::Value { attr: stored.key, ranked: true, test })
    }

    fn pattern_end(
        &self,
        stored: &StoredAttr,
        function: &'static str,
        operand: &Value,
        at: &At,
    ) -> Result<End, Unresolved> {
        let Value::String(pattern) = operand else {
            let message = format!(
                "The $like value for `{}` must be a string, but the query got the value `{operand}` of type `{}`.",
                stored.name(),
                json_type(operand)
            );
            return Err(Unresolved::Wrong(self.query.refuse_operand("string?", at, message)));
        };
        self.check_type(stored, operand, at)?;
        match stored.checked_type() {
            Some(CheckedType::String) => {
                let test = ValueTest::Like { function, pattern: pattern.clone() };
                Ok(End::Value { attr: stored.key, ranked: true, test })
            }
            Some(checked) => Err(Unresolved::Wrong(self.wrong_type(stored, checked, operand, at))),
            None => Err(Unresolved::Unknown),
        }
    }

    /// Whether the value is of the type that the attribute enforces.
    fn check_type(&self, stored: &StoredAttr, value: &Value, at: &At) -> Result<(), ApiError> {
        let Some(checked) = stored.checked_type().filter(|_| !value.is_null()) else { return Ok(()) };
        let fits = match checked {
            CheckedType::String => value.is_string(),
            CheckedType::Number => value.is_number(),
            CheckedType::Boolean => value.is_boolean(),
            CheckedType::Date if value.is_string() || value.is_number() => {
                if date::from_value(value).is_ok() {
                    return Ok(());
                }
                let expected = if value.is_string() { "date-string?" } else { "timestamp?" };
                let message = format!(
                    "The data type of `{}` is `date`, but the query got value `{value}` of type `{}`.",
                    stored.name(),
                    json_type(value)
                );
                return Err(self.query.refuse_operand(expected, at, message));
            }
            CheckedType::Date => false,
        };
        if fits { Ok(()) } else { Err(self.wrong_type(stored, checked, value, at)) }
    }

    fn wrong_type(&self, stored: &StoredAttr, checked: CheckedType, value: &Value, at: &At) -> ApiError {
        let message = format!(
            "The data type of `{}` is `{}`, but the query got the value `{value}` of type `{}`.",
            stored.name(),
            checked.name(),
            json_type(value)
        );
        self.query.refuse_operand(&format!("{}?", checked.name()), at, message)
    }
}

/// The entity type that the link `entity.label` leads to.
pub(super) fn link_target<'c>(
    entity: &str,
    label: &str,
    stored: &'c Arc<StoredAttr>,
    side: Direction,
) -> Result<&'c str, ApiError> {
    if stored.is_link() {
        return Ok(stored.target(side));
    }
    let input = serde_json::to_value(&*stored.attr).unwrap_or_default();
    Err(ApiError::invalid("attr", input, format!("{entity}.{label} needs to be a link")))
}

/// Whether two paths pass through the same variable.
fn shares(a: &Path, b: &Path) -> bool {
    a.hops.iter().any(|hop| b.hops.iter().any(|other| other.variable == hop.variable))
}

fn any_value(stored: &StoredAttr, side: Direction) -> End {
    match stored.place {
        Place::Entities => End::Id { attr: stored.key, ids: Vec::new(), negated: true },
        Place::Refs => End::Link { attr: stored.key, side, targets: None, negated: false },
        Place::Blobs => End::Value { attr: stored.key, ranked: stored.is_ranked(), test: ValueTest::NotNull },
    }
}

fn one_of(stored: &StoredAttr, values: &[Value]) -> ValueTest {
    let (mut keys, mut texts, mut null) = (Vec::new(), Vec::new(), false);
    for value in values {
        match value {
            Value::Null => null = true,
            Value::String(id) if stored.place == Place::Entities => texts.push(id.clone()),
            value => match comparable(stored, value) {
                Comparable::Key(key) => keys.push(key),
                Comparable::Text(text) => texts.push(text),
            },
        }
    }
    ValueTest::OneOf { keys, texts, null }
}

fn ids<'v>(values: impl IntoIterator<Item = &'v Value>) -> Vec<Uuid> {
    values.into_iter().filter_map(|value| canonical_id(value.as_str()?)).collect()
}

/// Reads an id. Ids are compared as text, so only the lower-case form is accepted.
fn canonical_id(text: &str) -> Option<Uuid> {
    parse_id(text).filter(|id| id.to_string() == text)
}
