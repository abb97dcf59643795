//! Decoding into hand-written rows.

use super::column::{Identified, Many, One, Optional, Required, Root};
use super::decode;
use super::{Row, Shape};
use crate::page::{AnswerMeta, Page};

#[derive(Debug, PartialEq)]
struct Answer {
    posts: Page<Post>,
}

#[derive(Debug, PartialEq)]
struct Post {
    id: String,
    title: String,
    views: Option<f64>,
    author: Option<User>,
    tags: Vec<User>,
}

#[derive(Debug, PartialEq)]
struct User {
    id: String,
    handle: String,
}

impl Row for Answer {
    const SHAPE: Shape = ("", &["posts"]);
    type Columns = (Root<Post>,);

    fn build((Root(posts),): Self::Columns) -> Self {
        Self { posts }
    }
}

impl Row for Post {
    const SHAPE: Shape = ("posts", &["id", "title", "views", "author", "tags"]);
    type Columns = Identified<String, (Required<String>, Optional<f64>, One<User>, Many<User>)>;

    fn build(columns: Self::Columns) -> Self {
        let Identified(id, (Required(title), Optional(views), One(author), Many(tags))) = columns;
        Self { id, title, views, author, tags }
    }
}

impl Row for User {
    const SHAPE: Shape = ("$users", &["id", "handle"]);
    type Columns = Identified<String, (Required<String>,)>;

    fn build(Identified(id, (Required(handle),)): Self::Columns) -> Self {
        Self { id, handle }
    }
}

fn posts(json: &str) -> Result<Vec<Post>, String> {
    decode::<Answer>(json.as_bytes(), AnswerMeta::default())
        .map(|answer| answer.posts.into_vec())
        .map_err(|error| error.to_string())
}

fn user(id: &str) -> User {
    User { id: id.into(), handle: "ada".into() }
}

#[test]
fn keys_come_in_any_order_and_unknown_ones_are_skipped() {
    let rows = posts(
        r#"{"other": [{"a": 1}], "posts": [
            {"views": 2, "editor": "a-raw-id", "title": "T", "id": "1", "tags": [{"handle": "ada", "id": "7"}]}
        ]}"#,
    );
    let expected =
        Post { id: "1".into(), title: "T".into(), views: Some(2.0), author: None, tags: vec![user("7")] };
    assert_eq!(rows, Ok(vec![expected]));
}

#[test]
fn a_to_one_link_comes_as_object_list_null_or_not_at_all() {
    for (json, expected) in [
        (r#""author": {"id": "7", "handle": "ada"},"#, Some(user("7"))),
        (r#""author": [{"id": "7", "handle": "ada"}],"#, Some(user("7"))),
        (r#""author": [],"#, None),
        (r#""author": {},"#, None),
        (r#""author": null,"#, None),
        ("", None),
    ] {
        let rows = posts(&format!(r#"{{"posts": [{{{json} "id": "1", "title": "T"}}]}}"#)).unwrap();
        assert_eq!(rows[0].author, expected, "{json}");
    }
}

#[test]
fn a_link_to_an_entity_that_does_not_exist_is_dropped() {
    let rows = posts(r#"{"posts": [{"id": "1", "title": "T", "tags": [{}, {"id": "7", "handle": "ada"}]}]}"#);
    assert_eq!(rows.unwrap()[0].tags, [user("7")]);
}

#[test]
fn errors_name_the_path() {
    for (json, expected) in [
        (
            r#"{"posts": [{"id": "1", "title": "T"}, {"id": "2", "title": "T", "author": {"id": "7", "handle": 5}}]}"#,
            "posts[1].author.handle: expected a string, got integer `5`",
        ),
        (
            r#"{"posts": [{"id": "1", "title": "T", "tags": [{"id": "7", "handle": null}]}]}"#,
            "posts[0].tags[0].handle: expected a string, got null: the schema requires `handle`, but `$users` 7 \
             lacks it; write `handle?` in the query to get an `Option`",
        ),
        (
            r#"{"posts": [{"id": "1"}]}"#,
            "posts[0].title: expected a string, got nothing: the schema requires `title`, but `posts` 1 lacks it; \
             write `title?` in the query to get an `Option`",
        ),
        (r#"{"posts": [{"title": "T"}]}"#, "posts[0].id: an entity of `posts` without an id"),
        (r#"{"posts": [3]}"#, "posts[0]: expected an object, got integer `3`"),
        (r#"{"posts": "x"}"#, "posts: expected a list of objects, got a string"),
        ("[]", "expected an object, got a list"),
        (
            r#"{"posts": [{"id": "1", "title": "T", "author": [{"id": "7", "handle": "a"}, {"id": "8", "handle": "b"}]}]}"#,
            "posts[0].author: expected at most one entity, got several: the schema says that this link has one, the \
             server says many",
        ),
    ] {
        assert_eq!(posts(json).unwrap_err(), expected, "{json}");
    }
}

#[test]
fn a_truncated_body_and_html_are_told_apart() {
    let truncated = posts(r#"{"posts": [{"id": "1", "ti"#).unwrap_err();
    assert!(truncated.contains("ends in the middle"), "{truncated}");
    let html = posts("<!doctype html>").unwrap_err();
    assert!(html.contains("is not JSON"), "{html}");
    let trailing = posts(r#"{"posts": []} x"#).unwrap_err();
    assert!(trailing.contains("is not JSON"), "{trailing}");
}

#[test]
fn cursors_come_beside_the_rows() {
    let meta: AnswerMeta = serde_json::from_str(
        r#"{"page-info": {"posts": {"start-cursor": ["1", "2", "1", 3], "end-cursor": null,
            "has-next-page?": true, "has-previous-page?": false}}, "aggregate": {"tags": {"count": 4}}}"#,
    )
    .unwrap();
    assert_eq!(meta.count("tags"), Some(4));
    let answer: Answer = decode(br#"{"posts": []}"#, meta).unwrap();
    let info = answer.posts.page_info().unwrap();
    assert_eq!(serde_json::to_string(&info.start_cursor).unwrap(), r#"["1","2","1",3]"#);
    assert!(info.has_next_page && !info.has_previous_page && info.end_cursor.is_none());
}
