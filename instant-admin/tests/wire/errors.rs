//! How the server's errors become the client's.

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
    assert_eq!(
        error.to_string(),
        format!(
            "the server refused the admin token that was given to `.admin_token(..)`: it is unknown or expired, or \
             belongs to another app than {APP} (trace id 0af7651916cd43dd8448eb211c80319c)"
        )
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
    assert_eq!(
        error.to_string(),
        "the server refused the admin token that was given to `.admin_token(..)`: it does not have the form of a \
         token; copy it again, without quotes"
    );
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
    let bare = wire_error(503, json!({ "message": "This app is served by a different backend." })).await;
    assert_eq!(
        (bare.kind(), bare.message()),
        (ErrorKind::Server, "This app is served by a different backend.")
    );
}

#[tokio::test]
async fn error_bodies_of_another_kind_are_described() {
    let html = ResponseTemplate::new(502).set_body_raw("<h1>Bad gateway</h1>", "text/html");
    let error = error_for(html).await;
    assert!(error.to_string().contains("502 Bad Gateway with HTML (<h1>Bad gateway</h1>)"), "{error}");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(502)));
    let busy = ResponseTemplate::new(429).set_body_string("slow down");
    assert!(error_for(busy).await.is_rate_limited());
    let odd = ResponseTemplate::new(500).set_body_string(r#"{"message":7,"hint":"hunter1","type":[]}"#);
    assert!(error_for(odd).await.message().contains(r#"500 Internal Server Error with JSON ({"message":7"#));
    assert!(error_for(ResponseTemplate::new(500)).await.to_string().contains("an empty body"));
}

#[tokio::test]
async fn a_refused_refresh_token_is_said_to_be_one() {
    let server = MockServer::start().await;
    let hint = json!({ "record-type": "app-user", "args": [{ "app-id": APP, "refresh-token": "hunter2" }] });
    let refusal =
        json!({ "type": "record-not-found", "message": "Record not found: app-user", "hint": hint });
    Mock::given(any()).respond_with(ResponseTemplate::new(400).set_body_json(refusal)).mount(&server).await;
    let theirs = builder(&server.uri()).build().unwrap().as_user(User::token("hunter2"));
    let error = theirs.query_json(json!({})).await.unwrap_err();
    assert!(error.is_unauthenticated());
    assert!(
        error
            .message()
            .starts_with("the server refused the refresh token that was given to `User::token(..)`")
    );
    assert_keeps_secrets(&error);
}

#[tokio::test]
async fn an_unknown_email_is_not_found_and_named() {
    let hint = json!({ "record-type": "app-user", "args": [{ "app-id": APP, "email": "a@b.c" }] });
    let body = json!({ "type": "record-not-found", "message": "Record not found: app-user", "hint": hint });
    let error = wire_error(400, body).await;
    assert!(error.is_not_found());
    assert_eq!(
        error.to_string(),
        "the app has no user with the email a@b.c; sign-in stores emails in lower case"
    );
}

#[tokio::test]
async fn the_attribute_that_a_refusal_is_about_is_its_path() {
    let path = |hint: Value| async move {
        let body = json!({ "type": "validation-failed", "message": "m", "hint": hint });
        wire_error(400, body).await.path().map(str::to_owned)
    };
    let taken = json!({ "record-type": "triple", "etype": "users", "label": "email", "value": "\"a\"" });
    assert_eq!(path(taken).await.as_deref(), Some("users.email"));
    let typed = json!({ "namespace": "posts", "attribute": "views", "checked-data-type": "number" });
    assert_eq!(path(typed).await.as_deref(), Some("posts.views"));
    let required = json!({ "records": [{ "entity_id": APP, "etype": "posts", "label": "title" }] });
    assert_eq!(path(required).await.as_deref(), Some("posts.title"));
    assert_eq!(path(json!({ "errors": "?" })).await, None);
}

#[test]
fn an_action_without_a_tokio_runtime_is_an_error_that_says_so() {
    let db = builder("http://localhost:1").build().unwrap();
    let mut action = db.query_json(json!({})).into_future();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = action.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(error.is_config() && error.message().contains("#[tokio::main]"), "{error}");
}
