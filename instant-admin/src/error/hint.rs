//! What is printed of a server's hint: what the message does not already say, and nothing of the request's values.

use serde_json::{Map, Value};

use super::ErrorKind;

/// How much of a hint is printed; the whole is in [`Error::hint`](super::Error::hint).
const SHOWN: usize = 600;

/// What hints repeat of the request, whose values do not belong into a log, and which could be a whole transaction; and
/// the server's names for its own tables and records.
const LEFT_OUT: [&str; 11] = [
    "input",
    "original-input",
    "value",
    "data-type",
    "record-type",
    "attr-id",
    "attr_id",
    "is_required",
    "table",
    "condition",
    "constraint",
];

/// The hint as text, unless it adds nothing to `message`. A denial keeps its `input`, the name of the rule that said no.
pub(super) fn shown(hint: &Value, kind: ErrorKind, message: &str) -> Option<String> {
    let kept = if kind == ErrorKind::PermissionDenied { Some("input") } else { None };
    let mut shown = rest(hint, message, kept)?.to_string();
    if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
        shown.truncate(end);
        shown.push('…');
    }
    Some(shown)
}

/// The part of a hint that is printed. The depth is bounded by the parser that made the hint.
fn rest(hint: &Value, message: &str, kept: Option<&str>) -> Option<Value> {
    match hint {
        Value::Object(fields) => {
            let is_shown = |name: &str| kept == Some(name) || !LEFT_OUT.contains(&name);
            let fields = fields.iter().filter(|(name, _)| is_shown(name));
            let fields: Map<_, _> = fields
                .filter_map(|(name, field)| Some((name.clone(), rest(field, message, kept)?)))
                .collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        Value::Array(items) => {
            // A path is a whole, though the message may hold parts of it.
            if items.iter().all(|item| !item.is_object()) {
                let is_said = items.iter().all(|item| is_said(item, message));
                return (!is_said).then(|| hint.clone());
            }
            let items: Vec<_> = items.iter().filter_map(|item| rest(item, message, kept)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        _ => (!is_said(hint, message)).then(|| hint.clone()),
    }
}

fn is_said(value: &Value, message: &str) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => message.contains(text.as_str()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_message_says_is_not_said_again() {
        let hint = json!({ "data-type": "tx-step", "input": [{ "op": "add-triple" }],
                           "errors": [{ "message": "The entity does not exist." }] });
        let message = "Validation failed for tx-step: The entity does not exist.";
        assert_eq!(shown(&hint, ErrorKind::Validation, message), None);

        let hint = json!({ "data-type": "steps", "errors": [{
            "message": "Attributes are missing in your schema", "hint": { "attributes": ["posts.x"] } }] });
        let message = "Validation failed for steps: Attributes are missing in your schema";
        assert_eq!(
            shown(&hint, ErrorKind::Validation, message).unwrap(),
            r#"{"errors":[{"hint":{"attributes":["posts.x"]}}]}"#
        );
    }

    #[test]
    fn values_of_the_request_are_left_out() {
        let hint = json!({ "data-type": "steps", "input": [["update", { "ssn": "private" }]], "value": "private",
                           "errors": [{ "expected": "string?", "in": [0, 1], "hint": { "value": { "a": "private" } } }] });
        assert_eq!(
            shown(&hint, ErrorKind::Validation, "no").unwrap(),
            r#"{"errors":[{"expected":"string?","in":[0,1]}]}"#
        );
        let denied = json!({ "input": ["goals", "object"], "expected": "perms-pass?" });
        assert_eq!(
            shown(&denied, ErrorKind::PermissionDenied, "Permission denied: not perms-pass?").unwrap(),
            r#"{"input":["goals","object"]}"#
        );
    }

    #[test]
    fn a_long_hint_is_cut_at_a_character_boundary() {
        let text = shown(&json!("ä".repeat(2000)), ErrorKind::Validation, "no").unwrap();
        assert!(text.ends_with('…') && text.chars().count() == SHOWN + 1, "{text}");
    }
}
