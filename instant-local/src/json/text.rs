//! The text of values: as the official server sends it, and as PostgreSQL prints it in errors.

use serde_json::{Map, Value};

use super::number::{large, print, print_java, print_plain};

/// The value of a text: a NUL that begins it is no mark of a large integer.
pub(crate) fn text(text: &str) -> Value {
    if text.starts_with('\0') { Value::String(format!("\0{text}")) } else { Value::from(text) }
}

/// The text that a value's text stands for: without the NUL that [`text`] puts before another.
pub(crate) fn plain_text(text: &str) -> &str {
    if text.starts_with("\0\0") { &text[1..] } else { text }
}

/// The JSON of a value, as it is stored and sent.
pub(crate) fn write(value: &Value) -> String {
    let mut text = String::new();
    push(value, print, &mut text);
    text
}

/// The JSON of a value of a query, as messages show it: what was not stored was not made an integer either.
pub(crate) fn message(value: &Value) -> String {
    let mut text = String::new();
    push(value, print_java, &mut text);
    text
}

fn push(value: &Value, double: fn(f64) -> String, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(number) => out.push_str(&double(number)),
            None => out.push_str(&number.to_string()),
        },
        Value::String(text) => push_text(value, text, out),
        Value::Array(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                push(item, double, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (nth, (key, value)) in members.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { "," });
                quote(key, out);
                out.push(':');
                push(value, double, out);
            }
            out.push('}');
        }
    }
}

/// A value as PostgreSQL prints its `jsonb`: spaces after colons and commas, keys by their length and then their bytes,
/// numbers without exponents.
pub(crate) fn postgres(value: &Value) -> String {
    let mut text = String::new();
    push_postgres(value, &mut text);
    text
}

fn push_postgres(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(double) => out.push_str(&print_plain(double)),
            None => out.push_str(&number.to_string()),
        },
        Value::Array(items) => {
            out.push('[');
            for (nth, item) in items.iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { ", " });
                push_postgres(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (nth, (key, value)) in sorted(members).into_iter().enumerate() {
                out.push_str(if nth == 0 { "" } else { ", " });
                quote(key, out);
                out.push_str(": ");
                push_postgres(value, out);
            }
            out.push('}');
        }
        scalar => push(scalar, print, out),
    }
}

pub(super) fn sorted(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    members.sort_unstable_by_key(|(key, _)| (key.len(), *key));
    members
}

fn push_text(value: &Value, text: &str, out: &mut String) {
    match large(value) {
        Some(digits) => out.push_str(digits),
        None => quote(text, out),
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&Value::from(plain_text(text)).to_string());
}
