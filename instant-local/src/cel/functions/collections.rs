//! `x[i]`, `size` and `join`.

use super::super::equality::{List, find, find_json, is_stored};
use super::super::failure::{ErrorKind, Fault};
use super::super::overload::{Apply, Declarations};
use super::super::text::plain;
use super::super::value::{Text, Value};
use super::arithmetic::no_lists;

pub(super) const DECLARATIONS: Declarations = &[
    (
        "_[_]",
        &[
            ("index_list", "(list(A), int) -> A", |_, v| {
                let [list, Value::Int(place)] = v else { return Err(Fault::Overload) };
                let Some(list) = List::of(list) else { return Err(Fault::Overload) };
                if matches!(list, List::Stored(_)) {
                    return Err(no_lists("[..]"));
                }
                match usize::try_from(*place) {
                    Ok(place) if place < list.len() => Ok(list.at(place)),
                    _ => Err(Fault::Error(
                        ErrorKind::IndexOutOfBounds,
                        format!("Index out of bounds: {place}"),
                    )),
                }
            }),
            ("index_map", "(map(A, B), A) -> B", |context, v| {
                let [map, key] = v else { return Err(Fault::Overload) };
                let found = match (map, key) {
                    (Value::StoredMap(map), Value::Text(Text::Lent(key))) => Some(map.get(key)),
                    (Value::StoredMap(map), Value::Text(key)) => Some(map.get(key.as_str())),
                    (Value::StoredMap(_), _) => Some(Value::Null),
                    (Value::Map(entries), key) => find(entries, key, context.budget)?.cloned(),
                    (Value::JsonMap(entries), key) => find_json(entries, key),
                    (Value::Buckets, Value::Text(name)) if context.host.has_bucket(name.as_str()) => {
                        Some(Value::Bucket(name.clone()))
                    }
                    _ => None,
                };
                found.ok_or_else(|| Fault::Error(ErrorKind::AttributeNotFound, plain(key)))
            }),
        ],
    ),
    (
        "size",
        &[
            ("size_string", "(string) -> int", SIZE),
            ("size_bytes", "(bytes) -> int", SIZE),
            ("size_list", "(list(A)) -> int", SIZE),
            ("size_map", "(map(A, B)) -> int", SIZE),
            ("string_size", "string.() -> int", SIZE),
            ("bytes_size", "bytes.() -> int", SIZE),
            ("list_size", "list(A).() -> int", SIZE),
            ("map_size", "map(A, B).() -> int", SIZE),
        ],
    ),
    (
        "join",
        &[
            ("list_join", "list(string).() -> string", JOIN),
            ("list_join_string", "list(string).(string) -> string", JOIN),
        ],
    ),
];

const SIZE: Apply = |context, v| {
    let [of] = v else { return Err(Fault::Overload) };
    if is_stored(of) {
        return Err(no_lists("size"));
    }
    let size = match of {
        Value::Text(text) => {
            context.budget.spend(text.as_str().len() / 16)?;
            text.as_str().chars().count()
        }
        Value::Bytes(bytes) => bytes.len(),
        Value::Map(entries) => entries.len(),
        Value::JsonMap(entries) => entries.len(),
        other => List::of(other).ok_or(Fault::Overload)?.len(),
    };
    // Nothing in memory has 2^63 elements.
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
};

const JOIN: Apply = |context, v| {
    let (list, separator) = match v {
        [list] => (list, ""),
        [list, Value::Text(separator)] => (list, separator.as_str()),
        _ => return Err(Fault::Overload),
    };
    let Some(list) = List::of(list) else { return Err(Fault::Overload) };
    if matches!(list, List::Stored(_)) {
        return Err(no_lists("join"));
    }
    let mut joined = String::new();
    for place in 0..list.len() {
        let element = list.at(place);
        let text = match &element {
            Value::Text(text) => text.as_str().to_owned(),
            other => plain(other),
        };
        context.budget.produce(separator.len() + text.len() + 16)?;
        joined.push_str(if place == 0 { "" } else { separator });
        joined.push_str(&text);
    }
    Ok(Value::made(joined))
};
