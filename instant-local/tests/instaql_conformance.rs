//! InstaQL against the table of cases that describes the official server, row by row.
//!
//! Ids are written by name (`U1`, `P1`, ..) in queries and expectations alike.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use library::Library;
use serde_json::{Value, json};

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
        (
            71,
            "users",
            json!({ "or": [{ "handle": "zz" }, { "posts.title": { "$isNull": true } }] }),
            Ids(&[]),
        ),
        (
            71,
            "users",
            json!({ "or": [{ "handle": "zz" }, { "posts.body": { "$isNull": true } }] }),
            Ids(&["U1", "U3", "U4"]),
        ),
        (72, "users", json!({ "posts.title": { "$isNull": true } }), Ids(&["U3", "U4"])),
        (73, "users", json!({ "name": { "$ne": "x", "$gt": "b" } }), Ids(&["U2", "U3", "U4"])),
        (73, "users", json!({ "name": { "$not": "bob", "$gt": "b" } }), Ids(&["U1", "U3", "U4"])),
        (
            75,
            "users",
            json!({ "name": {} }),
            Error(
                "Validation failed for query: The data type of `users.name` is `string`, but the query got the value `{\"\":null}` of type `object`.",
            ),
        ),
        (75, "users", json!({ "meta": {} }), Ids(&[])),
    ]
}

enum Expected {
    Ids(&'static [&'static str]),
    Error(&'static str),
}

#[tokio::test]
async fn rows_about_where_select_what_the_server_selects() {
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
async fn rows_54_to_58_and_77_cut_pages() {
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
        (77, json!({ "last": 2, "offset": 9 }), &[], false, true),
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
    assert_eq!(answer.tree, json!({ "users": [] }));
    assert_eq!(answer.aggregate, json!({ "users": { "count": 4 } }));
    let error = library.run_with(query, false, true).await.unwrap_err();
    assert_eq!(
        error.message(),
        "Validation failed for query: Aggregates are currently only available for admin queries."
    );
}

#[tokio::test]
async fn row_76_counts_rows_of_the_where() {
    let library = Library::open().await;
    for (filter, count) in [
        // Both of alice's posts fit, in one `where` and in another one of the same path.
        (json!({ "posts.likes": { "$gte": 0 } }), 2),
        (json!({ "and": [{ "posts.likes": { "$gte": 0 } }, { "posts.likes": { "$gte": 0 } }] }), 4),
        // An `or` that comes first lists the rows of its branches one after the other ..
        (json!({ "or": [{ "age": { "$gt": 25 } }, { "posts.likes": { "$gte": 0 } }] }), 2 + 2),
        // .. and one behind something else joins them.
        (json!({ "handle": "alice", "or": [{ "age": { "$gt": 25 } }, { "posts.likes": { "$gte": 0 } }] }), 2),
        // A constant at the end comes first, wherever it is written.
        (json!({ "or": [{ "age": { "$gt": 25 } }, { "posts.likes": { "$gte": 0 } }], "handle": "alice" }), 2),
        // A null passes `$not` where there is no index, and is missing as well.
        (json!({ "bio": { "$not": "x" } }), 2 + 3),
        (json!({ "name": { "$not": "x" } }), 4),
        (json!({ "handle": { "$in": ["alice", "bob", "zz"] } }), 2),
    ] {
        let query = json!({ "users": { "$": { "aggregate": "count", "where": filter } } });
        let answer = library.run(query).await.unwrap();
        assert_eq!(answer.aggregate["users"]["count"], json!(count), "{filter}");
    }
    let answer = library.run(json!({ "zippy": { "$": { "aggregate": "count" } } })).await.unwrap();
    assert_eq!(answer.aggregate, json!({}));
}

fn with(object: &Value, key: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[key] = value;
    object
}

fn ids(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}
