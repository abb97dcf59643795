//! Every step of a transaction, and the data afterwards.

use crate::forum::{NewPost, NewProfile, NewTag, NewUser, Post, Profile, Tag, User, query, tags, tx, users};
use instant_admin::tx::{self as untyped, IntoSteps, steps};
use instant_admin::{Db, ErrorKind, Id, Null};
use serde_json::{Value, json};

use crate::data::{comment, empty, forum, found, id, named, post, profile, tag, user};

fn titled(title: &str) -> NewPost {
    NewPost { title: title.to_owned() }
}

fn labelled(label: &str) -> NewTag {
    NewTag { label: label.to_owned() }
}

fn handled(handle: &str) -> NewUser {
    NewUser { handle: handle.to_owned() }
}

async fn one(db: &Db, id: Id<Post>) -> Option<Post> {
    db.query(query! { posts: { $: { where: { id: id } } } }).await.unwrap().posts.into_iter().next()
}

async fn meta(db: &Db, id: Id<User>) -> Value {
    let answer = db.query(query! { users: { $: { where: { id: id }, fields: [meta!] } } }).await.unwrap();
    answer.users[0].meta.clone()
}

#[tokio::test]
async fn create_fails_where_the_entity_exists_and_update_where_it_does_not() {
    let (_server, db) = empty().await;
    db.transact(tx::posts(post(1)).create(titled("A")).likes(1)).await.unwrap();
    let error = db.transact(tx::posts(post(1)).create(titled("B"))).await.unwrap_err();
    assert!(error.is_not_unique() && error.path() == Some("posts.id"), "{error}");
    let error = db.transact(tx::posts(post(2)).update().likes(1)).await.unwrap_err();
    assert!(error.is_not_found() && error.path() == Some("posts.id"), "{error}");
    assert!(error.message().contains(&format!("there is no `posts` with the id {}", post(2))), "{error}");
    assert_eq!(
        (one(&db, post(1)).await, one(&db, post(2)).await),
        (Some(Post { id: post(1), title: "A".into(), likes: Some(1.0), body: None }), None)
    );
}

#[tokio::test]
async fn update_writes_what_it_names_and_null_takes_a_value_away() {
    let (_server, db) = empty().await;
    db.transact(tx::posts(post(1)).create(titled("A")).likes(1).body("text")).await.unwrap();
    db.transact(tx::posts(post(1)).update().title("B").body(Null)).await.unwrap();
    let expected = Post { id: post(1), title: "B".into(), likes: Some(1.0), body: None };
    assert_eq!(one(&db, post(1)).await, Some(expected));
    db.transact(tx::posts(post(1)).update().likes(None::<f64>).body(Some("again"))).await.unwrap();
    let expected = Post { id: post(1), title: "B".into(), likes: None, body: Some("again".into()) };
    assert_eq!(one(&db, post(1)).await, Some(expected));
}

#[tokio::test]
async fn upsert_makes_or_changes() {
    let (_server, db) = empty().await;
    db.transact(tx::posts(post(1)).upsert(titled("A")).likes(1)).await.unwrap();
    db.transact(tx::posts(post(1)).upsert(titled("B"))).await.unwrap();
    let expected = Post { id: post(1), title: "B".into(), likes: Some(1.0), body: None };
    assert_eq!(one(&db, post(1)).await, Some(expected));
}

#[tokio::test]
async fn merge_changes_parts_of_json() {
    let (_server, db) = empty().await;
    let first = json!({ "a": 1, "b": { "c": [1, 2], "d": true } });
    db.transact(tx::users(user(1)).create(handled("ada")).meta(first)).await.unwrap();
    db.transact(tx::users(user(1)).merge_meta(json!({ "a": null, "b": { "c": [3], "e": "x" } })))
        .await
        .unwrap();
    assert_eq!(meta(&db, user(1)).await, json!({ "b": { "c": [3], "d": true, "e": "x" } }));
    db.transact(tx::users(users::by_handle("ada")).merge_meta(json!({ "f": 1 }))).await.unwrap();
    assert_eq!(meta(&db, user(1)).await["f"], 1);
    db.transact(tx::users(user(2)).create(handled("new")).merge_meta(json!({ "k": 1 }))).await.unwrap();
    assert_eq!(meta(&db, user(2)).await, json!({ "k": 1 }));
}

