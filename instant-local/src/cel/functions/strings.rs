//! The functions of texts. Lengths and offsets count code points.

use super::super::failure::Fault;
use super::super::overload::{Apply, Declarations};
use super::super::value::Value;

pub(super) const DECLARATIONS: Declarations = &[
    (
        "contains",
        &[("contains_string", "string.(string) -> bool", |context, v| {
            let (text, part) = two(v)?;
            context.budget.spend((text.len() + part.len()) / 16)?;
            Ok(Value::Bool(text.contains(part)))
        })],
    ),
    (
        "startsWith",
        &[("starts_with_string", "string.(string) -> bool", |_, v| {
            let (text, part) = two(v)?;
            Ok(Value::Bool(text.starts_with(part)))
        })],
    ),
    (
        "endsWith",
        &[("ends_with_string", "string.(string) -> bool", |_, v| {
            let (text, part) = two(v)?;
            Ok(Value::Bool(text.ends_with(part)))
        })],
    ),
    (
        "matches",
        &[
            ("matches", "(string, string) -> bool", MATCHES),
            ("matches_string", "string.(string) -> bool", MATCHES),
        ],
    ),
    (
        "charAt",
        &[("string_char_at_int", "string.(int) -> string", |context, v| {
            let [Value::Text(text), Value::Int(place)] = v else { return Err(Fault::Overload) };
            context.budget.spend(text.as_str().len() / 16)?;
            let index = small(*place, "charAt failure: Index must not exceed the int32 range")?;
            let mut characters = text.as_str().chars();
            let found = usize::try_from(index).ok().and_then(|index| match index.checked_sub(1) {
                Some(before) => characters.nth(before).map(|_| characters.next()),
                None => Some(characters.next()),
            });
            match found {
                Some(Some(character)) => Ok(Value::made(character.to_string())),
                Some(None) => Ok(Value::text("")),
                None => Err(Fault::Unplaced(format!("charAt failure: Index out of range: {index}"))),
            }
        })],
    ),
    (
        "indexOf",
        &[
            ("string_index_of_string", "string.(string) -> int", INDEX_OF),
            ("string_index_of_string_int", "string.(string, int) -> int", INDEX_OF),
        ],
    ),
    (
        "lastIndexOf",
        &[
            ("string_last_index_of_string", "string.(string) -> int", LAST_INDEX_OF),
            ("string_last_index_of_string_int", "string.(string, int) -> int", LAST_INDEX_OF),
        ],
    ),
    (
        "lowerAscii",
        &[("string_lower_ascii", "string.() -> string", |context, v| {
            let [Value::Text(text)] = v else { return Err(Fault::Overload) };
            context.budget.produce(text.as_str().len())?;
            Ok(Value::made(text.as_str().to_ascii_lowercase()))
        })],
    ),
    (
        "upperAscii",
        &[("string_upper_ascii", "string.() -> string", |context, v| {
            let [Value::Text(text)] = v else { return Err(Fault::Overload) };
            context.budget.produce(text.as_str().len())?;
            Ok(Value::made(text.as_str().to_ascii_uppercase()))
        })],
    ),
    (
        "replace",
        &[
            ("string_replace_string_string", "string.(string, string) -> string", REPLACE),
            ("string_replace_string_string_int", "string.(string, string, int) -> string", REPLACE),
        ],
    ),
    (
        "split",
        &[
            ("string_split_string", "string.(string) -> list(string)", SPLIT),
            ("string_split_string_int", "string.(string, int) -> list(string)", SPLIT),
        ],
    ),
    (
        "substring",
        &[
            ("string_substring_int", "string.(int) -> string", SUBSTRING),
            ("string_substring_int_int", "string.(int, int) -> string", SUBSTRING),
        ],
    ),
    (
        "trim",
        &[("string_trim", "string.() -> string", |context, v| {
            let [Value::Text(text)] = v else { return Err(Fault::Overload) };
            context.budget.produce(text.as_str().len())?;
            Ok(Value::made(text.as_str().trim()))
        })],
    ),
];

fn two<'v>(values: &'v [Value<'_>]) -> Result<(&'v str, &'v str), Fault> {
    match values {
        [Value::Text(a), Value::Text(b)] => Ok((a.as_str(), b.as_str())),
        _ => Err(Fault::Overload),
    }
}

/// A number that must be within 32 bits.
fn small(number: i64, failure: &str) -> Result<i32, Fault> {
    i32::try_from(number).map_err(|_| Fault::Unplaced(format!("{failure}: {number}")))
}

fn count(text: &str) -> i64 {
    // Nothing in memory has 2^63 characters.
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// The byte at which the character of that number begins; the end for the number of characters, none beyond.
fn byte_at(text: &str, place: i64) -> Option<usize> {
    let place = usize::try_from(place).ok()?;
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(byte, _)| byte).chain(ends).nth(place)
}

const MATCHES: Apply = |context, v| {
    let (text, pattern) = two(v)?;
    Ok(Value::Bool(context.matches(text, pattern)?))
};

const INDEX_OF: Apply = |context, v| {
    let (text, part, from) = match v {
        [Value::Text(text), Value::Text(part)] => (text.as_str(), part.as_str(), 0),
        [Value::Text(text), Value::Text(part), Value::Int(from)] => (text.as_str(), part.as_str(), *from),
        _ => return Err(Fault::Overload),
    };
    context.budget.spend((text.len() + part.len()) / 16)?;
    let from = i64::from(small(from, "indexOf failure: Offset must not exceed the int32 range")?);
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    let start = byte_at(text, from).filter(|start| *start < text.len());
    let Some(start) = start else {
        return Err(Fault::Unplaced(format!("indexOf failure: Offset out of range: {from}")));
    };
    Ok(Value::Int(text[start..].find(part).map_or(-1, |at| from + count(&text[start..start + at]))))
};

