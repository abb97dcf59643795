//! The data that the tests read: each entity is created in its own transaction. Short names for its ids.

use crate::forum::{
    self, Comment, NewComment, NewPost, NewProfile, NewTag, NewUser, Post, Profile, Tag, User, tx,
};
use instant_admin::{Db, Id, Null};
use instant_tests::Backend;
use serde_json::json;
use uuid::Uuid;

/// An id that [`names`] knows how to spell: a letter and a number.
pub fn id<E>(name: &str) -> Id<E> {
    let letter = u128::from(name.as_bytes()[0]);
    let number: u128 = name[1..].parse().unwrap();
    Uuid::from_u128(letter << 120 | number).into()
}

pub fn user(number: u8) -> Id<User> {
    id(&format!("U{number}"))
}

pub fn post(number: u8) -> Id<Post> {
    id(&format!("P{number}"))
}

pub fn comment(number: u8) -> Id<Comment> {
    id(&format!("C{number}"))
}

pub fn tag(number: u8) -> Id<Tag> {
    id(&format!("T{number}"))
}

pub fn profile(number: u8) -> Id<Profile> {
    id(&format!("F{number}"))
}

/// The names of ids: `U1 U2`.
pub fn names(ids: impl IntoIterator<Item = Uuid>) -> String {
    let name = |id: Uuid| format!("{}{}", char::from(id.as_bytes()[0]), id.as_u128() & 0xff);
    ids.into_iter().map(name).collect::<Vec<_>>().join(" ")
}

/// The names of the rows of a list.
macro_rules! named {
    ($rows:expr) => {
        crate::data::names($rows.iter().map(|row| row.id.uuid()))
    };
}

/// The names of the entities that a query finds.
macro_rules! found {
    ($db:ident, $entity:ident, $query:expr) => {
        crate::data::named!($db.query($query).await.unwrap().$entity)
    };
}

pub(crate) use {found, named};

pub async fn empty() -> (Backend, Db) {
    instant_tests::start(forum::SCHEMA).await
}

/// Users U1 to U4, tags T1 to T3, posts P1 to P4, comments C1 to C4 and profile F1.
pub async fn forum() -> (Backend, Db) {
    let (server, db) = empty().await;
    let new = |handle: &str| NewUser { handle: handle.to_owned() };
    db.transact(
        tx::users(user(1))
            .create(new("alice"))
            .name("Alice")
            .age(30)
            .city("Rome")
            .bio("hi")
            .email("a@x.io")
            .meta(json!({ "k": 1 }))
            .active(true)
            .joined("2024-01-01"),
    )
    .await
    .unwrap();
    let bob = tx::users(user(2)).create(new("bob")).name("bob").age(25).bio(Null).active(false);
    db.transact(bob.joined(1_706_745_600_000)).await.unwrap();
    db.transact(tx::users(user(3)).create(new("carol")).name("Carol").email("c@x.io")).await.unwrap();
    let dan = tx::users(user(4)).create(new("dan")).name("dan").age(40);
    db.transact(dan.joined("2023-06-01T12:00:00Z")).await.unwrap();
    for (number, label) in [(1, "a"), (2, "b"), (3, "c")] {
        db.transact(tx::tags(tag(number)).create(NewTag { label: label.into() })).await.unwrap();
    }
    let new = |number, title: &str| tx::posts(post(number)).create(NewPost { title: title.into() });
    for step in [
        new(1, "Hello")
            .body("first")
            .likes(5)
            .link_author(user(1))
            .link_editor(user(2))
            .link_tags([tag(1), tag(2)]),
        new(2, "World").likes(0).link_author(user(1)).link_tags(tag(2)),
        new(3, "hello again").body("x").link_author(user(2)),
        new(4, "Zed").likes(5).link_tags([tag(3)]),
    ] {
        db.transact(step).await.unwrap();
    }
    let on = |number, text: &str, post, author| {
        tx::comments(comment(number)).create(NewComment {}).text(text).link_post(post).link_author(author)
    };
    db.transact(on(1, "nice", post(1), user(2))).await.unwrap();
    db.transact(on(2, "meh", post(1), user(3))).await.unwrap();
    db.transact(on(3, "wow", post(3), user(1))).await.unwrap();
    db.transact(tx::comments(comment(4)).create(NewComment {}).text("orphan")).await.unwrap();
    db.transact(tx::profiles(profile(1)).create(NewProfile { avatar: "f1.png".into() }).link_user(user(1)))
        .await
        .unwrap();
    db.transact((tx::users(user(1)).link_friends(user(2)), tx::users(user(2)).link_friends(user(3))))
        .await
        .unwrap();
    (server, db)
}
