//! Clients that were built without a schema: typed queries and steps bring theirs along.

use instant_admin::access::Public;
use instant_admin::{Db, Id, SchemaSync, User, tx as steps};
use instant_tests::blog::{self, NewComment, NewPost, NewTag, query, tags, tx};
use instant_tests::{Backend, untyped};
use serde_json::json;

use crate::admin::schema_of;
use crate::forum;

/// A schema that shares an entity with the blog's, as it is defined there, and has one of its own.
mod notes {
    instant_admin::schema! {
        in = crate::without_schema::notes,
        "entities": {
            "tags": { "attrs": { "label": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } } } },
            "notes": { "attrs": { "pages": { "valueType": "number", "required": true } } }
        },
        "links": { "notesTags": {
            "forward": { "on": "notes", "has": "many", "label": "tags" },
            "reverse": { "on": "tags", "has": "many", "label": "notes" }
        } }
    }
}

async fn bare() -> (Backend, Db) {
    let server = Backend::empty().await;
    let db = untyped(&server);
    (server, db)
}

fn new_post() -> NewPost {
    NewPost { title: "Hi".into(), slug: "hi".into(), published: true }
}

#[tokio::test]
async fn typed_steps_make_attributes_and_links_as_their_schema_says() {
    let (server, db) = bare().await;
    let (post, comment) = (Id::new(), Id::new());
    db.transact((
        tx::posts(post).create(new_post()).link_author(blog::users::by_handle("ada")),
        tx::users(blog::users::by_handle("ada")).upsert(blog::NewUser {}),
        tx::comments(comment).create(NewComment { post: post.into() }),
    ))
    .await
    .unwrap();

    let schema = schema_of(&server).await;
    let slug = &schema["blobs"]["posts"]["slug"];
    assert_eq!(
        json!([slug["checked-data-type"], slug["unique?"], slug["index?"], slug["required?"]]),
        json!(["string", true, true, true])
    );
    let of_comments =
        schema["refs"].as_object().unwrap().values().find(|link| link["forward-identity"][1] == "comments");
    let link = of_comments.unwrap();
    assert_eq!(
        json!([link["cardinality"], link["required?"], link["on-delete"], link["reverse-identity"][2]]),
        json!(["one", true, "cascade", "comments"])
    );

    // A client that was built with the schema finds what this one wrote.
    let answer = db.query(query! { posts: { author: {}, comments: {} } }).await.unwrap();
    assert_eq!(answer.posts[0].author.as_ref().unwrap().handle.as_deref(), Some("ada"));
    assert_eq!(answer.posts[0].comments[0].id, comment);
    let with_schema = server.client();
    let with_schema = with_schema.schema(blog::SCHEMA).build().unwrap();
    let theirs = with_schema.query(query! { posts: { author: {}, comments: {} } }).await.unwrap();
    assert_eq!(format!("{theirs:?}"), format!("{answer:?}"));
    assert_eq!(
        db.transact(tx::posts(Id::new()).create(new_post())).await.unwrap_err().path(),
        Some("posts.slug")
    );
}

#[tokio::test]
async fn a_typed_query_orders_by_what_the_server_lacks() {
    let (server, db) = bare().await;
    db.transact(tx::posts(Id::new()).create(new_post())).await.unwrap();
    assert_eq!(schema_of(&server).await["blobs"]["posts"].get("views"), None);
    let posts = db.query(query! { posts: { $: { order: { views: desc } } } }).await.unwrap().posts;
    assert_eq!(posts.len(), 1);
    assert_eq!(schema_of(&server).await["blobs"]["posts"]["views"]["checked-data-type"], "number");
}

#[tokio::test]
async fn an_eager_client_pushes_the_schema_of_its_first_query() {
    let (server, _) = bare().await;
    let db = server.client();
    let db = db.schema_sync(SchemaSync::Eager).build().unwrap();
    assert_eq!(db.query(query! { tags: {} }).await.unwrap().tags.len(), 0);
    let blobs = &schema_of(&server).await["blobs"];
    assert_eq!(blobs["posts"]["score"]["checked-data-type"], "number");
    assert_eq!(blobs.get("notes"), None);
    db.query(notes::query! { notes: {} }).await.unwrap();
    assert_eq!(schema_of(&server).await["blobs"]["notes"]["pages"]["checked-data-type"], "number");
}

