//! The conditions of a `where`.

use instant_schema::instaql::{MAX_LABELS, Operator};
use serde_json::{Map, Value, json};

use super::Parser;
use crate::instaql::problem::{At, below};
use crate::{ApiError, json};

/// A condition on an entity, as it is written.
#[derive(Debug, Clone)]
pub(in crate::instaql) enum Condition {
    /// `and`: the members of all its elements.
    All(Vec<Condition>),
    /// `or`: of each element its members, all of which hold together.
    Any(Vec<Vec<Condition>>),
    Path(PathTest),
}

/// A test of what is at the end of a path.
#[derive(Debug, Clone)]
pub(in crate::instaql) struct PathTest {
    /// The labels, without empty ones at the end.
    pub path: Vec<String>,
    pub test: Test,
    /// Whether one of the operators is `$not`, so that a path that leads nowhere passes, too.
    pub negates: bool,
    /// Whether the test is all that is written, without another operator.
    pub alone: bool,
}

/// The test that counts, of all operators.
#[derive(Debug, Clone)]
pub(in crate::instaql) enum Test {
    Equal(Value),
    In(Vec<Value>),
    Not(Value),
    IsNull(bool),
    /// `$gt`, `$gte`, `$lt`, `$lte`, `$like` or `$ilike`.
    Compare(Operator, Value),
    /// The last label is `$entityIdStartsWith`.
    IdStartsWith(String),
    /// `{}` or `{"$entityId": ..}`: equals nothing. Shown in messages as it is here.
    Nothing(Value),
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

/// How deep `or` and `and` may nest. The official server has no limit but its stack.
const DEEPEST: usize = 200;

/// The last label of a path that asks for the beginning of an id.
const ID_PREFIX: &str = "$entityIdStartsWith";

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
        ("or", Value::Array(branches)) => Ok(Condition::Any(lists(parser, key, branches, place)?)),
        ("and", Value::Array(branches)) => {
            let lists = lists(parser, key, branches, place)?;
            Ok(Condition::All(lists.into_iter().flatten().collect()))
        }
        _ => Ok(Condition::Path(on_path(parser, key, value, nth, place)?)),
    }
}

/// The members of each element of an `or` or `and`.
fn lists(
    parser: &mut Parser<'_>,
    key: &str,
    branches: &[Value],
    place: &Place<'_>,
) -> Result<Vec<Vec<Condition>>, ApiError> {
    let at = below(place.at, &[key]);
    if place.depth >= DEEPEST {
        let message = format!("`or` and `and` are nested more than {DEEPEST} levels deep.");
        return Err(parser.query.refuse("supported-depth?", &at, message));
    }
    let inner = Place { depth: place.depth + 1, ..*place };
    let mut lists = Vec::with_capacity(branches.len());
    for (nth, branch) in branches.iter().enumerate() {
        if key == "and" && says_nothing(branch) {
            continue;
        }
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

/// Null and an empty list are elements without a condition.
fn says_nothing(branch: &Value) -> bool {
    branch.is_null() || branch.as_array().is_some_and(Vec::is_empty)
}

fn on_path(
    parser: &mut Parser<'_>,
    key: &str,
    value: &Value,
    nth: usize,
    place: &Place<'_>,
) -> Result<PathTest, ApiError> {
    // Dots at the end lead nowhere further.
    let trimmed = key.trim_end_matches('.');
    let path: Vec<String> = match trimmed {
        "" if !key.is_empty() => Vec::new(),
        trimmed => trimmed.split('.').map(str::to_owned).collect(),
    };
    if path.len() > MAX_LABELS {
        let message =
            format!("A path in `where` can have {MAX_LABELS} labels at the most, got {}.", path.len());
        return Err(parser.query.refuse("supported-depth?", &below(place.at, &["where", key]), message));
    }
    let only = |test| PathTest { path: path.clone(), test, negates: false, alone: true };
    if path.last().is_some_and(|label| label == ID_PREFIX) {
        let Value::String(prefix) = value else {
            let message =
                format!("The value of `{ID_PREFIX}` must be a string, got {}.", json::message(value));
            return Err(parser.query.refuse("string?", &below(place.at, &["where", key]), message));
        };
        return Ok(only(Test::IdStartsWith(prefix.clone())));
    }
    let Value::Object(operators) = value else {
        check(parser, is_scalar(value), "instant.db.instaql/where-value-valid?", nth, None, place);
        return Ok(only(Test::Equal(value.clone())));
    };
    let known = operators.keys().all(|key| key == ENTITY_ID || Operator::parse(key).is_some());
    check(parser, known, "instant.db.instaql/where-value-valid-keys?", nth, None, place);
    for (name, operand) in operators {
        let Some(operator) = Operator::parse(name) else { continue };
        let (valid, expected) = valid_operand(operator, operand);
        check(parser, valid, expected, nth, Some(name), place);
    }
    Ok(PathTest {
        test: counting_test(operators),
        negates: operators.keys().any(|name| Operator::parse(name) == Some(Operator::Not)),
        alone: operators.len() == 1,
        path,
    })
}

/// A key that may stand among the operators, and is none.
const ENTITY_ID: &str = "$entityId";

/// Of several operators the first counts; `$ne` stands for a `$not` at the end. Without a `$not`,
/// `{"$isNull": true}` counts before all others.
fn counting_test(operators: &Map<String, Value>) -> Test {
    let not = operators.get("$ne").or_else(|| operators.get("$not"));
    if not.is_none() && operators.get("$isNull") == Some(&Value::Bool(true)) {
        return Test::IsNull(true);
    }
    let first = operators.iter().find(|(name, _)| *name != "$ne");
    let (name, operand) = match (first, not) {
        (Some((name, _)), Some(operand)) if name == "$not" => (name.as_str(), operand),
        (Some((name, operand)), _) => (name.as_str(), operand),
        (None, Some(operand)) => ("$not", operand),
        (None, None) => return Test::Nothing(json!({ "": null })),
    };
    match Operator::parse(name) {
        None => Test::Nothing(json!({ name: operand })),
        Some(Operator::In) => Test::In(operand.as_array().cloned().unwrap_or_default()),
        Some(Operator::Not) => Test::Not(operand.clone()),
        Some(Operator::IsNull) => Test::IsNull(operand == &Value::Bool(true)),
        Some(operator) => Test::Compare(operator, operand.clone()),
    }
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