#[tokio::test]
async fn links_are_made_and_taken_away_from_either_side() {
    let (_server, db) = forum().await;
    let left: &[Id<Post>; 1] = &[post(4)];
    db.transact((
        tx::posts(post(4)).link_author(user(3)),
        tx::users(user(4)).link_posts([post(3)]),
        tx::posts(post(1)).unlink_tags(tag(1)).unlink_editor(user(2)),
        tx::tags(tag(3)).link_posts(vec![post(1), post(2)]).unlink_posts(left),
    ))
    .await
    .unwrap();
    let answer = db.query(query! { posts: { author: {}, editor: {}, tags: {} } }).await.unwrap();
    let shown: Vec<String> = answer
        .posts
        .iter()
        .map(|post| format!("{}|{}|{}", named!(post.author), named!(post.editor), named!(post.tags)))
        .collect();
    assert_eq!(shown, ["U1||T2 T3", "U1||T2 T3", "U4||", "U3||"]);
    let untagged = query! { posts: { $: { where: { id: { $in: left }, tags: { $isNull: true } } } } };
    assert_eq!(found!(db, posts, untagged), "P4");
}

#[tokio::test]
async fn a_link_between_one_and_one_is_replaced_but_not_taken_from_another() {
    let (_server, db) = forum().await;
    let taken = db.transact(tx::users(user(2)).link_profile(profile(1))).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::NotUnique, "{taken}");
    db.transact((tx::users(user(1)).unlink_profile(profile(1)), tx::users(user(2)).link_profile(profile(1))))
        .await
        .unwrap();
    assert_eq!(found!(db, users, query! { users: { $: { where: { profile: profile(1) } } } }), "U2");
    let new: Id<Profile> = id("F2");
    let step = tx::profiles(new).create(NewProfile { avatar: "f2.png".into() });
    db.transact((step, tx::users(user(2)).link_profile(new))).await.unwrap();
    let answer =
        db.query(query! { users: { $: { where: { id: user(2) } }, profile: {} }, profiles: { user: {} } });
    let answer = answer.await.unwrap();
    assert_eq!(answer.users[0].profile.as_ref().map(|profile| profile.avatar.as_str()), Some("f2.png"));
    let users: Vec<Option<Id<User>>> =
        answer.profiles.iter().map(|profile| profile.user.as_ref().map(|user| user.id)).collect();
    assert_eq!(users, [None, Some(user(2))]);
}

#[tokio::test]
async fn delete_takes_along_what_cascades() {
    let (_server, db) = forum().await;
    db.transact((tx::posts(post(1)).delete(), tx::tags(tags::by_label("c")).delete())).await.unwrap();
    assert_eq!(found!(db, posts, query! { posts: {} }), "P2 P3 P4");
    assert_eq!(found!(db, comments, query! { comments: {} }), "C3 C4");
    assert_eq!(found!(db, tags, query! { tags: {} }), "T1 T2");
    assert_eq!(found!(db, users, query! { users: {} }), "U1 U2 U3 U4");
    db.transact(tx::posts(post(1)).delete()).await.unwrap();
}

#[tokio::test]
async fn lookups_stand_for_entities_and_for_targets() {
    let (_server, db) = forum().await;
    db.transact((
        tx::users(users::by_handle("carol")).update().age(50),
        tx::users(users::by_handle("eve")).upsert(handled("eve")).age(60),
        tx::posts(post(4))
            .link_author(users::by_handle("bob"))
            .link_tags([tags::by_label("a"), tags::by_label("b")]),
        tx::users(users::by_email("a@x.io")).link_friends(users::by_handle("dan")),
        tx::posts(post(2)).unlink_tags(tags::by_label("b")),
    ))
    .await
    .unwrap();
    let ages =
        query! { users: { $: { where: { age: { $gte: 50 } }, order: { age: asc }, fields: [handle, age] } } };
    let ages = db.query(ages).await.unwrap();
    let ages: Vec<(&str, Option<f64>)> =
        ages.users.iter().map(|user| (user.handle.as_str(), user.age)).collect();
    assert_eq!(ages, [("carol", Some(50.0)), ("eve", Some(60.0))]);
    let zed =
        db.query(query! { posts: { $: { where: { id: post(4) } }, author: {}, tags: {} } }).await.unwrap();
    assert_eq!((named!(zed.posts[0].author), named!(zed.posts[0].tags)), ("U2".into(), "T1 T2 T3".into()));
    let alice = db.query(query! { users: { $: { where: { handle: "alice" } }, friends: {} } }).await.unwrap();
    assert_eq!(named!(alice.users[0].friends), "U2 U4");
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { tags: { $isNull: true } } } } }), "P2 P3");

    let error = db.transact(tx::users(users::by_handle("nobody")).update().age(1)).await.unwrap_err();
    assert!(error.is_not_found() && error.path() == Some("users.handle"), "{error}");
    assert!(
        error.message().starts_with("there is no `users` with the `handle` \"nobody\" to write to"),
        "{error}"
    );
    let error = db.transact(tx::users(user(1)).update().handle("bob")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique, "{error}");
}

