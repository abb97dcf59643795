//! Apps over HTTP: their life, their status and their rules.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use common::{Backend, answer};
use instant_local::store::NewApp;
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn backend() -> Backend {
    Backend::with_schema(&json!({ "entities": {} })).await
}

#[tokio::test]
async fn an_expired_app_is_refused_and_the_next_new_app_removes_it() {
    let backend = backend().await;
    let store = backend.server.store();
    let new = NewApp { expires: Some(1), ..NewApp::new("old") };
    let (id, token) = (new.id, new.admin_token);
    store.create_app(new.clone()).await.unwrap();
    assert!(store.app(id).await.unwrap().is_none());
    let query = backend.bare_post("/admin/query", &json!({ "query": {} }));
    let (status, error) = answer(query.header("app-id", id.to_string()).bearer_auth(token)).await;
    assert_eq!((status, &error["type"]), (StatusCode::BAD_REQUEST, &json!("record-not-found")));
    let (status, _) = answer(backend.http.get(backend.url(&format!("/dash/apps/ephemeral/{id}")))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    // The id is free again, since making an app removes those that have expired.
    store.create_app(NewApp { expires: None, ..new }).await.unwrap();
    assert!(store.app(id).await.unwrap().is_some());
}

#[tokio::test]
async fn an_ephemeral_app_can_be_made_read_only_with_its_token() {
    let backend = backend().await;
    let (_, made) = answer(backend.bare_post("/dash/apps/ephemeral", &json!({ "title": "t" }))).await;
    let (id, token) = (made["app"]["id"].as_str().unwrap(), made["app"]["admin-token"].as_str().unwrap());
    let set = |token: &str, status: &str| {
        let body = json!({ "admin-token": token, "status": status });
        answer(backend.bare_post(&format!("/dash/apps/ephemeral/{id}/status"), &body))
    };
    assert_eq!(set(token, "read-only").await, (StatusCode::OK, json!({ "status": "read-only" })));
    let write = backend.bare_post("/admin/transact", &json!({ "steps": [] }));
    let (status, _) = answer(write.header("app-id", id).bearer_auth(token)).await;
    assert_ne!(status, StatusCode::OK);
    let (status, error) = set(token, "asleep").await;
    assert_eq!((status, &error["type"]), (StatusCode::BAD_REQUEST, &json!("param-malformed")));
    assert_eq!(set(id, "active").await.1["type"], "record-not-found");
    let own = format!("/dash/apps/ephemeral/{}/status", backend.app);
    let (_, error) = answer(backend.bare_post(&own, &json!({}))).await;
    assert_eq!(error["type"], "permission-denied");
}

#[tokio::test]
async fn the_version_of_rules_grows_when_they_change() {
    let backend = backend().await;
    let path = format!("/dash/apps/{}/rules", backend.app);
    let put = async |view: &str| -> Value {
        let code = json!({ "posts": { "allow": { "view": view } } });
        answer(backend.post(&path, &json!({ "code": code }))).await.1["rules"]["version"].clone()
    };
    assert_eq!([put("true").await, put("true").await, put("false").await], [json!(0), Value::Null, json!(1)]);
    put("data.open").await;
    let versions = answer(backend.get(&format!("/dash/apps/{}/rule-versions", backend.app))).await.1;
    let at = json!(["posts", "allow", "view"]);
    let back = |version: usize| {
        let shown = &versions["versions"][version];
        (shown["version"].clone(), shown["edits"].clone())
    };
    assert_eq!(back(0), (json!(2), json!([[at, "r", "false"]])), "{versions}");
    assert_eq!(back(1), (json!(1), json!([[at, "r", "true"]])), "{versions}");
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2);
}
