//! The contents of rows: nested forms, `fields`, markers, fragments, and items with parameters.

use std::collections::HashMap;

use crate::forum::{self, Post, Profile, User, fragment, query};
use instant_admin::{Id, Page};
use serde_json::json;

use crate::data::{empty, forum, found, named, post, profile, user};

#[tokio::test]
async fn an_empty_form_gives_the_struct_of_the_entity() {
    let (_server, db) = forum().await;
    let answer = db.query(query! { users: { $: { where: { handle: "alice" } } } }).await.unwrap();
    let alice: &User = &answer.users[0];
    let expected = User {
        id: user(1),
        handle: "alice".into(),
        name: Some("Alice".into()),
        age: Some(30.0),
        city: Some("Rome".into()),
        active: Some(true),
        joined: Some("2024-01-01".parse().unwrap()),
        bio: Some("hi".into()),
        email: Some("a@x.io".into()),
        meta: Some(json!({ "k": 1 })),
    };
    assert_eq!(*alice, expected);
    let answer = db.query(query! { users: { $: { where: { handle: "carol" } } } }).await.unwrap();
    let carol = &answer.users[0];
    assert_eq!((carol.age, &carol.bio, &carol.meta, carol.joined), (None, &None, &None, None));
}

#[tokio::test]
async fn links_to_many_are_lists_and_links_to_one_are_options() {
    let (_server, db) = forum().await;
    let answer =
        db.query(query! { users: { posts: { comments: {} }, profile: {}, friends: {}, friendOf: {} } });
    let answer = answer.await.unwrap();
    let shown: Vec<String> = answer
        .users
        .iter()
        .map(|user| {
            let posts: Vec<String> =
                user.posts.iter().map(|post| format!("{}[{}]", post.title, named!(post.comments))).collect();
            format!(
                "{}: {} | {} | {}",
                user.handle,
                posts.join(" "),
                named!(user.friends),
                named!(user.friend_of)
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "alice: Hello[C1 C2] World[] | U2 | ",
            "bob: hello again[C3] | U3 | U1",
            "carol:  |  | U2",
            "dan:  |  | "
        ]
    );
    let profiles: Vec<Option<&Profile>> = answer.users.iter().map(|user| user.profile.as_ref()).collect();
    let expected = Profile { id: profile(1), avatar: "f1.png".into() };
    assert_eq!(profiles, [Some(&expected), None, None, None]);

    let reverse = db.query(query! { profiles: { user: { $: { fields: [handle] } } } }).await.unwrap();
    assert_eq!(reverse.profiles[0].user.as_ref().map(|user| user.handle.as_str()), Some("alice"));
}

#[tokio::test]
async fn a_nested_form_filters_and_sorts_its_rows_and_keeps_the_parents() {
    let (_server, db) = forum().await;
    let liked = db.query(query! { users: { posts: { $: { where: { likes: { $gt: 0 } } } } } }).await.unwrap();
    let shown: Vec<String> = liked.users.iter().map(|user| named!(user.posts)).collect();
    assert_eq!(shown, ["P1", "", "", ""]);
    let by_likes =
        query! { users: { $: { where: { handle: "alice" } }, posts: { $: { order: { likes: asc } } } } };
    assert_eq!(named!(db.query(by_likes).await.unwrap().users[0].posts), "P2 P1");
    let by_body =
        query! { users: { $: { where: { handle: "alice" } }, posts: { $: { order: { body: desc } } } } };
    assert_eq!(named!(db.query(by_body).await.unwrap().users[0].posts), "P1 P2");
}

#[tokio::test]
async fn fields_choose_attributes_at_every_level() {
    let (_server, db) = forum().await;
    let answer = db
        .query(query! {
            posts: { $: { where: { title: "Hello" }, fields: [title] }, author: { $: { fields: [] } }, editor: {} },
        })
        .await
        .unwrap();
    let hello = &answer.posts[0];
    assert_eq!((hello.id, hello.title.as_str()), (post(1), "Hello"));
    assert_eq!(hello.author.as_ref().unwrap().id, user(1));
    assert_eq!(hello.editor.as_ref().unwrap().age, Some(25.0));
}

#[tokio::test]
async fn rows_come_in_order_by_an_attribute_that_fields_leave_out() {
    let (_server, db) = forum().await;
    let roots = query! { users: { $: { order: { age: desc }, fields: [handle] } } };
    assert_eq!(found!(db, users, roots), "U4 U1 U2 U3");
    let nested = query! {
        users: { $: { where: { handle: "alice" }, fields: [] }, posts: { $: { order: { likes: asc }, fields: [title] } } },
    };
    assert_eq!(named!(db.query(nested).await.unwrap().users[0].posts), "P2 P1");
    fragment! { pub Handle on users { $: { fields: [handle] } } }
    let spread = query! { users: { $: { order: { age: desc } }, ..Handle } };
    assert_eq!(found!(db, users, spread), "U4 U1 U2 U3");
}

#[tokio::test]
async fn several_roots_are_answered_together() {
    let (_server, db) = forum().await;
    let answer =
        db.query(query! { tags: {}, users: { $: { where: { age: 40 } } }, posts: { $: { limit: 1 } } });
    let answer = answer.await.unwrap();
    assert_eq!(
        (named!(answer.tags), named!(answer.users), named!(answer.posts)),
        ("T1 T2 T3".into(), "U4".into(), "P1".into())
    );
}

#[tokio::test]
async fn markers_change_what_may_be_missing() {
    let (_server, db) = forum().await;
    let answer =
        db.query(query! { users: { $: { where: { handle: "alice" } }, age!, handle? } }).await.unwrap();
    let alice = &answer.users[0];
    let (age, handle): (f64, Option<&str>) = (alice.age, alice.handle.as_deref());
    assert_eq!((age, handle), (30.0, Some("alice")));
    let error = db.query(query! { users: { age! } }).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    assert_eq!(error.path(), Some("users[2].age"));
    assert!(error.to_string().contains(&user(3).to_string()), "{error}");
    let in_fields =
        db.query(query! { users: { $: { where: { age: 25 }, fields: [age!, handle?] } } }).await.unwrap();
    assert_eq!((in_fields.users[0].age, in_fields.users[0].handle.as_deref()), (25.0, Some("bob")));
}

query! {
    /// The posts of a user, the most liked first.
    #[derive(serde::Serialize)]
    pub Written(handle: &str, least: Option<u32>, take: usize) = {
        posts: {
            $: { where: { author.handle: handle, likes?: { $gte: least } }, order: { likes: desc }, limit: take },
            author: Card,
            comments: { $: { fields: [text] }, author: Card },
        },
    }
}

fragment! {
    /// Who somebody is.
    #[derive(serde::Serialize)]
    pub Card on users { $: { fields: [handle] }, friends: { $: { fields: [handle], order: { handle: asc } } } }
}

#[tokio::test]
async fn a_named_query_takes_parameters_and_shares_fragments() {
    let (_server, db) = forum().await;
    let answer: WrittenResponse = db.query(Written::new("alice", None, 10)).await.unwrap();
    let posts: &Page<WrittenPost> = &answer.posts;
    assert_eq!(named!(posts), "P1 P2");
    let author: &Card = posts[0].author.as_ref().unwrap();
    let commenter: &Card = posts[0].comments[1].author.as_ref().unwrap();
    assert_eq!((author.handle.as_str(), commenter.handle.as_str()), ("alice", "carol"));
    assert_eq!(author.friends[0].handle, "bob");
    let liked = db.query(Written::new("alice", Some(1), 10)).await.unwrap();
    assert_eq!(
        serde_json::to_value(&liked).unwrap()["posts"][0]["comments"],
        json!([
            { "id": crate::data::comment(1), "text": "nice", "author": {
                "id": user(2), "handle": "bob", "friends": [{ "id": user(3), "handle": "carol" }]
            } },
            { "id": crate::data::comment(2), "text": "meh", "author": { "id": user(3), "handle": "carol", "friends": [] } },
        ])
    );
    assert_eq!(named!(db.query(Written::new("alice", None, 1)).await.unwrap().posts), "P1");
    let again = db.query(Written::new("alice", Some(1), 10)).await.unwrap();
    assert_eq!(again.clone().posts, liked.posts);
}

#[tokio::test]
async fn links_in_fragments_find_what_the_query_filters() {
    let (_server, db) = forum().await;
    let answer =
        db.query(query! { users: { $: { where: { friends.handle: "carol" } }, ..Card } }).await.unwrap();
    let bob: &Card = &answer.users[0];
    assert_eq!((bob.id, bob.friends[0].handle.as_str()), (user(2), "carol"));
}

#[tokio::test]
async fn rule_params_travel_with_a_query() {
    let (_server, db) = forum().await;
    let secrets = HashMap::from([("secret", "s")]);
    let beside = query! { $$ruleParams: secrets, users: { $: { where: { age: 40 } } } };
    assert_eq!(found!(db, users, beside), "U4");
    let answer = db.query(query! { users: {} }).rule_params(json!({ "secret": "s" })).await.unwrap();
    assert_eq!(answer.users.len(), 4);
}

#[tokio::test]
async fn an_empty_app_answers_with_empty_pages() {
    let (_server, db) = empty().await;
    let answer = db.query(query! { users: { posts: {} }, tags: { $: { order: { label: asc }, limit: 3 } } });
    let answer = answer.await.unwrap();
    assert_eq!((answer.users.len(), answer.tags.len()), (0, 0));
    let none: Vec<Id<Post>> = Vec::new();
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { id: { $in: none } } } } }), "");
    assert_eq!(answer.users.page_info(), None);
    let rows: Vec<forum::Tag> = answer.tags.into_vec();
    assert_eq!(rows, []);
}
