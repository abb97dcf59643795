//! The blog that the guide pages read and write.

use instant_admin::{Db, Id};
use instant_local::Server;
use serde_json::json;

use crate::schema::{self, NewComment, NewPost, NewTag, NewUser, tx, users};

/// A new backend that holds the blog, and a client of it.
pub async fn backend() -> (Server, Db) {
    let (server, db) = instant_tests::start(schema::SCHEMA).await;
    let user = |handle: &str| tx::users(Id::new()).create(NewUser {}).handle(handle);
    let post = |id, title: &str, slug: &str, author: &str| {
        let author = users::by_handle(author).into();
        tx::posts(id).create(NewPost { title: title.into(), slug: slug.into(), published: true, author })
    };
    let comment = |post: Id<schema::Post>, text: &str, author: &str| {
        let new = NewComment { text: text.into(), post: post.into() };
        tx::comments(Id::new()).create(new).link_author(users::by_handle(author))
    };
    let tag = |label: &str| tx::tags(Id::new()).create(NewTag { label: label.into() });
    let [engine, loops, draft] = [1, 2, 3].map(|number| Id::from(uuid::Uuid::from_u128(number)));

    let people = (
        user("ada").email("ada@example.com").bio("Writes programs for a machine that is not built yet."),
        user("charles").email("charles@example.com"),
        tag("machines"),
        tag("maths"),
    );
    db.transact(people).await.expect("the guides' people and tags are valid");
    let posts = (
        post(engine, "Notes on the engine", "engine", "ada")
            .views(120)
            .created_at("2024-03-01")
            .meta(json!({ "minutes": 12, "seo": { "robots": "index" } }))
            .link_editor(users::by_handle("charles"))
            .link_tags([schema::tags::by_label("machines"), schema::tags::by_label("maths")]),
        post(loops, "Loops of loops", "loops", "ada")
            .views(4)
            .created_at("2024-05-20T08:00:00Z")
            .link_tags(schema::tags::by_label("maths")),
        post(draft, "A letter to the ministry", "letter", "charles").published(false),
        comment(engine, "Where can I see it?", "charles").created_at("2024-03-02"),
        comment(engine, "In the drawings.", "ada").created_at("2024-03-03"),
    );
    db.transact(posts).await.expect("the guides' posts and comments are valid");
    (server, db)
}
