//! Edge cases of conditions and cursors: dangling links, prefixes of ids, dots at the end, casts.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod library;

use library::Library;
use serde_json::{Value, json};
use uuid::Uuid;

fn ids(objects: &Value) -> Vec<&str> {
    objects.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect()
}

async fn found(library: &Library, entity: &str, filter: Value) -> Vec<String> {
    let answer = library.run(json!({ entity: { "$": { "where": filter } } })).await.unwrap();
    ids(&answer.tree[entity]).into_iter().map(str::to_owned).collect()
}

async fn refused(library: &Library, entity: &str, options: Value) -> String {
    let error = library.run(json!({ entity: { "$": options } })).await.unwrap_err();
    assert_eq!((error.status(), error.kind()), (400, "validation-failed"), "{options}");
    error.message().to_owned()
}

#[tokio::test]
async fn a_link_to_no_entity_is_neither_null_nor_another_value() {
    let library = Library::open().await;
    library.put("P4", "posts", json!({ "editor": Uuid::new_v4() })).await;
    for (filter, expected) in [
        (json!({ "editor": { "$isNull": true } }), ["P2", "P3"].as_slice()),
        (json!({ "editor.bio": { "$isNull": true } }), &["P1", "P2", "P3"]),
        (json!({ "editor.bio": { "$isNull": false } }), &[]),
        (json!({ "editor.bio": { "$not": "x" } }), &["P1", "P2", "P3"]),
        (json!({ "editor.id": { "$isNull": false } }), &["P1"]),
    ] {
        assert_eq!(found(&library, "posts", filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn an_id_without_an_entity_is_found_by_its_links() {
    let library = Library::open().await;
    library.put("P4", "posts", json!({ "editor": Uuid::new_v4() })).await;
    for (filter, expected) in [
        // An indexed end, a negation, an end without an index, a link that any entity may have.
        (json!({ "edited.title": "Zed" }), json!([{}])),
        (json!({ "edited.title": { "$like": "Z%" } }), json!([{}])),
        (json!({ "and": [{ "edited": { "$not": "P1" } }, { "edited.likes": 5 }] }), json!([{}])),
        (json!({ "edited.tags.posts.likes": 5, "edited.title": { "$not": "Hello" } }), json!([{}])),
        (json!({ "edited.title": "Zed", "name": { "$not": "x" } }), json!([])),
        (json!({ "edited.title": "Zed", "email": { "$isNull": true } }), json!([])),
    ] {
        let answer = library.run(json!({ "users": { "$": { "where": filter } } })).await.unwrap();
        assert_eq!(answer.tree["users"], expected, "{filter}");
    }
    // Orders have entities only.
    let paged = json!({ "users": { "$": { "where": { "edited.title": "Zed" }, "limit": 9 } } });
    assert_eq!(library.run(paged).await.unwrap().tree["users"], json!([]));
}

#[tokio::test]
async fn a_prefix_of_an_id_is_one_of_its_text() {
    let library = Library::open().await;
    // The ids of the library are 00000000-0000-0000-0000-00000000a000 and so on.
    for (prefix, expected) in [
        ("", ["U1", "U2", "U3", "U4"].as_slice()),
        ("0000", &["U1", "U2", "U3", "U4"]),
        ("00000000-0000-0000-0000-00000000A002", &["U3"]),
        ("00000000-0000-0000-0000-0000000", &["U1", "U2", "U3", "U4"]),
        ("00000000-0000-0000-0000-00000000a0020", &[]),
        ("0000000000", &[]),
        ("é", &[]),
        ("1", &[]),
    ] {
        let filter = json!({ "$entityIdStartsWith": prefix });
        assert_eq!(found(&library, "users", filter).await, expected, "{prefix}");
    }
    let through = json!({ "posts.$entityIdStartsWith": "00000000-0000-0000-0000-00000000a009" });
    assert_eq!(found(&library, "users", through).await, ["U2"]);
    let message = refused(&library, "users", json!({ "where": { "$entityIdStartsWith": 1 } })).await;
    assert!(message.contains("`$entityIdStartsWith` must be a string, got 1"), "{message}");
}

#[tokio::test]
async fn dots_at_the_end_of_a_path_lead_nowhere() {
    let library = Library::open().await;
    assert_eq!(found(&library, "users", json!({ "handle..": "bob" })).await, ["U2"]);
    assert_eq!(found(&library, "users", json!({ "posts.title.": "World" })).await, ["U1"]);
    for path in ["", ".", "..", ".handle"] {
        assert_eq!(found(&library, "users", json!({ path: "bob" })).await, Vec::<String>::new(), "{path}");
        assert_eq!(found(&library, "users", json!({ path: { "$not": "bob" } })).await, Vec::<String>::new());
    }
    let message = refused(&library, "posts", json!({ "where": { "author.": 1 } })).await;
    assert!(message.ends_with("Expected author to be a uuid, got 1"), "{message}");
}

#[tokio::test]
async fn one_value_of_one_path_in_an_or_is_one_of_a_list() {
    let library = Library::open().await;
    let filter = json!({ "or": [{ "author": "x" }, { "author": "U1" }] });
    let message = refused(&library, "posts", json!({ "where": filter })).await;
    assert!(message.contains("Expected author to match on a uuid, found \"x\" in [\"x\","), "{message}");
    // Elements that say nothing are left out of an `and`; others have to be objects.
    assert_eq!(found(&library, "users", json!({ "and": [null, [], { "age": 25 }] })).await, ["U2"]);
    let message = refused(&library, "users", json!({ "where": { "and": [null, [], {}] } })).await;
    assert!(message.ends_with("The list of `and` conditions can't be empty."), "{message}");
    for element in [json!("x"), json!(1), json!([["age", 25]])] {
        refused(&library, "users", json!({ "where": { "and": [element] } })).await;
        refused(&library, "users", json!({ "where": { "or": [element] } })).await;
    }
}

#[tokio::test]
async fn patterns_that_cannot_be_matched_are_refused() {
    let library = Library::open().await;
    for pattern in ["\\", "a\\", "a\\\\\\"] {
        let message = refused(&library, "posts", json!({ "where": { "title": { "$like": pattern } } })).await;
        assert!(message.contains("ends in a backslash"), "{message}");
    }
    assert_eq!(
        found(&library, "posts", json!({ "title": { "$like": "a\\\\" } })).await,
        Vec::<String>::new()
    );
    let long = "%".repeat(65_537);
    let message = refused(&library, "posts", json!({ "where": { "title": { "$ilike": long } } })).await;
    assert!(message.contains("65536 bytes"), "{message}");
}

#[tokio::test]
async fn aggregates_stand_alone() {
    let library = Library::open().await;
    for options in [
        json!({ "aggregate": "count", "limit": 1 }),
        json!({ "aggregate": "count", "last": 1 }),
        json!({ "aggregate": "count", "offset": 1 }),
        json!({ "aggregate": "count", "order": { "age": "asc" } }),
    ] {
        let message = refused(&library, "users", options).await;
        assert!(message.contains("can not combine aggregates"), "{message}");
    }
    let nested = json!({ "users": { "posts": { "$": { "aggregate": "count" } } } });
    let error = library.run(nested).await.unwrap_err();
    assert!(error.message().contains("top-level"), "{error}");
}

#[tokio::test]
async fn the_value_of_a_cursor_is_cast_to_the_type_of_the_order() {
    let library = Library::open().await;
    let page = async |order: &str, value: Value| {
        let first = json!({ "users": { "$": { "order": { order: "asc" }, "limit": 1 } } });
        let mut cursor = library.run(first).await.unwrap().page_info["users"]["start-cursor"].clone();
        cursor[2] = value;
        let query = json!({ "users": { "$": { "order": { order: "asc" }, "after": cursor } } });
        library.run(query).await.map(|answer| {
            let users = ids(&answer.tree["users"]).into_iter().map(str::to_owned);
            users.collect::<Vec<_>>()
        })
    };
    for (order, value, expected) in [
        ("age", json!(25), ["U1", "U4"].as_slice()),
        ("age", json!("26"), &["U1", "U4"]),
        ("age", json!(" 3e1 "), &["U4"]),
        ("age", json!("NaN"), &[]),
        ("name", json!("b"), &["U3", "U2", "U4"]),
        ("name", json!(5), &[]),
        ("name", json!({}), &[]),
        ("active", json!(false), &["U1"]),
        ("active", json!("off"), &["U1"]),
        ("active", json!(" F "), &["U1"]),
        ("active", json!("tru"), &[]),
        ("joined", json!("2024-01-01T00:00:00Z"), &["U2"]),
        ("joined", json!(0), &["U4", "U1", "U2"]),
    ] {
        // Rows with the cursor's own key follow it by their id; the cursor's is that of the first row.
        let found = page(order, value.clone()).await.unwrap();
        let beyond: Vec<&String> = found.iter().filter(|id| expected.contains(&id.as_str())).collect();
        assert_eq!(beyond, expected, "{order} after {value}: {found:?}");
        assert!(found.len() <= expected.len() + 1, "{order} after {value}: {found:?}");
    }
    for (order, value) in [
        ("age", json!("x")),
        ("age", json!(true)),
        ("age", json!([1])),
        ("active", json!(1)),
        ("active", json!("o")),
        ("joined", json!("soon")),
        ("joined", json!({})),
    ] {
        let error = page(order, value.clone()).await.unwrap_err();
        let expected = format!("orders by `{order}`, so the third position holds a ");
        assert!(error.message().contains(&expected), "{error}");
        assert!(error.message().ends_with(&format!("got {value}.")), "{error}");
    }
    for short in [json!(["U1", Uuid::nil(), 1]), json!(["U1", Uuid::nil(), 1, null])] {
        assert_eq!(
            refused(&library, "users", json!({ "after": short })).await,
            "Validation failed for coerced-query"
        );
    }
}
