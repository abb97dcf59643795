//! Rows that do not fit the schema: data that is older than a required attribute or link.

use instant_admin::tx::raw;
use instant_admin::{Db, Id};
use instant_tests::{Backend, blog, untyped};
use serde_json::json;

/// An app whose posts and comments were made before the schema asked for anything.
async fn old() -> (Backend, Db, Id<blog::Post>) {
    let server = Backend::empty().await;
    let post = Id::new();
    let step = raw("posts", post.uuid()).update(json!({ "slug": "old", "published": true }));
    let comment = raw("comments", Id::<blog::Comment>::new().uuid()).update(json!({ "text": "hi" }));
    untyped(&server).transact((step, comment)).await.unwrap();
    let db = server.client().schema(blog::SCHEMA).build().unwrap();
    (server, db, post)
}

#[tokio::test]
async fn a_row_without_a_required_attribute_is_an_error_that_says_how_to_relax_it() {
    let (_server, db, post) = old().await;
    let error = db.query(blog::query! { posts: {} }).await.unwrap_err();
    assert!(error.is_decode(), "{error:?}");
    assert_eq!(error.path(), Some("posts[0].title"));
    let message = error.to_string();
    for part in ["`title`", "`posts`", &post.to_string(), "write `title?` in the query"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let relaxed = db.query(blog::query! { posts: { title? } }).await.unwrap();
    assert_eq!((relaxed.posts[0].id, &relaxed.posts[0].title), (post, &None));
    let chosen = db.query(blog::query! { posts: { $: { fields: [title?, slug] } } }).await.unwrap();
    assert_eq!((chosen.posts[0].slug.as_str(), &chosen.posts[0].title), ("old", &None));
    let without = db.query(blog::query! { posts: { $: { fields: [slug] } } }).await.unwrap();
    assert_eq!(without.posts[0].slug, "old");
}

#[tokio::test]
async fn a_row_without_a_required_link_is_an_error_only_where_the_query_asserts_it() {
    let (_server, db, _) = old().await;
    let error = db.query(blog::query! { comments: { post!: {} } }).await.unwrap_err();
    assert_eq!(error.path(), Some("comments[0].post"));
    assert!(error.to_string().contains("write `post` without `!`"), "{error}");
    let relaxed = db.query(blog::query! { comments: { post: {} } }).await.unwrap();
    assert!(relaxed.comments[0].post.is_none());
}
