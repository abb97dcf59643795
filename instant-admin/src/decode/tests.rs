//! Decoding into hand-written rows.

use super::column::{Identified, Many, One, Optional, Required, RequiredOne, Root};
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
        let Identified(id, (Required(title, ..), Optional(views, ..), One(author), Many(tags))) = columns;
        Self { id, title, views, author, tags }
    }
}

impl Row for User {
    const SHAPE: Shape = ("$users", &["id", "handle"]);
    type Columns = Identified<String, (Required<String>,)>;

    fn build(Identified(id, (Required(handle, ..),)): Self::Columns) -> Self {
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
fn a_row_without_an_id_is_dropped_from_lists_and_none_as_a_link() {
    let rows = posts(
        r#"{"posts": [
            {"title": "only links and values"},
            {"id": "1", "title": "T", "tags": [{}, {"tags": []}, {"id": "7", "handle": "ada"}, {"id": null}],
             "author": {"posts": [{"id": "1"}]}},
            {"id": "2", "title": "U", "tags": {"handle": "bob"}, "author": [{}, {"id": "7", "handle": "ada"}]}
        ]}"#,
    )
    .unwrap();
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!((&rows[0].author, &rows[0].tags), (&None, &vec![user("7")]));
    assert_eq!((&rows[1].author, rows[1].tags.len()), (&Some(user("7")), 0));
}

/// A post as `query! { posts: { author!: {} } }` declares it.
#[derive(Debug)]
struct Signed {
    author: User,
}

impl Row for Signed {
    const SHAPE: Shape = ("posts", &["id", "author"]);
    type Columns = Identified<String, (RequiredOne<User>,)>;

    fn build(Identified(_, (RequiredOne(author),)): Self::Columns) -> Self {
        Self { author }
    }
}

#[derive(Debug)]
struct SignedPosts {
    posts: Page<Signed>,
}

impl Row for SignedPosts {
    const SHAPE: Shape = ("", &["posts"]);
    type Columns = (Root<Signed>,);

    fn build((Root(posts),): Self::Columns) -> Self {
        Self { posts }
    }
}

#[test]
fn a_required_link_that_leads_nowhere_names_the_row_and_says_what_to_do() {
    let signed = |author: &str| {
        let body = format!(r#"{{"posts": [{{"author": {author}, "id": "1"}}]}}"#);
        decode::<SignedPosts>(body.as_bytes(), AnswerMeta::default())
    };
    assert_eq!(signed(r#"{"id": "7", "handle": "ada"}"#).unwrap().posts[0].author, user("7"));
    for dangling in ["{}", "[{}]", r#"{"handle": "ada"}"#] {
        assert_eq!(
            signed(dangling).unwrap_err().to_string(),
            "posts[0].author: the schema requires this link, but that of `posts` 1 leads to an entity that does not \
             exist; link it to one that does, or write `author` without `!` in the query to get an `Option`"
        );
    }
    for missing in ["null", "[]"] {
        assert_eq!(
            signed(missing).unwrap_err().to_string(),
            "posts[0].author: the schema requires this link, but `posts` 1 has none; write `author` without `!` in the \
             query to get an `Option`"
        );
    }
}

#[test]
fn an_error_names_the_entity_wherever_its_id_stands() {
    for (json, expected) in [
        (
            r#"{"posts": [{"title": 5, "id": "1"}]}"#,
            "posts[0].title: expected a string, got integer `5` (`posts` 1)",
        ),
        (
            r#"{"posts": [{"id": "1", "title": "T", "author": [{"handle": [], "id": "7"}]}]}"#,
            "posts[0].author.handle: expected a string, got a list (`$users` 7)",
        ),
        (
            r#"{"posts": [{"id": "1", "title": "T", "tags": {"handle": {}, "id": "7"}}]}"#,
            "posts[0].tags.handle: expected a string, got an object (`$users` 7)",
        ),
        (r#"{"posts": [{"title": 5}]}"#, "posts[0].title: expected a string, got integer `5`"),
        (
            r#"{"posts": [{"id": "1", "title": "T", "author": "x"}]}"#,
            "posts[0].author: expected an object, a list of at most one object or null, got a string (`posts` 1)",
        ),
    ] {
        assert_eq!(posts(json).unwrap_err(), expected, "{json}");
    }
}

#[test]
fn keys_that_come_twice_and_huge_numbers_are_values_or_errors() {
    let twice = posts(r#"{"posts": [{"id": "1", "id": "2", "title": "T", "title": "U"}], "posts": []}"#);
    assert_eq!(twice.unwrap(), []);
    let twice = posts(
        r#"{"posts": [{"id": "1", "id": "2", "title": "T", "title": "U", "views": 1, "views": null}]}"#,
    );
    let [row] = twice.unwrap().try_into().unwrap();
    assert_eq!((row.id.as_str(), row.title.as_str(), row.views), ("2", "U", None));
    let huge = posts(r#"{"posts": [{"id": "1", "title": "T", "views": 123456789012345678901234567890}]}"#);
    assert_eq!(huge.unwrap()[0].views, Some(123_456_789_012_345_678_901_234_567_890.0));
    let infinite = posts(r#"{"posts": [{"id": "1", "title": "T", "views": 1e999}]}"#).unwrap_err();
    assert!(infinite.starts_with("posts[0].views: a number is too large to be read at line 1"), "{infinite}");
}

#[test]
fn errors_name_the_path() {
    for (json, expected) in [
        (
            r#"{"posts": [{"id": "1", "title": "T"}, {"id": "2", "title": "T", "author": {"id": "7", "handle": 5}}]}"#,
            "posts[1].author.handle: expected a string, got integer `5` (`$users` 7)",
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
        (r#"{"posts": [3]}"#, "posts[0]: expected an object, got integer `3`"),
        (r#"{"posts": "x"}"#, "posts: expected a list of objects, got a string"),
        ("[]", "expected an object, got a list"),
        (
            r#"{"posts": [{"id": "1", "title": "T", "author": [{"id": "7", "handle": "a"}, {"id": "8", "handle": "b"}]}]}"#,
            "posts[0].author: expected at most one entity, got several: the schema says that this link has one, the \
             server says many (`posts` 1)",
        ),
    ] {
        assert_eq!(posts(json).unwrap_err(), expected, "{json}");
    }
}

#[test]
fn a_truncated_body_and_html_have_different_errors() {
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
