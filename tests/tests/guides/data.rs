//! The blog that the guide pages read and write.

use instant_admin::{Db, Id};
use instant_tests::Backend;
use serde_json::json;

use crate::schema::{self, NewComment, NewPost, NewTag, NewUser, tx, users};

/// A new backend that holds the blog, and a client of it.
pub async fn backend() -> (Backend, Db) {
    let (server, db) = instant_tests::start(schema::SCHEMA).await;
    // Ids ascend, so that rows which are created together come in the order in which they stand here.
    let [engine, loops, draft] = [1, 2, 3].map(id);
    let user = |number, handle: &str| tx::users(id(number)).create(NewUser {}).handle(handle);
    let tag = |number, label: &str| tx::tags(id(number)).create(NewTag { label: label.into() });
    let post = |id, title: &str, slug: &str, author: &str| {
        let author = users::by_handle(author).into();
        tx::posts(id).create(NewPost { title: title.into(), slug: slug.into(), published: true, author })
    };
    let comment = |number, text: &str, author: &str| {
        let new = NewComment { text: text.into(), post: engine.into() };
        tx::comments(id(number)).create(new).link_author(users::by_handle(author))
    };

    let people = (
        user(1, "ada").email("ada@example.com").bio("Writes programs for a machine that is not built yet."),
        user(2, "charles").email("charles@example.com"),
        tag(1, "machines"),
        tag(2, "maths"),
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
        comment(1, "Where can I see it?", "charles").created_at("2024-03-02"),
        comment(2, "In the drawings.", "ada").created_at("2024-03-03"),
    );
    db.transact(posts).await.expect("the guides' posts and comments are valid");
    (server, db)
}

fn id<E>(number: u128) -> Id<E> {
    uuid::Uuid::from_u128(number).into()
}