const LAST_INDEX_OF: Apply = |context, v| {
    let (text, part, from) = match v {
        [Value::Text(text), Value::Text(part)] => (text.as_str(), part.as_str(), None),
        [Value::Text(text), Value::Text(part), Value::Int(from)] => {
            (text.as_str(), part.as_str(), Some(*from))
        }
        _ => return Err(Fault::Overload),
    };
    context.budget.spend((text.len() + part.len()) / 16)?;
    let length = count(text);
    match from {
        None if part.is_empty() => return Ok(Value::Int(length)),
        None if count(part) > length => return Ok(Value::Int(-1)),
        Some(from) if part.is_empty() => return Ok(Value::Int(from)),
        _ => {}
    }
    let from = from.unwrap_or(length - 1);
    let from = i64::from(small(from, "lastIndexOf failure: Offset must not exceed the int32 range")?);
    let Some(start) = byte_at(text, from).filter(|start| *start < text.len()) else {
        return Err(Fault::Unplaced(format!("lastIndexOf failure: Offset out of range: {from}")));
    };
    // The part may begin at `from` at the latest, and may go beyond.
    let end = (start + part.len()).min(text.len());
    let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
    let found = text[..end].rmatch_indices(part).map(|(at, _)| at).find(|at| *at <= start);
    Ok(Value::Int(found.map_or(-1, |at| count(&text[..at]))))
};

const REPLACE: Apply = |context, v| {
    let (text, part, by, limit) = match v {
        [Value::Text(text), Value::Text(part), Value::Text(by)] => (text, part, by, -1),
        [Value::Text(text), Value::Text(part), Value::Text(by), Value::Int(limit)] => {
            (text, part, by, *limit)
        }
        _ => return Err(Fault::Overload),
    };
    let (text, part, by) = (text.as_str(), part.as_str(), by.as_str());
    let limit = small(limit, "replace failure: Index must not exceed the int32 range")?;
    context.budget.produce(text.len())?;
    if part == by {
        return Ok(Value::made(text));
    }
    // A negative limit is none.
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut replaced = String::with_capacity(text.len());
    let mut last = 0;
    for (at, found) in text.match_indices(part).take(most) {
        context.budget.produce(16 + by.len())?;
        replaced.push_str(&text[last..at]);
        replaced.push_str(by);
        last = at + found.len();
    }
    replaced.push_str(&text[last..]);
    Ok(Value::made(replaced))
};

const SPLIT: Apply = |context, v| {
    let (text, separator, limit) = match v {
        [Value::Text(text), Value::Text(separator)] => {
            (text.as_str(), separator.as_str(), i64::from(i32::MAX))
        }
        [Value::Text(text), Value::Text(separator), Value::Int(limit)] => {
            (text.as_str(), separator.as_str(), *limit)
        }
        _ => return Err(Fault::Overload),
    };
    let limit = small(limit, "split failure: Limit must not exceed the int32 range")?;
    context.budget.produce(text.len())?;
    let limit = match usize::try_from(limit) {
        Ok(0) => return Ok(Value::list(Vec::new())),
        Ok(1) => return Ok(Value::list(vec![Value::made(text)])),
        Ok(limit) => limit,
        // As the official server: no limit means as many parts as the text has UTF-16 units.
        Err(_) => match text.encode_utf16().count() {
            0 if separator.is_empty() => return Ok(Value::list(Vec::new())),
            0 => return Err(Fault::Failed),
            units => units,
        },
    };
    let mut parts = Vec::new();
    let mut rest = text;
    if separator.is_empty() {
        while parts.len() + 1 < limit
            && let Some(first) = rest.chars().next()
        {
            context.budget.produce(size_of::<Value<'_>>() + 16)?;
            let (part, after) = rest.split_at(first.len_utf8());
            parts.push(Value::made(part));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Value::made(rest));
        }
    } else {
        for part in rest.splitn(limit, separator) {
            context.budget.produce(size_of::<Value<'_>>() + 16)?;
            parts.push(Value::made(part));
        }
    }
    Ok(Value::list(parts))
};

const SUBSTRING: Apply = |context, v| {
    let (text, begin, end) = match v {
        [Value::Text(text), Value::Int(begin)] => (text.as_str(), *begin, None),
        [Value::Text(text), Value::Int(begin), Value::Int(end)] => (text.as_str(), *begin, Some(*end)),
        _ => return Err(Fault::Overload),
    };
    context.budget.produce(text.len())?;
    let length = count(text);
    let is_small = |number: i64| i32::try_from(number).is_ok();
    match end {
        None if !is_small(begin) => {
            return Err(Fault::Unplaced(format!(
                "substring failure: Index must not exceed the int32 range: {begin}"
            )));
        }
        Some(end) if !is_small(begin) || !is_small(end) => {
            let failure = "substring failure: Indices must not exceed the int32 range";
            return Err(Fault::Unplaced(format!("{failure}: [{begin}, {end})")));
        }
        _ => {}
    }
    let end = end.unwrap_or(length);
    let part = byte_at(text, begin).zip(byte_at(text, end)).and_then(|(begin, end)| text.get(begin..end));
    match part {
        Some(part) => Ok(Value::made(part)),
        None => Err(Fault::Unplaced(format!("substring failure: Range [{begin}, {end}) out of bounds"))),
    }
};
