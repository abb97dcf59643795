//! Requests on behalf of a user or a guest: who it is, and what the default rules allow.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Backend, answer, attribute};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const P: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

async fn backend() -> Backend {
    let posts = json!({ "attrs": { "title": attribute("string", "") }, "links": {} });
    let users = json!({ "attrs": { "nick": attribute("string", "") }, "links": {} });
    let author = json!({
        "forward": { "on": "posts", "has": "one", "label": "author" },
        "reverse": { "on": "$users", "has": "many", "label": "posts" },
    });
    let schema = json!({ "entities": { "posts": posts, "$users": users }, "links": { "author": author }, "rooms": {} });
    Backend::with_schema(&schema).await
}

/// A user made by the administrator: its id and its token.
async fn sign_up(backend: &Backend, email: &str) -> (String, String) {
    let (status, body) = answer(backend.post("/admin/refresh_tokens", &json!({ "email": email }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let text = |key: &str| body["user"][key].as_str().unwrap().to_owned();
    (text("id"), text("refresh_token"))
}

fn as_header(backend: &Backend, name: &'static str, value: &str, steps: &Value) -> RequestBuilder {
    let request = backend.bare_post("/admin/transact", &json!({ "steps": steps }));
    request.header("app-id", backend.app.to_string()).header(name, value)
}

#[track_caller]
fn assert_refused(found: &(StatusCode, Value), kind: &str, message: &str) {
    assert_eq!((found.0, &found.1["type"]), (StatusCode::BAD_REQUEST, &json!(kind)), "{}", found.1);
    assert_eq!(found.1["message"], message);
}

#[tokio::test]
async fn refresh_tokens_make_the_user_once() {
    let backend = backend().await;
    let make = |body: Value| answer(backend.post("/admin/refresh_tokens", &body));
    let (_, first) = make(json!({ "email": " Ada@Example.com ", "extra-fields": { "nick": "a" } })).await;
    assert_eq!(first["created"], true);
    let user = &first["user"];
    assert_eq!(
        (&user["email"], &user["isGuest"], &user["nick"]),
        (&json!("ada@example.com"), &json!(false), &json!("a"))
    );
    assert_eq!(user["app_id"], backend.app.to_string());
    assert!(user.get("type").is_none() && user["created_at"].as_str().unwrap().ends_with('Z'), "{user}");
    let (_, second) = make(json!({ "email": "ada@example.com", "extra-fields": { "bogus": 1 } })).await;
    assert_eq!((&second["created"], &second["user"]["id"]), (&json!(false), &user["id"]));
    assert_ne!(second["user"]["refresh_token"], user["refresh_token"]);
    let (_, by_id) = make(json!({ "id": P })).await;
    assert_eq!((&by_id["created"], &by_id["user"]["email"]), (&json!(true), &Value::Null));
    let neither = make(json!({})).await;
    assert_refused(
        &neither,
        "validation-failed",
        "Validation failed for body: Please provide an `email` or `id`",
    );
    let bad = make(json!({ "email": "nope" })).await;
    assert_refused(&bad, "param-malformed", r#"Malformed parameter: ["body" "email"]"#);
    let unknown = make(json!({ "email": "b@b.co", "extra-fields": { "bogus": 1 } })).await;
    let message =
        "Validation failed for extra-fields: Unknown field: bogus. It must be defined in your $users schema.";
    assert_refused(&unknown, "validation-failed", message);
    let system = make(json!({ "email": "b@b.co", "extra-fields": { "type": "x" } })).await;
    assert_refused(
        &system,
        "validation-failed",
        "Validation failed for extra-fields: Cannot set system field: type",
    );
}

#[tokio::test]
async fn tokens_and_guests_need_no_admin_token_but_emails_do() {
    let backend = backend().await;
    let (_, token) = sign_up(&backend, "ada@b.co").await;
    let steps = json!([["update", "posts", P, { "title": "T" }]]);
    let ok = |request: RequestBuilder| async { assert_eq!(answer(request).await.0, StatusCode::OK) };
    ok(as_header(&backend, "as-token", &token, &steps)).await;
    ok(as_header(&backend, "as-guest", "false", &steps)).await;
    ok(as_header(&backend, "as-email", "ada@b.co", &steps).bearer_auth(backend.token)).await;
    let no_admin = answer(as_header(&backend, "as-email", "ada@b.co", &steps)).await;
    assert_refused(&no_admin, "param-missing", r#"Missing parameter: ["headers" "authorization"]"#);
}

#[tokio::test]
async fn unknown_users_are_reported_by_what_was_looked_for() {
    let backend = backend().await;
    let steps = json!([]);
    let malformed = answer(as_header(&backend, "as-token", "nope", &steps)).await;
    assert_refused(&malformed, "param-malformed", r#"Malformed parameter: ["asUser" "token"]"#);
    assert_eq!(malformed.1["hint"], json!({ "in": ["asUser", "token"], "original-input": "nope" }));
    let unknown = answer(as_header(&backend, "as-token", P, &steps)).await;
    assert_refused(&unknown, "record-not-found", "Record not found: app-user");
    let args = json!([{ "app-id": backend.app, "refresh-token": P }]);
    assert_eq!(unknown.1["hint"], json!({ "args": args, "record-type": "app-user" }));
    let email = answer(as_header(&backend, "as-email", "x@y.zz", &steps).bearer_auth(backend.token)).await;
    assert_eq!(email.1["hint"]["args"], json!([{ "app-id": backend.app, "email": "x@y.zz" }]));
}

#[tokio::test]
async fn users_change_themselves_and_nobody_else() {
    let backend = backend().await;
    let (ada, token) = sign_up(&backend, "ada@b.co").await;
    let (bob, _) = sign_up(&backend, "bob@b.co").await;
    let run = |steps: Value| answer(as_header(&backend, "as-token", &token, &steps));
    assert_eq!(run(json!([["update", "$users", ada, { "nick": "a" }]])).await.0, StatusCode::OK);
    let (status, body) = run(json!([["update", "$users", bob, { "nick": "b" }]])).await;
    assert_eq!(
        (status, &body["hint"]["input"]),
        (StatusCode::BAD_REQUEST, &json!(["$users", "object"])),
        "{body}"
    );
    let column = "Validation failed for tx-step: $users.email is a system column. You aren't allowed to change this directly.";
    assert_refused(
        &run(json!([["update", "$users", ada, { "email": "x@y.zz" }]])).await,
        "validation-failed",
        column,
    );
    let create = "Validation failed for tx-step: $users is a system entity. You aren't allowed to create this directly.";
    assert_refused(
        &run(json!([["update", "$users", P, { "nick": "n" }]])).await,
        "validation-failed",
        create,
    );
    let delete = "Validation failed for tx-step: $users is a system entity. You aren't allowed to delete this directly.";
    assert_refused(&run(json!([["delete", "$users", ada]])).await, "validation-failed", delete);
    let own = json!([["update", "posts", P, {}], ["link", "posts", P, { "author": ada }]]);
    assert_eq!(run(own).await.0, StatusCode::OK);
    let of_bob = run(json!([["link", "posts", P, { "author": bob }]])).await;
    assert_refused(&of_bob, "permission-denied", "Permission denied: not perms-pass?");
    let files = run(json!([["update", "$files", P, { "path": "a" }]])).await;
    assert!(
        files.1["message"].as_str().unwrap().starts_with("Missing required attribute `$files/location-id`")
    );
}

#[tokio::test]
async fn administrators_may_change_users_and_deleting_one_ends_its_tokens() {
    let backend = backend().await;
    let (ada, token) = sign_up(&backend, "ada@b.co").await;
    let (status, body) = backend.transact(json!([["update", "$users", ada, { "email": "new@b.co" }]])).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(backend.transact(json!([["delete", "$users", ada]])).await.0, StatusCode::OK);
    let gone = answer(as_header(&backend, "as-token", &token, &json!([]))).await;
    assert_refused(&gone, "record-not-found", "Record not found: app-user");
}

#[tokio::test]
async fn an_unknown_app_has_no_users_and_no_guests_of_its_own() {
    let backend = backend().await;
    let request = backend.bare_post("/admin/transact", &json!({ "steps": [] }));
    let (status, body) =
        answer(request.header("app-id", Uuid::new_v4().to_string()).header("as-token", P)).await;
    assert_eq!((status, &body["message"]), (StatusCode::BAD_REQUEST, &json!("Record not found: app-user")));
}
