//! The event stream of `/admin/subscribe-query`, cut, padded and broken in every way that HTTP and server-sent events allow.

use std::time::Duration;

use instant_admin::ErrorKind;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::raw::{Raw, Reply, read_request};
use crate::{assert_keeps_secrets, builder, connect};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

fn query() -> Value {
    json!({ "posts": { "$": { "limit": 1 } } })
}

fn message(title: &str) -> String {
    json!({ "op": "add-query-ok", "result": { "posts": [{ "title": title }] }, "result-meta": {} })
        .to_string()
}

#[tokio::test]
async fn bytes_that_come_one_by_one_and_cut_characters_are_one_answer() {
    let body = format!(":\n\n{HEAD_OF_EVENT}data:{}\n\n", message("\u{e4}\u{1f600}"));
    let pieces: Vec<_> =
        std::iter::once(HEAD.as_bytes().to_vec()).chain(body.bytes().map(|byte| vec![byte])).collect();
    let server = Raw::start(move |_| Reply::Pieces(pieces.clone())).await;
    let answer = connect(&server.url).query_json(query()).with_page_info().await.unwrap();
    assert_eq!(answer["posts"][0]["title"], "\u{e4}\u{1f600}");
}

const HEAD_OF_EVENT: &str = "event: message\nid: 7\n";

#[tokio::test]
async fn comments_other_fields_empty_events_and_other_messages_are_passed_over() {
    let other = r#"{"op":"refresh-ok","computations":[]}"#;
    let events = format!(
        "{HEAD}: hello\r\n\r\nretry: 500\n\n:\n:\n:\nnonsense\n\ndata:{other}\n\ndata: {}\nunknown: x\n\n",
        message("a")
    );
    let server = Raw::start(move |_| Reply::Keep(events.clone())).await;
    let answer = connect(&server.url).query_json(query()).with_page_info().await.unwrap();
    assert_eq!(*answer, json!({ "posts": [{ "title": "a" }] }));
    assert_eq!(answer.page_info("posts"), None);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again_and_then_an_error() {
    let half = format!("{HEAD}data:{}", &message("a")[..30]);
    let server = Raw::start(move |_| Reply::Close(half.clone())).await;
    let db = builder(&server.url).retries(1).build().unwrap();
    let error = db.query_json(query()).with_page_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.message(), format!("the stream from {} ended before the answer came", server.url));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn keepalives_do_not_hold_up_the_time_limit() {
    let pieces: Vec<_> =
        std::iter::once(HEAD.as_bytes().to_vec()).chain(std::iter::repeat_n(b":\n".to_vec(), 2000)).collect();
    let server = Raw::start(move |_| Reply::Pieces(pieces.clone())).await;
    let limit = Duration::from_millis(200);
    let error = connect(&server.url).query_json(query()).with_page_info().timeout(limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("within 200ms"), "{error}");
}

#[tokio::test]
async fn page_info_that_is_none_is_an_error_that_names_its_place() {
    let cursor = json!({ "posts": { "start-cursor": "x", "end-cursor": null } });
    let meta = json!({ "page-info": cursor });
    let message = json!({ "op": "add-query-ok", "result": { "posts": [] }, "result-meta": meta });
    let server = Raw::start(move |_| Reply::Keep(format!("{HEAD}data:{message}\n\n"))).await;
    let error = connect(&server.url).query_json(query()).with_page_info().await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    assert_eq!(error.path(), Some("result-meta.page-info.posts.start-cursor"));
    assert!(error.message().starts_with("`x` is not a cursor"), "{error}");
}

#[tokio::test]
async fn a_busy_live_door_is_knocked_at_again_and_a_refusing_one_is_not() {
    let busy = r#"{"op":"error","status":429,"type":"rate-limited","message":"slow down","hint":null}"#;
    let refused =
        r#"{"op":"error","status":400,"type":"validation-failed","message":"no","hint":{"input":"x"}}"#;
    for (error, requests) in [(busy, 2), (refused, 1)] {
        let server = Raw::start(move |_| Reply::Keep(format!("{HEAD}data:{error}\n\n"))).await;
        let db = builder(&server.url).retries(1).build().unwrap();
        let error = db.query_json(query()).with_page_info().await.unwrap_err();
        assert_eq!((error.is_rate_limited(), server.requests()), (requests == 2, requests), "{error}");
        assert_keeps_secrets(&error);
    }
}

/// Takes one connection, reads its request and answers with `events`.
async fn accept(listener: &TcpListener, events: &str) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    read_request(&mut stream).await.unwrap();
    stream.write_all(format!("{HEAD}{events}").as_bytes()).await.unwrap();
    stream
}

/// Waits for the other end to close.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    // A connection that is dropped with bytes unread ends in a reset.
    let _ = stream.read_to_end(&mut rest).await;
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn the_door_is_closed_after_the_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let db = connect(&format!("http://{}", listener.local_addr().unwrap()));
    let asking = tokio::spawn(db.query_json(query()).with_page_info().into_future());
    let stream = accept(&listener, &format!("data:{}\n\n", message("a"))).await;
    asking.await.unwrap().unwrap();
    closed(stream).await;
}

#[tokio::test]
async fn the_door_is_closed_when_the_query_is_dropped_before_its_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let db = connect(&format!("http://{}", listener.local_addr().unwrap()));
    let asking = tokio::spawn(db.query_json(query()).with_page_info().into_future());
    let stream = accept(&listener, "data:{\"op\":\"sse-init\"}\n\n").await;
    asking.abort();
    closed(stream).await;
}
