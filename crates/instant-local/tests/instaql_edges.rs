//! InstaQL at its edges: limits, broken data, scoped askers, large stores.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use std::time::Instant;

use instant_local::ApiError;
use instant_local::instaql::{self, Access, Options, View};
use instant_local::store::{NewApp, ReadTx, Store, Triple};
use instant_schema::{Attr, Cardinality, Identity, StoredAs};
use library::{Library, record};
use serde_json::{Map, Value, json};
use uuid::Uuid;

fn ids(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn wrong_queries_name_the_place_and_echo_the_query() {
    let library = Library::open().await;
    for (query, expected, at, message) in [
        (json!([]), "map?", json!([]), ""),
        (json!({ "users": 1 }), "map?", json!(["users"]), ""),
        (json!({ "users": { "posts": [] } }), "map?", json!(["users", "posts"]), ""),
        (json!({ "users": { "$": null } }), "map?", json!(["users", "$"]), ""),
        (json!({ "users": { "$": { "where": 1 } } }), "map?", json!(["users", "$", "where"]), ""),
        (json!({ "users": { "$": { "where": { "or": [1] } } } }), "map?", json!(["users", "$", "or", 0]), ""),
        (
            json!({ "users": { "$": { "lim": 1 } } }),
            "supported-options?",
            json!(["users", "$"]),
            "We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.",
        ),
        (
            json!({ "users": { "$": { "limit": 0 } } }),
            "supported-options?",
            json!(["users", "$", "limit"]),
            "The limit field must be a positive integer. Got 0.",
        ),
        (
            json!({ "users": { "$": { "last": "2" } } }),
            "supported-options?",
            json!(["users", "$", "last"]),
            "The last field must be a positive integer. Got \"2\".",
        ),
        (
            json!({ "users": { "$": { "offset": -1 } } }),
            "supported-options?",
            json!(["users", "$", "offset"]),
            "The offset field must be a non-negative integer. Got -1.",
        ),
        (
            json!({ "users": { "$": { "limit": 1, "last": 1 } } }),
            "supported-options?",
            json!(["users", "$"]),
            "Only provide one of `limit` or `last`.",
        ),
        (
            json!({ "users": { "$": { "order": { "age": "DESC" } } } }),
            "valid-direction?",
            json!(["users", "$", "order", "age"]),
            "We only support \"asc\" or \"desc\" in the `order` clause. Got \"DESC\".",
        ),
        (
            json!({ "users": { "$": { "fields": "age" } } }),
            "array?",
            json!(["users", "$", "fields"]),
            "The `fields` property should be an array of field names.",
        ),
        (
            json!({ "users": { "$": { "before": 10 } } }),
            "join-row?",
            json!(["users", "$", "before"]),
            "Expected a join row for the cursor, got 10.",
        ),
        (
            json!({ "users": { "$": { "before": ["U1", "U1", 1, "x"] } } }),
            "join-row?",
            json!(["users", "$", "before"]),
            "Expected a join row with an integer created_at in the last position, got \"x\".",
        ),
        (
            json!({ "users": { "$": { "after": ["U1", "U1", 1, 1] } } }),
            "valid-cursor?",
            json!(["users", "$", "after"]),
            "Invalid after cursor. The query orders by `serverCreatedAt`, but the query that returned the cursor orders by a missing attribute.",
        ),
        (
            json!({ "users": { "$": { "aggregate": "sum" } } }),
            "supported-options?",
            json!(["users", "$", "aggregate"]),
            "The aggregate field only accepts \"count\", got \"sum\".",
        ),
        (
            json!({ "users": { "$": { "aggregate": "count" }, "posts": {} } }),
            "valid-query?",
            json!(["users", "$", "aggregate"]),
            "You can not combine aggregates with child queries at this time.",
        ),
    ] {
        let error = library.run(query.clone()).await.unwrap_err();
        let found = &error.hint()["errors"][0];
        assert_eq!((&found["expected"], &found["in"]), (&json!(expected), &library.with_ids(at)), "{query}");
        assert_eq!(error.hint()["input"], library.with_ids(query.clone()), "{query}");
        let separator = if message.is_empty() { "" } else { ": " };
        assert_eq!(error.message(), format!("Validation failed for query{separator}{message}"), "{query}");
    }
    for (filter, expected) in [
        (json!({ "age": [1] }), "instant.db.instaql/where-value-valid?"),
        (json!({ "age": { "$gt": null } }), "string?"),
        (json!({ "age": { "$foo": 1 } }), "instant.db.instaql/where-value-valid-keys?"),
        (json!({ "age": { "$in": 1 } }), "vector?"),
        (json!({ "age": { "$isNull": 1 } }), "boolean?"),
        (json!({ "age": { "$not": null } }), "instant.db.instaql/where-value-valid?"),
    ] {
        let error = library.run(json!({ "users": { "$": { "where": filter } } })).await.unwrap_err();
        assert_eq!(error.message(), "Validation failed for coerced-query", "{filter}");
        assert_eq!(error.hint()["errors"][0]["expected"], expected, "{filter}");
        assert!(error.hint()["errors"][0]["hint"].as_str().unwrap().contains("$isNull"), "{filter}");
    }
    for (filter, message) in [
        (json!({ "name.x": 1 }), "Validation failed for attr: users.name needs to be a link"),
        (
            json!({ "handle": { "$like": 10 } }),
            "Validation failed for query: The $like value for `users.handle` must be a string, but the query got the value `10` of type `number`.",
        ),
        (
            json!({ "age": { "$gt": "x" } }),
            "Validation failed for query: The data type of `users.age` is `number`, but the query got the value `\"x\"` of type `string`.",
        ),
        (
            json!({ "age": { "$like": "x" } }),
            "Validation failed for query: The data type of `users.age` is `number`, but the query got the value `\"x\"` of type `string`.",
        ),
        (
            json!({ "posts": { "$gt": 1 } }),
            "Validation failed for query: Expected posts to be a uuid, got {\"$gt\":1}",
        ),
        (
            json!({ "posts": { "$in": ["x"] } }),
            "Validation failed for query: Expected posts to match on a uuid, found \"x\" in [\"x\"]",
        ),
    ] {
        let error = library.run(json!({ "users": { "$": { "where": filter } } })).await.unwrap_err();
        assert_eq!(error.message(), message, "{filter}");
    }
}

#[tokio::test]
async fn depth_and_width_are_limited_without_a_crash() {
    let library = Library::open().await;
    let deep = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({ "friends": inner }));
    library.run(json!({ "users": deep(49) })).await.unwrap();
    let error = library.run(json!({ "users": deep(200) })).await.unwrap_err();
    assert!(error.message().contains("more than 50 levels"), "{error}");
    let error = library.run(json!({ "users": deep(600) })).await.unwrap_err();
    assert!(error.message().contains("more than 300 levels"), "{error}");

    let nested = |levels: usize| {
        (0..levels).fold(json!({ "age": 30 }), |inner, level| match level % 2 {
            0 => json!({ "or": [inner, { "age": 1 }] }),
            _ => json!({ "and": [inner, { "age": { "$not": 2 } }] }),
        })
    };
    let filtered = |filter: Value| json!({ "users": { "$": { "where": filter, "fields": [] } } });
    assert_eq!(ids(&library.run(filtered(nested(50))).await.unwrap().tree["users"]), ["U1"]);
    let error = library.run(filtered(nested(51))).await.unwrap_err();
    assert!(error.message().contains("more than 50 levels"), "{error}");

    let path = |hops: usize| json!({ format!("{}age", "friends.".repeat(hops)): 1 });
    assert_eq!(ids(&library.run(filtered(path(29))).await.unwrap().tree["users"]), Vec::<&str>::new());
    let error = library.run(filtered(path(30))).await.unwrap_err();
    assert!(error.message().contains("30 labels"), "{error}");

    let wide = |count: usize| {
        let branches: Vec<Value> = (0..count).map(|n| json!({ "age": n, "friends.age": n })).collect();
        json!({ "or": branches })
    };
    library.run(filtered(wide(1_000))).await.unwrap();
    let error = library.run(filtered(wide(20_000))).await.unwrap_err();
    assert_eq!(error.kind(), "parameter-limit-exceeded");
    let ages: Vec<Value> = (0..100_000).map(Value::from).collect();
    let answer = library.run(filtered(json!({ "age": { "$in": ages } }))).await.unwrap();
    assert_eq!(ids(&answer.tree["users"]), ["U1", "U2", "U4"]);
}

