//! Answers that do not fit the types of a query: each is an error that names the place, and none panics.

use instant_admin::{Date, Error, ErrorKind, Page};
use serde_json::{Value, json};

use crate::raw::{Raw, Reply, answer, bytes};
use crate::{assert_keeps_secrets, connect};

mod schema {
    instant_admin::schema! {
        in = crate::decoding::schema,
        types = { posts.views: u64 },
        {
            "entities": {
                "posts": { "attrs": {
                    "title": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": false } },
                    "score": { "valueType": "number", "required": false, "config": { "indexed": false, "unique": false } },
                    "views": { "valueType": "number", "required": false, "config": { "indexed": false, "unique": false } },
                    "meta": { "valueType": "json", "required": false, "config": { "indexed": false, "unique": false } },
                    "at": { "valueType": "date", "required": false, "config": { "indexed": false, "unique": false } }
                } },
                "users": { "attrs": {
                    "handle": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } }
                } }
            },
            "links": { "a": {
                "forward": { "on": "posts", "has": "one", "label": "author" },
                "reverse": { "on": "users", "has": "many", "label": "posts" }
            } }
        }
    }
}

use schema::{Post, query};

const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

query! { Posts() = { posts: { author: {} } } }

/// What a typed query makes of a body.
async fn read(body: impl AsRef<[u8]>) -> Result<Page<PostsPost>, Error> {
    let body = body.as_ref().to_vec();
    let server = Raw::start(move |_| bytes("content-type: application/json\r\n", &body)).await;
    let answer = connect(&server.url).query(Posts::new()).await;
    assert_eq!(server.requests(), 1);
    answer.map(|answer| answer.posts)
}

