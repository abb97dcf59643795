//! The conditions of a `where`.

use instant_schema::instaql::{MAX_DEPTH, MAX_LABELS, Operator};
use serde_json::{Map, Value};

use super::Parser;
use crate::ApiError;
use crate::instaql::problem::{At, below};

/// A condition on an entity.
#[derive(Debug, Clone)]
pub(in crate::instaql) enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// A test of the value at the end of a path.
    Path { path: Vec<String>, test: Test },
}

/// The test at the end of a path.
#[derive(Debug, Clone)]
pub(in crate::instaql) enum Test {
    Equal(Value),
    In(Vec<Value>),
    Not(Value),
    IsNull(bool),
    /// `$gt`, `$gte`, `$lt`, `$lte`, `$like` or `$ilike`.
    Compare(Operator, Value),
    IdStartsWith(String),
}

/// Reads the members of a `where` at `at` (the path of its `$`), in the form number `index`.
pub(super) fn parse(
    parser: &mut Parser<'_>,
    filter: &Map<String, Value>,
    at: &At,
    index: usize,
) -> Result<Vec<Condition>, ApiError> {
    members(parser, filter, &Place { at, index, depth: 0 })
}

struct Place<'a> {
    at: &'a At,
    index: usize,
    depth: usize,
}

fn members(
    parser: &mut Parser<'_>,
    filter: &Map<String, Value>,
    place: &Place<'_>,
) -> Result<Vec<Condition>, ApiError> {
    filter.iter().enumerate().map(|(nth, (key, value))| member(parser, key, value, nth, place)).collect()
}

fn member(
    parser: &mut Parser<'_>,
    key: &str,
    value: &Value,
    nth: usize,
    place: &Place<'_>,
) -> Result<Condition, ApiError> {
    match (key, value) {
        ("or", Value::Array(branches)) => {
            // Each branch is the `and` of its members.
            let any = lists(parser, key, branches, place)?.into_iter().map(all).collect();
            Ok(single_or(any, Condition::Any))
        }
        ("and", Value::Array(branches)) => {
            let all = lists(parser, key, branches, place)?.into_iter().flatten().collect();
            Ok(single_or(all, Condition::All))
        }
        ("$entityIdStartsWith", Value::String(prefix)) => {
            Ok(Condition::Path { path: Vec::new(), test: Test::IdStartsWith(prefix.clone()) })
        }
        _ => {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            if path.len() > MAX_LABELS {
                let message = format!(
                    "A path in `where` can have {MAX_LABELS} labels at the most, got {}.",
                    path.len()
                );
                return Err(parser.query.refuse(
                    "supported-depth?",
                    &below(place.at, &["where", key]),
                    message,
                ));
            }
            Ok(on_path(parser, path, value, nth, place))
        }
    }
}

/// The members of each branch of an `or` or `and`.
fn lists(
    parser: &mut Parser<'_>,
    key: &str,
    branches: &[Value],
    place: &Place<'_>,
) -> Result<Vec<Vec<Condition>>, ApiError> {
    let at = below(place.at, &[key]);
    if place.depth >= MAX_DEPTH {
        let message = format!("`or` and `and` are nested more than {MAX_DEPTH} levels deep.");
        return Err(parser.query.refuse("supported-depth?", &at, message));
    }
    let inner = Place { depth: place.depth + 1, ..*place };
    let mut lists = Vec::with_capacity(branches.len());
    for (nth, branch) in branches.iter().enumerate() {
        let mut at = at.clone();
        at.push(nth.into());
        let branch =
            parser.object(branch, &at, "each element of `or` and `and` is an object of conditions")?;
        lists.push(members(parser, branch, &inner)?);
    }
    if lists.iter().all(Vec::is_empty) {
        let message = format!("The list of `{key}` conditions can't be empty.");
        return Err(parser.query.refuse("non-empty-list?", &at, message));
    }
    Ok(lists)
}

