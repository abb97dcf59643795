//! Deep merge of JSON values.

use std::collections::HashSet;

use serde_json::{Map, Value};

/// Merges `patch` into `old`: objects key by key, where null removes a key; everything else replaces.
///
/// Where `old` is not an object, returns the patch unchanged, nulls included.
pub(crate) fn deep_merge(old: Value, patch: Value) -> Value {
    match (old, patch) {
        (Value::Object(old), Value::Object(patch)) => Value::Object(merge_objects(old, patch)),
        (_, patch) => patch,
    }
}

fn merge_objects(mut old: Map<String, Value>, patch: Map<String, Value>) -> Map<String, Value> {
    // Removed together: each removal by itself would move all members behind it.
    let mut removed = HashSet::new();
    for (key, value) in patch {
        if value.is_null() {
            removed.insert(key);
        } else if let (Some(Value::Object(inner)), Value::Object(_)) = (old.get_mut(&key), &value) {
            let inner = Value::Object(std::mem::take(inner));
            old.insert(key, deep_merge(inner, value));
        } else {
            old.insert(key, value);
        }
    }
    if !removed.is_empty() {
        old.retain(|key, _| !removed.contains(key));
    }
    old
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merges_as_documented() {
        let old = json!({ "a": { "x": 1, "y": 2 }, "l": [1] });
        for (patch, expected) in [
            (json!({ "a": { "x": 9 } }), json!({ "a": { "x": 9, "y": 2 }, "l": [1] })),
            (json!({ "a": { "x": null } }), json!({ "a": { "y": 2 }, "l": [1] })),
            (json!({ "l": [2] }), json!({ "a": { "x": 1, "y": 2 }, "l": [2] })),
            (json!({ "b": { "z": null } }), json!({ "a": { "x": 1, "y": 2 }, "l": [1], "b": { "z": null } })),
            (json!({}), old.clone()),
            (json!(null), json!(null)),
        ] {
            assert_eq!(deep_merge(old.clone(), patch), expected);
        }
        assert_eq!(deep_merge(json!(null), json!({ "q": null })), json!({ "q": null }));
    }
    #[test]
    fn what_is_left_keeps_its_order() {
        let old = json!({ "a": 1, "b": { "x": 1, "y": 2 }, "c": 3, "d": 4 });
        let merged =
            deep_merge(old, json!({ "c": null, "e": 5, "b": { "x": null }, "a": null, "none": null }));
        assert_eq!(merged.to_string(), r#"{"b":{"y":2},"d":4,"e":5}"#);
    }
}
