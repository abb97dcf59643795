//! Broken schema files, in their bytes or in their structure: every problem names its place, and none panics.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use instant_schema::{Position, Problems, Schema, Segment};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const OFFICIAL: &str = include_str!("fixtures/official.schema.json");

/// A change of the bytes: what is put in the place of a few of them.
#[derive(Debug, Clone)]
struct Edit {
    at: prop::sample::Index,
    removed: usize,
    inserted: Vec<u8>,
}

fn edit() -> impl Strategy<Value = Edit> {
    let piece = prop_oneof![
        vec(any::<u8>(), 0..3),
        "[\\[\\]{}:,\"\\\\0-9a-z $\u{fc}\u{feff}\r\n]{0,4}".prop_map(String::into_bytes),
        prop::sample::select(vec![
            "null",
            "true",
            "\"$users\"",
            "\"id\"",
            "\"\"",
            "{}",
            "[]",
            "-1e9",
            "\\ud800",
            "//"
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    (any::<prop::sample::Index>(), 0_usize..12, piece).prop_map(|(at, removed, inserted)| Edit {
        at,
        removed,
        inserted,
    })
}

fn edited(text: &str, edits: &[Edit]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for Edit { at, removed, inserted } in edits {
        let at = at.index(bytes.len() + 1);
        let end = (at + removed).min(bytes.len());
        bytes.splice(at..end, inserted.iter().copied());
    }
    bytes
}

/// A change of one member or element, counted through the whole document.
#[derive(Debug, Clone)]
enum Change {
    Remove,
    Rename(String),
    Replace(Value),
}

fn change() -> impl Strategy<Value = Change> {
    let name = prop::sample::select(vec![
        "id",
        "",
        " ",
        "$users",
        "$nope",
        "posts",
        "attrs",
        "entities",
        "valueType",
        "on",
        "label",
        "author",
        "größe",
    ]);
    let value = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(5),
        json!("x"),
        json!(""),
        json!([]),
        json!([{}]),
        json!({}),
        json!("one"),
        json!("many"),
        json!("cascade"),
        json!("id"),
        json!("$users"),
        json!("nope"),
        json!("int"),
        json!({ "attrs": {} }),
    ]);
    prop_oneof![
        Just(Change::Remove),
        name.prop_map(|name| Change::Rename(name.to_owned())),
        value.prop_map(Change::Replace)
    ]
}

fn count(value: &Value) -> usize {
    let inner: Vec<&Value> = match value {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => return 0,
    };
    inner.iter().map(|value| 1 + count(value)).sum()
}

/// Applies a change to the value of that number; `None` once it was applied.
fn changed(value: &mut Value, mut number: usize, change: &Change) -> Option<usize> {
    match value {
        Value::Object(members) => {
            let before = std::mem::take(members);
            let mut left = Some(number);
            for (key, mut member) in before {
                match left {
                    Some(0) => {
                        left = None;
                        match change {
                            Change::Remove => continue,
                            Change::Rename(name) => drop(members.insert(name.clone(), member)),
                            Change::Replace(other) => drop(members.insert(key, other.clone())),
                        }
                        continue;
                    }
                    Some(other) => left = changed(&mut member, other - 1, change),
                    None => {}
                }
                members.insert(key, member);
            }
            left
        }
        Value::Array(items) => {
            for item in items {
                if number == 0 {
                    *item = json!("changed");
                    return None;
                }
                number = changed(item, number - 1, change)?;
            }
            Some(number)
        }
        _ => Some(number),
    }
}

/// The text from a place on.
fn from(text: &str, Position { line, column }: Position) -> Option<String> {
    let line = text
        .trim_start_matches('\u{feff}')
        .split_inclusive('\n')
        .nth(line - 1)
        .or((line > 1).then_some(""))?;
    (column <= line.chars().count() + 1).then(|| line.chars().skip(column - 1).collect())
}

/// Checks that every problem of a text has a place in it.
fn placed(text: &str, errors: &Problems) -> Result<(), TestCaseError> {
    prop_assert!(errors.iter().len() > 0);
    for problem in errors {
        prop_assert!(!problem.message.is_empty());
        let place = problem.place.position().and_then(|position| from(text, position));
        prop_assert!(place.is_some() || text.is_empty(), "{problem}\nin {text:?}");
    }
    Ok(())
}

/// Checks that a problem of a JSON document is at the value its path leads to, at its name, or where it is missing at
/// what should have it.
fn at_its_value(text: &str, document: &Value, errors: &Problems) -> Result<(), TestCaseError> {
    for problem in errors {
        let mut shown = vec![document.to_string()];
        let mut value = Some(document);
        for segment in problem.place.path().unwrap().segments() {
            let inner = match segment {
                Segment::Key(key) => value.and_then(|value| value.get(key)),
                Segment::Index(index) => value.and_then(|value| value.get(index)),
            };
            prop_assert!(value.is_some(), "{problem} leads through what is missing: {text}");
            if let Some(inner) = inner {
                shown = vec![inner.to_string()];
                if let Segment::Key(key) = segment {
                    shown.push(format!("{}:", json!(key)));
                }
            }
            value = inner;
        }
        let place = problem.place.position().and_then(|position| from(text, position)).unwrap_or_default();
        prop_assert!(
            shown.iter().any(|shown| place.starts_with(shown)),
            "{problem} is at {place:.60}, not {shown:?}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_that_changed_are_read_or_refused_with_a_place(edits in vec(edit(), 1..4)) {
        let bytes = edited(OFFICIAL, &edits);
        let (lossy, found) = Schema::read_lossy(&bytes);
        match Schema::from_slice(&bytes) {
            Ok(schema) => {
                prop_assert_eq!(found, None);
                prop_assert_eq!(&Schema::from_json(&schema.to_json()).unwrap(), &schema);
                prop_assert_eq!(lossy, schema);
            }
            Err(errors) => {
                prop_assert_eq!(found.as_ref(), Some(&errors));
                placed(&String::from_utf8_lossy(&bytes), &errors)?;
            }
        }
    }

    #[test]
    fn a_structure_that_changed_is_read_or_refused_at_what_changed(
        changes in vec((any::<prop::sample::Index>(), change()), 1..4),
    ) {
        let mut document: Value = serde_json::from_str(OFFICIAL).unwrap();
        for (number, change) in &changes {
            let number = number.index(count(&document).max(1));
            changed(&mut document, number, change);
        }
        let text = document.to_string();
        match Schema::from_json(&text) {
            Ok(schema) => prop_assert_eq!(&Schema::from_json(&schema.to_json()).unwrap(), &schema),
            Err(errors) => {
                placed(&text, &errors)?;
                at_its_value(&text, &document, &errors)?;
            }
        }
    }

    #[test]
    fn any_json_is_read_or_refused_with_a_place(values in vec((".{0,3}", change()), 0..6)) {
        let members: Map<String, Value> = values
            .into_iter()
            .map(|(name, change)| match change {
                Change::Replace(value) => (name, value),
                Change::Rename(name) => (name.clone(), json!({ name: {} })),
                Change::Remove => ("entities".to_owned(), json!({ name: { "attrs": { "id": {} } } })),
            })
            .collect();
        let document = Value::Object(members);
        let text = document.to_string();
        if let Err(errors) = Schema::from_json(&text) {
            placed(&text, &errors)?;
            at_its_value(&text, &document, &errors)?;
        }
    }
}