fn on_path(
    parser: &mut Parser<'_>,
    path: Vec<String>,
    value: &Value,
    nth: usize,
    place: &Place<'_>,
) -> Condition {
    let Value::Object(operators) = value else {
        check(parser, is_scalar(value), "instant.db.instaql/where-value-valid?", nth, None, place);
        return Condition::Path { path, test: Test::Equal(value.clone()) };
    };
    let known = !operators.is_empty() && operators.keys().all(|key| Operator::parse(key).is_some());
    check(parser, known, "instant.db.instaql/where-value-valid-keys?", nth, None, place);
    for (name, operand) in operators {
        let Some(operator) = Operator::parse(name) else { continue };
        let (valid, expected) = valid_operand(operator, operand);
        check(parser, valid, expected, nth, Some(name), place);
    }
    // Only the first of several operators counts.
    let first = operators.iter().find_map(|(name, operand)| Some((Operator::parse(name)?, operand)));
    let Some((operator, operand)) = first else {
        return Condition::Path { path, test: Test::IsNull(false) };
    };
    let has = |wanted| operators.keys().any(|name| Operator::parse(name) == Some(wanted));
    let test = match operator {
        Operator::In => Test::In(operand.as_array().cloned().unwrap_or_default()),
        Operator::Not => Test::Not(operand.clone()),
        Operator::IsNull => Test::IsNull(operand == &Value::Bool(true)),
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte | Operator::Like | Operator::Ilike => {
            Test::Compare(operator, operand.clone())
        }
    };
    if has(Operator::Not) {
        // A path that leads nowhere passes `$not`, too.
        let mut any = vec![Condition::Path { path: path.clone(), test }];
        any.extend(broken(&path));
        Condition::Any(any)
    } else if operators.get("$isNull") == Some(&Value::Bool(true)) {
        single_or(broken(&path).collect(), Condition::Any)
    } else {
        Condition::Path { path, test }
    }
}

/// The ways in which a path can be incomplete: it ends after the first label, the second, and so on.
fn broken(path: &[String]) -> impl Iterator<Item = Condition> {
    (1..=path.len()).map(|end| Condition::Path { path: path[..end].to_vec(), test: Test::IsNull(true) })
}

fn valid_operand(operator: Operator, operand: &Value) -> (bool, &'static str) {
    match operator {
        Operator::In => match operand {
            Value::Array(items) => (
                items.iter().all(|item| item.is_null() || is_scalar(item)),
                "instant.db.instaql/in-value-valid?",
            ),
            _ => (false, "vector?"),
        },
        Operator::IsNull => (operand.is_boolean(), "boolean?"),
        Operator::Not => (is_scalar(operand), "instant.db.instaql/where-value-valid?"),
        Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte | Operator::Like | Operator::Ilike => {
            (is_scalar(operand), "string?")
        }
    }
}

fn check(
    parser: &mut Parser<'_>,
    valid: bool,
    expected: &str,
    nth: usize,
    operator: Option<&str>,
    place: &Place<'_>,
) {
    if valid {
        return;
    }
    let mut at: At =
        vec![place.index.into(), "option-map".into(), "where-conds".into(), nth.into(), 1.into()];
    at.extend(operator.map(Value::from));
    let help = "a condition is `path: value` with a string, number or boolean, or `path: {operator: operand}` with one \
                of $in, $not, $isNull, $gt, $gte, $lt, $lte, $like and $ilike; for null write {\"$isNull\": true}";
    parser.report_late(parser.query.refuse_value(expected, &at, help));
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
}

fn all(conditions: Vec<Condition>) -> Condition {
    single_or(conditions, Condition::All)
}

fn single_or(mut conditions: Vec<Condition>, several: fn(Vec<Condition>) -> Condition) -> Condition {
    match conditions.pop() {
        Some(only) if conditions.is_empty() => only,
        last => {
            conditions.extend(last);
            several(conditions)
        }
    }
}
