//! Which requests are sent again, and when.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::{builder, connect};

/// A server that fails once with `failure`, then answers.
async fn failing_once(failure: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(failure).up_to_n_times(1).mount(&server).await;
    let answer = json!({ "posts": [], "tx-id": 1 });
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(answer)).mount(&server).await;
    server
}

async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn busy(hint: &Value) -> ResponseTemplate {
    let body =
        json!({ "type": "rate-limited", "message": "Your request exceeded the rate limit.", "hint": hint });
    ResponseTemplate::new(429).set_body_json(body)
}

#[tokio::test]
async fn a_query_is_sent_again_when_the_server_fails_or_is_busy() {
    for failure in [ResponseTemplate::new(500), ResponseTemplate::new(503), busy(&Value::Null)] {
        let server = failing_once(failure).await;
        connect(&server.uri()).query_json(json!({ "posts": {} })).await.unwrap();
        assert_eq!(requests(&server).await, 2);
    }
}

#[tokio::test]
async fn a_transaction_that_reached_the_server_is_never_sent_again() {
    for failure in [ResponseTemplate::new(500), ResponseTemplate::new(503), busy(&Value::Null)] {
        let server = failing_once(failure).await;
        connect(&server.uri()).transact(()).await.unwrap_err();
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn a_query_the_server_refused_is_not_sent_again() {
    let refused = json!({ "type": "validation-failed", "message": "no", "hint": null });
    let slow = json!({ "type": "timeout", "message": "too long", "hint": null });
    for failure in
        [ResponseTemplate::new(400).set_body_json(refused), ResponseTemplate::new(429).set_body_json(slow)]
    {
        let server = failing_once(failure).await;
        connect(&server.uri()).query_json(json!({ "posts": {} })).await.unwrap_err();
        assert_eq!(requests(&server).await, 1);
    }
}

#[tokio::test]
async fn the_time_the_server_asks_for_is_waited() {
    let header = busy(&Value::Null).insert_header("retry-after", "1");
    for failure in [header, busy(&json!({ "retry-after": 1 }))] {
        let server = failing_once(failure).await;
        let start = Instant::now();
        connect(&server.uri()).query_json(json!({ "posts": {} })).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(1));
    }
}

#[tokio::test]
async fn a_wait_beyond_the_time_limit_is_not_begun_and_is_reported() {
    let server = failing_once(busy(&json!({ "retry-after": 3600 }))).await;
    let error = connect(&server.uri()).query_json(json!({})).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!(requests(&server).await, 1);

    let dated = busy(&Value::Null).insert_header("retry-after", "Fri, 31 Dec 2100 23:59:59 GMT");
    let server = failing_once(dated).await;
    let error = connect(&server.uri()).query_json(json!({})).await.unwrap_err();
    assert!(error.retry_after().unwrap() > Duration::from_hours(365 * 24));
}

#[tokio::test]
async fn a_date_in_the_past_or_nonsense_means_no_wait() {
    for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "soon", "-1"] {
        let server =
            failing_once(busy(&json!({ "retry-after": "x" })).insert_header("retry-after", text)).await;
        connect(&server.uri()).query_json(json!({ "posts": {} })).await.unwrap();
        assert_eq!(requests(&server).await, 2);
    }
}

#[tokio::test]
async fn retries_end_at_their_number() {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    for (retries, sent) in [(0, 1), (2, 3)] {
        let before = requests(&server).await;
        let db = builder(&server.uri()).retries(retries).build().unwrap();
        assert_eq!(db.query_json(json!({})).await.unwrap_err().status(), Some(503));
        assert_eq!(requests(&server).await - before, sent);
    }
}
