//! Servers that break the connection, or answer with something other than Instant's JSON.

use std::time::Duration;

use instant_admin::ErrorKind;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::raw::{Raw, Reply, answer, read_request};
use crate::{assert_keeps_secrets, builder, connect};

const CUT: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"posts\":[";

#[tokio::test]
async fn html_instead_of_json_is_said_to_be_html() {
    let server = Raw::start(|_| answer("text/html", "<html>\n <title>Welcome</title></html>")).await;
    let error = connect(&server.url).query_json(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(
        error.to_string(),
        format!(
            "{url}/admin/query answered 200 OK with HTML (<html> <title>Welcome</title></html>) instead of a JSON \
             object; is {url} the URL of an Instant server?",
            url = server.url
        )
    );
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn other_bodies_that_are_no_object_are_named() {
    for (body, named) in
        [("", "an empty body"), ("[1]", "a text ([1])"), ("ok hunter1", "a text (ok hunter1)")]
    {
        let server = Raw::start(move |_| answer("application/json", body)).await;
        let error = connect(&server.url).query_json(json!({})).await.unwrap_err();
        assert!(error.to_string().contains(&format!("answered 200 OK with {named} instead")), "{error}");
    }
}

#[tokio::test]
async fn a_page_that_repeats_the_token_does_not_bring_it_into_the_error() {
    let server = Raw::start(|_| answer("text/html", &format!("<p>Bearer {}</p>", crate::TOKEN))).await;
    let db = connect(&server.url);
    assert_keeps_secrets(&db.query_json(json!({})).await.unwrap_err());
    assert_keeps_secrets(&db.transact(()).await.unwrap_err());
}

#[tokio::test]
async fn a_two_hundred_of_another_shape_is_a_decode_error_with_its_path() {
    #[derive(Debug, serde::Deserialize)]
    struct Answer {
        #[expect(dead_code, reason = "the answer never fits")]
        posts: Vec<Post>,
    }
    #[derive(Debug, serde::Deserialize)]
    struct Post {
        #[expect(dead_code, reason = "the answer never fits")]
        title: String,
    }
    let server =
        Raw::start(|_| answer("application/json", r#"{"posts":[{"title":"a"},{"title":null}]}"#)).await;
    let db = connect(&server.url);
    let error = db.query_as::<Answer>(json!({ "posts": {} })).await.unwrap_err();
    assert!(error.is_decode());
    assert_eq!(error.path(), Some("posts[1].title"));
    assert!(error.to_string().contains("expected a string"), "{error}");

    let error = db.transact(()).await.unwrap_err();
    assert!(error.is_unexpected_response() && error.may_have_been_applied(), "{error}");
    assert!(error.message().contains(&server.url) && format!("{error:?}").contains("tx-id"), "{error:?}");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_again_for_a_query() {
    let server = Raw::start(|request| match request {
        0 => Reply::Close(CUT.to_owned()),
        _ => answer("application/json", r#"{"posts":[]}"#),
    })
    .await;
    assert_eq!(
        connect(&server.url).query_json(json!({ "posts": {} })).await.unwrap(),
        json!({ "posts": [] })
    );
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_body_that_always_breaks_off_is_an_error_that_says_how_far_it_came() {
    let server = Raw::start(|_| Reply::Close(CUT.to_owned())).await;
    let error = builder(&server.url).retries(1).build().unwrap().query_json(json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.message(), format!("the answer from {} broke off after 10 bytes", server.url));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_json_body_without_length_that_breaks_off_is_a_decode_error() {
    let server = Raw::start(|_| Reply::Close("HTTP/1.1 200 OK\r\n\r\n{\"posts\":[{".to_owned())).await;
    let error = connect(&server.url).query_json(json!({})).await.unwrap_err();
    assert!(error.is_decode() && error.to_string().contains("EOF"), "{error}");
}

#[tokio::test]
async fn a_transaction_whose_connection_breaks_is_not_sent_again() {
    for reply in ["", "HTTP/1.1 200 OK\r\n", CUT, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"] {
        let server = Raw::start(move |_| Reply::Close(reply.to_owned())).await;
        let error = connect(&server.url).transact(()).await.unwrap_err();
        assert!(error.may_have_been_applied(), "{error}");
        assert!(error.to_string().contains("the transaction may have been applied"), "{error}");
        assert_eq!(server.requests(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_query_whose_connection_breaks_is_sent_again() {
    let server = Raw::start(|request| match request {
        0 => Reply::Close(String::new()),
        _ => answer("application/json", "{}"),
    })
    .await;
    connect(&server.url).query_json(json!({})).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_slow_server_is_a_timeout_that_names_the_limit() {
    let server = Raw::start(|_| Reply::Silence).await;
    let db = connect(&server.url);
    let limit = Duration::from_millis(150);
    let error = db.query_json(json!({})).timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!("no answer from {} within 150ms; allow more with .timeout(..)", server.url)
    );
    let error = db.transact(()).timeout(limit).await.unwrap_err();
    assert!(error.is_timeout() && error.may_have_been_applied());
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_body_that_never_ends_is_a_timeout() {
    let server = Raw::start(|_| Reply::Keep(CUT.to_owned())).await;
    let error =
        connect(&server.url).query_json(json!({})).timeout(Duration::from_millis(150)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn an_unreachable_server_is_named_after_retries() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let db = builder(&url).retries(1).build().unwrap();
    for error in [db.query_json(json!({})).await.unwrap_err(), db.transact(()).await.unwrap_err()] {
        assert!(error.is_unreachable() && !error.may_have_been_applied());
        assert!(
            error.to_string().starts_with(&format!("could not connect to {url}: Connection refused")),
            "{error}"
        );
        assert_keeps_secrets(&error);
    }
}

#[tokio::test]
async fn a_transaction_that_never_reached_the_server_is_sent_once_it_is_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let db = builder(&format!("http://{address}")).retries(20).build().unwrap();
    let transaction = tokio::spawn(db.transact(()).into_future());
    let (mut stream, _) = TcpListener::bind(address).await.unwrap().accept().await.unwrap();
    read_request(&mut stream).await.unwrap();
    let Reply::Keep(reply) = answer("application/json", r#"{"tx-id":1}"#) else { unreachable!() };
    stream.write_all(reply.as_bytes()).await.unwrap();
    assert_eq!(transaction.await.unwrap().unwrap().tx_id, 1);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_refused_with_and_without_announced_length() {
    let body = "x".repeat(2000);
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n{body}\r\n0\r\n\r\n");
    for announced in [true, false] {
        let (body, chunked) = (body.clone(), chunked.clone());
        let reply =
            move |_| if announced { answer("text/plain", &body) } else { Reply::Keep(chunked.clone()) };
        let server = Raw::start(reply).await;
        let db = builder(&server.url).response_limit(1000).build().unwrap();
        let error = db.query_json(json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(error.to_string().contains("larger than 1000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn something_that_is_no_http_is_an_interrupted_connection() {
    let server = Raw::start(|_| Reply::Close("SSH-2.0-OpenSSH_9.6\r\n".to_owned())).await;
    let db = builder(&server.url).retries(0).build().unwrap();
    let error = db.query_json(json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Raw::start(|_| answer("application/json", "{}")).await;
    let target = format!("{}/admin/query?app_id=x&token={}", other.url, crate::TOKEN);
    let server = Raw::start(move |_| {
        Reply::Keep(format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
        ))
    })
    .await;
    let db = connect(&server.url);
    let error = db.query_json(json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(307)));
    assert!(error.to_string().contains(&format!("redirects to {}/admin/query; ", other.url)), "{error}");
    assert_keeps_secrets(&error);
    assert!(!db.transact(()).await.unwrap_err().may_have_been_applied());
    assert_eq!(other.connections(), 0);
}
