//! Queries that run once through the streaming endpoint, for cursors and counts.

use std::time::Duration;

use instant_admin::{__private::AnswerMeta, Error, ErrorKind, Page, Query};
use serde_json::{Value, json};

use crate::raw::{Raw, Reply, answer};
use crate::{assert_keeps_secrets, builder, connect};

const INIT: &str = r#"{"op":"sse-init","machine-id":"m","session-id":"s","sse-token":"hunter2"}"#;

fn stream(events: &str) -> Reply {
    Reply::Keep(format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=UTF-8\r\n\r\n{events}"))
}

fn page() -> Value {
    json!({
        "op": "add-query-ok", "q": {}, "result": { "posts": [{ "id": "a" }] }, "processed-tx-id": 1,
        "result-meta": {
            "aggregate": { "tags": { "count": 3 } },
            "page-info": { "posts": { "start-cursor": ["a", "b", 1, 2], "end-cursor": null,
                                      "has-next-page?": true, "has-previous-page?": false } },
        },
    })
}

#[tokio::test]
async fn the_first_answer_of_the_stream_is_the_answer_with_its_cursors() {
    let server = Raw::start(|_| stream(&format!("retry:500\n\ndata:{INIT}\n\n:\ndata:{}\n\n", page()))).await;
    let query = json!({ "posts": { "$": { "limit": 1 } } });
    let answer = connect(&server.url).query_json(query).with_page_info().await.unwrap();
    assert_eq!(*answer, json!({ "posts": [{ "id": "a" }] }));
    let info = answer.page_info("posts").unwrap();
    assert!(info.has_next_page && info.end_cursor.is_none());
    assert_eq!(serde_json::to_value(&info.start_cursor).unwrap(), json!(["a", "b", 1, 2]));
    assert_eq!(answer.count("tags"), Some(3));
    assert!(
        server.last_request().starts_with("POST /admin/subscribe-query?app_id="),
        "{}",
        server.last_request()
    );
}

#[tokio::test]
async fn the_stream_is_read_however_its_lines_are_cut() {
    let pretty = serde_json::to_string_pretty(&page()).unwrap().replace('\n', "\r\ndata: ");
    let events = format!("event: x\r\nid: 1\r\ndata: {pretty}\r\n\r\n");
    let server = Raw::start(move |_| stream(&events)).await;
    let answer = connect(&server.url).query_json(json!({})).with_page_info().await.unwrap();
    assert_eq!(answer["posts"][0]["id"], "a");
}

#[tokio::test]
async fn a_line_ends_in_a_carriage_return_a_line_feed_or_both_wherever_the_pieces_end() {
    let pretty = serde_json::to_string_pretty(&page()).unwrap();
    for line_end in ["\n", "\r", "\r\n"] {
        let data = pretty.replace('\n', &format!("{line_end}data: "));
        let events =
            format!(":{line_end}{line_end}data: {INIT}{line_end}{line_end}data: {data}{line_end}{line_end}");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        // Cut after the first carriage return of each pair.
        let mut pieces: Vec<Vec<u8>> = vec![head.into()];
        pieces.extend(events.split_inclusive('\r').map(|piece| piece.as_bytes().to_vec()));
        let server = Raw::start(move |_| Reply::Pieces(pieces.clone())).await;
        let answer = connect(&server.url).query_json(json!({})).with_page_info().await.unwrap();
        assert_eq!((&answer["posts"][0]["id"], answer.count("tags")), (&json!("a"), Some(3)), "{line_end:?}");
    }
}

#[tokio::test]
async fn a_typed_query_gets_what_came_beside_the_rows() {
    struct Posts;
    impl Query for Posts {
        type Response = (Value, AnswerMeta);
        fn instaql(&self) -> Result<Value, Error> {
            Ok(json!({ "posts": {} }))
        }
        fn decode_with(body: &[u8], meta: AnswerMeta) -> Result<Self::Response, Error> {
            Ok((serde_json::from_slice(body).unwrap(), meta))
        }
    }
    let server = Raw::start(|request| match request {
        0 => stream(&format!("data:{}\n\n", page())),
        _ => answer("application/json", r#"{"posts":[]}"#),
    })
    .await;
    let db = connect(&server.url);
    let (rows, meta) = db.query(Posts).with_page_info().await.unwrap();
    assert_eq!(rows["posts"][0]["id"], "a");
    assert_ne!(meta, AnswerMeta::default());
    let (rows, meta) = db.query(&Posts).await.unwrap();
    assert_eq!((rows, meta), (json!({ "posts": [] }), AnswerMeta::default()));
    assert_eq!(Page::<Value>::default().page_info(), None);
}

/// The rows of one page as they came, for a query that is whatever it is told to be.
struct Rows(Value);

impl Query for Rows {
    type Response = Value;
    fn instaql(&self) -> Result<Value, Error> {
        Ok(self.0.clone())
    }
    fn decode_with(body: &[u8], _: AnswerMeta) -> Result<Value, Error> {
        Ok(serde_json::from_slice(body).unwrap())
    }
}

fn numbered(number: i32, cursor: &Value, more: bool) -> Reply {
    let info = json!({ "posts": { "start-cursor": null, "end-cursor": cursor, "has-next-page?": more } });
    let message = json!({ "op": "add-query-ok", "result": { "posts": [number] }, "result-meta": { "page-info": info } });
    stream(&format!("data:{message}\n\n"))
}

#[tokio::test]
async fn pages_go_on_after_the_last_row_until_there_is_no_more() {
    let mut asked = Vec::new();
    let server = Raw::start(|request| match request {
        0 => numbered(1, &json!(["e", "a", 1, 2]), true),
        _ => numbered(2, &json!(["f", "a", 2, 3]), false),
    })
    .await;
    let query =
        json!({ "posts": { "$": { "limit": 1, "offset": 4, "order": { "views": "asc" } }, "author": {} } });
    let mut pages = connect(&server.url).pages(Rows(query)).timeout(Duration::from_secs(5));
    let mut rows = Vec::new();
    while let Some(page) = pages.next().await {
        rows.push(page.unwrap()["posts"][0].clone());
        let request = server.last_request();
        let body: Value = serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap();
        asked.push(body["query"]["posts"]["$"].clone());
    }
    assert_eq!(rows, [json!(1), json!(2)]);
    let order = json!({ "views": "asc" });
    assert_eq!(
        asked,
        [
            json!({ "limit": 1, "offset": 4, "order": order }),
            json!({ "limit": 1, "order": order, "after": ["e", "a", 1, 2] }),
        ]
    );
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn a_page_without_a_row_to_continue_after_is_given_and_then_the_error() {
    let server = Raw::start(|_| numbered(1, &Value::Null, true)).await;
    let mut pages = connect(&server.url).pages(Rows(json!({ "posts": { "$": { "first": 1 } } })));
    assert_eq!(pages.next().await.unwrap().unwrap(), json!({ "posts": [1] }));
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::UnexpectedResponse, Some("posts")));
    assert!(pages.next().await.is_none());
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_query_that_has_no_pages_is_an_error_and_not_sent() {
    let db = connect("http://localhost:1");
    let endless = db.pages(Rows(json!({ "posts": {} }))).next().await.unwrap().unwrap_err();
    assert!(
        endless.is_invalid_query() && endless.to_string().starts_with("posts.$: say how many"),
        "{endless}"
    );
    for query in [json!({}), json!({ "posts": { "$": { "limit": 1 } }, "tags": {} })] {
        let error = db.pages(Rows(query)).next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("one root entity"), "{error}");
    }
}

#[tokio::test]
async fn an_aggregate_goes_through_the_live_door_by_itself() {
    let server = Raw::start(|_| stream(&format!("data:{}\n\n", page()))).await;
    connect(&server.url).query_json(json!({ "posts": { "$": { "aggregate": "count" } } })).await.unwrap();
    assert!(server.last_request().starts_with("POST /admin/subscribe-query"));
}

#[tokio::test]
async fn an_error_inside_the_stream_is_the_error_of_the_query() {
    let error = r#"{"op":"error","status":400,"type":"validation-failed","message":"Bad hunter1","hint":{"token":"hunter2"},"trace-id":"t"}"#;
    let server = Raw::start(move |_| stream(&format!("data:{INIT}\n\ndata:{error}\n\n"))).await;
    let error = connect(&server.url).query_json(json!({})).with_page_info().await.unwrap_err();
    assert!(error.is_validation());
    assert_eq!((error.message(), error.status(), error.trace_id()), ("Bad hunter1", Some(400), Some("t")));
    assert_keeps_secrets(&error);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_stream_that_ends_early_is_opened_again() {
    let server = Raw::start(|request| match (request, stream(&format!("data:{INIT}\n\n"))) {
        (0, Reply::Keep(head)) => Reply::Close(head),
        _ => stream(&format!("data:{}\n\n", page())),
    })
    .await;
    connect(&server.url).query_json(json!({})).with_page_info().await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_stream_without_an_answer_is_a_timeout() {
    let server = Raw::start(|_| stream(&format!("data:{INIT}\n\n"))).await;
    let query = connect(&server.url).query_json(json!({})).with_page_info();
    assert_eq!(query.timeout(Duration::from_millis(200)).await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn something_else_than_a_stream_of_messages_is_said() {
    let html = Raw::start(|_| answer("text/html", "<p>hi</p>")).await;
    let error = connect(&html.url).query_json(json!({})).with_page_info().await.unwrap_err();
    assert!(error.to_string().contains("HTML (<p>hi</p>) instead of a stream of events"), "{error}");
    let odd = Raw::start(|_| stream("data:[1]\n\n")).await;
    let error = connect(&odd.url).query_json(json!({})).with_page_info().await.unwrap_err();
    assert!(error.to_string().contains("a text ([1]) instead of a message of the stream"), "{error}");
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn an_event_over_the_limit_is_refused() {
    let server = Raw::start(|_| stream(&format!("data:{}", "x".repeat(3000)))).await;
    let db = builder(&server.url).response_limit(1000).build().unwrap();
    let error = db.query_json(json!({})).with_page_info().await.unwrap_err();
    assert!(error.to_string().contains("larger than 1000 bytes"), "{error}");
}
