//! What commits announce, to whom, and in which order.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod common;

use std::collections::BTreeSet;
use std::sync::mpsc;

use common::{Backend, attribute};
use futures_util::FutureExt;
use instant_local::Server;
use instant_local::changes::{Announcement, Change, Changes, Commit, Touched, TouchedTriple, Triples};
use instant_local::store::{NewApp, Store, Triple, WriteTx};
use instant_local::{ApiError, store::Status};
use serde_json::{Value, json};
use uuid::Uuid;

/// The next commit, which must have been announced already or come.
async fn commit(changes: &mut Changes) -> Commit {
    match changes.next().await {
        Some(Announcement::Commit(commit)) => (*commit).clone(),
        other => panic!("{other:?}"),
    }
}

async fn touched(changes: &mut Changes) -> Touched {
    match commit(changes).await.change {
        Change::Data(touched) => touched,
        other => panic!("{other:?}"),
    }
}

fn is_quiet(changes: &mut Changes) -> bool {
    changes.next().now_or_never().is_none()
}

/// Sets the email of a user: the system catalog has a unique attribute for it.
fn set_email(tx: &mut WriteTx<'_>, user: Uuid, email: &str) -> Result<i64, ApiError> {
    let email_attr = tx.catalog().resolve("$users", "email").unwrap().0.attr.id;
    tx.add(vec![Triple { entity: user, attr: email_attr, value: email.into() }])?;
    tx.tx_id()
}

async fn store_with_app() -> (Store, Uuid) {
    let store = Store::in_memory().unwrap();
    let app = store.create_app(NewApp::new("changes")).await.unwrap();
    (store, app.id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_of_concurrent_writers_come_in_the_order_in_which_they_were_made() {
    let (store, app) = store_with_app().await;
    let mut changes = store.changes();
    let writers = (0..8).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut ids = Vec::new();
            for number in 0..20 {
                let email = format!("{writer}-{number}@example.com");
                let write = move |tx: &mut WriteTx<'_>| set_email(tx, Uuid::new_v4(), &email);
                ids.push(store.write(app, write).await.unwrap());
            }
            ids
        })
    });
    let mut written = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        written.extend(writer.await.unwrap());
    }
    written.sort_unstable();
    let mut announced = Vec::new();
    for _ in 0..written.len() {
        announced.push(commit(&mut changes).await.tx_id.unwrap());
    }
    assert_eq!(announced, written);
    assert!(is_quiet(&mut changes));
}

#[tokio::test]
async fn a_listener_that_lags_is_told_how_many_commits_it_missed() {
    let (store, app) = store_with_app().await;
    let mut changes = store.changes();
    let user = Uuid::new_v4();
    let mut last = 0;
    for number in 0..300 {
        let email = format!("{number}@example.com");
        last = store.write(app, move |tx| set_email(tx, user, &email)).await.unwrap();
    }
    assert_eq!(changes.next().await, Some(Announcement::Missed(300 - 256)));
    let first = commit(&mut changes).await.tx_id.unwrap();
    assert_eq!(first, last - 255);
    for expected in first + 1..=last {
        assert_eq!(commit(&mut changes).await.tx_id, Some(expected));
    }
    assert!(is_quiet(&mut changes));
}

#[tokio::test]
async fn a_transaction_that_fails_or_writes_nothing_announces_nothing() {
    let (store, app) = store_with_app().await;
    let mut changes = store.changes();
    let fails = |tx: &mut WriteTx<'_>| {
        set_email(tx, Uuid::new_v4(), "a@example.com")?;
        // An attribute that does not exist.
        tx.add(vec![Triple { entity: Uuid::new_v4(), attr: Uuid::new_v4(), value: json!(1) }])
    };
    assert_eq!(store.write(app, fails).await.unwrap_err().kind(), "sql-raise");
    store.write(app, |_| Ok(())).await.unwrap();
    assert_eq!(store.set_rules(app, None).await.unwrap(), None);
    assert!(is_quiet(&mut changes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_announced_once_others_can_read_it_and_not_before() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let app = store.create_app(NewApp::new("durable")).await.unwrap().id;
    let mut changes = store.changes();
    let user = Uuid::new_v4();
    let (pause, paused) = mpsc::channel();
    let (resume, resumed) = mpsc::channel::<()>();
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            let write = move |tx: &mut WriteTx<'_>| {
                let id = set_email(tx, user, "a@example.com")?;
                pause.send(()).unwrap();
                resumed.recv().unwrap();
                Ok(id)
            };
            store.write(app, write).await
        }
    });
    tokio::task::spawn_blocking(move || paused.recv().unwrap()).await.unwrap();
    assert!(is_quiet(&mut changes));
    resume.send(()).unwrap();
    let commit = commit(&mut changes).await;
    let read = move |tx: &instant_local::store::ReadTx<'_>| {
        let attr = tx.catalog().resolve("$users", "email").unwrap().0.clone();
        Ok((tx.value(&attr, user)?, tx.last_tx_id()?))
    };
    let (value, last) = store.read(app, read).await.unwrap();
    assert_eq!(value, Some(json!("a@example.com")));
    assert_eq!(commit.tx_id, Some(last));
    assert_eq!(writing.await.unwrap().unwrap(), last);
}

