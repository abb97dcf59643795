//! Checks queries made of random JSON: none panics.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod conformance;

use conformance::schema;
use instant_schema::instaql::check;
use proptest::prelude::*;
use serde_json::{Value, json};

const U1: &str = "00000000-0000-4000-8000-000000000001";

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
    fn no_json_makes_a_check_panic(query in any_json()) {
        let _ = check(&schema(), &query);
    }
}
