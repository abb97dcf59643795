//! `query!` and `fragment!` as an app uses them, without a server.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use instant_admin::{Cursor, Id, Page, Query, Where};
use serde_json::{Value, json};

mod schema {
    instant_admin::schema! {
        in = crate::schema,
        types = { posts.status: crate::Status },
        {
        "entities": {
            "posts": {"attrs": {
                "title": {"valueType": "string", "required": true, "config": {"indexed": true, "unique": false}},
                "body": {"valueType": "string", "required": false, "config": {"indexed": false, "unique": false}},
                "status": {"valueType": "string", "required": false, "config": {"indexed": true, "unique": false}},
                "views": {"valueType": "number", "required": false, "config": {"indexed": true, "unique": false}},
                "published": {"valueType": "boolean", "required": false, "config": {"indexed": true, "unique": false}},
                "meta": {"valueType": "json", "required": false, "config": {"indexed": false, "unique": false}},
                "createdAt": {"valueType": "date", "required": true, "config": {"indexed": true, "unique": false}}
            }},
            "comments": {"attrs": {
                "text": {"valueType": "string", "required": true, "config": {"indexed": false, "unique": false}}
            }},
            "$users": {"attrs": {
                "handle": {"valueType": "string", "required": false, "config": {"indexed": true, "unique": true}},
                "bio": {"valueType": "string", "required": false, "config": {"indexed": false, "unique": false}}
            }}
        },
        "links": {
            "a": {"forward": {"on": "posts", "has": "one", "label": "author", "required": true},
                  "reverse": {"on": "$users", "has": "many", "label": "posts"}},
            "e": {"forward": {"on": "posts", "has": "one", "label": "editor"},
                  "reverse": {"on": "$users", "has": "many", "label": "edited"}},
            "c": {"forward": {"on": "comments", "has": "one", "label": "post"},
                  "reverse": {"on": "posts", "has": "many", "label": "comments"}},
            "w": {"forward": {"on": "comments", "has": "one", "label": "author"},
                  "reverse": {"on": "$users", "has": "many", "label": "comments"}}
        }
        }
    }
}

use schema::{fragment, query};

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Draft,
    Live,
}

const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

fn sent(query: &impl Query) -> Value {
    query.instaql().unwrap()
}

fn answered<Q: Query>(_: &Q, answer: &Value) -> Q::Response {
    Q::decode(answer.to_string().as_bytes()).unwrap()
}

#[test]
fn values_are_filled_in() {
    let (handle, page_size, words) = (String::from("ada"), 10_u32, vec!["a", "b"]);
    let author = Id::<schema::User>::new();
    let status = Status::Live;
    let query = query! {
        posts: {
            $: {
                where: {
                    published: true, author.handle: &handle, author: author, status: status,
                    or: [{ views: { $gt: page_size } }, { views: { $isNull: true } }],
                    title: { $in: &words }, createdAt: { $gt: "2024-01-01" }, views: { $not: 2.5 },
                },
                order: { createdAt: desc }, limit: page_size, offset: 3, fields: [title, createdAt],
            },
            author: {},
            comments: { $: { order: { text: asc } }, author: {} },
        },
    };
    assert_eq!(
        sent(&query),
        json!({ "posts": {
            "$": {
                "where": {
                    "published": true, "author.handle": "ada", "author": author, "status": "live",
                    "or": [{ "views": { "$gt": 10 } }, { "views": { "$isNull": true } }],
                    "title": { "$in": ["a", "b"] }, "createdAt": { "$gt": "2024-01-01" }, "views": { "$not": 2.5 }
                },
                "order": { "createdAt": "desc" }, "limit": 10, "offset": 3, "fields": ["title", "createdAt"]
            },
            "author": {}, "comments": { "$": { "order": { "text": "asc" } }, "author": {} }
        } })
    );
    let answer = answered(
        &query,
        &json!({ "posts": [{
            "id": ID, "title": "T", "createdAt": 0, "author": { "id": ID, "handle": "ada" },
            "comments": [{ "id": ID, "text": "hi", "author": [] }]
        }] }),
    );
    let post = &answer.posts[0];
    assert_eq!((post.title.as_str(), post.created_at.as_millis()), ("T", 0));
    assert_eq!(post.author.as_ref().and_then(|author| author.handle.as_deref()), Some("ada"));
    let author: &Option<schema::User> = &post.comments[0].author;
    assert_eq!(*author, None);
    assert_eq!(post.comments[0].text, "hi");
}

#[test]
fn conditions_are_left_out_only_where_the_query_says_so() {
    let query = |title: Option<&str>, views: Option<f64>, limit: Option<usize>, after: Option<&Cursor>| {
        sent(&query! {
            posts: { $: { where: { title?: title, views?: { $gt: views }, published: true }, limit?: limit, after?: after } },
        })
    };
    assert_eq!(
        query(None, None, None, None),
        json!({ "posts": { "$": { "where": { "published": true } } } })
    );
    assert_eq!(
        query(Some("x"), Some(1.0), Some(5), None),
        json!({ "posts": { "$": { "where": { "title": "x", "views": { "$gt": 1 }, "published": true }, "limit": 5 } } })
    );
}

