//! Queries that the backend refuses: wrong ones, and those beyond a limit.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use library::Library;
use serde_json::{Value, json};

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
    assert!(error.message().contains("more than 500 levels"), "{error}");

    let nested = |levels: usize| {
        (0..levels).fold(json!({ "age": 30 }), |inner, level| match level % 2 {
            0 => json!({ "or": [inner, { "age": 1 }] }),
            _ => json!({ "and": [inner, { "age": { "$not": 2 } }] }),
        })
    };
    let filtered = |filter: Value| json!({ "users": { "$": { "where": filter, "fields": [] } } });
    assert_eq!(ids(&library.run(filtered(nested(200))).await.unwrap().tree["users"]), ["U1"]);
    let error = library.run(filtered(nested(201))).await.unwrap_err();
    assert!(error.message().contains("more than 200 levels"), "{error}");

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
    let error = library.run(json!({ "users": deep })).await.unwrap_err();
    assert!(error.message().contains("5000000 objects"), "{error}");
}
