//! The options of `include_schema!` at work against the backend: Rust types for attributes, other names, derives, and
//! the module they stand in.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use instant_admin::{Db, Error, Id, Null, Where, room::Payload};
use instant_tests::Backend;
use serde_json::json;

mod data {
    pub mod blog {
        instant_admin::include_schema!(
            "../docs/instant.schema.json",
            in = crate::data::blog,
            types = {
                posts.meta: crate::Meta,
                posts.views: u64,
                posts.title: crate::Title,
                $users.bio: crate::Mood,
            },
            rename = { $users: accounts, comments: remarks },
            derive = [serde::Serialize],
        );
    }
}

mod chat {
    instant_admin::schema! {
        in = crate::chat,
        types = { rooms.chat.presence.mood: crate::Mood, rooms.chat.presence.seat: u8, rooms.chat.topics.emoji.meta: crate::Meta },
        rename = { messages.type: kind, messages.inReplyTo: parent, messages.replies: answers },
        derive = [Debug, serde::Serialize],
        {
            "entities": { "messages": { "attrs": {
                "type": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": false } },
                "kind_2": { "valueType": "string", "required": false }
            } } },
            "links": { "thread": {
                "forward": { "on": "messages", "has": "one", "label": "inReplyTo" },
                "reverse": { "on": "messages", "has": "many", "label": "replies" }
            } },
            "rooms": { "chat": {
                "presence": { "attrs": {
                    "mood": { "valueType": "string", "required": true },
                    "seat": { "valueType": "number", "required": false },
                    "volume": { "valueType": "number", "required": false }
                } },
                "topics": { "emoji": { "attrs": {
                    "meta": { "valueType": "json", "required": false },
                    "note": { "valueType": "json", "required": false }
                } } }
            } }
        }
    }
}

/// A schema whose items are as private as the type that one of them holds.
mod inner {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub(crate) struct Secret(String);

    instant_admin::schema! {
        in = crate::inner,
        types = { notes.secret: Secret },
        visibility = pub(crate),
        { "entities": { "notes": { "attrs": { "secret": { "valueType": "json", "required": true } } } },
          "rooms": { "desk": { "presence": { "attrs": {} } } } }
    }
    query! { pub(crate) Ask(secret: &Secret) = { notes: { $: { where: { secret: secret }, fields: [secret] } } } }

    pub(crate) fn secrets(body: &str) -> Vec<String> {
        let answer = <Ask as instant_admin::Query>::decode(body.as_bytes()).unwrap();
        answer.notes.iter().map(|note| note.secret.0.clone()).collect()
    }

    pub(crate) fn asked() -> serde_json::Value {
        let _ = tx::notes(instant_admin::Id::new()).create(NewNote::new(Secret("s".into())));
        instant_admin::Query::instaql(&Ask::new(&Secret("s".into()))).unwrap()
    }
}

#[test]
fn a_type_that_is_not_public_works_where_the_schema_is_not_public_either() {
    assert_eq!(inner::asked()["notes"]["$"]["where"], json!({ "secret": "s" }));
    let id = "b5c2a0f4-2e50-4a5f-9a3b-0d0f0b0a0c01";
    let answer = json!({ "notes": [{ "id": id, "secret": "x" }] });
    assert_eq!(inner::secrets(&answer.to_string()), ["x"]);
}

use data::blog::{self, Account, NewAccount, NewPost, NewRemark, Post, accounts, posts, query, remarks, tx};

/// A json attribute as a struct.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Meta {
    minutes: u32,
}

/// A string attribute as an enum.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    /// Smiling.
    Merry,
    /// Not smiling.
    Grave,
}

/// A required string attribute as a newtype.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Title(String);

async fn start() -> (Backend, Db, Id<Post>) {
    let (server, db) = instant_tests::start(blog::SCHEMA).await;
    let (ada, post) = (Id::<Account>::new(), Id::new());
    let new =
        NewPost { title: Title("Notes".into()), slug: "notes".into(), published: true, author: ada.into() };
    let steps = (
        tx::accounts(ada).create(NewAccount {}).handle("ada").bio(Mood::Merry),
        tx::posts(post).create(new).views(u64::from(u32::MAX) + 1).meta(Meta { minutes: 7 }),
    );
    db.transact(steps).await.unwrap();
    (server, db, post)
}

#[tokio::test]
async fn attributes_have_the_types_they_were_given() {
    let (_server, db, post) = start().await;
    let query = query! {
        posts: { $: { where: { title: Title("Notes".into()), views: { $gt: 4_000_000_000_u64 } } }, author!: {} },
    };
    let answer = db.query(query).await.unwrap();
    let found = &answer.posts[0];
    assert_eq!((found.id, &found.title), (post, &Title("Notes".into())));
    assert_eq!((found.views, &found.meta), (Some(4_294_967_296), &Some(Meta { minutes: 7 })));
    assert_eq!(found.author.bio, Some(Mood::Merry));
}