#[tokio::test]
async fn untyped_steps_beside_typed_ones_are_checked_against_their_schema() {
    let (server, db) = bare().await;
    let post = Id::<blog::Post>::new();
    let wrong = steps::raw("posts", post.uuid()).update(json!({ "vews": 1 }));
    let error = db.transact((tx::posts(post).create(new_post()), wrong.clone())).await.unwrap_err();
    assert!(error.is_invalid_transaction() && error.message().contains("did you mean `views`?"), "{error}");
    assert_eq!(schema_of(&server).await["blobs"].get("posts"), None);

    // Alone they have no schema, and the server invents what it lacks.
    db.transact(wrong).await.unwrap();
    let invented = &schema_of(&server).await["blobs"]["posts"]["vews"];
    assert_eq!((invented["index?"].clone(), invented.get("checked-data-type")), (json!(false), None));
}

#[tokio::test]
async fn steps_of_two_schemas_that_agree_are_one_transaction() {
    let (server, db) = bare().await;
    db.transact((
        tx::tags(tags::by_label("rust")).upsert(NewTag { label: "rust".into() }),
        tx::posts(Id::new()).create(new_post()).link_tags(tags::by_label("rust")),
        notes::tx::notes(Id::new())
            .create(notes::NewNote { pages: 3.0 })
            .link_tags(notes::tags::by_label("rust")),
    ))
    .await
    .unwrap();
    let blobs = &schema_of(&server).await["blobs"];
    assert_eq!(blobs["notes"]["pages"]["checked-data-type"], "number");
    assert_eq!(blobs["tags"]["label"]["unique?"], true);
    let found = db.query(notes::query! { tags: { notes: {} } }).await.unwrap();
    assert_eq!(json!(found.tags[0].notes[0].pages), json!(3.0));
}

#[tokio::test]
async fn two_schemas_that_contradict_each_other_are_an_error_that_names_both_definitions() {
    let (server, db) = bare().await;
    let ours = tx::posts(Id::new()).create(new_post());
    let theirs = forum::tx::tags(Id::new()).create(forum::NewTag { label: "a".into() });
    let expected = "two schemas define `posts.author` differently: as a link from posts.author (has one) to \
                    $users.posts (has many), and as a link from posts.author (has one) to users.posts (has many)";
    let error = db.transact((ours.clone(), theirs.clone())).await.unwrap_err();
    assert!(error.is_config(), "{error}");
    assert_eq!(error.to_string(), expected);

    let builder = server.client();
    let db = builder.schema(blog::SCHEMA).build().unwrap();
    assert_eq!(db.transact(theirs).await.unwrap_err().to_string(), expected);
    assert_eq!(db.query(forum::query! { tags: {} }).await.unwrap_err().to_string(), expected);
    db.transact(ours).await.unwrap();
}

#[tokio::test]
async fn a_client_without_an_admin_token_says_who_can_create_what_the_server_lacks() {
    let server = Backend::empty().await;
    let public: Db<Public> = Db::builder().url(server.url()).app_id(server.app_id()).build().unwrap();
    let error =
        public.as_user(User::guest()).transact(tx::posts(Id::new()).create(new_post())).await.unwrap_err();
    assert!(
        error.is_validation() && error.message().contains("`db.push_schema()` on a client that has one"),
        "{error}"
    );
    assert!(error.to_string().contains("posts.title"), "{error}");
    assert_eq!(schema_of(&server).await["blobs"].get("posts"), None);
}

#[tokio::test]
async fn an_index_that_the_schema_gained_is_missed_with_advice_to_push_it() {
    let (_server, db) = bare().await;
    // What an older version of the program made, without an index and without uniqueness.
    let old = steps::raw("posts", Id::<blog::Post>::new().uuid());
    db.transact(old.update(json!({ "views": 1, "slug": "a" }))).await.unwrap();

    let error = db.query(query! { posts: { $: { where: { views: { $gt: 0 } } } } }).await.unwrap_err();
    let advice = "the server does not: push the schema with `db.push_schema()`";
    assert!(
        error.message().contains(&format!("the schema has `posts.views` as an indexed number, {advice}")),
        "{error}"
    );
    let error = db.query(query! { posts: { $: { order: { views: asc } } } }).await.unwrap_err();
    assert!(
        error.message().contains(&format!("the schema has `posts.views` as an indexed number, {advice}")),
        "{error}"
    );
    let by_slug = tx::posts(blog::posts::by_slug("a")).update().views(2);
    let error = db.transact(by_slug).await.unwrap_err();
    assert!(error.message().contains(&format!("the schema has `posts.slug` as unique, {advice}")), "{error}");
}
