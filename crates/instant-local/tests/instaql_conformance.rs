//! InstaQL against the table of cases that describes the official server, row by row.
//!
//! Ids are written by name (`U1`, `P1`, ..) in queries and expectations alike.

use std::collections::BTreeMap;

use instant_local::ApiError;
use instant_local::instaql::{self, Access, Answer, Blind, Options};
use instant_local::store::{NewApp, Store, Triple};
use instant_schema::{Attr, Cardinality, Direction, Identity, StoredAs};
use serde_json::{Value, json};
use uuid::Uuid;

/// `*` indexed, `!` unique.
const ATTRIBUTES: &[(&str, &str)] = &[
    (
        "users",
        "handle string*! name string* age number* city string* active boolean* joined date* bio string email string! meta json",
    ),
    ("posts", "title string* likes number* body string"),
    ("comments", "text string"),
    ("tags", "label string*!"),
    ("profiles", "avatar string"),
];

/// Owner, label and cardinality; target, label and cardinality.
const LINKS: &[[&str; 6]] = &[
    ["posts", "author", "one", "users", "posts", "many"],
    ["posts", "editor", "one", "users", "edited", "many"],
    ["posts", "tags", "many", "tags", "posts", "many"],
    ["comments", "post", "one", "posts", "comments", "many"],
    ["comments", "author", "one", "users", "comments", "many"],
    ["users", "profile", "one", "profiles", "user", "one"],
    ["users", "friends", "many", "users", "friendOf", "many"],
];

