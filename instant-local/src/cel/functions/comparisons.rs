//! `== != < <= > >=` and `in`.

use std::cmp::Ordering;

use super::super::equality::{List, contains, equal, find, find_json, number};
use super::super::failure::Fault;
use super::super::overload::{Apply, Declaration, Declarations};
use super::super::value::Value;

pub(super) const DECLARATIONS: Declarations = &[
    (
        "_==_",
        &[("equals", "(A, A) -> bool", |context, v| {
            let [a, b] = v else { return Err(Fault::Overload) };
            Ok(Value::Bool(equal(a, b, context.budget)?))
        })],
    ),
    (
        "_!=_",
        &[("not_equals", "(A, A) -> bool", |context, v| {
            let [a, b] = v else { return Err(Fault::Overload) };
            Ok(Value::Bool(!equal(a, b, context.budget)?))
        })],
    ),
    ("_<_", &ordering(LESS, |_, v| ordered(v, Ordering::is_lt))),
    ("_<=_", &ordering(LESS_EQUALS, |_, v| ordered(v, Ordering::is_le))),
    ("_>_", &ordering(GREATER, |_, v| ordered(v, Ordering::is_gt))),
    ("_>=_", &ordering(GREATER_EQUALS, |_, v| ordered(v, Ordering::is_ge))),
    (
        "@in",
        &[
            ("in_list", "(A, list(A)) -> bool", |context, v| {
                let [value, list] = v else { return Err(Fault::Overload) };
                let Some(list) = List::of(list) else { return Err(Fault::Overload) };
                Ok(Value::Bool(contains(&list, value, context.budget)?))
            }),
            ("in_map", "(A, map(A, B)) -> bool", |context, v| match v {
                // Every key of a stored map reads something, null at least.
                [_, Value::StoredMap(_)] => Ok(Value::Bool(true)),
                [key, Value::Map(entries)] => Ok(Value::Bool(find(entries, key, context.budget)?.is_some())),
                [key, Value::JsonMap(entries)] => Ok(Value::Bool(find_json(entries, key).is_some())),
                [Value::Text(name), Value::Buckets] => {
                    Ok(Value::Bool(context.host.has_bucket(name.as_str())))
                }
                _ => Err(Fault::Overload),
            }),
        ],
    ),
];

/// The kinds of values that have an order.
const KINDS: [&str; 8] = [
    "(bool, bool) -> bool",
    "(int, int) -> bool",
    "(uint, uint) -> bool",
    "(double, double) -> bool",
    "(string, string) -> bool",
    "(bytes, bytes) -> bool",
    "(timestamp, timestamp) -> bool",
    "(duration, duration) -> bool",
];

const LESS: [&str; 8] = [
    "less_bool",
    "less_int64",
    "less_uint64",
    "less_double",
    "less_string",
    "less_bytes",
    "less_timestamp",
    "less_duration",
];
const LESS_EQUALS: [&str; 8] = [
    "less_equals_bool",
    "less_equals_int64",
    "less_equals_uint64",
    "less_equals_double",
    "less_equals_string",
    "less_equals_bytes",
    "less_equals_timestamp",
    "less_equals_duration",
];
const GREATER: [&str; 8] = [
    "greater_bool",
    "greater_int64",
    "greater_uint64",
    "greater_double",
    "greater_string",
    "greater_bytes",
    "greater_timestamp",
    "greater_duration",
];
const GREATER_EQUALS: [&str; 8] = [
    "greater_equals_bool",
    "greater_equals_int64",
    "greater_equals_uint64",
    "greater_equals_double",
    "greater_equals_string",
    "greater_equals_bytes",
    "greater_equals_timestamp",
    "greater_equals_duration",
];

const fn ordering(ids: [&'static str; 8], apply: Apply) -> [Declaration; 8] {
    let mut declarations = [("", "", apply); 8];
    let mut place = 0;
    while place < 8 {
        declarations[place] = (ids[place], KINDS[place], apply);
        place += 1;
    }
    declarations
}

fn ordered<'a>(values: &[Value<'a>], accept: fn(Ordering) -> bool) -> Result<Value<'a>, Fault> {
    let order = match values {
        [Value::Bool(a), Value::Bool(b)] => Some(a.cmp(b)),
        // As the official server: in the order of UTF-16.
        [Value::Text(a), Value::Text(b)] => Some(a.as_str().encode_utf16().cmp(b.as_str().encode_utf16())),
        [Value::Bytes(a), Value::Bytes(b)] => Some(a.cmp(b)),
        [Value::Timestamp(a), Value::Timestamp(b)] | [Value::Duration(a), Value::Duration(b)] => {
            Some(a.cmp(b))
        }
        [Value::Double(a), Value::Double(b)] => a.partial_cmp(b),
        [a, b] => match (number(a), number(b)) {
            (Some(a), Some(b)) => Some(a.order(b)),
            _ => return Err(Fault::Overload),
        },
        _ => return Err(Fault::Overload),
    };
    Ok(Value::Bool(order.is_some_and(accept)))
}