#[tokio::test]
async fn tuples_arrays_vectors_options_and_iterators_are_one_transaction() {
    let (_server, db) = empty().await;
    let labels = ["a", "b", "c"];
    let tag_of = |number: usize| -> Id<Tag> { id(&format!("T{number}")) };
    let made =
        labels.iter().enumerate().map(|(number, label)| tx::tags(tag_of(number)).create(labelled(label)));
    let extra: Option<_> = Some(tx::tags(tag_of(7)).create(labelled("extra")));
    let answer = db
        .transact((
            steps(made),
            vec![tx::posts(post(1)).create(titled("A")), tx::posts(post(2)).create(titled("B"))],
            [tx::tags(tag_of(0)).update().label("z")],
            extra,
            None::<instant_schema::Step>,
            (
                tx::tags(tag_of(1)).delete(),
                untyped::raw("posts", post(2).uuid()).update(json!({ "likes": 3 })),
            ),
        ))
        .await
        .unwrap();
    assert!(answer.tx_id > 0);
    let found = db.query(query! { tags: { $: { order: { label: asc } } }, posts: {} }).await.unwrap();
    let labels: Vec<&str> = found.tags.iter().map(|tag| tag.label.as_str()).collect();
    assert_eq!(labels, ["c", "extra", "z"]);
    assert_eq!(found.posts[1].likes, Some(3.0));
    let nothing: Vec<instant_schema::Step> = Vec::new();
    db.transact(nothing).await.unwrap();
}

#[tokio::test]
async fn one_wrong_step_undoes_the_transaction() {
    let (_server, db) = empty().await;
    db.transact(tx::tags(tag(1)).create(labelled("a"))).await.unwrap();
    let wrong = (tx::tags(tag(2)).create(labelled("b")), tx::tags(tag(3)).create(labelled("a")));
    assert_eq!(db.transact(wrong).await.unwrap_err().kind(), ErrorKind::NotUnique);
    assert_eq!(found!(db, tags, query! { tags: {} }), "T1");
    let unsendable =
        (tx::tags(tag(2)).create(labelled("b")), tx::posts(post(1)).create(titled("x")).likes(f64::NAN));
    let error = db.transact(unsendable).await.unwrap_err();
    assert_eq!((error.is_invalid_transaction(), error.path()), (true, Some("posts.likes")));
    assert_eq!(found!(db, tags, query! { tags: {} }), "T1");
}

#[tokio::test]
async fn rule_params_go_with_the_steps() {
    let (_server, db) = empty().await;
    let step = tx::posts(post(1)).create(titled("A")).rule_params(json!({ "secret": "s" }));
    db.transact(step).await.unwrap();
    db.transact(tx::posts(post(1)).rule_params(json!({ "secret": "s" })).link_comments(comment(1)))
        .await
        .unwrap();
    assert_eq!(one(&db, post(1)).await.unwrap().title, "A");
}

#[tokio::test]
async fn a_function_can_make_steps_for_another() {
    fn author_of(posts: &[Id<Post>], author: Id<User>) -> impl IntoSteps {
        let links = posts.iter().map(move |post| tx::posts(*post).link_author(author));
        steps(links.collect::<Vec<_>>())
    }
    let (_server, db) = forum().await;
    db.transact(author_of(&[post(3), post(4)], user(4))).await.unwrap();
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { author: user(4) } } } }), "P3 P4");
    let everyone: Vec<User> = db.query(query! { users: {} }).await.unwrap().users.into_vec();
    assert_eq!(everyone.len(), 4);
}
