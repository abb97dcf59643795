//! Edge cases of InstaQL: broken data, queries on behalf of users, pages over nulls, files.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use instant_local::ApiError;
use instant_local::instaql::{self, Access, Options, View};
use instant_local::store::{NewApp, Store, StoredAttr, Triple};
use library::Library;
use serde_json::{Map, Value, json};
use uuid::Uuid;

fn ids(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn dangling_links_are_empty_objects_for_admins() {
    let library = Library::open().await;
    let nobody = Uuid::new_v4();
    library.put("P4", "posts", json!({ "editor": nobody })).await;
    let query = json!({ "posts": { "$": { "where": { "title": "Zed" }, "fields": [] }, "editor": {} } });
    assert_eq!(library.run(query).await.unwrap().tree["posts"], json!([{ "id": "P4", "editor": [{}] }]));
}

/// Sees all users but one, and not their email.
struct UsersOnly {
    hidden: Uuid,
}

impl View for UsersOnly {
    fn judges(&self, _: &str) -> bool {
        true
    }

    fn entities(&self, etype: &str, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        Ok(ids.iter().map(|id| etype == "users" && *id != self.hidden).collect())
    }

    fn judges_values(&self, attr: &StoredAttr) -> bool {
        attr.label() == "email"
    }

    fn values(&self, _: &StoredAttr, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        Ok(vec![false; ids.len()])
    }
}

#[tokio::test]
async fn a_view_hides_entities_and_values() {
    let library = Library::open().await;
    let view = UsersOnly { hidden: Uuid::from_u128(0xa003) };
    let query = json!({ "users": { "$": { "fields": ["email", "name"], "limit": 9 }, "posts": {}, "friends": {} }, "posts": {} });
    let answer = library
        .store
        .read(library.app, move |tx| {
            instaql::run(
                tx,
                &query,
                Options { inference: false, access: Access::Scoped(&view), file_url: None },
            )
        })
        .await
        .unwrap();
    let tree = library.with_names(serde_json::from_str(&answer.tree).unwrap());
    assert_eq!(ids(&tree["users"]), ["U1", "U2", "U3"]);
    assert_eq!(tree["users"][2], json!({ "id": "U3", "name": "Carol" }));
    assert_eq!(ids(&tree["users"][0]["friends"]), ["U2"]);
    assert_eq!(tree["posts"], json!([]));
    let info = library.with_names(Value::Object(answer.page_info));
    assert_eq!(info["users"]["end-cursor"][0], "U3");
}

#[tokio::test]
async fn pages_by_an_attribute_pass_over_nulls_in_both_directions() {
    let library = Library::open().await;
    for (direction, expected) in [("asc", ["U3", "U2", "U1", "U4"]), ("desc", ["U4", "U1", "U2", "U3"])] {
        for (end, expected) in
            [("after", expected.to_vec()), ("before", expected.iter().rev().copied().collect())]
        {
            let mut found = Vec::new();
            let mut cursor = Value::Null;
            loop {
                let size = if end == "after" { "first" } else { "last" };
                let query =
                    json!({ "users": { "$": { "order": { "age": direction }, size: 1, end: cursor } } });
                let answer = library.run(query).await.unwrap();
                let info = &answer.page_info["users"];
                found.extend(ids(&answer.tree["users"]).iter().map(|id| (*id).to_owned()));
                cursor = info["end-cursor"].clone();
                let more = if end == "after" { "has-next-page?" } else { "has-previous-page?" };
                if info[more] == json!(false) {
                    break;
                }
                assert!(found.len() < 9, "no end: {found:?}");
            }
            assert_eq!(found, expected, "{end} {direction}");
        }
    }
    let cursors = library.cursors().await;
    let window =
        json!({ "after": cursors["U1"], "before": cursors["U4"], "order": { "serverCreatedAt": "asc" } });
    let answer = library.run(json!({ "users": { "$": window } })).await.unwrap();
    assert_eq!(ids(&answer.tree["users"]), ["U2", "U3"]);
}

#[tokio::test]
async fn a_file_gets_its_url_unless_fields_leave_it_out() {
    let store = Store::in_memory().unwrap();
    let app = store.create_app(NewApp::new("Files")).await.unwrap().id;
    let file = Uuid::new_v4();
    store
        .write(app, move |tx| {
            let catalog = tx.catalog().clone();
            let triple = |label: &str, value: Value| Triple {
                entity: file,
                attr: catalog.forward("$files", label).unwrap().attr.id,
                value,
            };
            tx.add(vec![
                triple("id", json!(file)),
                triple("path", json!("a.txt")),
                triple("location-id", json!("l1")),
            ])
        })
        .await
        .unwrap();
    let run = |fields: Value| {
        let query = json!({ "$files": { "$": { "fields": fields } } });
        store.read(app, move |tx| {
            let url =
                |record: &Map<String, Value>| Some(format!("/files/{}", record["location-id"].as_str()?));
            Ok(instaql::run(tx, &query, Options { file_url: Some(&url), ..Options::admin() })?.tree)
        })
    };
    let tree = |files: Value| json!({ "$files": files }).to_string();
    assert_eq!(run(json!(["url"])).await.unwrap(), tree(json!([{ "id": file, "url": "/files/l1" }])));
    assert_eq!(run(json!(["path"])).await.unwrap(), tree(json!([{ "id": file, "path": "a.txt" }])));
    let whole: Value = serde_json::from_str(&run(Value::Null).await.unwrap()).unwrap();
    assert_eq!(whole["$files"][0]["url"], "/files/l1");
}