fn data() -> Vec<(&'static str, &'static str, Value)> {
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

/// Which rows of the table name which entities: `where` of the etype, results in default order.
fn where_cases() -> Vec<(u32, &'static str, Value, Expected)> {
    use Expected::{Error, Ids};
    let all = &["U1", "U2", "U3", "U4"];
    vec![
        (1, "users", json!({}), Ids(all)),
        (2, "users", json!({ "handle": "bob" }), Ids(&["U2"])),
        (3, "users", json!({ "id": "U3" }), Ids(&["U3"])),
        (4, "users", json!({ "handle": { "$in": ["bob", "dan"] } }), Ids(&["U2", "U4"])),
        (5, "users", json!({ "handle": { "$in": [] } }), Ids(&[])),
        (6, "users", json!({ "age": { "$in": [25, null] } }), Ids(&["U2", "U3"])),
        (
            7,
            "users",
            json!({ "bio": { "$in": ["hi", null] } }),
            Error(
                "Validation failed for query: Only indexed attrs can check for `nil` in `$in`. users.bio is not indexed.",
            ),
        ),
        (
            8,
            "users",
            json!({ "age": "30" }),
            Error(
                "Validation failed for query: The data type of `users.age` is `number`, but the query got the value `\"30\"` of type `string`.",
            ),
        ),
        (9, "users", json!({ "handle": null }), Error("Validation failed for coerced-query")),
        (10, "users", json!({ "meta": { "k": 1 } }), Error("Validation failed for coerced-query")),
        (11, "users", json!({ "bio": { "$not": "hi" } }), Ids(&["U2", "U3", "U4"])),
        (12, "users", json!({ "age": { "$ne": 30 } }), Ids(&["U2", "U3", "U4"])),
        (13, "users", json!({ "email": { "$not": "a@x.io" } }), Ids(&["U2", "U3", "U4"])),
        (14, "users", json!({ "active": { "$not": true } }), Ids(&["U2", "U3", "U4"])),
        (15, "users", json!({ "bio": { "$isNull": true } }), Ids(&["U2", "U3", "U4"])),
        (16, "users", json!({ "bio": { "$isNull": false } }), Ids(&["U1"])),
        (17, "users", json!({ "age": { "$isNull": true } }), Ids(&["U3"])),
        (18, "users", json!({ "age": { "$gt": 25 } }), Ids(&["U1", "U4"])),
        (19, "users", json!({ "age": { "$lt": 30 } }), Ids(&["U2"])),
        (20, "users", json!({ "age": { "$gt": 25, "$lt": 40 } }), Ids(&["U1", "U4"])),
        (21, "users", json!({ "age": { "$lt": 40, "$gt": 25 } }), Ids(&["U1", "U2"])),
        (22, "users", json!({ "and": [{ "age": { "$gt": 25 } }, { "age": { "$lt": 40 } }] }), Ids(&["U1"])),
        (23, "users", json!({ "city": { "$lt": "Z" } }), Ids(all)),
        (24, "users", json!({ "city": { "$gt": "A" } }), Ids(&["U1"])),
        (25, "users", json!({ "joined": { "$gt": "2023-12-31" } }), Ids(&["U1", "U2"])),
        (26, "users", json!({ "joined": "2024-02-01" }), Ids(&["U2"])),
        (
            27,
            "users",
            json!({ "joined": "tomorrow" }),
            Error(
                "Validation failed for query: The data type of `users.joined` is `date`, but the query got value `\"tomorrow\"` of type `string`.",
            ),
        ),
        (
            28,
            "users",
            json!({ "bio": { "$gt": "a" } }),
            Error(
                "Validation failed for query: The `users.bio` attribute must be indexed to use comparison operators.",
            ),
        ),
        (29, "posts", json!({ "title": { "$like": "Hello%" } }), Ids(&["P1"])),
        (30, "posts", json!({ "title": { "$ilike": "hello%" } }), Ids(&["P1", "P3"])),
        (31, "posts", json!({ "title": { "$like": "_ed" } }), Ids(&["P4"])),
        (32, "users", json!({ "posts.title": "World" }), Ids(&["U1"])),
        (33, "users", json!({ "posts.tags.label": "b" }), Ids(&["U1"])),
        (34, "posts", json!({ "author": "U1" }), Ids(&["P1", "P2"])),
        (35, "users", json!({ "posts": "P3" }), Ids(&["U2"])),
        (
            36,
            "posts",
            json!({ "author": "nope" }),
            Error("Validation failed for query: Expected author to be a uuid, got \"nope\""),
        ),
        (37, "posts", json!({ "tags": { "$in": ["T1", "T3"] } }), Ids(&["P1", "P4"])),
        (38, "posts", json!({ "author": { "$not": "U1" } }), Ids(&["P3", "P4"])),
        (39, "posts", json!({ "tags": { "$not": "T2" } }), Ids(&["P1", "P3", "P4"])),
        (40, "users", json!({ "posts": { "$isNull": true } }), Ids(&["U3", "U4"])),
        (41, "users", json!({ "posts.title": { "$not": "Hello" } }), Ids(all)),
        (42, "users", json!({ "posts.body": { "$isNull": true } }), Ids(&["U1", "U3", "U4"])),
        (43, "comments", json!({ "post.author.bio": { "$isNull": true } }), Ids(&["C3", "C4"])),
        (44, "users", json!({ "posts.title": "Hello", "posts.likes": 0 }), Ids(&[])),
        (45, "users", json!({ "and": [{ "posts.title": "Hello" }, { "posts.likes": 0 }] }), Ids(&["U1"])),
        (46, "posts", json!({ "author.handle": "alice", "editor.handle": "bob" }), Ids(&[])),
        (
            46,
            "posts",
            json!({ "and": [{ "author.handle": "alice" }, { "editor.handle": "bob" }] }),
            Ids(&["P1"]),
        ),
        (47, "users", json!({ "active": true, "or": [{ "handle": "alice" }, { "age": 40 }] }), Ids(&["U1"])),
        (
            48,
            "users",
            json!({ "or": [] }),
            Error("Validation failed for query: The list of `or` conditions can't be empty."),
        ),
        (
            48,
            "users",
            json!({ "and": [] }),
            Error("Validation failed for query: The list of `and` conditions can't be empty."),
        ),
        (49, "zippy", json!({}), Ids(&[])),
        (49, "users", json!({ "zippy": 1 }), Ids(&[])),
    ]
}

enum Expected {
    Ids(&'static [&'static str]),
    Error(&'static str),
}

#[tokio::test]
async fn rows_1_to_49_select_what_the_server_selects() {
    let library = Library::open().await;
    for (row, entity, filter, expected) in where_cases() {
        let result = library.run(json!({ entity: { "$": { "where": filter } } })).await;
        match (expected, result) {
            (Expected::Ids(expected), Ok(answer)) => {
                assert_eq!(ids(&answer.tree[entity]), expected, "row {row}: {filter}");
            }
            (Expected::Error(expected), Err(error)) => {
                assert_eq!(error.message(), expected, "row {row}: {filter}");
                assert_eq!((error.status(), error.kind()), (400, "validation-failed"), "row {row}");
            }
            (_, result) => panic!("row {row}: {filter} gave {result:?}"),
        }
    }
}

#[tokio::test]
async fn rows_50_to_53_order_and_unknown_links() {
    let library = Library::open().await;
    let answer = library
        .run(json!({ "users": { "$": { "where": { "handle": "bob" }, "fields": [] }, "zippy": {} } }))
        .await
        .unwrap();
    assert_eq!(answer.tree["users"], json!([{ "id": "U2", "zippy": [] }]), "row 50");

    for (row, options, expected) in [
        (51, json!({ "order": { "age": "asc" } }), ["U3", "U2", "U1", "U4"].as_slice()),
        (51, json!({ "order": { "age": "desc" } }), &["U4", "U1", "U2", "U3"]),
        (52, json!({ "order": { "name": "asc" } }), &["U1", "U3", "U2", "U4"]),
        (52, json!({ "order": { "name": "asc" }, "limit": 2 }), &["U1", "U2"]),
    ] {
        let answer = library.run(json!({ "users": { "$": options } })).await.unwrap();
        assert_eq!(ids(&answer.tree["users"]), expected, "row {row}: {options}");
    }
    for (order, message) in [
        (
            json!({ "bio": "asc" }),
            "The `users.bio` attribute is not indexed. Only indexed and typed attributes can be used to order by.",
        ),
        (
            json!({ "age": "asc", "name": "asc" }),
            "We only support a single key in the `order` clause. Got age,name.",
        ),
        (json!({ "zip": "asc" }), "There is no `zip` attribute for users."),
    ] {
        let error = library.run(json!({ "users": { "$": { "order": order } } })).await.unwrap_err();
        assert_eq!(error.message(), format!("Validation failed for query: {message}"), "row 53");
        assert_eq!(error.hint()["errors"][0]["in"], json!(["users", "$", "order"]), "row 53");
    }
}

#[tokio::test]
async fn rows_54_to_58_cut_pages() {
    let library = Library::open().await;
    let whole = library.run(json!({ "users": { "$": { "limit": 4 } } })).await.unwrap();
    let end = &whole.page_info["users"]["end-cursor"];
    assert_eq!((&end[0], &end[2]), (&json!("U4"), &json!("U4")));
    let cursors = library.cursors().await;
    let (second, fourth) = (&cursors["U2"], &cursors["U4"]);
    for (row, options, expected, next, previous) in [
        (54, json!({ "limit": 2 }), ["U1", "U2"].as_slice(), true, false),
        (55, json!({ "limit": 2, "offset": 1 }), &["U2", "U3"], true, true),
        (56, json!({ "first": 2, "after": second }), &["U3", "U4"], false, true),
        (56, json!({ "first": 2, "after": second, "afterInclusive": true }), &["U2", "U3"], true, true),
        (57, json!({ "last": 2, "before": fourth }), &["U2", "U3"], true, true),
        (57, json!({ "limit": 2, "before": fourth }), &["U1", "U2"], true, false),
        (58, json!({ "limit": 1, "offset": 999 }), &[], false, true),
    ] {
        let answer = library.run(json!({ "users": { "$": options } })).await.unwrap();
        let info = &answer.page_info["users"];
        assert_eq!(ids(&answer.tree["users"]), expected, "row {row}: {options}");
        assert_eq!(info["has-next-page?"], json!(next), "row {row}: {options}");
        assert_eq!(info["has-previous-page?"], json!(previous), "row {row}: {options}");
        let ends = expected.first().zip(expected.last());
        let cursor = |id: Option<&&str>| id.map_or(Value::Null, |id| cursors[*id].clone());
        assert_eq!(info["start-cursor"], cursor(ends.map(|ends| ends.0)), "row {row}");
        assert_eq!(info["end-cursor"], cursor(ends.map(|ends| ends.1)), "row {row}");
    }
}

#[tokio::test]
async fn rows_59_to_63_nest() {
    let library = Library::open().await;
    let bare = json!({ "fields": [] });
    let answer = library
        .run(json!({ "users": { "$": bare, "posts": { "$": bare, "comments": { "$": bare } } } }))
        .await
        .unwrap();
    let expected = json!([
        { "id": "U1", "posts": [
            { "id": "P1", "comments": [{ "id": "C1" }, { "id": "C2" }] }, { "id": "P2", "comments": [] },
        ] },
        { "id": "U2", "posts": [{ "id": "P3", "comments": [{ "id": "C3" }] }] },
        { "id": "U3", "posts": [] },
        { "id": "U4", "posts": [] },
    ]);
    assert_eq!(answer.tree["users"], expected, "row 59");

    let alice = json!({ "handle": "alice" });
    for (row, query, expected) in [
        (
            60,
            json!({ "$": bare, "posts": { "$": { "where": { "likes": { "$gt": 0 } }, "fields": [] } } }),
            json!([["U1", ["P1"]], ["U2", []], ["U3", []], ["U4", []]]),
        ),
        (
            61,
            json!({ "$": { "where": alice }, "posts": { "$": { "limit": 1 } } }),
            json!([["U1", ["P1", "P2"]]]),
        ),
        (
            62,
            json!({ "$": { "where": alice }, "posts": { "$": { "order": { "likes": "asc" } } } }),
            json!([["U1", ["P2", "P1"]]]),
        ),
    ] {
        let answer = library.run(json!({ "users": query })).await.unwrap();
        let rows = answer.tree["users"].as_array().unwrap();
        let found: Vec<Value> = rows.iter().map(|user| json!([user["id"], ids(&user["posts"])])).collect();
        assert_eq!(Value::from(found), expected, "row {row}");
    }
    let error = library
        .run(json!({ "users": { "$": { "where": alice }, "posts": { "$": { "offset": 1 } } } }))
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "Validation failed for query: We currently only support `offset`, `before`, and `after` clauses on the top-level field. Limit fields will be ignored"
    );
    assert_eq!(error.hint()["errors"][0]["in"], json!(["users", "posts", "$"]), "row 61");

    let answer = library.run(json!({ "users": { "friends": {}, "friendOf": {} } })).await.unwrap();
    let rows = answer.tree["users"].as_array().unwrap();
    let found: Vec<Value> =
        rows.iter().map(|user| json!([user["id"], ids(&user["friends"]), ids(&user["friendOf"])])).collect();
    assert_eq!(
        Value::from(found),
        json!([["U1", ["U2"], []], ["U2", ["U3"], ["U1"]], ["U3", [], ["U2"]], ["U4", [], []]]),
        "row 63"
    );
}

