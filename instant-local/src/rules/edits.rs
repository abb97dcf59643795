//! The difference between two JSON documents as a list of edits.

use serde_json::{Value, json};

/// The edits that lead from one document to another: `[path, "+", value]` adds a member, `[path, "r", value]` replaces a value,
/// `[path, "-"]` removes a member. Lists are replaced as a whole.
pub(crate) fn edits(from: &Value, to: &Value) -> Vec<Value> {
    let mut edits = Vec::new();
    collect(from, to, &mut Vec::new(), &mut edits);
    edits
}

fn collect<'v>(from: &'v Value, to: &'v Value, path: &mut Vec<&'v str>, edits: &mut Vec<Value>) {
    if from == to {
        return;
    }
    let (Value::Object(old), Value::Object(new)) = (from, to) else {
        edits.push(json!([path, "r", to]));
        return;
    };
    for (key, value) in old {
        path.push(key);
        match new.get(key) {
            Some(other) => collect(value, other, path, edits),
            None => edits.push(json!([path, "-"])),
        }
        path.pop();
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        path.push(key);
        edits.push(json!([path, "+", value]));
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::edits;

    #[test]
    fn edits_name_what_is_removed_replaced_and_added() {
        let from = json!({ "a": { "x": 1, "y": [1], "z": {} }, "b": 2, "c": 3 });
        let to = json!({ "a": { "x": 1, "y": [1, 2], "w": null }, "c": { "d": 4 }, "e": 5 });
        let expected = json!([
            [["a", "y"], "r", [1, 2]],
            [["a", "z"], "-"],
            [["a", "w"], "+", null],
            [["b"], "-"],
            [["c"], "r", { "d": 4 }],
            [["e"], "+", 5],
        ]);
        assert_eq!(json!(edits(&from, &to)), expected);
        assert!(edits(&from, &from).is_empty());
    }
}
