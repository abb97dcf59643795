//! Operands: what the last label of a path is compared with, checked against the attribute's type.

use instant_schema::instaql::Operator;
use instant_schema::{CheckedType, Direction, date, parse_id, parse_id_value};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Resolver, Unresolved};
use crate::instaql::filter::{Comparison, End, ValueTest};
use crate::instaql::parse::Test;
use crate::instaql::problem::{At, below};
use crate::store::{Comparable, Place, StoredAttr, comparable, now};
use crate::{ApiError, json};

impl Resolver<'_> {
    pub(super) fn link_end(
        &self,
        stored: &StoredAttr,
        side: Direction,
        label: &str,
        test: &Test,
    ) -> Result<End, Unresolved> {
        let at = || below(self.at, &["$", "where", label]);
        let one = |value: &Value, shown: &Value| {
            parse_id_value(value).ok_or_else(|| {
                let message = format!("Expected {label} to be a uuid, got {}", json::message(shown));
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
                        let (value, all) = (json::message(value), json::message(&all));
                        let message = format!("Expected {label} to match on a uuid, found {value} in {all}");
                        self.query.refuse("uuid?", &at(), message)
                    })
                });
                (ids.collect::<Result<_, _>>()?, false)
            }
            Test::Nothing(shown) => {
                one(&Value::Null, shown)?;
                (Vec::new(), false)
            }
            // `path` has made ends of these.
            Test::IsNull(_) | Test::IdStartsWith(_) => return Err(Unresolved::Unknown),
        };
        Ok(End::Link { attr: stored.key, side, targets: Some(targets), negated })
    }

    pub(super) fn value_end(&self, stored: &StoredAttr, label: &str, test: &Test) -> Result<End, Unresolved> {
        let at = below(self.at, &["$", "where", label]);
        let checked = |value: &Value| self.check_type(stored, value, false, &at);
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
                ValueTest::Not { value: comparable(stored, value), null: finds_null(stored) }
            }
            Test::Nothing(shown) => {
                if let Some(checked) = stored.checked_type() {
                    return Err(self.wrong_type(stored, checked, shown, &at).into());
                }
                one_of(stored, &[])
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
        self.check_type(stored, operand, true, &at)?;
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
                "The $like value for `{}` must be a string, but the query got the value `{}` of type `{}`.",
                stored.name(),
                json::message(operand),
                json::type_name(operand)
            );
            return Err(Unresolved::Wrong(self.query.refuse_operand("string?", at, message)));
        };
        self.check_type(stored, operand, true, at)?;
        if pattern.len() > LONGEST_PATTERN {
            let message = format!(
                "The $like value for `{}` is longer than {LONGEST_PATTERN} bytes; the values it is compared with are shorter.",
                stored.name()
            );
            return Err(self.query.refuse_operand("string?", at, message).into());
        }
        let backslashes = pattern.chars().rev().take_while(|last| *last == '\\').count();
        if backslashes % 2 == 1 {
            let message = format!(
                "The $like value for `{}` ends in a backslash with nothing to escape. Write `\\\\` for a backslash.",
                stored.name()
            );
            return Err(self.query.refuse_operand("string?", at, message).into());
        }
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
    fn check_type(
        &self,
        stored: &StoredAttr,
        value: &Value,
        compares: bool,
        at: &At,
    ) -> Result<(), ApiError> {
        if json::is_text(value) && value.as_str().is_some_and(|text| text.contains('\0')) {
            return Err(ApiError::null_bytes());
        }
        let Some(checked) = stored.checked_type().filter(|_| !value.is_null()) else { return Ok(()) };
        let fits = match checked {
            CheckedType::String => json::is_text(value),
            CheckedType::Number => json::is_number(value),
            CheckedType::Boolean => value.is_boolean(),
            CheckedType::Date if value.is_string() || value.is_number() => {
                // `now` and `today` mean something else each time, which only a comparison allows.
                let moment =
                    if compares { date::from_value_at(value, now()) } else { date::from_value(value) };
                if moment.is_ok() {
                    return Ok(());
                }
                let expected = if json::is_text(value) { "date-string?" } else { "timestamp?" };
                let message = format!(
                    "The data type of `{}` is `date`, but the query got value `{}` of type `{}`.",
                    stored.name(),
                    json::message(value),
                    json::type_name(value)
                );
                return Err(self.query.refuse_operand(expected, at, message));
            }
            CheckedType::Date => false,
        };
        if fits { Ok(()) } else { Err(self.wrong_type(stored, checked, value, at)) }
    }

    fn wrong_type(&self, stored: &StoredAttr, checked: CheckedType, value: &Value, at: &At) -> ApiError {
        let message = format!(
            "The data type of `{}` is `{}`, but the query got the value `{}` of type `{}`.",
            stored.name(),
            checked.name(),
            json::message(value),
            json::type_name(value)
        );
        self.query.refuse_operand(&format!("{}?", checked.name()), at, message)
    }
}

/// The longest pattern, in bytes. Values of indexed attributes have at most 1,024.
const LONGEST_PATTERN: usize = 65_536;

pub(super) fn any_value(stored: &StoredAttr, side: Direction) -> End {
    match stored.place {
        Place::Entities => End::Id { attr: stored.key, ids: Vec::new(), negated: true },
        Place::Refs => End::Link { attr: stored.key, side, targets: None, negated: false },
        Place::Blobs => End::Value { attr: stored.key, ranked: stored.is_ranked(), test: ValueTest::NotNull },
    }
}

/// The ids that begin with a prefix, written as an id is: with hyphens, in either case.
pub(super) fn id_range(attr: i64, prefix: &str) -> End {
    let filled = |rest: Uuid| {
        let rest = rest.to_string();
        let filled =
            if prefix.is_ascii() { format!("{prefix}{}", rest.get(prefix.len()..)?) } else { return None };
        parse_id(&filled)
    };
    match (filled(Uuid::nil()), filled(Uuid::max())) {
        (Some(lowest), Some(highest)) => End::IdRange { attr, lowest, highest },
        _ => End::Id { attr, ids: Vec::new(), negated: false },
    }
}

/// Whether `$not` and a null in `$in` find a stored null. The official server looks such values up in its index of unique
/// values where the type is not checked, and that has no nulls.
fn finds_null(stored: &StoredAttr) -> bool {
    !stored.attr.unique || (stored.attr.indexed && stored.checked_type().is_some())
}

fn one_of(stored: &StoredAttr, values: &[Value]) -> ValueTest {
    let (mut keys, mut texts, mut null) = (Vec::new(), Vec::new(), false);
    for value in values {
        match value {
            Value::Null => null = finds_null(stored),
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
