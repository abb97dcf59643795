//! Random conditions: the backend and a slow, plain evaluation of the rules give the same answers.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use std::collections::BTreeMap;

use library::{LINKS, Library, data};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// The data as plain maps.
struct Facts {
    /// Values by name of the entity.
    entities: BTreeMap<&'static str, (&'static str, Value)>,
}

impl Facts {
    fn new() -> Self {
        let mut entities: BTreeMap<_, _> =
            data().into_iter().map(|(name, kind, values)| (name, (kind, values))).collect();
        // What the library links after all entities exist.
        let mut link = |from: &str, label: &str, to: Value| entities.get_mut(from).unwrap().1[label] = to;
        link("U1", "friends", json!(["U2"]));
        link("U1", "profile", json!("F1"));
        link("U2", "friends", json!(["U3"]));
        Self { entities }
    }

    fn of(&self, kind: &str) -> Vec<&'static str> {
        self.entities.iter().filter(|(_, (other, _))| *other == kind).map(|(name, _)| *name).collect()
    }

    fn value(&self, name: &str, label: &str) -> Value {
        self.entities[name].1.get(label).cloned().unwrap_or_default()
    }

    /// The entities that `name` is linked to under `label`, from either side.
    fn linked(&self, name: &str, label: &str) -> Vec<&'static str> {
        let kind = self.entities[name].0;
        let targets = |from: &str, label: &str| match self.value(from, label) {
            Value::Array(list) => list,
            Value::Null => Vec::new(),
            one => vec![one],
        };
        if LINKS.iter().any(|link| (link[0], link[1]) == (kind, label)) {
            let targets = targets(name, label);
            return self.entities.keys().copied().filter(|other| targets.contains(&json!(other))).collect();
        }
        let link = LINKS.iter().find(|link| (link[3], link[4]) == (kind, label)).unwrap();
        self.of(link[0]).into_iter().filter(|from| targets(from, link[1]).contains(&json!(name))).collect()
    }

    fn holds(&self, name: &str, filter: &Value) -> bool {
        filter.as_object().unwrap().iter().all(|(key, value)| match (key.as_str(), value) {
            ("and", Value::Array(all)) => all.iter().all(|one| self.holds(name, one)),
            ("or", Value::Array(any)) => any.iter().any(|one| self.holds(name, &in_or(one))),
            (path, test) => self.path(name, &path.split('.').collect::<Vec<_>>(), test),
        })
    }

    fn path(&self, name: &str, path: &[&str], test: &Value) -> bool {
        let wants_nothing = test.get("$not").is_some() || test.get("$isNull") == Some(&json!(true));
        match path {
            [label] => self.end(name, label, test),
            [label, rest @ ..] => {
                let linked = self.linked(name, label);
                (linked.is_empty() && wants_nothing) || linked.iter().any(|next| self.path(next, rest, test))
            }
            [] => false,
        }
    }

    fn end(&self, name: &str, label: &str, test: &Value) -> bool {
        let kind = self.entities[name].0;
        let is_link = LINKS
            .iter()
            .any(|link| (link[0], link[1]) == (kind, label) || (link[3], link[4]) == (kind, label));
        let values: Vec<Value> = if is_link {
            self.linked(name, label).into_iter().map(Value::from).collect()
        } else if label == "id" {
            vec![json!(name)]
        } else {
            Some(self.value(name, label)).filter(|value| !value.is_null()).into_iter().collect()
        };
        let Some((operator, operand)) = test.as_object().and_then(|test| test.iter().next()) else {
            return values.iter().any(|value| equal(value, test));
        };
        let number = |value: &Value| value.as_f64();
        match operator.as_str() {
            "$in" => {
                let list = operand.as_array().unwrap();
                values.iter().any(|value| list.contains(value))
                    || (values.is_empty() && list.contains(&Value::Null))
            }
            "$not" => values.is_empty() || values.iter().any(|value| !equal(value, operand)),
            "$isNull" => values.is_empty() == operand.as_bool().unwrap(),
            "$gt" => values.iter().any(|value| number(value) > number(operand)),
            "$lte" => values.iter().any(|value| number(value) <= number(operand)),
            other => panic!("no rule for {other}"),
        }
    }
}

