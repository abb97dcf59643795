//! Malformed requests, and too many connections.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use common::Backend;
use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn backend() -> Backend {
    Backend::with_schema(&json!({ "entities": {} })).await
}

/// Sends bytes, ends the sending side, and reads all that comes back.
async fn send(backend: &Backend, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(backend.server.address()).await.unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn assert_healthy(backend: &Backend) {
    assert_eq!(backend.http.get(backend.url("/health")).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn bytes_that_are_no_http_end_the_connection() {
    let backend = backend().await;
    for bytes in [
        &b"hello\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"",
    ] {
        let answer = send(&backend, bytes).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{bytes:?}: {answer}");
    }
    let mut runner = TestRunner::deterministic();
    let noise = proptest::collection::vec(any::<u8>(), 0..400);
    for _ in 0..100 {
        let bytes = noise.new_tree(&mut runner).unwrap().current();
        let answer = send(&backend, &bytes).await;
        assert!(
            !answer.starts_with("HTTP/1.1 2") && !answer.starts_with("HTTP/1.1 5"),
            "{bytes:?}: {answer}"
        );
    }
    assert_healthy(&backend).await;
}

#[tokio::test]
async fn a_huge_header_is_refused() {
    let backend = backend().await;
    let long = "x".repeat(2_000_000);
    let answer =
        send(&backend, format!("GET /health HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n").as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = "h: v\r\n".repeat(2_000);
    let answer = send(&backend, format!("GET /health HTTP/1.1\r\n{many}\r\n").as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_healthy(&backend).await;
}

#[tokio::test]
async fn a_body_that_is_cut_short_writes_nothing() {
    let backend = backend().await;
    let head = format!(
        "POST /admin/transact HTTP/1.1\r\nhost: x\r\napp-id: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: 500\r\n\r\n",
        backend.app, backend.token
    );
    let body = r#"{"steps":[["create","posts","8aa64e4c-64f9-472e-8a61-3fa28870e6cb",{}]]}"#;
    let answer = send(&backend, format!("{head}{body}").as_bytes()).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(backend.state().await.len(), 0);
    assert_healthy(&backend).await;
}

#[tokio::test]
async fn hundreds_of_open_connections_do_not_keep_others_out() {
    let backend = backend().await;
    let mut idle = Vec::new();
    for n in 0..300 {
        let mut stream = TcpStream::connect(backend.server.address()).await.unwrap();
        if n % 2 == 0 {
            stream
                .write_all(b"POST /admin/query HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
                .await
                .unwrap();
        }
        idle.push(stream);
    }
    let requests = (0..100).map(|_| assert_healthy(&backend));
    futures_util::future::join_all(requests).await;
    // Stopping does not wait for requests that never arrive in full.
    backend.server.stop().await;
    drop(idle);
}