#[test]
fn filters_made_at_run_time_are_spliced_in() {
    let mut filter = Where::<schema::Post>::new();
    filter.and(schema::posts::title().eq("x"));
    let (alone, beside) = (query! { posts: { $: { where: #filter.clone() } } }, {
        let filter = &filter;
        query! { posts: { $: { where: { published: true, #filter } } } }
    });
    assert_eq!(sent(&alone), json!({ "posts": { "$": { "where": { "title": "x" } } } }));
    assert_eq!(
        sent(&beside),
        json!({ "posts": { "$": { "where": { "published": true, "and": [{ "title": "x" }] } } } })
    );
    let empty = Where::<schema::Post>::new();
    assert_eq!(sent(&query! { posts: { $: { where: #empty } } }), json!({ "posts": {} }));
}

#[test]
fn a_value_that_is_no_json_is_reported_with_its_place() {
    let query = query! { posts: { $: { where: { views: { $gt: f64::NAN } } } } };
    let error = query.instaql().unwrap_err().to_string();
    assert!(error.starts_with("posts.$.where.views.$gt: NaN"), "{error}");
    let none = 0_u8;
    let error = query! { posts: { $: { limit: none } } }.instaql().unwrap_err().to_string();
    assert!(error.starts_with("posts.$.limit: a page has at least one row"), "{error}");
}

query! {
    /// The front page.
    #[derive(serde::Serialize)]
    pub Feed(handle: &str, take: u32) = {
        posts: {
            $: { where: { author.handle: handle }, limit: take },
            title?, views!,
            author!: AuthorCard,
            comments: { author: AuthorCard },
        },
    }
}

fragment! {
    /// What a byline needs.
    #[derive(serde::Serialize)]
    pub AuthorCard on $users { $: { fields: [handle] } }
}

fragment! { pub Talk on comments { author: {}, post: { $: { fields: [title] } } } }

#[test]
fn named_queries_have_nameable_types() {
    let feed = Feed::new("ada", 10);
    assert_eq!(
        sent(&feed),
        json!({ "posts": {
            "$": { "where": { "author.handle": "ada" }, "limit": 10 },
            "author": { "$": { "fields": ["handle"] } },
            "comments": { "author": { "$": { "fields": ["handle"] } } }
        } })
    );
    let answer: FeedResponse = answered(
        &feed,
        &json!({ "posts": [{ "id": ID, "views": 2, "createdAt": "2024-01-01", "author": { "id": ID, "handle": "ada" } }] }),
    );
    let posts: &Page<FeedPost> = &answer.posts;
    let author: &AuthorCard = &posts[0].author;
    assert_eq!(
        (author.handle.as_deref(), posts[0].title.as_deref(), posts[0].views),
        (Some("ada"), None, 2.0)
    );
    assert_eq!(
        serde_json::to_value(&answer).unwrap()["posts"][0]["author"],
        json!({ "id": ID, "handle": "ada" })
    );
}

#[test]
fn a_missing_value_is_reported_with_the_way_out() {
    let missing = json!({ "posts": [{ "id": ID, "views": 2, "createdAt": 0 }] });
    let error = Feed::decode(missing.to_string().as_bytes()).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "posts[0].author: the schema requires this link, but `posts` {ID} has none; write `author` without `!` in \
             the query to get an `Option`"
        )
    );
}

#[test]
fn a_fragment_stands_beside_options() {
    let query = query! { comments: { $: { where: { text: "hi" } }, ..Talk }, posts: { comments: Talk } };
    assert_eq!(
        sent(&query),
        json!({
            "comments": { "$": { "where": { "text": "hi" } }, "author": {}, "post": { "$": { "fields": ["title"] } } },
            "posts": { "comments": { "author": {}, "post": { "$": { "fields": ["title"] } } } }
        })
    );
    let answer = answered(
        &query,
        &json!({ "comments": [{ "id": ID, "text": "hi", "post": { "id": ID, "title": "T" } }], "posts": [] }),
    );
    let talk: &Talk = &answer.comments[0];
    assert_eq!(talk.post.as_ref().unwrap().title, "T");
}

#[test]
fn names_that_are_no_identifiers_go_in_quotes() {
    let params = json!({ "k": 1 });
    let query =
        query! { "posts": { $: { where: { "author.handle": "ada" }, "limit": 1 } }, $$ruleParams: params };
    assert_eq!(
        sent(&query),
        json!({ "posts": { "$": { "where": { "author.handle": "ada" }, "limit": 1 } }, "$$ruleParams": { "k": 1 } })
    );
}

#[test]
fn a_count_comes_beside_the_rows() {
    let query = query! { posts: { $: { where: { views: 1 }, aggregate: count } } };
    assert_eq!(sent(&query), json!({ "posts": { "$": { "where": { "views": 1 }, "aggregate": "count" } } }));
    let meta = serde_json::from_value(json!({ "aggregate": { "posts": { "count": 4 } } })).unwrap();
    assert_eq!(decoded_with(&query, br#"{"posts": []}"#, meta).posts, 4);
}

fn decoded_with<Q: Query>(_: &Q, body: &[u8], meta: instant_admin::__private::AnswerMeta) -> Q::Response {
    Q::decode_with(body, meta).unwrap()
}

#[test]
fn values_see_none_of_the_generated_names() {
    struct Post(f64);
    let v0 = Post(3.0);
    let fields = 4.0;
    let query = query! { posts: { $: { where: { views: { $in: [v0.0, fields, 5.0] } }, fields: [title] } } };
    assert_eq!(sent(&query)["posts"]["$"]["where"]["views"]["$in"], json!([3, 4, 5.0]));
}
