//! How many bytes PostgreSQL's binary JSON takes, which limits the values of indexed attributes.

use serde_json::Value;

use super::{is_number, text};

/// The bytes of a value as `jsonb`.
pub(crate) fn size(value: &Value) -> usize {
    let container = match value {
        Value::Array(_) | Value::Object(_) => after(value, 0),
        // A value by itself is stored as a list of one.
        scalar => after(scalar, ENTRY + ENTRY),
    };
    ENTRY + container
}

/// What each list and object, each of its elements, each key and each value of a key has before the bodies.
const ENTRY: usize = 4;

/// Where the body of a value ends that begins at `at`, or after the next boundary of four bytes.
fn after(value: &Value, at: usize) -> usize {
    let aligned = at.next_multiple_of(4);
    match value {
        Value::Null | Value::Bool(_) => at,
        Value::Array(items) => {
            let bodies = aligned + ENTRY + ENTRY * items.len();
            items.iter().fold(bodies, |at, item| after(item, at))
        }
        Value::Object(members) => {
            let keys: usize = members.keys().map(String::len).sum();
            let bodies = aligned + ENTRY + 2 * ENTRY * members.len() + keys;
            // Bodies stand in the order of the keys, which decides where there is room between them.
            text::sorted(members).into_iter().fold(bodies, |at, (_, value)| after(value, at))
        }
        number if is_number(number) => aligned + numeric(&text::postgres(number)).next_multiple_of(4),
        Value::String(text) => at + text.len(),
        Value::Number(_) => at,
    }
}

/// The bytes of a number: a head, and two for each digit to the base of 10,000, but for zeros at either end.
fn numeric(text: &str) -> usize {
    let (whole, fraction) =
        text.trim_start_matches('-').split_once('.').unwrap_or((text.trim_start_matches('-'), ""));
    let whole_groups = whole.len().div_ceil(4);
    let padded = format!("{whole:0>width$}{fraction}", width = whole_groups * 4);
    let groups: Vec<&str> =
        (0..padded.len()).step_by(4).map(|at| &padded[at..padded.len().min(at + 4)]).collect();
    let is_zero = |group: &&str| group.bytes().all(|digit| digit == b'0');
    let first = groups.iter().position(|group| !is_zero(group)).unwrap_or(groups.len());
    let last = groups.iter().rposition(|group| !is_zero(group)).map_or(first, |last| last + 1);
    // The place of the first digit and the length of the fraction fit into a short head, or need a long one.
    let is_short = whole_groups <= first + 64 && first <= whole_groups + 63 && fraction.len() < 64;
    (if is_short { 6 } else { 8 }) + 2 * (last - first)
}