#[tokio::test]
async fn a_listener_that_came_during_a_transaction_is_told_that_anything_may_have_changed() {
    let (store, app) = store_with_app().await;
    let (send, listeners) = mpsc::channel();
    let listening = store.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        set_email(tx, Uuid::new_v4(), "a@example.com")?;
        send.send(listening.changes()).unwrap();
        Ok(())
    };
    store.write(app, write).await.unwrap();
    let mut changes = listeners.recv().unwrap();
    assert_eq!(touched(&mut changes).await.triples, Triples::Any);
}

#[tokio::test]
async fn listening_ends_when_the_data_is_closed() {
    let server = Server::builder().in_memory().start().await.unwrap();
    let mut changes = server.changes();
    server.stop().await;
    assert_eq!(changes.next().await, None);
}

#[tokio::test]
async fn changes_of_an_app_are_announced() {
    let store = Store::in_memory().unwrap();
    let mut changes = store.changes();
    let app = store.create_app(NewApp::new("own")).await.unwrap().id;
    let short = NewApp { expires: Some(1), ..NewApp::new("expired") };
    let expired = store.create_app(short).await.unwrap().id;
    store.set_rules(app, Some(json!({ "posts": {} }))).await.unwrap();
    store.set_status(app, Status::ReadOnly).await.unwrap();
    store.delete_app(app).await.unwrap();
    let next = store.create_app(NewApp::new("next")).await.unwrap().id;
    let expected = [
        (app, Change::Created),
        (expired, Change::Created),
        (app, Change::Rules),
        (app, Change::Status),
        (app, Change::Deleted),
        (expired, Change::Deleted),
        (next, Change::Created),
    ];
    for (app, change) in expected {
        let commit = commit(&mut changes).await;
        assert_eq!((commit.app, commit.tx_id, commit.change), (app, None, change));
    }
    assert!(is_quiet(&mut changes));
}

/// A backend whose posts have an indexed title, a body, and an author.
struct Blog {
    backend: Backend,
    changes: Changes,
}

const POST: Uuid = Uuid::from_u128(1);
const ADA: Uuid = Uuid::from_u128(2);
const GRACE: Uuid = Uuid::from_u128(3);

impl Blog {
    async fn new() -> Self {
        let schema = json!({
            "entities": {
                "posts": { "attrs": { "title": attribute("string", "indexed"), "body": attribute("string", "") } },
                "authors": { "attrs": { "handle": attribute("string", "unique") } },
            },
            "links": { "postsAuthor": {
                "forward": { "on": "posts", "label": "author", "has": "one" },
                "reverse": { "on": "authors", "label": "posts", "has": "many" },
            } },
            "rooms": {},
        });
        let backend = Backend::with_schema(&schema).await;
        let changes = backend.server.changes();
        Self { backend, changes }
    }

    /// Runs steps and returns what they touched: entity, attribute and value by name.
    async fn touched_by(&mut self, steps: Value) -> BTreeSet<(Uuid, String, String)> {
        let (status, body) = self.backend.transact(steps).await;
        assert_eq!(status, 200, "{body}");
        let commit = commit(&mut self.changes).await;
        assert_eq!((commit.app, commit.tx_id), (self.backend.app, body["tx-id"].as_i64()));
        let Change::Data(Touched { triples: Triples::Each(triples), .. }) = commit.change else {
            panic!("{commit:?}");
        };
        let named = move |tx: &instant_local::store::ReadTx<'_>| {
            let name = |triple: TouchedTriple| {
                let attr = tx.catalog().attr(triple.attr).unwrap().name();
                (triple.entity, attr, triple.value.map_or("-".to_owned(), |value| value.to_string()))
            };
            Ok(triples.into_iter().map(name).collect())
        };
        self.backend.server.store().read(self.backend.app, named).await.unwrap()
    }
}

