//! What all endpoints have in common: app ids, tokens, bodies, headers, and the form of errors.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeSet;

use common::{Backend, answer, attribute};
use futures_util::FutureExt;
use instant_local::Server;
use instant_local::changes::{Announcement, Change};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

async fn backend() -> Backend {
    let posts = json!({ "attrs": { "title": attribute("string", "") }, "links": {} });
    Backend::with_schema(&json!({ "entities": { "posts": posts }, "links": {}, "rooms": {} })).await
}

fn steps() -> Value {
    json!({ "steps": [["update", "posts", ID, { "title": "T" }]] })
}

#[track_caller]
fn assert_error(found: &(StatusCode, Value), kind: &str, message: &str) {
    let (status, body) = found;
    assert_eq!((*status, &body["type"]), (StatusCode::BAD_REQUEST, &json!(kind)), "{body}");
    assert_eq!(body["message"], message);
    assert!(body["hint"].is_object());
    let trace = body["trace-id"].as_str().unwrap();
    assert!(trace.len() == 32 && trace.chars().all(|c| c.is_ascii_hexdigit()), "{trace}");
}

#[tokio::test]
async fn unknown_routes_and_wrong_methods_answer_404_with_a_message_only() {
    let backend = backend().await;
    for request in [
        backend.get("/nope"),
        backend.get("/admin/transact"),
        backend.post("/admin/schema", &json!({})),
        backend.http.request(Method::OPTIONS, backend.url("/admin/query")),
        backend.get("/dash/apps/%ff/schema/pull"),
    ] {
        let (status, body) = answer(request).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body, json!({ "message": "Oops! We couldn't match this route." }));
    }
}

#[tokio::test]
async fn responses_carry_security_headers_and_cors() {
    let backend = backend().await;
    let response = backend.get("/health").header("origin", "http://a.test").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json; charset=utf-8");
    assert_eq!(header("x-frame-options"), "DENY");
    assert_eq!(header("referrer-policy"), "strict-origin");
    assert_eq!(header("content-security-policy"), "script-src 'self'");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("access-control-allow-origin"), "http://a.test");
    assert!(response.headers().contains_key("permissions-policy"));
}

#[tokio::test]
async fn a_preflight_is_allowed_and_may_be_cached() {
    let backend = backend().await;
    let preflight = backend
        .http
        .request(Method::OPTIONS, backend.url("/admin/query"))
        .header("origin", "http://a.test")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "app-id,authorization");
    let response = preflight.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("access-control-allow-origin"), "http://a.test");
    assert_eq!(header("access-control-allow-headers"), "app-id,authorization");
    assert_eq!(header("access-control-allow-methods"), "DELETE, GET, POST, PUT");
    assert_eq!(header("access-control-max-age"), "600");
    assert_eq!(header("vary"), "origin, Access-Control-Request-Headers");
}

#[tokio::test]
async fn a_body_that_is_not_json_is_answered_in_plain_text() {
    let backend = backend().await;
    let request =
        backend.http.post(backend.url("/admin/transact")).header("content-type", "application/json");
    let response = request.body("{\"steps\": [").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.text().await.unwrap(), "Malformed JSON in request body.");
}

