//! The state that every conformance case of transactions starts from, and what a case says.

use reqwest::StatusCode;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use crate::common::{Backend, State, attribute};

pub const U1: &str = "00000000-0000-4000-8000-000000000001";
pub const U2: &str = "00000000-0000-4000-8000-000000000002";
pub const P1: &str = "00000000-0000-4000-8000-000000000011";
pub const C1: &str = "00000000-0000-4000-8000-000000000021";
pub const K1: &str = "00000000-0000-4000-8000-000000000031";
pub const B1: &str = "00000000-0000-4000-8000-000000000041";
pub const B2: &str = "00000000-0000-4000-8000-000000000042";
pub const N1: &str = "00000000-0000-4000-8000-000000000051";
pub const F1: &str = "00000000-0000-4000-8000-000000000061";
pub const F2: &str = "00000000-0000-4000-8000-000000000062";
pub const X: &str = "00000000-0000-4000-8000-0000000000ff";

/// An entity after a transaction: its new attributes beside the old ones, or `null` where it is gone. An
/// attribute given as `"-"` is gone.
pub type Change = (&'static str, &'static str, Value);

/// An entity that is deleted.
pub fn gone(entity: &'static str, id: &'static str) -> Change {
    (entity, id, Value::Null)
}

fn schema() -> Value {
    let entity = |attrs: Value| json!({ "attrs": attrs, "links": {} });
    let side = |on: &str, has: &str, label: &str| json!({ "on": on, "has": has, "label": label });
    let mut comment = side("comments", "one", "post");
    comment["onDelete"] = json!("cascade");
    let mut owner = side("tasks", "one", "owner");
    owner["required"] = json!(true);
    json!({
        "entities": {
            "users": entity(json!({
                "handle": attribute("string", "unique indexed"),
                "name": attribute("string", ""),
                "age": attribute("number", "indexed"),
                "joined": attribute("date", "indexed"),
                "meta": attribute("json", ""),
            })),
            "posts": entity(json!({
                "title": attribute("string", "required"),
                "slug": attribute("string", "unique"),
                "body": attribute("string", ""),
            })),
            "comments": entity(json!({ "text": attribute("string", "") })),
            "tasks": entity(json!({ "text": attribute("string", "") })),
            "boards": entity(json!({ "note": attribute("string", "") })),
            "nodes": entity(json!({ "note": attribute("string", "") })),
            "profiles": entity(json!({ "note": attribute("string", "") })),
        },
        "links": {
            "postsAuthor": { "forward": side("posts", "one", "author"), "reverse": side("users", "many", "posts") },
            "commentsPost": { "forward": comment, "reverse": side("posts", "many", "comments") },
            "tasksOwner": { "forward": owner, "reverse": side("users", "many", "tasks") },
            "boardsNodes": { "forward": side("boards", "many", "nodes"), "reverse": side("nodes", "one", "board") },
            "usersProfile": { "forward": side("users", "one", "profile"), "reverse": side("profiles", "one", "user") },
        },
        "rooms": {},
    })
}

/// A new app in the state that every case starts from, on the one server of this process.
pub async fn backend() -> Backend {
    let backend = Backend::with_schema(&schema()).await;
    let (status, body) = backend
        .transact(json!([
            ["create", "profiles", F1, {}],
            ["create", "profiles", F2, {}],
            ["create", "users", U1, {
                "handle": "alice", "name": "Alice", "age": 30,
                "meta": { "a": { "x": 1, "y": 2 }, "l": [1] }, "profile": F1,
            }],
            ["create", "users", U2, { "handle": "bob" }],
            ["create", "posts", P1, { "title": "Hello", "slug": "hello", "author": U1 }],
            ["create", "comments", C1, { "post": P1 }],
            ["create", "tasks", K1, { "owner": U1 }],
            ["create", "nodes", N1, {}],
            ["create", "boards", B1, {}],
            ["create", "boards", B2, {}],
            ["link", "boards", B1, { "nodes": N1 }],
        ]))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    backend
}

/// The state of the cases, which none of them changes when it fails.
async fn start_state() -> &'static State {
    static STATE: OnceCell<State> = OnceCell::const_new();
    STATE.get_or_init(|| async { backend().await.state().await }).await
}

/// Sends the steps to a new app.
pub async fn run(steps: &Value) -> (Backend, StatusCode, Value) {
    let backend = backend().await;
    let (status, body) = backend.transact(steps.clone()).await;
    (backend, status, body)
}

/// The case changes exactly this.
pub async fn changes(number: u32, steps: Value, changes: &[Change]) {
    let (backend, status, body) = run(&steps).await;
    assert_eq!(status, StatusCode::OK, "case {number}: {body}");
    assert!(body["tx-id"].is_i64() && body.as_object().unwrap().len() == 1, "case {number}: {body}");
    let mut expected = start_state().await.clone();
    for (entity, id, change) in changes {
        let key = ((*entity).to_owned(), (*id).to_owned());
        let Some(change) = change.as_object() else {
            expected.remove(&key).unwrap();
            continue;
        };
        let attributes =
            expected.entry(key).or_insert_with(|| Map::from_iter([("id".to_owned(), json!(id))]));
        for (label, value) in change {
            if value == "-" {
                attributes.remove(label).unwrap();
            } else {
                attributes.insert(label.clone(), value.clone());
            }
        }
    }
    let found = backend.state().await;
    for (key, expected) in &expected {
        let found = found.get(key).unwrap_or_else(|| panic!("case {number}: {key:?} is gone"));
        assert_eq!(json!(found), json!(expected), "case {number}: {key:?}");
    }
    let more: Vec<_> = found.keys().filter(|key| !expected.contains_key(*key)).collect();
    assert!(more.is_empty(), "case {number}: {more:?} should not be there");
}

/// The case fails so, and changes nothing.
pub async fn fails(number: u32, steps: Value, kind: &str, message: &str) {
    let (backend, status, body) = run(&steps).await;
    assert_eq!((status, &body["type"]), (StatusCode::BAD_REQUEST, &json!(kind)), "case {number}: {body}");
    assert_eq!(body["message"], message, "case {number}: {body}");
    assert_eq!(&backend.state().await, start_state().await, "case {number} left something behind");
}

/// What the server says of a value that is taken.
pub fn taken(entity: &str, label: &str, value: &str) -> String {
    format!(
        "`{label}` is a unique attribute on `{entity}` and an entity already exists with `{entity}.{label}` = \"{value}\""
    )
}

/// What a new user has in attributes that are indexed.
pub fn new_user() -> Value {
    json!({ "handle": null, "age": null, "joined": null })
}

/// Both objects in one.
pub fn with(mut base: Value, more: Value) -> Value {
    base.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    base
}
