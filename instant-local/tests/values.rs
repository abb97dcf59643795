//! Values over the wire: numbers digit by digit, dates by their two readers, texts in their order, deep nesting.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use common::Backend;
use serde_json::{Value, json};
use uuid::Uuid;

fn attr(kind: &str, indexed: bool, unique: bool) -> Value {
    json!({ "valueType": kind, "required": false, "config": { "indexed": indexed, "unique": unique } })
}

async fn backend() -> Backend {
    let attrs = json!({
        "any": attr("json", false, false), "key": attr("json", false, true),
        "number": attr("number", true, false), "at": attr("date", true, false), "text": attr("string", true, false),
    });
    let schema = json!({ "entities": { "things": { "attrs": attrs } }, "links": {}, "rooms": {} });
    Backend::with_schema(&schema).await
}

/// Sends a body as it is written. Returns the status and the text of the answer, numbers as they are written.
async fn send(backend: &Backend, path: &str, body: String) -> (u16, String) {
    let request = backend.post(path, &Value::Null).header("content-type", "application/json").body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn create(backend: &Backend, attrs: &str) -> (u16, String) {
    let id = Uuid::new_v4();
    send(backend, "/admin/transact", format!(r#"{{"steps":[["create","things","{id}",{attrs}]]}}"#)).await
}

/// The answer to a query with this `where`, without the ids.
async fn find(backend: &Backend, condition: &str, field: &str) -> String {
    let query = format!(r#"{{"query":{{"things":{{"$":{{"where":{condition},"fields":["{field}"]}}}}}}}}"#);
    let (status, answer) = send(backend, "/admin/query", query).await;
    assert_eq!(status, 200, "{answer}");
    let member = format!("\"{field}\":");
    let things = answer.split(&member).skip(1);
    things.map(|rest| &rest[..rest.find('}').unwrap()]).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn large_integers_are_exact_where_nothing_is_indexed_as_a_number() {
    let backend = backend().await;
    for attrs in [r#"{"key":18446744073709551616}"#, r#"{"key":18446744073709551617}"#, r#"{"key":1e21}"#] {
        assert_eq!(create(&backend, attrs).await.0, 200, "{attrs}");
    }
    assert_eq!(find(&backend, r#"{"key":18446744073709551617}"#, "key").await, "18446744073709551617");
    assert_eq!(find(&backend, r#"{"key":1000000000000000000000}"#, "key").await, "1000000000000000000000");
    let (status, taken) = create(&backend, r#"{"key":1000000000000000000000}"#).await;
    assert_eq!(status, 400);
    assert!(taken.contains(r#""value":"1000000000000000000000""#), "{taken}");
}

#[tokio::test]
async fn indexed_numbers_compare_as_doubles() {
    let backend = backend().await;
    create(&backend, r#"{"number":9007199254740993}"#).await;
    assert_eq!(find(&backend, r#"{"number":9007199254740992}"#, "number").await, "9007199254740993");
    assert_eq!(find(&backend, r#"{"number":{"$gt":9007199254740992}}"#, "number").await, "");
    create(&backend, r#"{"any":9007199254740993}"#).await;
    assert_eq!(find(&backend, r#"{"any":9007199254740992}"#, "any").await, "");
}

#[tokio::test]
async fn dates_are_stored_by_one_reader_and_compared_by_another() {
    let backend = backend().await;
    for (date, is_stored) in [("2025-031", true), ("2025-01-31 Europe/Paris", true), ("2025-02-29", false)] {
        let (status, answer) = create(&backend, &format!(r#"{{"at":"{date}"}}"#)).await;
        assert_eq!(status == 200, is_stored, "{date}: {answer}");
    }
    assert_eq!(find(&backend, r#"{"at":"2025-01-31"}"#, "at").await, r#""2025-031""#);
    assert_eq!(
        find(&backend, r#"{"at":"2025-01-30T23:00:00Z"}"#, "at").await,
        r#""2025-01-31 Europe/Paris""#
    );
    let before_march = find(&backend, r#"{"at":{"$lt":"2025-02-29"}}"#, "at").await;
    assert_eq!(before_march.matches("2025").count(), 2);
    assert_eq!(find(&backend, r#"{"at":{"$lt":"now"}}"#, "at").await.matches("2025").count(), 2);
    let (status, refused) =
        send(&backend, "/admin/query", r#"{"query":{"things":{"$":{"where":{"at":"now"}}}}}"#.into()).await;
    assert_eq!(status, 400, "{refused}");
}

#[tokio::test]
async fn pages_of_texts_pass_over_punctuation_at_first() {
    let backend = backend().await;
    for text in ["coop", "co-op", "CO-OP", "_x", "apple", " spaced"] {
        create(&backend, &json!({ "text": text }).to_string()).await;
    }
    let mut in_order = Vec::new();
    while let Some(next) = {
        let after =
            in_order.last().map_or("{}".into(), |last| json!({ "text": { "$gt": last } }).to_string());
        let query = format!(
            r#"{{"query":{{"things":{{"$":{{"where":{after},"order":{{"text":"asc"}},"limit":1}}}}}}}}"#
        );
        let answer: Value = serde_json::from_str(&send(&backend, "/admin/query", query).await.1).unwrap();
        answer["things"][0]["text"].as_str().map(str::to_owned)
    } {
        in_order.push(next);
    }
    assert_eq!(in_order, ["apple", "co-op", "coop", "CO-OP", " spaced", "_x"]);
}

#[tokio::test]
async fn a_value_nests_to_996_levels_and_a_body_to_1000() {
    let backend = backend().await;
    let nested = |depth: usize| format!(r#"{{"any":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    // Four levels are those of the body, the steps, the step and its attributes.
    assert_eq!(create(&backend, &nested(996)).await.0, 200);
    let found = find(&backend, r#"{"any":{"$isNull":false}}"#, "any").await;
    assert_eq!(found.len(), 2 * 996);
    let (status, refused) = create(&backend, &nested(997)).await;
    assert_eq!(status, 400);
    assert!(refused.contains("nested more than 1000 levels deep"), "{refused}");
    assert!(create(&backend, &nested(100_000)).await.1.contains("nested more than 1000 levels deep"));
}
