//! The data of the conformance table of InstaQL in a store of its own.
//!
//! Ids are written by name (`U1`, `P1`, ..) in queries and answers alike.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

use std::collections::BTreeMap;

use instant_local::ApiError;
use instant_local::instaql::{self, Access, Options, View};
use instant_local::store::{NewApp, ReadTx, Store, StoredAttr, Triple};
use instant_schema::{Attr, Cardinality, CheckedType, Direction, Identity, StoredAs};
use serde_json::{Value, json};
use uuid::Uuid;

/// Entity types with their attributes: `*` indexed, `!` unique.
pub const ATTRIBUTES: &[(&str, &str)] = &[
    (
        "users",
        "handle string*! name string* age number* city string* active boolean* joined date* bio string email string! meta json",
    ),
    ("posts", "title string* likes number* body string"),
    ("comments", "text string"),
    ("tags", "label string*!"),
    ("profiles", "avatar string"),
];

/// A view that shows nothing.
struct Blind;

impl View for Blind {
    fn judges(&self, _: &str) -> bool {
        true
    }

    fn entities(&self, _: &str, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        Ok(vec![false; ids.len()])
    }

    fn judges_values(&self, _: &StoredAttr) -> bool {
        false
    }

    fn values(&self, _: &StoredAttr, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        Ok(vec![true; ids.len()])
    }
}

/// Owner, label and cardinality; target, label and cardinality.
pub const LINKS: &[[&str; 6]] = &[
    ["posts", "author", "one", "users", "posts", "many"],
    ["posts", "editor", "one", "users", "edited", "many"],
    ["posts", "tags", "many", "tags", "posts", "many"],
    ["comments", "post", "one", "posts", "comments", "many"],
    ["comments", "author", "one", "users", "comments", "many"],
    ["users", "profile", "one", "profiles", "user", "one"],
    ["users", "friends", "many", "users", "friendOf", "many"],
];

/// Name, entity type and values of each entity, in the order of creation.
pub fn data() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "U1",
            "users",
            json!({ "handle": "alice", "name": "Alice", "age": 30, "city": "Rome", "bio": "hi",
            "email": "a@x.io", "meta": { "k": 1 }, "active": true, "joined": "2024-01-01" }),
        ),
        (
            "U2",
            "users",
            json!({ "handle": "bob", "name": "bob", "age": 25, "bio": null, "active": false,
            "joined": 1_706_745_600_000_i64 }),
        ),
        ("U3", "users", json!({ "handle": "carol", "name": "Carol", "email": "c@x.io" })),
        (
            "U4",
            "users",
            json!({ "handle": "dan", "name": "dan", "age": 40, "joined": "2023-06-01T12:00:00Z" }),
        ),
        ("T1", "tags", json!({ "label": "a" })),
        ("T2", "tags", json!({ "label": "b" })),
        ("T3", "tags", json!({ "label": "c" })),
        (
            "P1",
            "posts",
            json!({ "title": "Hello", "body": "first", "likes": 5, "author": "U1", "editor": "U2",
            "tags": ["T1", "T2"] }),
        ),
        ("P2", "posts", json!({ "title": "World", "likes": 0, "author": "U1", "tags": ["T2"] })),
        ("P3", "posts", json!({ "title": "hello again", "body": "x", "author": "U2" })),
        ("P4", "posts", json!({ "title": "Zed", "likes": 5, "tags": ["T3"] })),
        ("C1", "comments", json!({ "text": "nice post", "post": "P1", "author": "U2" })),
        ("C2", "comments", json!({ "text": "meh post", "post": "P1", "author": "U3" })),
        ("C3", "comments", json!({ "text": "wow", "post": "P3", "author": "U1" })),
        ("C4", "comments", json!({ "text": "orphan" })),
        ("F1", "profiles", json!({ "avatar": "f1.png" })),
    ]
}

/// The data of the table in a store.
pub struct Library {
    pub store: Store,
    pub app: Uuid,
    names: BTreeMap<&'static str, Uuid>,
}

/// An answer with names for ids.
#[allow(dead_code, reason = "each test file is a crate of its own, and not all look at everything")]
#[derive(Debug)]
pub struct Named {
    pub tree: Value,
    pub page_info: Value,
    pub aggregate: Value,
}