#[tokio::test]
async fn rows_64_to_69_shape_objects() {
    let library = Library::open().await;
    let carol = library.run(json!({ "users": { "$": { "where": { "handle": "carol" } } } })).await.unwrap();
    assert_eq!(
        carol.tree["users"],
        json!([{ "id": "U3", "handle": "carol", "name": "Carol", "age": null, "city": null, "active": null,
            "joined": null, "email": "c@x.io" }]),
        "row 64"
    );
    let bob = library.run(json!({ "users": { "$": { "where": { "handle": "bob" } } } })).await.unwrap();
    assert_eq!(
        bob.tree["users"],
        json!([{ "id": "U2", "handle": "bob", "name": "bob", "age": 25, "city": null, "active": false,
            "joined": 1_706_745_600_000_i64, "bio": null }]),
        "row 65"
    );
    let hello = json!({ "title": "Hello" });
    for (fields, expected) in [
        (json!(["title"]), json!({ "id": "P1", "title": "Hello" })),
        (json!(["author"]), json!({ "id": "P1", "author": "U1" })),
        (json!([]), json!({ "id": "P1" })),
    ] {
        let answer =
            library.run(json!({ "posts": { "$": { "where": hello, "fields": fields } } })).await.unwrap();
        assert_eq!(answer.tree["posts"], json!([expected]), "row 66");
    }
    let handle = json!({ "$": { "fields": ["handle"] } });
    let author = json!({ "id": "U1", "handle": "alice" });
    let post = json!({ "id": "P1", "title": "Hello", "body": "first", "likes": 5, "editor": "U2" });
    for (row, query, key, plain, inferred) in [
        (
            67,
            json!({ "posts": { "$": { "where": hello }, "author": handle } }),
            "posts",
            with(&post, "author", json!([author])),
            with(&post, "author", author.clone()),
        ),
        (
            68,
            json!({ "posts": { "$": { "where": { "title": "Zed" }, "fields": [] }, "author": {} } }),
            "posts",
            json!({ "id": "P4", "author": [] }),
            json!({ "id": "P4", "author": null }),
        ),
        (
            69,
            json!({ "profiles": { "user": handle } }),
            "profiles",
            json!({ "id": "F1", "avatar": "f1.png", "user": [author] }),
            json!({ "id": "F1", "avatar": "f1.png", "user": author }),
        ),
    ] {
        let answer = library.run(query.clone()).await.unwrap();
        assert_eq!(answer.tree[key], json!([plain]), "row {row}");
        let answer = library.run_with(query, true, false).await.unwrap();
        assert_eq!(answer.tree[key], json!([inferred]), "row {row} with inference");
    }
}