#[tokio::test]
async fn a_result_that_multiplies_is_refused_not_built() {
    let library = Library::open().await;
    let all = json!(["U1", "U2", "U3", "U4"]);
    for user in ["U1", "U2", "U3", "U4"] {
        library.put(user, "users", json!({ "friends": all })).await;
    }
    let deep = (0..40).fold(json!({}), |inner, _| json!({ "friends": inner }));
    let started = Instant::now();
    let error = library.run(json!({ "users": deep })).await.unwrap_err();
    assert!(error.message().contains("5000000 objects"), "{error}");
    assert!(started.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn dangling_links_are_empty_objects_for_admins() {
    let library = Library::open().await;
    let nobody = Uuid::new_v4();
    library.put("P4", "posts", json!({ "editor": nobody })).await;
    let query = json!({ "posts": { "$": { "where": { "title": "Zed" }, "fields": [] }, "editor": {} } });
    assert_eq!(library.run(query).await.unwrap().tree["posts"], json!([{ "id": "P4", "editor": [{}] }]));
}

/// Sees users only, and not their email.
struct UsersOnly;

impl View for UsersOnly {
    fn filter(
        &self,
        _: &ReadTx<'_>,
        entity: &str,
        records: Vec<(Uuid, Map<String, Value>)>,
    ) -> Result<Vec<(Uuid, Map<String, Value>)>, ApiError> {
        let seen = records.into_iter().filter(|(_, record)| entity == "users" && record["handle"] != "dan");
        Ok(seen
            .map(|(id, mut record)| {
                record.shift_remove("email");
                (id, record)
            })
            .collect())
    }
}

#[tokio::test]
async fn a_view_judges_whole_records_and_hides_the_rest() {
    let library = Library::open().await;
    let query = json!({ "users": { "$": { "fields": ["email", "name"], "limit": 9 }, "posts": {}, "friends": {} }, "posts": {} });
    let answer = library
        .store
        .read(library.app, move |tx| {
            instaql::run(
                tx,
                &query,
                Options { inference: false, access: Access::Scoped(&UsersOnly), file_url: None },
            )
        })
        .await
        .unwrap();
    let tree = library.with_names(Value::Object(answer.tree));
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
            instaql::run(tx, &query, Options { file_url: Some(&url), ..Options::admin() })
        })
    };
    assert_eq!(
        run(json!(["url"])).await.unwrap().tree["$files"],
        json!([{ "id": file, "url": "/files/l1" }])
    );
    assert_eq!(run(json!(["path"])).await.unwrap().tree["$files"], json!([{ "id": file, "path": "a.txt" }]));
    let whole = run(Value::Null).await.unwrap();
    assert_eq!(whole.tree["$files"][0]["url"], "/files/l1");
}

