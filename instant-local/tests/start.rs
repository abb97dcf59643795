//! How a server starts: what it reads of the schema and the rules it is given.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use common::{Backend, answer};
use instant_local::{Server, StartError};
use serde_json::json;

const SCHEMA: &str = r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string"}}}}}"#;
const RULES: &str = r#"{"posts": {"allow": {"view": "true"}}}"#;

#[tokio::test]
async fn a_schema_and_rules_with_a_byte_order_mark_are_read() {
    let builder = Server::builder().in_memory();
    let builder = builder.schema(format!("\u{feff}{SCHEMA}")).rules(format!("\u{feff}{RULES}"));
    let backend = Backend::of(builder.start().await.unwrap());
    let (_, schema) = answer(backend.get("/admin/schema")).await;
    assert_eq!(schema["schema"]["blobs"]["posts"]["title"]["checked-data-type"], "string");
    let (_, rules) = answer(backend.get(&format!("/dash/apps/{}/perms/pull", backend.app))).await;
    assert_eq!(rules["perms"], json!({ "posts": { "allow": { "view": "true" } } }));
}

#[tokio::test]
async fn a_schema_that_is_wrong_says_where() {
    let wrong = "{\"entities\": {\"posts\": {\"attrs\": {\"title\": {\"valueType\": \"text\"}}}}}";
    let error = Server::builder().in_memory().schema(wrong).start().await.unwrap_err();
    assert!(matches!(error, StartError::Schema(_)));
    let expected = "the schema cannot be used: line 1, column 58: at `entities.posts.attrs.title.valueType`: unknown \
                    value type `text`";
    assert!(error.to_string().starts_with(expected), "{error}");
}