fn triple(entity: Uuid, attr: &str, value: &str) -> (Uuid, String, String) {
    (entity, attr.to_owned(), value.to_owned())
}

fn quoted(id: Uuid) -> String {
    format!("\"{id}\"")
}

#[tokio::test]
async fn a_commit_names_entities_values_of_indexed_attributes_and_both_ends_of_links() {
    let mut blog = Blog::new().await;
    let created = blog
        .touched_by(json!([
            ["create", "posts", POST, { "title": "Old", "body": "not announced" }],
            ["create", "authors", ADA, { "handle": "ada" }],
            ["create", "authors", GRACE, { "handle": "grace" }],
            ["link", "posts", POST, { "author": ADA }],
        ]))
        .await;
    let expected = [
        triple(POST, "posts.id", "-"),
        triple(POST, "posts.title", "\"Old\""),
        triple(POST, "posts.body", "-"),
        triple(ADA, "authors.id", "-"),
        triple(ADA, "authors.handle", "\"ada\""),
        triple(GRACE, "authors.id", "-"),
        triple(GRACE, "authors.handle", "\"grace\""),
        triple(POST, "posts.author", &quoted(ADA)),
    ];
    assert_eq!(created, BTreeSet::from(expected));
    // What is replaced is announced with what replaces it.
    let changed = blog
        .touched_by(json!([
            ["update", "posts", POST, { "title": "New" }],
            ["link", "posts", POST, { "author": GRACE }],
        ]))
        .await;
    let expected = [
        triple(POST, "posts.title", "\"Old\""),
        triple(POST, "posts.title", "\"New\""),
        triple(POST, "posts.author", &quoted(ADA)),
        triple(POST, "posts.author", &quoted(GRACE)),
    ];
    assert_eq!(changed, BTreeSet::from(expected));
    let unlinked = blog.touched_by(json!([["unlink", "posts", POST, { "author": GRACE }]])).await;
    assert_eq!(unlinked, BTreeSet::from([triple(POST, "posts.author", &quoted(GRACE))]));
}

#[tokio::test]
async fn a_deletion_names_all_that_went_with_the_entity() {
    let mut blog = Blog::new().await;
    let steps = json!([
        ["create", "posts", POST, { "title": "T" }],
        ["create", "authors", ADA, { "handle": "ada" }],
        ["link", "posts", POST, { "author": ADA }],
    ]);
    blog.touched_by(steps).await;
    let deleted = blog.touched_by(json!([["delete", "authors", ADA]])).await;
    let expected = [
        triple(ADA, "authors.id", "-"),
        triple(ADA, "authors.handle", "\"ada\""),
        triple(POST, "posts.author", &quoted(ADA)),
    ];
    assert_eq!(deleted, BTreeSet::from(expected));
}

#[tokio::test]
async fn an_entity_without_a_value_of_an_indexed_attribute_announces_its_null() {
    let mut blog = Blog::new().await;
    let created = blog.touched_by(json!([["create", "posts", POST, { "body": "b" }]])).await;
    assert!(created.contains(&triple(POST, "posts.title", "null")), "{created:?}");
}

#[tokio::test]
async fn changes_of_attributes_are_announced() {
    let mut blog = Blog::new().await;
    let id = Uuid::new_v4();
    let record = json!({
        "id": id, "forward-identity": [Uuid::new_v4(), "posts", "views"], "value-type": "blob",
        "cardinality": "one", "unique?": false, "index?": false,
    });
    blog.backend.transact(json!([["add-attr", record]])).await;
    assert_eq!(touched(&mut blog.changes).await.attrs, BTreeSet::from([id]));
    let path = format!("/dash/apps/{}/indexing-jobs", blog.backend.app);
    let job = json!({ "attr-id": id, "job-type": "index" });
    common::answer(blog.backend.post(&path, &job)).await;
    assert_eq!(touched(&mut blog.changes).await.attrs, BTreeSet::from([id]));
    blog.backend.transact(json!([["delete-attr", id]])).await;
    assert_eq!(touched(&mut blog.changes).await.attrs, BTreeSet::from([id]));
}
