//! The server's own errors.

use instant_admin::{Error, ErrorKind, User};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{APP, TOKEN, assert_keeps_secrets, builder};

async fn error_for(response: ResponseTemplate) -> Error {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let db = builder(&server.uri()).retries(0).build().unwrap();
    let error = db.transact(()).await.unwrap_err();
    assert_keeps_secrets(&error);
    error
}

async fn wire_error(status: u16, body: Value) -> Error {
    error_for(ResponseTemplate::new(status).set_body_json(body)).await
}

#[tokio::test]
async fn a_refused_admin_token_is_unauthenticated_and_not_repeated() {
    let error = wire_error(
        400,
        json!({
            "type": "record-not-found", "message": "Record not found: app-admin-token",
            "hint": { "args": [{ "app-id": APP, "token": TOKEN }],
                      "message": "This admin token may be expired or invalid.", "record-type": "app-admin-token" },
            "trace-id": "0af7651916cd43dd8448eb211c80319c",
        }),
    )
    .await;
    assert!(error.is_unauthenticated());
    assert_eq!(error.status(), Some(400));
    assert_eq!(error.server_type(), Some("record-not-found"));
    assert_eq!(error.hint().unwrap()["args"], json!([{ "app-id": APP, "token": "[redacted]" }]));
    assert_eq!(error.trace_id(), Some("0af7651916cd43dd8448eb211c80319c"));
    let shown = error.to_string();
    assert!(shown.starts_with("Record not found: app-admin-token; hint: {"), "{shown}");
    assert!(
        shown.contains("may be expired") && shown.ends_with("(trace id 0af7651916cd43dd8448eb211c80319c)")
    );
    assert!(!error.may_have_been_applied());
}

#[tokio::test]
async fn an_error_that_echoes_a_large_transaction_is_read_whole() {
    let echo = vec![json!(["update", "posts", APP, { "title": "x".repeat(1000) }]); 3000];
    let hint = json!({ "data-type": "steps", "input": echo, "errors": [{ "message": "no" }] });
    let error =
        wire_error(400, json!({ "type": "validation-failed", "message": "refused", "hint": hint })).await;
    assert!(error.is_validation());
    assert_eq!(error.message(), "refused");
    assert_eq!(error.hint().unwrap()["errors"], json!([{ "message": "no" }]));
    assert!(format!("{error} {error:?}").len() < 3000, "what is printed stays readable");
}

#[tokio::test]
async fn the_echo_of_a_malformed_header_is_not_repeated() {
    let hint = json!({ "in": ["headers", "authorization"], "original-input": "Bearer hunter2" });
    let message = r#"Malformed parameter: ["headers" "authorization"]"#;
    let error = wire_error(400, json!({ "type": "param-malformed", "message": message, "hint": hint })).await;
    assert!(error.is_unauthenticated());
    assert_eq!(error.hint().unwrap()["original-input"], "[redacted]");
}

#[tokio::test]
async fn the_token_of_a_user_is_not_repeated_wherever_it_comes_back() {
    let server = MockServer::start().await;
    let echo =
        json!({ "message": "no hunter2", "hint": { "input": ["hunter2"] }, "type": "record-not-found" });
    Mock::given(any()).respond_with(ResponseTemplate::new(400).set_body_json(echo)).mount(&server).await;
    let theirs = builder(&server.uri()).build().unwrap().as_user(User::token("hunter2"));
    let error = theirs.query_json(json!({})).await.unwrap_err();
    assert_keeps_secrets(&error);
    assert_eq!(error.message(), "no [redacted]");
    assert_keeps_secrets(&theirs.transact(()).await.unwrap_err());
    assert!(!format!("{theirs:?}").contains("hunter2"));
}

#[tokio::test]
async fn each_word_of_the_server_has_its_kind() {
    for (server_type, kind) in [
        ("record-not-found", ErrorKind::NotFound),
        ("record-expired", ErrorKind::Expired),
        ("record-not-unique", ErrorKind::NotUnique),
        ("permission-denied", ErrorKind::PermissionDenied),
        ("permission-evaluation-failed", ErrorKind::PermissionEvaluation),
        ("validation-failed", ErrorKind::Validation),
        ("param-missing", ErrorKind::Validation),
        ("sql-raise", ErrorKind::Validation),
        ("app-read-only", ErrorKind::AppUnavailable),
    ] {
        let error = wire_error(400, json!({ "type": server_type, "message": "m", "hint": {} })).await;
        assert_eq!(error.kind(), kind, "{server_type}");
        assert!(!error.may_have_been_applied());
    }
}

#[tokio::test]
async fn null_hints_and_errors_without_message_are_understood() {
    let error =
        wire_error(429, json!({ "type": "timeout", "message": "The query took too long.", "hint": null }))
            .await;
    assert!(error.is_timeout());
    assert_eq!(
        (error.hint(), error.to_string().as_str()),
        (None, "The query took too long.; the transaction may have been applied")
    );
    let oauth = wire_error(400, json!({ "type": "oauth-error", "error": "Error validating JWT." })).await;
    assert_eq!(oauth.message(), "Error validating JWT.");
    let bare = wire_error(404, json!({})).await;
    assert_eq!(bare.message(), "the server answered with status 404 and no message");
}

#[tokio::test]
async fn error_bodies_of_another_kind_are_described() {
    let html = ResponseTemplate::new(502).set_body_raw("<h1>Bad gateway</h1>", "text/html");
    let error = error_for(html).await;
    assert!(error.to_string().contains("502 Bad Gateway with HTML (<h1>Bad gateway</h1>)"), "{error}");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(502)));
    let malformed = ResponseTemplate::new(400).set_body_string("Malformed JSON in request body.");
    assert!(error_for(malformed).await.is_validation());
    let odd = ResponseTemplate::new(400).set_body_string(r#"{"message":7,"hint":"hunter1","type":[]}"#);
    assert_eq!(error_for(odd).await.message(), "the server answered with status 400 and no message");
    assert!(error_for(ResponseTemplate::new(500)).await.to_string().contains("an empty body"));
}
