//! Requests on behalf of users and guests, under the app's rules.

use instant_admin::{Db, ErrorKind, Id, User};
use instant_tests::blog::{self, NewPost, query, tx};

use crate::admin::sign_in;

#[tokio::test]
async fn a_user_sees_and_writes_under_the_rules_by_email_and_as_a_guest() {
    let (server, db) = instant_tests::start(blog::SCHEMA).await;
    let (ada, bob, post) = (Id::<blog::User>::new(), Id::<blog::User>::new(), Id::<blog::Post>::new());
    db.transact((
        tx::users(ada).upsert(blog::NewUser {}).email("ada@x.io").handle("ada"),
        tx::users(bob).upsert(blog::NewUser {}).email("bob@x.io").handle("bob"),
        tx::posts(post)
            .create(NewPost { title: "T".into(), slug: "t".into(), published: true })
            .link_author(ada),
    ))
    .await
    .unwrap();

    // The default rules show all entities to everybody, but of `$users` only one's own.
    let as_ada = db.as_user(User::email("ada@x.io"));
    let seen = as_ada.query(query! { $users: {}, posts: {} }).await.unwrap();
    assert_eq!(seen.users.iter().map(|user| user.id).collect::<Vec<_>>(), [ada]);
    assert_eq!(seen.posts[0].id, post);
    as_ada.transact(tx::posts(post).update().views(1)).await.unwrap();

    let guest = db.as_user(User::guest());
    let seen = guest.query(query! { $users: {}, posts: { $: { fields: [views] } } }).await.unwrap();
    assert_eq!((seen.users.len(), seen.posts[0].views), (0, Some(1.0)));

    // A link to a hidden entity decodes too.
    let seen = guest.query(query! { posts: { author: {}, comments: {} } }).await.unwrap();
    assert!(seen.posts[0].author.is_none() && seen.posts[0].comments.is_empty());

    let nobody = db.as_user(User::email("eve@x.io"));
    assert_eq!(nobody.query(query! { posts: {} }).await.unwrap_err().kind(), ErrorKind::NotFound);

    let public = Db::builder().url(server.url()).app_id(server.app_id().to_string()).schema(blog::SCHEMA);
    let public = public.build().unwrap();
    let seen = public.as_user(User::guest()).query(query! { posts: {} }).await.unwrap();
    assert_eq!(seen.posts[0].title, "T");
}

#[tokio::test]
async fn a_token_acts_for_its_user() {
    let (server, db) = instant_tests::start(blog::SCHEMA).await;
    let user = sign_in(&server, "ada@x.io").await;
    let token = user["refresh_token"].as_str().unwrap();

    let own = db.as_user(User::token(token));
    let seen = own.query(query! { $users: { $: { fields: [email] } } }).await.unwrap();
    assert_eq!(seen.users[0].email.as_deref(), Some("ada@x.io"));
    assert_eq!(seen.users[0].id.to_string(), user["id"].as_str().unwrap());

    let public = Db::builder().url(server.url()).app_id(server.app_id().to_string()).build().unwrap();
    let seen = public.as_user(User::token(token)).query(query! { $users: {} }).await.unwrap();
    assert_eq!(seen.users.len(), 1);
    let stranger = db.as_user(User::token(uuid::Uuid::nil().to_string()));
    assert!(stranger.query(query! { posts: {} }).await.is_err());
}
