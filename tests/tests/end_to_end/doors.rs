//! `POST /admin/query` and `/admin/subscribe-query` return the same rows.

use instant_admin::Db;
use serde_json::{Value, json};

use crate::data::{forum, post, user};

#[tokio::test]
async fn both_doors_give_the_same_rows() {
    let (_server, db) = forum().await;
    for query in [
        json!({}),
        json!({ "users": {} }),
        json!({ "users": {}, "posts": { "author": {}, "tags": {} }, "tags": {} }),
        json!({ "users": { "$": { "order": { "name": "asc" }, "limit": 2 } } }),
        json!({ "users": { "$": { "order": { "joined": "desc" }, "last": 3, "offset": 1 } } }),
        json!({ "users": { "$": { "where": { "posts.title": { "$like": "H%" } }, "fields": ["handle"] }, "posts": {
            "$": { "order": { "likes": "desc" } }, "comments": { "author": {} } } } }),
        json!({ "profiles": { "user": {} }, "comments": { "post": {} } }),
        json!({ "posts": { "$": { "aggregate": "count", "where": { "likes": { "$gt": 0 } } } } }),
    ] {
        let rows = db.query_json(query.clone()).await.unwrap();
        let live = db.query_json(query.clone()).with_page_info().await.unwrap().into_inner();
        assert_eq!(rows, live, "{query}");
    }
}

#[tokio::test]
async fn both_doors_refuse_alike() {
    let (server, _db) = forum().await;
    let db = instant_tests::untyped(&server);
    for query in [
        json!({ "users": { "$": { "limit": 0 } } }),
        json!({ "users": { "$": { "where": { "age": "x" } } } }),
        json!({ "users": { "$": { "where": { "bio": { "$gt": "x" } } } } }),
        json!({ "users": { "$": { "order": { "nothing": "asc" } } } }),
        json!({ "users": { "$": { "after": ["x"] } } }),
        json!({ "users": { "$": { "aggregate": "sum" } } }),
        json!({ "users": { "name": {} } }),
        json!({ "users": 5 }),
    ] {
        // A query with an aggregate uses the streaming endpoint by itself.
        let error = db.query_json(query.clone()).await.unwrap_err();
        let live = db.query_json(query.clone()).with_page_info().await.unwrap_err();
        assert!(error.is_validation() && !error.message().is_empty(), "{query}: {error}");
        assert_eq!((error.message(), error.hint()), (live.message(), live.hint()), "{query}");
        assert_eq!((error.status(), error.server_type()), (live.status(), live.server_type()), "{query}");
    }
}

async fn info(db: &Db, options: Value) -> Value {
    let query = json!({ "users": { "$": options } });
    let answer = db.query_json(query).with_page_info().await.unwrap();
    let rows = answer["users"].as_array().unwrap().len();
    let info = answer.page_info("users");
    json!([rows, info.map(|info| (info.has_previous_page, info.has_next_page, info.start_cursor.is_some()))])
}

#[tokio::test]
async fn page_info_is_there_where_an_option_pages_and_says_what_surrounds_the_page() {
    let (_server, db) = forum().await;
    // Rows, and whether there are rows before, after, and cursors.
    for (options, expected) in [
        (json!({}), json!([4, null])),
        (json!({ "where": { "age": 30 } }), json!([1, null])),
        (json!({ "fields": ["name"] }), json!([4, null])),
        (json!({ "order": { "age": "asc" } }), json!([4, [false, false, true]])),
        (json!({ "limit": 2 }), json!([2, [false, true, true]])),
        (json!({ "limit": 4 }), json!([4, [false, false, true]])),
        (json!({ "limit": 2, "offset": 1 }), json!([2, [true, true, true]])),
        (json!({ "limit": 1, "offset": 999 }), json!([0, [true, false, false]])),
        (json!({ "last": 1 }), json!([1, [true, false, true]])),
        (json!({ "where": { "age": -1 }, "first": 1 }), json!([0, [false, false, false]])),
    ] {
        assert_eq!(info(&db, options.clone()).await, expected, "{options}");
    }
}

#[tokio::test]
async fn counts_come_beside_empty_rows_and_follow_the_filter() {
    let (_server, db) = forum().await;
    let query = json!({
        "users": { "$": { "aggregate": "count", "where": { "age": { "$gt": 26 } } } },
        "posts": { "$": { "aggregate": "count", "where": { "author": user(1) } } },
        "comments": { "$": { "where": { "post": post(1) } } },
    });
    let rows = db.query_json(query).with_page_info().await.unwrap();
    assert_eq!(
        (&rows["users"], &rows["posts"], rows["comments"].as_array().unwrap().len()),
        (&json!([]), &json!([]), 2)
    );
    assert_eq!((rows.count("users"), rows.count("posts"), rows.count("comments")), (Some(2), Some(2), None));
}
