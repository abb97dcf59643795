//! Values in messages about lookups, in the notation of the official server: EDN.

use std::fmt::Write as _;

use instant_schema::parse_id;
use serde_json::Value;

use crate::json;

/// Prints a value: `[1 "x" nil]`, `{"k" true}`, `#uuid "8aa6.."`.
pub(super) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("nil"),
        Value::Bool(_) => out.push_str(&value.to_string()),
        number if json::is_number(number) => out.push_str(&json::write(number)),
        Value::Number(_) => {}
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { " " });
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (place, (key, value)) in members.iter().enumerate() {
                out.push_str(if place == 0 { "" } else { ", " });
                write_text(key, out);
                out.push(' ');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    if let Some(id) = parse_id(text) {
        let _ = write!(out, "#uuid \"{id}\"");
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            '\u{8}' => out.push_str("\\b"),
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_value_is_printed() {
        let id = "8AA64E4C-64f9-472e-8a61-3fa28870e6cb";
        let value = json!([id, "a\"b\n", 1, 2.5, true, null, { "k": [1, "x"], "b": null }]);
        assert_eq!(
            print(&value),
            "[#uuid \"8aa64e4c-64f9-472e-8a61-3fa28870e6cb\" \"a\\\"b\\n\" 1 2.5 true nil {\"k\" [1 \"x\"], \"b\" nil}]"
        );
    }
}
