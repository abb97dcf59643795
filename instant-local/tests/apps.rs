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

#[tokio::test]
async fn an_app_can_get_another_title_and_a_number_is_one() {
    let backend = backend().await;
    let path = format!("/superadmin/apps/{}", backend.app);
    for (title, kept) in [(json!(" Notes "), "Notes"), (json!(5), "5")] {
        let (status, renamed) = answer(backend.post(&path, &json!({ "title": title }))).await;
        assert_eq!((status, &renamed["app"]["title"]), (StatusCode::OK, &json!(kept)));
        assert_eq!(answer(backend.get(&path)).await.1, renamed);
    }
    let (status, error) = answer(backend.post(&path, &json!({ "title": [] }))).await;
    assert_eq!((status, &error["type"]), (StatusCode::BAD_REQUEST, &json!("param-malformed")));
}

#[tokio::test]
async fn signing_out_ends_the_tokens_that_are_named_and_no_others() {
    let backend = backend().await;
    let sign_in = async |email: &str| {
        let (_, made) = answer(backend.post("/admin/refresh_tokens", &json!({ "email": email }))).await;
        made["user"].clone()
    };
    let works = async |user: &Value| {
        let query = backend.bare_post("/admin/query", &json!({ "query": { "$users": {} } }));
        let query = query.header("app-id", backend.app.to_string());
        answer(query.header("as-token", user["refresh_token"].as_str().unwrap())).await.0 == StatusCode::OK
    };
    let sign_out = async |body: Value| answer(backend.post("/admin/sign_out", &body)).await;
    let (first, second, other) =
        (sign_in("ada@a.co").await, sign_in("ada@a.co").await, sign_in("bob@a.co").await);
    assert_eq!(
        sign_out(json!({ "refresh_token": first["refresh_token"] })).await,
        (StatusCode::OK, json!({ "ok": true }))
    );
    assert_eq!([works(&first).await, works(&second).await, works(&other).await], [false, true, true]);
    let third = sign_in("ada@a.co").await;
    assert_eq!(sign_out(json!({ "id": first["id"], "email": "bob@a.co" })).await.0, StatusCode::OK);
    assert_eq!([works(&second).await, works(&third).await, works(&other).await], [false, false, true]);
    assert_eq!(sign_out(json!({ "email": " Bob@a.co" })).await.0, StatusCode::OK);
    assert!(!works(&other).await);
    let (_, unknown) = sign_out(json!({ "email": "no@a.co" })).await;
    assert_eq!(unknown["message"], "Record not found: app-user");
    let (_, nobody) = sign_out(json!({ "id": null })).await;
    assert_eq!(
        nobody["message"],
        "Validation failed for body: Please provide an `id`, `email`, or `refresh_token`"
    );
}
