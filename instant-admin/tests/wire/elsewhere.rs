//! URLs at which something else than an Instant server answers.

use instant_admin::{Db, ErrorKind};
use instant_local::Server;
use serde_json::json;

use crate::raw::{Raw, Reply, answer};
use crate::{assert_keeps_secrets, connect};

fn reply(status: &str, content_type: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Keep(format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

#[tokio::test]
async fn a_url_with_a_path_too_many_is_an_unexpected_response_that_names_it() {
    let server = Server::builder().in_memory().start().await.unwrap();
    let url = format!("{}/api/v1", server.url());
    let db = Db::builder().url(&url).app_id(server.app_id()).admin_token(server.admin_token());
    let error = db.build().unwrap().query_json(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.message().starts_with(&format!("{url}/admin/query answered ")), "{error}");
    assert!(error.message().ends_with(&format!("; is {url} the URL of an Instant server?")), "{error}");
}

#[tokio::test]
async fn a_success_with_an_empty_body_is_an_unexpected_response_that_names_the_url() {
    // So the official server answers where it has no route.
    let server = Raw::start(|_| answer("application/json", "")).await;
    let url = format!("{}/api/v1", server.url);
    let error = connect(&url).query_json(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(200)));
    assert_eq!(
        error.to_string(),
        format!(
            "{url}/admin/query answered 200 OK with an empty body instead of a JSON object; is {url} the URL of an \
             Instant server?"
        )
    );
}

#[tokio::test]
async fn client_errors_of_another_service_are_unexpected_responses_that_name_the_url() {
    let cases = [
        ("404 Not Found", "text/html", "<h1>Not Found</h1>", "404 Not Found with HTML (<h1>Not Found</h1>)"),
        (
            "404 Not Found",
            "text/plain",
            "404 page not found",
            "404 Not Found with a text (404 page not found)",
        ),
        (
            "404 Not Found",
            "application/json",
            r#"{"error":"no route"}"#,
            r#"with JSON ({"error":"no route"})"#,
        ),
        ("405 Method Not Allowed", "text/plain", "", "405 Method Not Allowed with an empty body"),
        ("401 Unauthorized", "text/html", "<p>Sign in</p>", "401 Unauthorized with HTML (<p>Sign in</p>)"),
        (
            "403 Forbidden",
            "application/json",
            r#"{"message":"no"}"#,
            r#"403 Forbidden with JSON ({"message":"no"})"#,
        ),
    ];
    for (status, content_type, body, named) in cases {
        let server = Raw::start(move |_| reply(status, content_type, body)).await;
        let db = connect(&server.url);
        let error = db.query_json(json!({ "posts": {} })).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
        assert!(error.message().contains(named), "{error}");
        assert!(
            error.message().contains(&format!("is {} the URL of an Instant server?", server.url)),
            "{error}"
        );
        let error = db.transact(()).await.unwrap_err();
        assert!(!error.may_have_been_applied(), "nobody read it: {error}");
        assert_keeps_secrets(&error);
    }
}

#[tokio::test]
async fn json_of_another_service_is_an_unexpected_response() {
    let server = Raw::start(|_| answer("application/json", r#"{"status":"ok"}"#)).await;
    let db = connect(&server.url);
    let error = db.query_json(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.message().contains(&server.url) && error.message().contains("`posts`"), "{error}");
    let error = db.transact(()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.message().contains(&server.url), "{error}");
}

#[tokio::test]
async fn a_redirect_is_named_without_the_user_in_it() {
    let server = Raw::start(|_| {
        Reply::Keep(
            "HTTP/1.1 301 Moved Permanently\r\nlocation: https://me:hunter2@x.org/login?next=hunter2\r\n\
             content-length: 0\r\n\r\n"
                .to_owned(),
        )
    })
    .await;
    let error = connect(&server.url).query_json(json!({})).await.unwrap_err();
    assert!(error.message().contains("redirects to https://x.org/login; "), "{error}");
    assert_keeps_secrets(&error);
}
