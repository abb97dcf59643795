//! Typed code creates the attributes that it needs on the server, exactly as the schema says.

use instant_admin::{DbBuilder, Id, SchemaSync, access::Admin};
use instant_tests::Backend;
use instant_tests::blog::{self, NewComment, NewPost, NewTag, query, tx};
use serde_json::{Value, json};

use crate::admin::schema_of;

async fn bare() -> Backend {
    Backend::empty().await
}

fn client(server: &Backend) -> DbBuilder<Admin> {
    server.client().schema(blog::SCHEMA)
}

fn new_post() -> NewPost {
    NewPost { title: "Hi".into(), slug: "hi".into(), published: true }
}

#[tokio::test]
async fn a_transaction_makes_what_it_names_and_nothing_else() {
    let server = bare().await;
    let db = client(&server).build().unwrap();
    let (post, comment) = (Id::new(), Id::new());
    db.transact((
        tx::posts(post).create(new_post()).created_at("2024-01-01"),
        tx::comments(comment).create(NewComment { post: post.into() }).text("Nice"),
    ))
    .await
    .unwrap();

    let schema = schema_of(&server).await;
    let attribute = |name: &str, label: &str| {
        let blob = &schema["blobs"][name][label];
        json!([
            blob["checked-data-type"],
            blob["unique?"],
            blob["index?"],
            blob["required?"],
            blob["cardinality"]
        ])
    };
    assert_eq!(attribute("posts", "title"), json!(["string", false, true, true, "one"]));
    assert_eq!(attribute("posts", "slug"), json!(["string", true, true, true, "one"]));
    assert_eq!(attribute("posts", "published"), json!(["boolean", false, true, true, "one"]));
    assert_eq!(attribute("posts", "createdAt"), json!(["date", false, true, false, "one"]));
    assert_eq!(attribute("comments", "text"), json!(["string", false, false, false, "one"]));
    let mut labels: Vec<&String> = schema["blobs"]["posts"].as_object().unwrap().keys().collect();
    labels.sort();
    assert_eq!(labels, ["createdAt", "id", "published", "slug", "title"]);
    assert_eq!(schema["blobs"].get("tags"), None);

    let links: Vec<&Value> = schema["refs"].as_object().unwrap().values().collect();
    let own: Vec<&&Value> = links.iter().filter(|link| link["forward-identity"][1] == "comments").collect();
    assert_eq!(own.len(), 1, "{links:#?}");
    let link = own[0];
    assert_eq!(
        json!([
            link["forward-identity"][1],
            link["forward-identity"][2],
            link["reverse-identity"][1],
            link["reverse-identity"][2],
            link["cardinality"],
            link["unique?"],
            link["required?"],
            link["on-delete"],
        ]),
        json!(["comments", "post", "posts", "comments", "one", false, true, "cascade"])
    );
    assert!(links.iter().all(|link| link["forward-identity"][1] != "posts"), "{links:#?}");

    let answer = db.query(query! { posts: { comments: {} } }).await.unwrap();
    assert_eq!(answer.posts[0].comments[0].text.as_deref(), Some("Nice"));
}

#[tokio::test]
async fn a_lookup_makes_the_attribute_it_looks_by() {
    let server = bare().await;
    let db = client(&server).build().unwrap();
    let post = Id::new();
    db.transact((
        tx::tags(blog::tags::by_label("rust")).upsert(NewTag { label: "rust".into() }),
        tx::posts(post).create(new_post()).link_tags(blog::tags::by_label("rust")),
        tx::posts(post).link_author(blog::users::by_handle("ada")),
        tx::users(blog::users::by_handle("ada")).upsert(blog::NewUser {}).bio("Counts."),
    ))
    .await
    .unwrap();
    let schema = schema_of(&server).await;
    let label = &schema["blobs"]["tags"]["label"];
    assert_eq!(json!([label["unique?"], label["index?"], label["required?"]]), json!([true, true, true]));
    let handle = &schema["blobs"]["$users"]["handle"];
    assert_eq!(json!([handle["unique?"], handle["index?"], handle["required?"]]), json!([true, true, false]));
    let tags =
        schema["refs"].as_object().unwrap().values().find(|link| link["forward-identity"][2] == "tags");
    assert_eq!(json!([tags.unwrap()["cardinality"], tags.unwrap()["unique?"]]), json!(["many", false]));
    let answer = db.query(query! { posts: { tags: {}, author: {} } }).await.unwrap();
    let post = &answer.posts[0];
    let author = post.author.as_ref().unwrap();
    assert_eq!((author.handle.as_deref(), author.bio.as_deref()), (Some("ada"), Some("Counts.")));
    assert_eq!(post.tags[0].label, "rust");
}

#[tokio::test]
async fn an_eager_client_makes_everything_before_its_first_request() {
    let server = bare().await;
    let db = client(&server).schema_sync(SchemaSync::Eager).build().unwrap();
    assert_eq!(schema_of(&server).await["blobs"].get("posts"), None);
    assert_eq!(db.query(query! { posts: {} }).await.unwrap().posts.len(), 0);
    let schema = schema_of(&server).await;
    assert_eq!(schema["blobs"]["posts"]["score"]["checked-data-type"], "number");
    assert_eq!(schema["blobs"]["tags"]["label"]["unique?"], true);
    let forward: Vec<&Value> =
        schema["refs"].as_object().unwrap().values().map(|link| &link["forward-identity"][2]).collect();
    assert!(["author", "post", "tags"].iter().all(|label| forward.contains(&&json!(label))), "{forward:?}");
    assert_eq!(db.push_schema().await.unwrap().changes, []);
}

#[tokio::test]
async fn a_client_told_to_leave_the_schema_alone_makes_nothing() {
    let server = bare().await;
    let db = client(&server).schema_sync(SchemaSync::Off).build().unwrap();
    let error = db.transact(tx::posts(Id::new()).create(new_post())).await.unwrap_err();
    assert!(error.is_validation(), "{error}");
    assert_eq!(
        error.message(),
        "Validation failed for steps: Attributes are missing in your schema; this client creates none \
         (`SchemaSync::Off`): push the schema with `db.push_schema()`, or leave `.schema_sync(..)` out"
    );
    assert!(error.to_string().contains("posts.title"), "{error}");
    assert_eq!(schema_of(&server).await["blobs"].get("posts"), None);
    assert_eq!(db.query(query! { posts: { comments: {} } }).await.unwrap().posts.len(), 0);
    db.push_schema().await.unwrap();
    db.transact(tx::posts(Id::new()).create(new_post())).await.unwrap();
}