impl Library {
    /// Opens a store in memory and fills it.
    pub async fn open() -> Self {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp::new("Library")).await.unwrap().id;
        store.write(app, |tx| attrs().into_iter().try_for_each(|attr| tx.add_attr(attr))).await.unwrap();
        let names: BTreeMap<_, _> = data()
            .iter()
            .enumerate()
            .map(|(index, (name, ..))| (*name, Uuid::from_u128(0xa000 + index as u128)))
            .collect();
        let library = Self { store, app, names };
        for (name, entity, values) in data() {
            library.put(name, entity, values).await;
        }
        library.put("U1", "users", json!({ "friends": ["U2"], "profile": "F1" })).await;
        library.put("U2", "users", json!({ "friends": ["U3"] })).await;
        library
    }

    /// Writes one entity in a transaction of its own.
    pub async fn put(&self, name: &str, entity: &'static str, values: Value) {
        let id = self.names[name];
        let values = self.with_ids(values);
        let write = move |tx: &mut instant_local::store::WriteTx<'_>| {
            let catalog = std::sync::Arc::clone(tx.catalog());
            let mut triples = vec![Triple {
                entity: id,
                attr: catalog.forward(entity, "id").unwrap().attr.id,
                value: json!(id),
            }];
            for (label, value) in values.as_object().unwrap() {
                let (stored, side) = catalog.resolve(entity, label).unwrap();
                assert_eq!(side, Direction::Forward);
                let values = match value {
                    Value::Array(values) if stored.is_link() => values.clone(),
                    value => vec![value.clone()],
                };
                let attr = stored.attr.id;
                triples.extend(values.into_iter().map(|value| Triple { entity: id, attr, value }));
            }
            tx.add(triples)
        };
        self.store.write(self.app, write).await.unwrap();
    }

    /// Runs a query as an administrator.
    pub async fn run(&self, query: Value) -> Result<Named, ApiError> {
        self.run_with(query, false, false).await
    }

    /// Runs a query, with inference or not, as an administrator or as one who sees nothing.
    pub async fn run_with(&self, query: Value, inference: bool, scoped: bool) -> Result<Named, ApiError> {
        let query = self.with_ids(query);
        let run = move |tx: &ReadTx<'_>| {
            let access = if scoped { Access::Scoped(&Blind) } else { Access::Admin };
            instaql::run(tx, &query, Options { inference, access, file_url: None })
        };
        let answer = self.store.read(self.app, run).await?;
        Ok(Named {
            tree: self.with_names(serde_json::from_str(&answer.tree).unwrap()),
            page_info: self.with_names(Value::Object(answer.page_info)),
            aggregate: Value::Object(answer.aggregate),
        })
    }

    /// The cursor of each user in the order of creation.
    #[allow(dead_code, reason = "each test file is a crate of its own, and not all page")]
    pub async fn cursors(&self) -> BTreeMap<String, Value> {
        let mut cursors = BTreeMap::new();
        for offset in 0..4 {
            let answer =
                self.run(json!({ "users": { "$": { "limit": 1, "offset": offset } } })).await.unwrap();
            let cursor = answer.page_info["users"]["start-cursor"].clone();
            cursors.insert(cursor[0].as_str().unwrap().to_owned(), cursor);
        }
        cursors
    }

    /// The same with ids for names.
    pub fn with_ids(&self, value: Value) -> Value {
        replaced(value, &|text| self.names.get(text).map(Uuid::to_string))
    }

    /// The same with names for ids.
    pub fn with_names(&self, value: Value) -> Value {
        let name = |text: &str| {
            self.names.iter().find(|(_, id)| id.to_string() == text).map(|(name, _)| (*name).to_owned())
        };
        replaced(value, &name)
    }
}

fn replaced(value: Value, with: &dyn Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(with(&text).unwrap_or(text)),
        Value::Array(items) => items.into_iter().map(|item| replaced(item, with)).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(key, value)| (key, replaced(value, with))).collect())
        }
        scalar => scalar,
    }
}

fn attrs() -> Vec<Attr> {
    let mut attrs = Vec::new();
    for (entity, attributes) in ATTRIBUTES {
        attrs.push(Attr { unique: true, ..record(entity, "id") });
        let words: Vec<&str> = attributes.split(' ').collect();
        for pair in words.chunks(2) {
            let checked = pair[1].trim_end_matches(['*', '!']);
            attrs.push(Attr {
                indexed: pair[1].contains('*'),
                unique: pair[1].contains('!'),
                checked_data_type: CheckedType::from_name(checked),
                ..record(entity, pair[0])
            });
        }
    }
    for [entity, label, has, target, back, back_has] in LINKS {
        attrs.push(Attr {
            stored_as: StoredAs::Ref,
            cardinality: if *has == "one" { Cardinality::One } else { Cardinality::Many },
            unique: *back_has == "one",
            reverse_identity: Some(Identity(Uuid::new_v4(), (*target).to_owned(), (*back).to_owned())),
            ..record(entity, label)
        });
    }
    attrs
}

/// The record of an attribute without any constraint.
pub fn record(entity: &str, label: &str) -> Attr {
    Attr {
        id: Uuid::new_v4(),
        stored_as: StoredAs::Blob,
        cardinality: Cardinality::One,
        forward_identity: Identity(Uuid::new_v4(), entity.to_owned(), label.to_owned()),
        reverse_identity: None,
        unique: false,
        indexed: false,
        required: false,
        inferred_types: None,
        catalog: "user".to_owned(),
        on_delete: None,
        on_delete_reverse: None,
        checked_data_type: None,
        deletion_marked_at: None,
        metadata: None,
    }
}