/// Prints how long queries over many entities take, and fails where one is far from what an index gives.
#[tokio::test]
async fn many_entities_are_found_through_indexes() {
    const POSTS: u128 = 25_000;
    let store = Store::in_memory().unwrap();
    let app = store.create_app(NewApp::new("Many")).await.unwrap().id;
    let user = |n: u128| Uuid::from_u128((1 << 64) + n * 0x9e37_79b9_7f4a_7c15 % (1 << 63));
    let post = |n: u128| Uuid::from_u128((2 << 64) + n * 0x9e37_79b9_7f4a_7c15 % (1 << 63));
    let started = Instant::now();
    store
        .write(app, move |tx| {
            let link = Attr {
                stored_as: StoredAs::Ref,
                cardinality: Cardinality::One,
                reverse_identity: Some(Identity(Uuid::new_v4(), "users".into(), "posts".into())),
                ..record("posts", "author")
            };
            let attrs = [
                record("users", "id"),
                Attr {
                    indexed: true,
                    unique: true,
                    checked_data_type: Some("string".into()),
                    ..record("users", "handle")
                },
                record("posts", "id"),
                Attr { indexed: true, checked_data_type: Some("number".into()), ..record("posts", "likes") },
                record("posts", "body"),
                link,
            ];
            attrs.into_iter().try_for_each(|attr| tx.add_attr(attr))?;
            let catalog = tx.catalog().clone();
            let triple = |entity: Uuid, name: (&str, &str), value: Value| Triple {
                entity,
                attr: catalog.forward(name.0, name.1).unwrap().attr.id,
                value,
            };
            let mut triples = Vec::new();
            for n in 0..1_000 {
                triples.push(triple(user(n), ("users", "id"), json!(user(n))));
                triples.push(triple(user(n), ("users", "handle"), json!(format!("user {n}"))));
            }
            for n in 0..POSTS {
                triples.push(triple(post(n), ("posts", "id"), json!(post(n))));
                triples.push(triple(post(n), ("posts", "likes"), json!(u64::try_from(n % 5_000).unwrap())));
                triples.push(triple(post(n), ("posts", "body"), json!("words, words, words")));
                triples.push(triple(post(n), ("posts", "author"), json!(user(n % 1_000))));
            }
            tx.add(triples)
        })
        .await
        .unwrap();
    println!("{POSTS} posts written in {:?}", started.elapsed());
    for (name, query, expected, most_ms) in [
        ("unique value", json!({ "users": { "$": { "where": { "handle": "user 7" } } } }), 1, 200),
        (
            "page by attribute",
            json!({ "posts": { "$": { "order": { "likes": "desc" }, "limit": 20 } } }),
            20,
            200,
        ),
        ("page by time", json!({ "posts": { "$": { "limit": 20, "offset": 1000 } } }), 20, 200),
        ("range", json!({ "posts": { "$": { "where": { "likes": { "$gte": 4990 } } } } }), 50, 500),
        ("link", json!({ "posts": { "$": { "where": { "author.handle": "user 3" } } } }), 25, 500),
        ("reverse path", json!({ "users": { "$": { "where": { "posts.likes": 17 } } } }), 1, 500),
        (
            "or of indexes",
            json!({ "posts": { "$": { "where": { "or": [{ "likes": 1 }, { "likes": { "$in": [2, 3] } }] } } } }),
            15,
            500,
        ),
        (
            "nested",
            json!({ "users": { "$": { "where": { "handle": "user 7" } }, "posts": { "author": {} } } }),
            1,
            500,
        ),
        ("no index", json!({ "posts": { "$": { "where": { "body": "none" } } } }), 0, 5_000),
        (
            "everything nested",
            json!({ "users": { "posts": { "$": { "fields": ["likes"] } } } }),
            1_000,
            30_000,
        ),
    ] {
        let started = Instant::now();
        let key = query.as_object().unwrap().keys().next().unwrap().clone();
        let answer = store.read(app, move |tx| instaql::run(tx, &query, Options::admin())).await.unwrap();
        let took = started.elapsed();
        println!("{name}: {took:?}");
        assert_eq!(answer.tree[&key].as_array().unwrap().len(), expected, "{name}");
        assert!(took.as_millis() < most_ms, "{name} took {took:?}");
    }
}