#[tokio::test]
async fn row_70_counts_for_admins_only() {
    let library = Library::open().await;
    let query = json!({ "users": { "$": { "aggregate": "count" } } });
    let answer = library.run(query.clone()).await.unwrap();
    assert_eq!(Value::from(answer.tree), json!({ "users": [] }));
    assert_eq!(Value::from(answer.aggregate), json!({ "users": { "count": 4 } }));
    let error = library.run_with(query, false, true).await.unwrap_err();
    assert_eq!(
        error.message(),
        "Validation failed for query: Aggregates are currently only available for admin queries."
    );
}

fn with(object: &Value, key: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[key] = value;
    object
}

fn ids(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}

/// The data of the table in a store.
struct Library {
    store: Store,
    app: Uuid,
    names: BTreeMap<&'static str, Uuid>,
}

impl Library {
    async fn open() -> Self {
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

    /// One entity in a transaction of its own.
    async fn put(&self, name: &str, entity: &'static str, values: Value) {
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

    async fn run(&self, query: Value) -> Result<Answer, ApiError> {
        self.run_with(query, false, false).await
    }

    async fn run_with(&self, query: Value, inference: bool, scoped: bool) -> Result<Answer, ApiError> {
        let query = self.with_ids(query);
        let run = move |tx: &instant_local::store::ReadTx<'_>| {
            let access = if scoped { Access::Scoped(&Blind) } else { Access::Admin };
            instaql::run(tx, &query, Options { inference, access, file_url: None })
        };
        let answer = self.store.read(self.app, run).await?;
        let named = |map| match self.with_names(Value::Object(map)) {
            Value::Object(map) => map,
            _ => unreachable!("an object stays one"),
        };
        Ok(Answer {
            tree: named(answer.tree),
            page_info: named(answer.page_info),
            aggregate: answer.aggregate,
        })
    }

    /// The cursor of each user in the order of creation.
    async fn cursors(&self) -> BTreeMap<String, Value> {
        let mut cursors = BTreeMap::new();
        for offset in 0..4 {
            let answer =
                self.run(json!({ "users": { "$": { "limit": 1, "offset": offset } } })).await.unwrap();
            let cursor = answer.page_info["users"]["start-cursor"].clone();
            cursors.insert(cursor[0].as_str().unwrap().to_owned(), cursor);
        }
        cursors
    }

    fn with_ids(&self, value: Value) -> Value {
        replaced(value, &|text| self.names.get(text).map(Uuid::to_string))
    }

    fn with_names(&self, value: Value) -> Value {
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
                checked_data_type: (checked != "json").then(|| checked.to_owned()),
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

fn record(entity: &str, label: &str) -> Attr {
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
