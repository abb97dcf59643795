//! Queries as trees: what is read of JSON is written as it means, and no JSON makes reading panic.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod conformance;

use conformance::schema;
use instant_schema::instaql::{Condition, Direction, Operator, Query, check};
use proptest::prelude::*;
use serde_json::{Value, json};

const U1: &str = "00000000-0000-4000-8000-000000000001";

#[test]
fn a_query_becomes_a_tree_and_json_again() {
    let json = json!({
        "posts": {
            "$": { "where": { "author.handle": "a", "likes": { "$gte": 3 }, "or": [{ "body": { "$isNull": true } }] },
                   "order": { "likes": "desc" }, "first": 3, "offset": 1, "after": [U1, U1, null, 7],
                   "afterInclusive": false, "fields": ["title"] },
            "author": { "friends": {} },
        },
        "$$ruleParams": { "k": 1 },
    });
    let query = Query::from_json(&json).unwrap();
    assert_eq!(query.to_json(), json);
    let options = &query.forms[0].options;
    assert_eq!(options.order.as_ref().unwrap().direction, Direction::Desc);
    let conditions = &options.filter.as_ref().unwrap().0;
    let path = |path: &[&str]| path.iter().map(|label| (*label).to_owned()).collect();
    assert_eq!(
        conditions[0],
        Condition::Compare { path: path(&["author", "handle"]), operator: None, operand: json!("a") }
    );
    assert_eq!(
        conditions[1],
        Condition::Compare { path: path(&["likes"]), operator: Some(Operator::Gte), operand: json!(3) }
    );
    assert_eq!(query.forms[0].children[0].children[0].name, "friends");
}

#[test]
fn conditions_on_one_path_are_written_side_by_side_in_an_and() {
    let mut query = Query::from_json(
        &json!({ "users": { "$": { "where": { "age": { "$gt": 1 }, "and": [{ "city": "x" }] } } } }),
    )
    .unwrap();
    let filter = query.forms[0].options.filter.as_mut().unwrap();
    filter.0.push(Condition::Compare {
        path: vec!["age".into()],
        operator: Some(Operator::Lt),
        operand: json!(9),
    });
    assert_eq!(
        filter.to_json(),
        json!({ "age": { "$gt": 1 }, "and": [{ "city": "x" }, { "age": { "$lt": 9 } }] })
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let key = prop_oneof![
        Just("users"),
        Just("posts"),
        Just("author"),
        Just("$"),
        Just("where"),
        Just("order"),
        Just("limit"),
        Just("fields"),
        Just("age"),
        Just("posts.title"),
        Just("$in"),
        Just("$gt"),
        Just("or"),
        Just("and"),
        Just("$$ruleParams"),
        Just("after"),
        Just("."),
        Just(""),
        Just("é"),
    ]
    .prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        Just(json!(U1)),
    ];
    leaf.prop_recursive(6, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(query in any_json()) {
        let _ = check(&schema(), &query);
        let _ = Query::from_json(&query);
    }

    #[test]
    fn what_is_read_is_written_as_it_means(query in any_json()) {
        if let Ok(tree) = Query::from_json(&query) {
            let written = tree.to_json();
            prop_assert_eq!(Query::from_json(&written).unwrap().to_json(), written);
        }
    }
}
