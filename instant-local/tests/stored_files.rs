//! Files of every earlier format: they open, hold what they held, and take writes.
//!
//! `stored/README.md` says how the files were made, and `stored/make.py` what is in them.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use std::path::Path;

use common::{Backend, answer};
use instant_local::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

const APP: Uuid = Uuid::from_u128(0x5f60_a7e1_0000_4000_8000_0000_0000_00a1);
const TOKEN: Uuid = Uuid::from_u128(0x5f60_a7e1_0000_4000_8000_0000_0000_00b1);

fn id(number: u32) -> String {
    format!("5f60a7e1-0000-4000-8000-{number:012}")
}

/// Serves a copy of the stored file of a format. The folder must outlive the server.
async fn serve(format: u32) -> (Backend, TempDir) {
    let folder = TempDir::new().unwrap();
    let stored = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/stored/format-{format}.db"));
    std::fs::copy(stored, folder.path().join("instant.db")).unwrap();
    (Backend::of(start(&folder).await), folder)
}

async fn start(folder: &TempDir) -> Server {
    Server::builder().path(folder.path()).app(APP, TOKEN).start().await.unwrap()
}

async fn query(backend: &Backend, query: Value) -> Value {
    let (status, body) = answer(backend.post("/admin/query", &json!({ "query": query }))).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn holds_what_it_held(backend: &Backend) {
    let found = query(
        backend,
        json!({
            "authors": { "$": { "where": { "born": { "$lt": "1900-01-01" } }, "order": { "score": "desc" } }, "friends": {} },
            "posts": { "$": { "where": { "author.handle": "ada" } }, "comments": {} },
        }),
    )
    .await;
    let emile = json!({
        "id": id(2), "handle": "Émile", "born": -2_335_219_200_000_i64, "score": 3, "active": false,
    });
    let ada = json!({
        "id": id(1), "handle": "ada", "born": "1815-12-10", "score": 9.5, "active": true, "friends": [emile],
    });
    let mut emile = ada["friends"][0].clone();
    emile["friends"] = json!([]);
    assert_eq!(found["authors"], json!([ada, emile]));
    let comments = json!([{ "id": id(21), "text": "First", "post": id(11) }]);
    let post = json!({
        "id": id(11), "title": "Notes", "body": "On the engine", "meta": { "k": [1, null, { "a": "b" }] },
        "extra": 1, "author": id(1), "comments": comments,
    });
    assert_eq!(found["posts"], json!([post]));
    assert_eq!(query(backend, json!({ "posts": {} })).await["posts"].as_array().unwrap().len(), 2);
}

async fn keeps_rules_and_users(backend: &Backend) {
    let rules = json!({ "posts": { "allow": { "view": "true", "create": "auth.id != null" } } });
    let (_, kept) = answer(backend.get(&format!("/dash/apps/{APP}/perms/pull"))).await;
    assert_eq!(kept["perms"], rules);
    let set = json!({ "code": { "posts": {} } });
    let (_, changed) = answer(backend.post(&format!("/dash/apps/{APP}/rules"), &set)).await;
    assert_eq!(changed["rules"]["version"], 1);
    let (_, versions) = answer(backend.get(&format!("/dash/apps/{APP}/rule-versions"))).await;
    let back = json!([[["posts", "allow"], "+", rules["posts"]["allow"]]]);
    assert_eq!((&versions["versions"][0]["version"], &versions["versions"][0]["edits"]), (&json!(1), &back));
    let found =
        query(backend, json!({ "$users": { "$": { "where": { "email": "ada@example.com" } } } })).await;
    assert_eq!(found["$users"].as_array().unwrap().len(), 1);
}

async fn keeps_constraints_and_takes_writes(backend: &Backend) {
    let (status, taken) = backend.transact(json!([["create", "authors", id(4), { "handle": "ada" }]])).await;
    assert_eq!((status.as_u16(), &taken["type"]), (400, &json!("record-not-unique")));
    let (status, lacking) = backend.transact(json!([["create", "comments", id(22), {}]])).await;
    assert_eq!(status, 400, "{lacking}");
    let steps = json!([
        ["create", "authors", id(4), { "handle": "grace", "born": "1906-12-09", "score": 10 }],
        ["delete", "authors", id(1)],
    ]);
    let (status, body) = backend.transact(steps).await;
    assert_eq!(status, 200, "{body}");
    // The transaction's id goes on after those of the file.
    assert!(body["tx-id"].as_i64().unwrap() > 2, "{body}");
    let left =
        query(backend, json!({ "authors": { "$": { "order": { "score": "asc" }, "fields": ["handle"] } } }))
            .await;
    let names: Vec<&str> =
        left["authors"].as_array().unwrap().iter().map(|author| author["handle"].as_str().unwrap()).collect();
    assert_eq!(names, ["Émile", "grace"]);
    // What a deleted author wrote went along, by the cascades of the file.
    let left = query(backend, json!({ "posts": { "$": { "fields": ["title"] } }, "comments": {} })).await;
    assert_eq!(left, json!({ "posts": [{ "id": id(12), "title": "notes, again" }], "comments": [] }));
}

async fn opens(format: u32) {
    let (backend, folder) = serve(format).await;
    holds_what_it_held(&backend).await;
    keeps_rules_and_users(&backend).await;
    keeps_constraints_and_takes_writes(&backend).await;
    backend.server.stop().await;
    // Opened once more, it is a file of today.
    let again = Backend::of(start(&folder).await);
    let left = query(&again, json!({ "authors": { "$": { "where": { "handle": "grace" } } } })).await;
    assert_eq!(left["authors"][0]["score"], 10);
}

#[tokio::test]
async fn a_file_of_format_1_opens() {
    opens(1).await;
}

#[tokio::test]
async fn a_file_of_format_2_opens() {
    opens(2).await;
}

#[tokio::test]
async fn a_file_of_format_3_opens() {
    opens(3).await;
}

#[tokio::test]
async fn a_file_of_format_4_opens() {
    opens(4).await;
}

#[tokio::test]
async fn the_expired_app_of_an_old_file_goes_and_the_others_stay() {
    for format in [1, 2, 3, 4] {
        let (backend, folder) = serve(format).await;
        let file = rusqlite::Connection::open(folder.path().join("instant.db")).unwrap();
        let titles = || {
            let mut select = file.prepare("SELECT title FROM apps ORDER BY created").unwrap();
            let titles = select.query_map([], |row| row.get(0)).unwrap();
            titles.collect::<Result<Vec<String>, _>>().unwrap()
        };
        assert_eq!(titles(), ["local", "Lives", "Expired"]);
        let (status, made) =
            answer(backend.bare_post("/dash/apps/ephemeral", &json!({ "title": "New" }))).await;
        assert_eq!(status, 200, "{made}");
        assert_eq!(titles(), ["local", "Lives", "New"]);
    }
}