/// An element of an `or` that only asks whether an indexed attribute is null asks for the value null.
fn in_or(element: &Value) -> Value {
    let indexed =
        |path: &str| ["handle", "city", "posts.title", "friends.handle", "posts.tags.label"].contains(&path);
    match element.as_object().and_then(|element| element.iter().next()) {
        Some((path, test)) if *test == json!({ "$isNull": true }) && indexed(path) => {
            json!({ path: { "$in": [null] } })
        }
        _ => element.clone(),
    }
}

/// 30 and 30.0 are one number.
fn equal(a: &Value, b: &Value) -> bool {
    a == b || (a.is_number() && a.as_f64() == b.as_f64())
}

/// A condition on users.
fn leaf() -> impl Strategy<Value = Value> {
    let number =
        prop_oneof![Just(json!(0)), Just(json!(5)), Just(json!(25)), Just(json!(30.0)), Just(json!(40))];
    let path = prop::sample::select(vec![
        "age",
        "posts.likes",
        "friends.age",
        "friendOf.age",
        "comments.post.likes",
    ]);
    let compared = (path, prop::sample::select(vec!["=", "$not", "$gt", "$lte"]), number).prop_map(|(path, operator, number)| {
        json!({ path: if operator == "=" { number } else { json!({ operator: number }) } })
    });
    let text = prop::sample::select(vec!["alice", "bob", "hi", "Hello", "first", "a", "b", "f1.png", "Rome"]);
    let path = prop::sample::select(vec![
        "handle",
        "bio",
        "city",
        "posts.title",
        "posts.body",
        "posts.tags.label",
        "profile.avatar",
        "friends.handle",
    ]);
    let equal = (path.clone(), text.clone(), prop::sample::select(vec!["=", "$not", "$in"])).prop_map(
        |(path, text, operator)| match operator {
            "=" => json!({ path: text }),
            "$in" => json!({ path: { "$in": [text, "zzz"] } }),
            _ => json!({ path: { "$not": text } }),
        },
    );
    let links = prop::sample::select(vec![
        "posts",
        "edited",
        "friends",
        "friendOf.posts",
        "profile",
        "posts.tags",
        "id",
    ]);
    let ids = prop::sample::select(vec!["P1", "P2", "P3", "U2", "U3", "F1", "T1", "T2"]);
    let linked = (links.clone(), ids, any::<bool>())
        .prop_map(|(path, id, not)| json!({ path: if not { json!({ "$not": id }) } else { json!(id) } }));
    let null = (prop_oneof![path, links], any::<bool>())
        .prop_map(|(path, missing)| json!({ path: { "$isNull": missing } }));
    prop_oneof![compared, equal, linked, null]
}

fn condition() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        (prop::sample::select(vec!["and", "or"]), prop::collection::vec(inner, 2..4))
            .prop_map(|(key, conditions)| json!({ key: conditions }))
    })
}

#[tokio::test]
async fn random_conditions_select_what_the_rules_say() {
    let library = Library::open().await;
    let facts = Facts::new();
    let mut runner = TestRunner::deterministic();
    let mut matched = 0;
    for _ in 0..1_500 {
        let filter = condition().new_tree(&mut runner).unwrap().current();
        let query = json!({ "users": { "$": { "where": filter, "fields": [] } } });
        let answer = library.run(query).await.unwrap();
        let found: Vec<&str> = answer.tree["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| user["id"].as_str().unwrap())
            .collect();
        let expected: Vec<&str> =
            facts.of("users").into_iter().filter(|user| facts.holds(user, &filter)).collect();
        assert_eq!(found, expected, "{filter}");
        matched += usize::from(!found.is_empty());
    }
    assert!(matched > 300, "only {matched} conditions matched anything");
}