#[tokio::test]
async fn a_body_of_another_content_type_is_ignored() {
    let backend = backend().await;
    let request = backend.http.post(backend.url("/admin/transact")).header("content-type", "text/plain");
    let request = request.header("app-id", backend.app.to_string()).bearer_auth(backend.token);
    let found = answer(request.body(steps().to_string())).await;
    assert_error(&found, "param-missing", r#"Missing parameter: ["body" "steps"]"#);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_too_deep_is_refused_by_name() {
    let backend = backend().await;
    let large = format!("{{\"steps\": \"{}\"}}", "a".repeat(64 * 1024 * 1024));
    let (status, body) = answer(backend.post("/admin/transact", &json!({})).body(large)).await;
    assert_eq!((status, &body["type"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("validation-failed")));
    let message = "Validation failed for body: The request body is larger than 64 MiB (67108864 bytes). Send the \
                   data in several requests.";
    assert_eq!(body["message"], message);
    let deep = format!("{{\"steps\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let found = answer(backend.post("/admin/transact", &json!({})).body(deep)).await;
    let message = "Validation failed for body: The request body cannot be read: lists and objects are nested more than 1000 levels deep.";
    assert_error(&found, "validation-failed", message);
}

#[tokio::test]
async fn the_app_id_comes_from_the_header_or_the_query() {
    let backend = backend().await;
    let by_query = backend.bare_post(&format!("/admin/transact?app_id={}", backend.app), &steps());
    assert_eq!(answer(by_query.bearer_auth(backend.token)).await.0, StatusCode::OK);
    let missing = answer(backend.bare_post("/admin/transact", &steps()).bearer_auth(backend.token)).await;
    assert_error(&missing, "param-missing", r#"Missing parameter: ["headers" "app-id"]"#);
    assert_eq!(missing.1["hint"]["possible-ins"], json!([["query-params", "app_id"]]));
    let bad = backend.bare_post(&format!("/admin/transact?app_id={}", backend.app), &steps());
    let bad = answer(bad.header("app-id", "x").bearer_auth(backend.token)).await;
    assert_error(&bad, "param-malformed", r#"Malformed parameter: ["headers" "app-id"]"#);
    assert_eq!(bad.1["hint"]["original-input"], "x");
}

#[tokio::test]
async fn bad_tokens_answer_400() {
    let backend = backend().await;
    let post = || backend.bare_post("/admin/transact", &steps()).header("app-id", backend.app.to_string());
    let missing = answer(post()).await;
    assert_error(&missing, "param-missing", r#"Missing parameter: ["headers" "authorization"]"#);
    let malformed = answer(post().header("authorization", "Bearer nope")).await;
    assert_error(&malformed, "param-malformed", r#"Malformed parameter: ["headers" "authorization"]"#);
    assert_eq!(malformed.1["hint"]["original-input"], "Bearer nope");
    let wrong = answer(post().bearer_auth(ID)).await;
    assert_error(&wrong, "record-not-found", "Record not found: app-admin-token");
    assert_eq!(wrong.1["hint"]["args"], json!([{ "app-id": backend.app, "token": ID }]));
    let account = answer(post().bearer_auth(format!("per_{}", "0".repeat(64)))).await;
    assert_error(&account, "record-not-found", "Record not found: instant-user");
    assert_eq!(account.1["hint"], json!({ "record-type": "instant-user" }));
    assert_eq!(answer(post().header("authorization", backend.token.to_string())).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_missing_body_key_is_reported_before_a_bad_token() {
    let backend = backend().await;
    let post = |body: Value| {
        let request = backend.bare_post("/admin/transact", &body);
        answer(request.header("app-id", backend.app.to_string()).bearer_auth(ID))
    };
    assert_error(&post(json!({})).await, "param-missing", r#"Missing parameter: ["body" "steps"]"#);
    assert_error(&post(json!([])).await, "param-missing", r#"Missing parameter: ["body" "steps"]"#);
    assert_error(
        &post(json!({ "steps": 7 })).await,
        "param-malformed",
        r#"Malformed parameter: ["body" "steps"]"#,
    );
}

#[tokio::test]
async fn tokens_of_other_apps_are_told_apart_from_unknown_ones() {
    let backend = backend().await;
    let (_, other) = answer(backend.bare_post("/dash/apps/ephemeral", &json!({ "title": "other" }))).await;
    let path = format!("/dash/apps/{}", backend.app);
    let get = |token: &str| answer(backend.http.get(backend.url(&path)).bearer_auth(token));
    let (status, body) = get(ID).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(body["message"], "Record not found: instant-user");
    assert_eq!(body["hint"], json!({ "args": [{ "auth?": true }], "record-type": "instant-user" }));
    let mismatch = get(other["app"]["admin-token"].as_str().unwrap()).await;
    assert_eq!(mismatch.1["hint"], json!({ "reason": "admin-token-mismatch" }));
    let (status, body) = get(&backend.token.to_string()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["app"]["id"], backend.app.to_string());
}

#[tokio::test]
async fn ephemeral_apps_are_made_with_schema_and_rules() {
    let backend = backend().await;
    let notes = json!({ "attrs": { "text": attribute("string", "required") }, "links": {} });
    let body = json!({
        "title": "mine",
        "schema": { "entities": { "notes": notes }, "links": {}, "rooms": {} },
        "rules": { "code": { "notes": { "allow": { "view": "true" } } } },
    });
    let (status, made) = answer(backend.bare_post("/dash/apps/ephemeral", &body)).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    assert!(made["expires_ms"].as_i64().unwrap() > 1_700_000_000_000);
    let (id, token) = (made["app"]["id"].as_str().unwrap(), made["app"]["admin-token"].as_str().unwrap());
    let (_, again) = answer(backend.http.get(backend.url(&format!("/dash/apps/ephemeral/{id}")))).await;
    assert_eq!(again["app"]["title"], "mine");
    assert!(again["app"].get("admin-token").is_none());
    let get = |path: &str| {
        answer(backend.http.get(backend.url(&format!("/dash/apps/{id}{path}"))).bearer_auth(token))
    };
    assert_eq!(get("/perms/pull").await.1["perms"], body["rules"]["code"]);
    let (_, pulled) = get("/schema/pull").await;
    assert_eq!(pulled["app-title"], "mine");
    assert_eq!(pulled["schema"]["blobs"]["notes"]["text"]["checked-data-type"], "string");
    assert_eq!(pulled["schema"]["blobs"]["notes"]["text"]["required?"], true);
}

#[tokio::test]
async fn an_ephemeral_app_with_a_bad_schema_is_not_made() {
    let backend = backend().await;
    let mut changes = backend.server.changes();
    let link = json!({
        "forward": { "on": "a", "has": "many", "label": "bs", "onDelete": "cascade" },
        "reverse": { "on": "b", "has": "many", "label": "as" },
    });
    let entities = json!({ "a": { "attrs": {} }, "b": { "attrs": {} } });
    for schema in
        [json!({ "entities": entities, "links": { "l": link } }), json!({ "entities": 7 }), json!("x")]
    {
        let body = json!({ "title": "t", "schema": schema });
        let (status, error) = answer(backend.bare_post("/dash/apps/ephemeral", &body)).await;
        assert_eq!(
            (status, &error["hint"]["data-type"]),
            (StatusCode::BAD_REQUEST, &json!("schema")),
            "{error}"
        );
    }
    let missing = answer(backend.bare_post("/dash/apps/ephemeral", &json!({}))).await;
    assert_error(&missing, "param-missing", r#"Missing parameter: ["body" "title"]"#);
    // An app that is made before its schema is refused is deleted again.
    let mut left = BTreeSet::new();
    while let Some(announcement) = changes.next().now_or_never() {
        let Some(Announcement::Commit(commit)) = announcement else { panic!("{announcement:?}") };
        match commit.change {
            Change::Created => assert!(left.insert(commit.app)),
            Change::Deleted => assert!(left.remove(&commit.app)),
            ref other => panic!("{other:?}"),
        }
    }
    assert_eq!(left, BTreeSet::new());
}

#[tokio::test]
async fn rules_are_stored_as_they_are_and_null_when_unchanged() {
    let backend = backend().await;
    let path = format!("/dash/apps/{}/rules", backend.app);
    let code = json!({ "posts": { "allow": { "view": "auth.id != null", "create": false } } });
    let (_, put) = answer(backend.post(&path, &json!({ "code": code }))).await;
    assert_eq!(put["rules"]["code"], code);
    assert_eq!(answer(backend.post(&path, &json!({ "code": code }))).await.1, json!({ "rules": null }));
    let superadmin = format!("/superadmin/apps/{}/perms", backend.app);
    assert_eq!(answer(backend.get(&superadmin)).await.1, json!({ "perms": code }));
    let bad = answer(backend.post(&path, &json!({ "code": "x" }))).await;
    let message = r#"Validation failed for rule: The rules must be an object of namespaces, for example {"posts": {"allow": {..}}}."#;
    assert_error(&bad, "validation-failed", message);
}

#[tokio::test]
async fn many_servers_run_side_by_side_and_a_dropped_one_is_gone() {
    let (a, b) = (backend().await, backend().await);
    assert_ne!(a.server.url(), b.server.url());
    let url = a.url("/health");
    drop(a.server);
    assert!(a.http.get(url).send().await.unwrap_err().is_connect());
    assert_eq!(answer(b.get("/health")).await.1, json!({ "status": "ok" }));
}

#[tokio::test]
async fn a_server_stops_gracefully_with_idle_connections_open() {
    let backend = backend().await;
    assert_eq!(answer(backend.get("/health/system")).await.1, json!({ "wal": "ok" }));
    let started = std::time::Instant::now();
    backend.server.stop().await;
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_error() {
    let backend = backend().await;
    let port = backend.server.address().port();
    let error = Server::builder().port(port).start().await.unwrap_err().to_string();
    assert!(error.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{error}");
    assert!(error.contains("choose another port"), "{error}");
}

#[tokio::test]
async fn an_app_keeps_its_token_across_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let (id, token) = (Uuid::new_v4(), Uuid::new_v4());
    let start = |token| Server::builder().path(folder.path()).app(id, token).start();
    let first = Backend::of(start(token).await.unwrap());
    assert_eq!(first.transact(steps()["steps"].clone()).await.0, StatusCode::OK);
    first.server.stop().await;
    let error = start(Uuid::new_v4()).await.unwrap_err().to_string();
    assert!(error.contains("exists already with another admin token"), "{error}");
    let second = Backend::of(start(token).await.unwrap());
    assert_eq!(second.state().await[&("posts".to_owned(), ID.to_owned())]["title"], "T");
}
