use serde_json::json;

use super::super::Budget;
use super::{TestHost, assert_outcomes, outcome_with};

/// The keys and tokens that were taken.
fn taken(source: &str) -> Vec<(serde_json::Value, i64)> {
    let host = TestHost::default();
    outcome_with(source, &host, &mut Budget::for_read());
    host.taken.into_inner()
}

#[test]
fn limits_take_any_key_and_at_least_one_token() {
    assert_eq!(taken("rateLimit.b.limit(auth.id)"), [(json!("u1"), 1)]);
    assert_eq!(taken("rateLimit['b'].limit([1, null], 3)"), [(json!([1, null]), 3)]);
    assert_eq!(taken("false && rateLimit.b.limit(1)"), []);
    assert_outcomes(&[
        ("rateLimit.b.limit(1)", "true"),
        ("rateLimit.c.limit(1)", "ATTRIBUTE_NOT_FOUND  at <input>:9: key 'c' is not present in map."),
        ("'b' in rateLimit && !('c' in rateLimit)", "true"),
    ]);
    assert!(taken("rateLimit.b.limit(1, 0)").is_empty());
}

#[test]
fn a_rule_with_a_ref_is_evaluated_again_once_it_is_fetched() {
    assert_eq!(taken("data.ref('n') == [5] && rateLimit.b.limit(1)").len(), 2);
    assert_eq!(taken("rateLimit.b.limit(1) && data.ref('n') == [5]").len(), 2);
    // Taken in the first round, when it is not known yet that the left side is false.
    assert_eq!(taken("data.ref('n') == [6] && rateLimit.b.limit(1)").len(), 1);
    assert_eq!(taken("data.ref('n') == [5] ? rateLimit.b.limit(1) : false").len(), 1);
}