/// A body with one post that has an id and these fields.
fn with(fields: &str) -> String {
    format!(r#"{{"posts":[{{"id":"{ID}",{fields}}}]}}"#)
}

#[track_caller]
fn refusal(answer: Result<Page<PostsPost>, Error>) -> String {
    let error = answer.unwrap_err();
    assert!(error.is_decode() && error.status().is_none(), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn a_wrong_type_is_told_with_its_path_at_each_level() {
    let list = "expected a list of objects";
    for (body, expected) in [
        (r#"{"posts":null}"#.to_owned(), format!("posts: {list}, got null")),
        (r#"{"posts":{}}"#.to_owned(), format!("posts: {list}, got an object")),
        (r#"{"posts":true}"#.to_owned(), format!("posts: {list}, got boolean `true`")),
        (r#"{"posts":[null]}"#.to_owned(), "posts[0]: expected an object, got null".to_owned()),
        (r#"{"posts":[[]]}"#.to_owned(), "posts[0]: expected an object, got a list".to_owned()),
        (r#"{"posts":[{"id":7}]}"#.to_owned(), "posts[0].id: expected an id: a UUID such as 67e55044-10b1-426f-9247-bb680e5fe0c8, got integer `7`".to_owned()),
        (with(r#""title":7"#), format!("posts[0].title: expected a string, got integer `7` (`posts` {ID})")),
        (with(r#""title":["x"]"#), format!("posts[0].title: expected a string, got a list (`posts` {ID})")),
        (with(r#""title":{"x":1}"#), format!("posts[0].title: expected a string, got an object (`posts` {ID})")),
        (with(r#""score":"1""#), format!("posts[0].score: expected f64, got a string (`posts` {ID})")),
        (with(r#""views":-1"#), format!("posts[0].views: expected u64, got integer `-1` (`posts` {ID})")),
        (with(r#""views":1.5"#), format!("posts[0].views: expected u64, got floating point `1.5` (`posts` {ID})")),
        (with(r#""score":1e999"#), "posts[0].score: a number is too large to be read at line 1 column 68".to_owned()),
        (
            with(r#""at":true"#),
            format!(
                "posts[0].at: expected a date: a string or milliseconds since the epoch, got boolean `true` (`posts` {ID})"
            ),
        ),
        (
            with(r#""title":"T","author":"x""#),
            format!(
                "posts[0].author: expected an object, a list of at most one object or null, got a string (`posts` {ID})"
            ),
        ),
        (
            with(&format!(r#""title":"T","author":[{{"id":"{ID}","handle":"a"}},{{"id":"{ID}","handle":"b"}}]"#)),
            format!(
                "posts[0].author: expected at most one entity, got several: the schema says that this link has one, the \
                 server says many (`posts` {ID})"
            ),
        ),
    ] {
        assert_eq!(refusal(read(&body).await), expected, "{body}");
    }
}

#[tokio::test]
async fn a_required_attribute_that_is_missing_is_named_at_any_depth_with_how_to_relax_it() {
    for (author, got) in [(r#""handle":null,"#, "null"), ("", "nothing")] {
        let body = with(&format!(r#""title":"T","author":{{{author}"id":"{ID}"}}"#));
        let expected = format!(
            "posts[0].author.handle: expected a string, got {got}: the schema requires `handle`, but `users` {ID} lacks \
             it; write `handle?` in the query to get an `Option`"
        );
        assert_eq!(refusal(read(body).await), expected);
    }
}

#[tokio::test]
async fn what_is_no_json_says_so_and_where_it_ends() {
    for (body, part) in [
        (
            &br#"{"posts":[{"id":"67e5"#[..],
            "posts[0].id: the answer ends in the middle of its JSON (EOF while",
        ),
        (br#"{"posts":[]"#, "the answer ends in the middle of its JSON"),
        (br#"{"posts":[]}{}"#, "the answer is not JSON (trailing characters at line 1 column 13"),
        (b"{\"posts\":[]}\0", "the answer is not JSON (trailing characters"),
        (
            br#"{"posts":[{"id":"\ud800"}]}"#,
            "posts[0].id: the answer is not JSON (unexpected end of hex escape",
        ),
        (
            b"{\"posts\":[{\"title\":\"\xff\"}]}",
            "posts[0].title: the answer is not JSON (invalid unicode code point",
        ),
        (b"{'posts':[]}", "the answer is not JSON (key must be a string"),
    ] {
        let refusal = refusal(read(body).await);
        assert!(refusal.starts_with(part), "{refusal}");
    }
}

#[tokio::test]
async fn values_of_the_answer_stay_out_of_its_error() {
    #[derive(Debug, serde::Deserialize)]
    struct Wrong {
        #[expect(dead_code, reason = "the answer never fits")]
        posts: Vec<std::collections::HashMap<String, u8>>,
    }

    for fields in [r#""title":{"hunter2":1}"#, r#""score":"hunter2""#, r#""title":"T","author":"hunter2""#] {
        assert_keeps_secrets(&read(with(fields)).await.unwrap_err());
    }
    let untyped = with(r#""title":"hunter2""#);
    let server = Raw::start(move |_| answer("application/json", &untyped)).await;
    let error = connect(&server.url).query_as::<Wrong>(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.to_string(), "posts[0].id: expected u8, got a string");
    assert_keeps_secrets(&error);
    let error = connect(&server.url).query_as::<Vec<u8>>(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.to_string(), "expected a sequence, got an object");
}

#[tokio::test]
async fn the_last_of_two_equal_keys_counts_and_unknown_ones_are_skipped_at_any_depth() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let fields =
        format!(r#""zip":{deep},"title":"T","at":-0.5,"title":"U","score":123456789012345678901234567890"#);
    let posts = read(with(&fields)).await.unwrap();
    let found = (posts[0].title.as_str(), posts[0].score, posts[0].at);
    assert_eq!(found, ("U", Some(123_456_789_012_345_678_901_234_567_890.0), Some(Date::from_micros(-500))));
}

#[tokio::test]
async fn json_that_is_nested_too_deeply_is_an_error_and_no_overflow() {
    let deep = format!(r#""title":"T","meta":{}1{}"#, "[".repeat(100_000), "]".repeat(100_000));
    let refusal = refusal(read(with(&deep)).await);
    assert!(refusal.starts_with("posts[0].meta: a value is nested deeper than the 128 levels"), "{refusal}");
}

#[tokio::test]
async fn dates_out_of_range_are_errors_and_repeated_shortly() {
    for at in ["1e308", "99999999999999999", "18446744073709551615", "-9e300", r#""soon""#] {
        let refusal = refusal(read(with(&format!(r#""title":"T","at":{at}"#))).await);
        assert!(refusal.starts_with("posts[0].at: unable to parse ") && refusal.len() < 200, "{refusal}");
    }
    let long = format!(r#""title":"T","at":"{}""#, "ä".repeat(1000));
    assert!(refusal(read(with(&long)).await).contains("ä…"));
}

#[tokio::test]
async fn an_error_that_comes_with_a_two_hundred_is_no_empty_page() {
    let body = r#"{"type":"validation-failed","message":"no"}"#;
    assert!(read(body).await.unwrap_err().is_unexpected_response());
    let server = Raw::start(move |_| answer("application/json", body)).await;
    let error = connect(&server.url).query_json(json!({ "posts": {}, "users": {} })).await.unwrap_err();
    assert!(error.is_unexpected_response());
    assert_eq!(
        error.message(),
        format!(
            "{} answered with JSON that has nothing of what was asked for (`posts,users`); is it the URL of an Instant \
             server?",
            server.url
        )
    );
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped() {
    let posts = read(format!("\u{feff}{}", with(r#""title":"T""#))).await.unwrap();
    assert_eq!(posts[0].title, "T");
}

#[tokio::test]
async fn a_compressed_answer_is_said_to_be_compressed() {
    let server = Raw::start(|_| bytes("content-encoding: gzip\r\n", b"\x1f\x8b\x08\0\0\0\0\0")).await;
    let error = connect(&server.url).query(Posts::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(200)));
    assert_eq!(
        error.message(),
        format!(
            "{} answered in an encoding that was not asked for (gzip); is there a proxy in between that compresses?",
            server.url
        )
    );
}

#[tokio::test]
async fn a_body_may_come_in_chunks_that_cut_characters_and_escapes() {
    let body = with(r#""title":"ä\u00e4\ud83d\ude00😀""#);
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunks = body.as_bytes().iter().map(|byte| [b"1\r\n", &[*byte][..], b"\r\n"].concat());
    let pieces: Vec<_> = std::iter::once(head).chain(chunks).chain([b"0\r\n\r\n".to_vec()]).collect();
    let server = Raw::start(move |_| Reply::Pieces(pieces.clone())).await;
    let posts = connect(&server.url).query(Posts::new()).await.unwrap().posts;
    assert_eq!(posts[0].title, "ää😀😀");
}

#[tokio::test]
async fn a_page_is_a_list_of_rows_to_serde_to_loops_and_to_slices() {
    let server = Raw::start(|_| answer("application/json", &with(r#""title":"T""#))).await;
    let query = query! { posts: { $: { fields: [title] } } };
    let page = connect(&server.url).query(query).await.unwrap().posts;
    assert_eq!((page.len(), page.first().map(|post| post.title.as_str())), (1, Some("T")));
    assert_eq!((&page).into_iter().count(), page.as_ref().iter().count());
    let titles: Page<String> = page.clone().into_iter().map(|post| post.title).collect();
    assert_eq!(json!(titles), json!(["T"]));
    assert_eq!(titles, Page::from(vec!["T".to_owned()]));
    assert_eq!(page.clone().into_parts(), (page.into_vec(), None));
    assert_eq!((Page::<Post>::default().len(), json!(Page::<Value>::default())), (0, json!([])));
}
