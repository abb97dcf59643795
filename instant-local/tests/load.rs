//! Many clients at once, clients that stall, large imports: everybody is answered, and what was acknowledged is there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::Backend;
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

async fn backend() -> Backend {
    Backend::with_schema(&json!({ "entities": {} })).await
}

fn notes(numbers: impl IntoIterator<Item = usize>) -> Value {
    let note = |number| json!(["create", "notes", Uuid::new_v4(), { "number": number }]);
    numbers.into_iter().map(note).collect()
}

/// The numbers of all notes. Each note has one of its own.
async fn numbers(backend: &Backend) -> BTreeSet<u64> {
    let state = backend.state().await;
    let numbers: BTreeSet<u64> = state.values().map(|note| note["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers.len(), state.len(), "a note was written twice");
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_at_once_are_all_answered() {
    let backend = backend().await;
    assert_eq!(backend.transact(notes([1000])).await.0, StatusCode::OK);
    // Nothing is sent before all are connected, so that all are served at the same time.
    let connected = std::sync::Arc::new(tokio::sync::Barrier::new(1000));
    let clients = (0..1000).map(|number| {
        let (address, app, token) = (backend.server.address(), backend.app, backend.token);
        let connected = connected.clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            connected.wait().await;
            let write = (number % 2 == 0, json!({ "steps": notes([number]) }));
            let query = json!({ "notes": { "$": { "where": { "number": 1000 } } } });
            let (path, body) = match write {
                (true, steps) => ("/admin/transact", steps.to_string()),
                (false, _) => ("/admin/query", json!({ "query": query }).to_string()),
            };
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\napp-id: {app}\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(number % 2 == 0 || answer.contains("\"number\":1000"), "{answer}");
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let expected: BTreeSet<u64> = (0..=1000).step_by(2).collect();
    assert_eq!(numbers(&backend).await, expected);
}

#[tokio::test]
async fn connections_that_go_away_half_way_leave_nothing_and_hold_up_nobody() {
    let backend = backend().await;
    let body = json!({ "steps": notes([0]) }).to_string();
    let whole = format!(
        "POST /admin/transact HTTP/1.1\r\nhost: x\r\napp-id: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        backend.app,
        backend.token,
        body.len()
    );
    // Cut at every length; the client is gone, or stays and says nothing.
    let mut silent = Vec::new();
    for cut in 0..whole.len() {
        let mut stream = TcpStream::connect(backend.server.address()).await.unwrap();
        stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        if cut % 2 == 0 {
            silent.push(stream);
        }
    }
    assert_eq!(backend.transact(notes([1])).await.0, StatusCode::OK);
    assert_eq!(numbers(&backend).await, BTreeSet::from([1]));

    // A client that is gone before the answer has written all the same, whole.
    let mut stream = TcpStream::connect(backend.server.address()).await.unwrap();
    stream.write_all(whole.as_bytes()).await.unwrap();
    let mut first = [0];
    stream.read_exact(&mut first).await.unwrap();
    drop(stream);
    assert_eq!(numbers(&backend).await, BTreeSet::from([0, 1]));
    backend.server.stop().await;
}

#[tokio::test]
async fn slow_bodies_arrive_and_hold_up_nobody() {
    let backend = backend().await;
    let slow = (0..100).map(|number| {
        let backend = &backend;
        async move {
            let body = json!({ "steps": notes([number]) }).to_string();
            let parts: Vec<Vec<u8>> = body.as_bytes().chunks(10).map(<[u8]>::to_vec).collect();
            let parts = futures_util::stream::unfold(parts.into_iter(), |mut parts| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                parts.next().map(|part| (Ok::<_, std::io::Error>(part), parts))
            });
            let request = backend
                .http
                .post(backend.url("/admin/transact"))
                .header("app-id", backend.app.to_string())
                .header("content-type", "application/json")
                .bearer_auth(backend.token)
                .body(reqwest::Body::wrap_stream(parts));
            assert_eq!(common::answer(request).await.0, StatusCode::OK);
        }
    });
    let quick = async {
        for number in 100..120 {
            assert_eq!(backend.transact(notes([number])).await.0, StatusCode::OK);
        }
    };
    tokio::join!(join_all(slow), quick);
    assert_eq!(numbers(&backend).await, (0..120).collect());
}

#[tokio::test]
async fn an_import_in_large_steps_is_there_whole_and_found_by_its_values() {
    let schema = json!({ "entities": { "items": { "attrs": {
        "name": common::attribute("string", "indexed unique"),
        "rank": common::attribute("number", "indexed"),
        "text": common::attribute("string", ""),
        "at": common::attribute("date", ""),
        "more": common::attribute("json", ""),
    } } } });
    let backend = Backend::with_schema(&schema).await;
    for step in 0..5 {
        let item = |number: usize| {
            let values = json!({
                "name": format!("item {number}"), "rank": number % 100, "text": "t", "at": "2025-01-01",
                "more": { "n": [number] },
            });
            json!(["create", "items", Uuid::new_v4(), values])
        };
        let (status, body) = backend.transact((step * 1000..(step + 1) * 1000).map(item).collect()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }
    let items = |options: Value| {
        let request = backend.post("/admin/query", &json!({ "query": { "items": { "$": options } } }));
        async { common::answer(request).await.1["items"].clone() }
    };
    assert_eq!(items(json!({})).await.as_array().unwrap().len(), 5000);
    assert_eq!(items(json!({ "where": { "rank": 42 } })).await.as_array().unwrap().len(), 50);
    let one = items(json!({ "where": { "name": "item 4321" } })).await;
    assert_eq!(one[0]["more"], json!({ "n": [4321] }));
}

#[tokio::test]
async fn rows_of_one_kind_are_bounded_and_deletes_are_not() {
    let backend = backend().await;
    // The `id` is a row of its own.
    let rows = |most: usize| -> Vec<Value> {
        let ids = (0..most).map(|number| Uuid::from_u128(number as u128 + 1));
        ids.map(|id| json!(["update", "notes", id, {}])).collect()
    };
    assert_eq!(backend.transact(Value::Array(rows(13_105))).await.0, StatusCode::OK);
    let (status, refused) = backend.transact(Value::Array(rows(13_106))).await;
    assert_eq!((status, &refused["type"]), (StatusCode::BAD_REQUEST, &json!("parameter-limit-exceeded")));
    assert_eq!(refused["message"], "There are too many parameters in the transaction or query.");
    assert_eq!(backend.state().await.len(), 13_105, "what was refused wrote nothing");

    let merge = |entities: usize, patches: usize| -> Value {
        let patches = |number: usize| (0..patches).map(move |patch| (number, patch));
        let patch = |(number, patch): (usize, usize)| {
            let id = Uuid::from_u128(number as u128 + 1);
            json!(["merge", "notes", id, { "meta": { patch.to_string(): 1 } }])
        };
        (0..entities).flat_map(patches).map(patch).collect()
    };
    // Patches of one value are one row, but each step has the row of its `id`.
    assert_eq!(backend.transact(merge(6_000, 2)).await.0, StatusCode::OK);
    assert_eq!(backend.transact(merge(7_000, 2)).await.1["type"], "parameter-limit-exceeded");

    let deletes: Vec<Value> =
        (0..14_000).map(|number| json!(["delete", "notes", Uuid::from_u128(number + 1)])).collect();
    assert_eq!(backend.transact(Value::Array(deletes)).await.0, StatusCode::OK);
    assert_eq!(backend.state().await.len(), 0);
}

#[tokio::test]
async fn attributes_that_a_transaction_invents_are_bounded() {
    let backend = backend().await;
    let values: serde_json::Map<String, Value> = (0..6_000).map(|n| (format!("a{n}"), json!(n))).collect();
    let (_, refused) = backend.transact(json!([["create", "notes", Uuid::new_v4(), values]])).await;
    assert_eq!(refused["type"], "parameter-limit-exceeded");
    let few: serde_json::Map<String, Value> = values.into_iter().take(1_000).collect();
    assert_eq!(backend.transact(json!([["create", "notes", Uuid::new_v4(), few]])).await.0, StatusCode::OK);
}
