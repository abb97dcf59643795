//! Pages against a plain sort of all rows.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{Post, Posts, ids};

/// An order, as the query has it and as rows compare.
type Order = (&'static str, fn(&Post, &Post) -> Ordering);

const ORDERS: [Order; 4] = [
    ("serverCreatedAt", |a, b| a.created.cmp(&b.created)),
    ("views", |a, b| a.views.cmp(&b.views)),
    ("old", |a, b| a.old.cmp(&b.old)),
    ("title", |a, b| a.title.cmp(&b.title)),
];

/// A filter, as the query has it and as rows pass it.
type Filter = (Value, fn(&Post) -> bool);

fn filters() -> Vec<Filter> {
    vec![
        (json!({}), |_| true),
        (json!({ "views": { "$gt": 700 } }), |post| post.views > Some(700)),
        (json!({ "and": [{ "views": { "$gte": 100 } }, { "views": { "$lt": 110 } }] }), |post| {
            post.views >= Some(100) && post.views < Some(110)
        }),
        (json!({ "views": { "$isNull": true } }), |post| post.views.is_none()),
        (json!({ "views": { "$in": [3, 4, null] }, "old": true }), |post| {
            matches!(post.views, None | Some(3 | 4)) && post.old
        }),
        (json!({ "views": { "$not": 5 }, "old": false }), |post| post.views != Some(5) && !post.old),
        (json!({ "old": true }), |post| post.old),
        (json!({ "old": false }), |post| !post.old),
        (json!({ "code": "c17" }), |post| post.code == "c17"),
        (json!({ "code": "none" }), |_| false),
        (json!({ "title": { "$lt": "b" } }), |post| post.title.as_deref().is_none_or(|title| title < "b")),
        (json!({ "title": { "$gte": "c" }, "author.handle": "h3" }), |post| {
            post.author == 3 && post.title.as_deref() >= Some("c")
        }),
        (json!({ "or": [{ "code": "c5" }, { "views": { "$gte": 740 } }] }), |post| {
            post.code == "c5" || post.views >= Some(740)
        }),
        (json!({ "title": { "$like": "%a" } }), |post| {
            post.title.as_deref().is_some_and(|title| title.ends_with('a'))
        }),
    ]
}

fn sorted(posts: &Posts, (label, compare): Order, descending: bool, passes: fn(&Post) -> bool) -> Vec<&Post> {
    assert!(!label.is_empty());
    let mut rows: Vec<&Post> = posts.rows.iter().filter(|post| passes(post)).collect();
    rows.sort_by(|a, b| {
        let ascending = compare(a, b).then(a.id.cmp(&b.id));
        if descending { ascending.reverse() } else { ascending }
    });
    rows
}

#[tokio::test]
async fn a_page_is_a_slice_of_all_rows_in_order() {
    let posts = Posts::open().await;
    for order in ORDERS {
        for descending in [false, true] {
            for (filter, passes) in filters() {
                let rows = sorted(&posts, order, descending, passes);
                let direction = if descending { "desc" } else { "asc" };
                let options = |more: Value| {
                    let mut options = json!({ "where": filter, "order": { order.0: direction } });
                    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                    options
                };
                let expect = |more: Value, expected: &[&Post], next: bool, previous: bool| {
                    let options = options(more);
                    let (answer, _) = posts.query(&options).unwrap();
                    let expected: Vec<_> = expected.iter().map(|post| post.id).collect();
                    assert_eq!(ids(&answer), expected, "{options}");
                    let info = &answer.page_info["posts"];
                    let flags = (&info["has-next-page?"], &info["has-previous-page?"]);
                    assert_eq!(flags, (&json!(next), &json!(previous)), "{options}");
                    info.clone()
                };
                expect(json!({}), &rows, false, false);
                let few = rows.len().min(7);
                let first = expect(json!({ "limit": 7 }), &rows[..few], rows.len() > 7, false);
                expect(json!({ "last": 7 }), &rows[rows.len() - few..], false, rows.len() > 7);
                let skipped = rows.len().min(300);
                let more = rows.len() > 307;
                let page = &rows[skipped..rows.len().min(307)];
                let info = expect(json!({ "limit": 7, "offset": 300 }), page, more, true);
                if rows.len() <= 307 {
                    continue;
                }
                // From the middle on, from the middle back, and between.
                let middle = &info["end-cursor"];
                expect(
                    json!({ "first": 7, "after": middle }),
                    &rows[307..rows.len().min(314)],
                    rows.len() > 314,
                    true,
                );
                expect(json!({ "last": 7, "before": middle }), &rows[299..306], true, true);
                expect(json!({ "limit": 7, "before": middle }), &rows[..7], true, false);
                let start = &first["start-cursor"];
                expect(json!({ "after": start, "before": middle }), &rows[1..306], true, true);
                let inclusive = json!({ "after": start, "afterInclusive": true, "before": middle, "beforeInclusive": true });
                expect(inclusive, &rows[..307], true, false);
            }
        }
    }
}

#[tokio::test]
async fn a_cursor_that_is_no_row_still_has_a_place() {
    let posts = Posts::open().await;
    let views = posts.query(&json!({ "order": { "views": "asc" }, "limit": 1 })).unwrap().0;
    let cursor = |value: Value| {
        let mut cursor = views.page_info["posts"]["start-cursor"].clone();
        cursor[0] = json!("00000000-0000-4000-8000-000000000000");
        cursor[2] = value;
        cursor
    };
    let views = |post: &&&Post| post.views;
    let all = sorted(&posts, ORDERS[1], false, |_| true);
    for (value, least) in [(json!(-3.5), -3), (json!(10.0), 10), (json!(10.5), 11), (json!(9e9), i64::MAX)] {
        let expected =
            all.iter().filter(|post| views(post).is_some_and(|views| views >= least)).map(|post| post.id);
        let options = json!({ "order": { "views": "asc" }, "after": cursor(value.clone()) });
        assert_eq!(posts.ids(&options), expected.collect::<Vec<_>>(), "{value}");
        let within = json!({ "order": { "views": "asc" }, "after": cursor(value.clone()), "where": { "views": { "$gt": 10 } } });
        let expected =
            all.iter().filter(|post| views(post).is_some_and(|views| views >= least && views > 10));
        assert_eq!(posts.ids(&within), expected.map(|post| post.id).collect::<Vec<_>>(), "{value}, above 10");
    }
}
