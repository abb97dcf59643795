//! How much is read for each shape of a query: instructions of SQLite, which are the same on every machine.

use serde_json::{Value, json};

use super::{BATCH, POSTS, Posts, ids};

/// More than any page of few rows needs, and far less than a look at every post.
const FEW: u64 = 8_000;

fn steps(posts: &Posts, options: &Value) -> u64 {
    posts.query(options).unwrap().1
}

#[tokio::test]
async fn a_page_is_read_without_a_look_at_every_row() {
    let posts = Posts::open().await;
    let scan = steps(&posts, &json!({ "where": { "title": { "$like": "none" } } }));
    assert!(scan > 3 * FEW, "a look at every post takes {scan} instructions");
    let page = |order: &str, direction: &str, filter: Value| json!({ "where": filter, "order": { order: direction }, "limit": 20 });
    for options in [
        // A range of the attribute that orders.
        page("views", "desc", json!({ "views": { "$gt": 100 } })),
        page("views", "asc", json!({ "views": { "$gt": 100 } })),
        page("views", "asc", json!({ "and": [{ "views": { "$gt": 100 } }, { "views": { "$lte": 600 } }] })),
        page("views", "asc", json!({ "views": { "$isNull": true } })),
        page("views", "desc", json!({ "views": { "$isNull": false } })),
        page("title", "asc", json!({ "title": { "$lt": "d" } })),
        page("title", "desc", json!({ "title": { "$lt": "d" } })),
        // A filter on another attribute: one that few pass, one that half pass, and one that none passes.
        page("views", "desc", json!({ "code": "c9" })),
        page("views", "desc", json!({ "old": true })),
        page("views", "desc", json!({ "code": "none" })),
        page("views", "asc", json!({ "old": true, "code": { "$in": ["c9", "c8"] } })),
        page("views", "asc", json!({ "views": { "$gt": 100 }, "old": true })),
        page("serverCreatedAt", "asc", json!({ "code": "c9" })),
        page("serverCreatedAt", "desc", json!({ "views": { "$gt": 100 } })),
        page("serverCreatedAt", "desc", json!({ "views": { "$not": 3 } })),
        page("serverCreatedAt", "asc", json!({ "title": { "$isNull": false } })),
        page("serverCreatedAt", "asc", json!({ "or": [{ "code": "c9" }, { "views": 3 }] })),
        // Over a link.
        page("views", "desc", json!({ "author.handle": "h3" })),
        page("serverCreatedAt", "desc", json!({ "author": posts.authors[3] })),
        // Neither a filter nor an index.
        json!({ "limit": 20 }),
        json!({ "last": 20 }),
        json!({ "limit": 20, "offset": 100 }),
    ] {
        let steps = steps(&posts, &options);
        assert!(steps < FEW, "{options}: {steps} instructions, {scan} for a look at every post");
    }
}

#[tokio::test]
async fn a_cursor_is_sought_and_not_walked_to() {
    let posts = Posts::open().await;
    for order in ["serverCreatedAt", "views", "old", "title"] {
        for direction in ["asc", "desc"] {
            let deep = json!({ "order": { order: direction }, "limit": 1, "offset": POSTS - 100 });
            let cursor = posts.query(&deep).unwrap().0.page_info["posts"]["start-cursor"].clone();
            for filter in [json!({}), json!({ "views": { "$gte": 0 } }), json!({ "title": { "$not": "x" } })]
            {
                for options in [
                    json!({ "where": filter, "order": { order: direction }, "limit": 20, "after": cursor }),
                    json!({ "where": filter, "order": { order: direction }, "last": 20, "before": cursor }),
                ] {
                    let (answer, steps) = posts.query(&options).unwrap();
                    let rows = ids(&answer).len();
                    assert!(steps < FEW, "{options}: {steps} instructions for {rows} rows");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_filter_that_only_the_last_rows_pass_costs_little_more_than_a_walk_to_them() {
    let posts = Posts::open().await;
    // The posts of the newer half come first, and only the older half passes.
    let options = json!({ "where": { "old": true }, "order": { "serverCreatedAt": "desc" }, "limit": 20 });
    let walked = json!({ "where": { "title": { "$ilike": "%" }, "old": { "$not": false } },
                         "order": { "serverCreatedAt": "desc" }, "limit": 20 });
    let (found, plain) = (steps(&posts, &options), steps(&posts, &walked));
    assert_eq!(posts.ids(&options).len(), 20);
    assert!(found < 3 * plain, "{found} instructions, {plain} where no index helps");
}

#[tokio::test]
async fn the_smaller_of_two_filters_is_where_a_search_begins() {
    let posts = Posts::open().await;
    // Both are equalities; nothing but the rows tells that half of all posts pass the first.
    let (answer, steps) = posts.query(&json!({ "where": { "old": true, "code": "c9" } })).unwrap();
    let expected = posts.rows.iter().filter(|post| post.old && post.code == "c9").count();
    assert_eq!(ids(&answer).len(), expected);
    assert!(steps < FEW, "{steps} instructions");
}

#[tokio::test]
async fn a_count_reads_the_index_alone() {
    let posts = Posts::open().await;
    for (filter, count, most) in [
        (json!({ "code": "c9" }), 10, 500),
        (json!({ "old": true }), POSTS / 2, 40_000),
        (json!({}), POSTS, 40_000),
    ] {
        let options = json!({ "where": filter, "aggregate": "count" });
        let (answer, steps) = posts.query(&options).unwrap();
        assert_eq!(answer.aggregate["posts"]["count"], json!(count), "{options}");
        assert!(steps < most, "{options}: {steps} instructions");
    }
}

#[tokio::test]
async fn the_objects_of_a_page_are_read_by_three_statements() {
    let posts = Posts::open().await;
    let one = steps(&posts, &json!({ "limit": 1 }));
    let batch = steps(&posts, &json!({ "limit": BATCH }));
    // A row of the page, a row of the list of entities, six values and a link.
    let each = (batch - one) / (BATCH as u64 - 1);
    assert!(each < 250, "{each} instructions for each object");
}