#[tokio::test]
async fn filters_and_writes_take_the_types_too() {
    let (_server, db, post) = start().await;
    let mut merry = Where::<Post>::new();
    merry.and(posts::author().dot(accounts::bio()).eq(Mood::Merry)).and(posts::views().gte(5_u64));
    assert_eq!(db.query(query! { posts: { $: { where: #merry } } }).await.unwrap().posts.len(), 1);

    let ada = accounts::by_handle("ada");
    db.transact((
        tx::posts(post).update().meta(Null).views(3_u64),
        tx::accounts(ada).update().bio(Mood::Grave),
    ))
    .await
    .unwrap();
    let answer = db.query(query! { posts: {}, $users: {} }).await.unwrap();
    assert_eq!((&answer.posts[0].meta, answer.posts[0].views), (&None, Some(3)));
    assert_eq!(answer.accounts[0].bio, Some(Mood::Grave));
}

#[tokio::test]
async fn a_value_that_the_type_does_not_know_is_an_error_with_its_place() {
    let (_server, db, post) = start().await;
    let write = instant_admin::tx::raw("posts", post).update(json!({ "meta": { "minutes": "seven" } }));
    db.transact(write).await.unwrap();
    let error: Error = db.query(query! { posts: {} }).await.unwrap_err();
    assert!(error.is_decode());
    assert!(error.path().is_some_and(|path| path.starts_with("posts[0].meta")), "{error}");
}

#[tokio::test]
async fn renamed_entities_keep_their_name_on_the_wire() {
    let (_server, db, post) = start().await;
    let remark = NewRemark { text: "Indeed".into(), post: post.into() };
    db.transact(tx::remarks(Id::new()).create(remark)).await.unwrap();
    let mut filter = Where::new();
    filter.and(remarks::text().eq("Indeed"));
    let answer = db.query(query! { comments: { $: { where: #filter } } }).await.unwrap();
    assert_eq!(answer.remarks[0].text, "Indeed");
    let tree = db.query_json(json!({ "comments": {} })).await.unwrap();
    assert_eq!(tree["comments"][0]["text"], "Indeed");
}

#[tokio::test]
async fn derives_come_with_the_names_of_the_schema() {
    let (_server, db, post) = start().await;
    let answer = db.query(query! { posts: {} }).await.unwrap();
    assert_eq!(
        serde_json::to_value(&answer.posts[0]).unwrap(),
        json!({
            "id": post, "title": "Notes", "slug": "notes", "body": null, "views": 4_294_967_296_u64, "published": true,
            "createdAt": null, "meta": { "minutes": 7 },
        })
    );
}

#[tokio::test]
async fn renamed_attributes_and_links_keep_their_names_on_the_wire() {
    use chat::{NewMessage, messages, query, tx};
    let (_server, db) = instant_tests::start(chat::SCHEMA).await;
    let (first, second) = (Id::new(), Id::new());
    db.transact((
        tx::messages(first).create(NewMessage { kind: "text".into() }),
        tx::messages(second).create(NewMessage { kind: "image".into() }).kind_2("png").link_parent(first),
    ))
    .await
    .unwrap();
    let mut images = Where::new();
    images.and(messages::kind().eq("image")).and(messages::parent().dot(messages::kind()).eq("text"));
    let answer = db
        .query(query! { messages: { $: { where: #images, fields: [type, kind_2] }, inReplyTo: { replies: {} } } })
        .await
        .unwrap();
    let image = &answer.messages[0];
    assert_eq!((image.id, image.kind.as_str(), image.kind_2.as_deref()), (second, "image", Some("png")));
    assert_eq!(image.parent.as_ref().unwrap().answers[0].id, second);
    let answer = db.query(query! { messages: { $: { where: { id: first } } } }).await.unwrap();
    assert_eq!(
        serde_json::to_value(&answer.messages[0]).unwrap(),
        json!({ "id": first, "type": "text", "kind_2": null })
    );
}

#[test]
fn what_travels_in_rooms_has_the_types_it_was_given() {
    let me = chat::rooms::ChatPresence { mood: Mood::Merry, seat: Some(7), volume: None };
    assert_eq!(me.to_json().unwrap(), json!({ "mood": "merry", "seat": 7 }));
    let wave = chat::rooms::ChatEmoji { meta: Some(Meta { minutes: 1 }), note: Some(json!([1])) };
    assert_eq!(wave.to_json().unwrap(), json!({ "meta": { "minutes": 1 }, "note": [1] }));
}

#[test]
fn a_payload_that_json_cannot_hold_is_an_error_that_names_the_attribute() {
    let me = chat::rooms::ChatPresence { mood: Mood::Grave, seat: None, volume: Some(f64::NAN) };
    let error = me.to_json().unwrap_err();
    assert!(error.is_invalid_payload());
    assert_eq!(error.path(), Some("chat.volume"));
    assert!(error.message().contains("NaN"), "{error}");
}
