//! Planning and pushing schemas against the embedded backend: what changes, what is left alone, and that a push is all
//! or nothing.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use instant_admin::schema::StaticSchema;
use instant_admin::{Db, tx};
use instant_local::Server;
use serde_json::{Value, json};
use uuid::Uuid;

/// Posts with a title, a required slug and an old attribute, and who wrote them.
const OLD: StaticSchema = StaticSchema::new(
    r#"{"entities":{
        "posts":{"attrs":{
            "title":{"valueType":"string","required":false,"config":{"indexed":false,"unique":false}},
            "slug":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},
            "old":{"valueType":"json","required":false,"config":{"indexed":false,"unique":false}}}},
        "authors":{"attrs":{"name":{"valueType":"string","required":false,"config":{"indexed":false,"unique":false}}}}},
      "links":{"x":{"forward":{"on":"posts","has":"one","label":"author","onDelete":"cascade"},
                    "reverse":{"on":"authors","has":"many","label":"posts"}}}}"#,
);

/// The same with the title as an indexed headline, the author as the writer, and without the old attribute.
const NEW: StaticSchema = StaticSchema::new(
    r#"{"entities":{
        "posts":{"attrs":{
            "headline":{"valueType":"string","required":false,"config":{"indexed":true,"unique":false}},
            "slug":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}}}},
        "authors":{"attrs":{"name":{"valueType":"string","required":false,"config":{"indexed":false,"unique":false}}}}},
      "links":{"x":{"forward":{"on":"posts","has":"one","label":"writer","onDelete":"cascade"},
                    "reverse":{"on":"authors","has":"many","label":"posts"}}}}"#,
);

/// A server with the old schema and one post by Ada, and a client without a schema of its own.
async fn old() -> (Server, Db) {
    let server = Server::builder().in_memory().start().await.unwrap();
    let db = Db::builder().url(server.url()).app_id(server.app_id()).admin_token(server.admin_token());
    let db = db.build().unwrap();
    db.push_schema().schema(OLD).await.unwrap();
    let author = Uuid::from_u128(1);
    db.transact((
        tx::raw("authors", author).create(json!({ "name": "Ada" })),
        tx::raw("posts", Uuid::from_u128(2))
            .create(json!({ "title": "Hi", "slug": "hi", "old": [1] }))
            .link(json!({ "author": author })),
    ))
    .await
    .unwrap();
    (server, db)
}

/// Everything that the server knows of its attributes.
async fn attributes(db: &Db) -> String {
    // A plan against an empty schema names all that is there.
    let nothing = StaticSchema::new(r#"{"entities":{}}"#);
    db.plan_schema().schema(nothing).await.unwrap().to_string()
}

fn changed(text: &str, from: &str, to: &str) -> StaticSchema {
    assert!(text.contains(from), "{from} in {text}");
    StaticSchema::new(Box::leak(text.replacen(from, to, 1).into_boxed_str()))
}

#[tokio::test]
async fn renames_keep_the_values_and_deletions_end_them() {
    let (_server, db) = old().await;
    let renames = [("posts.title", "posts.headline"), ("posts.author", "posts.writer")];
    let plan = db.plan_schema().schema(NEW).rename(renames).delete(["posts.old"]).await.unwrap();
    assert_eq!(
        plan.to_string(),
        "rename `posts.title` to `posts.headline`\nrename `posts.author` to `posts.writer`\nindex \
         `posts.headline`\ndelete `posts.old`"
    );
    let pushed = db.push_schema().schema(NEW).rename(renames).delete(["posts.old"]).await.unwrap();
    assert_eq!((pushed.changes, pushed.beyond), (plan.changes, plan.beyond));

    let found = db.query_json(
        json!({ "posts": { "$": { "where": { "headline": { "$like": "H%" } } }, "writer": {} } }),
    );
    let found: Value = found.await.unwrap();
    assert_eq!(found["posts"][0]["headline"], "Hi");
    assert_eq!(found["posts"][0].get("old"), None);
    assert_eq!(found["posts"][0]["writer"][0]["name"], "Ada");
    // The cascade came along.
    db.transact(tx::raw("authors", Uuid::from_u128(1)).delete()).await.unwrap();
    assert_eq!(db.query_json(json!({ "posts": {} })).await.unwrap()["posts"], json!([]));
    assert_eq!(db.plan_schema().schema(NEW).await.unwrap().to_string(), "no changes");
}

#[tokio::test]
async fn a_new_name_without_a_rename_leaves_the_old_one_and_says_so() {
    let (_server, db) = old().await;
    let wanted = changed(NEW.as_json(), r#""label":"posts""#, r#""label":"written""#);
    let pushed = db.push_schema().schema(wanted).await.unwrap();
    assert_eq!(
        pushed.to_string(),
        "create `posts.headline` (string, indexed)\ncreate link `posts.writer` to `authors.written` (has one, reverse \
         has many, cascades)\nnot in the schema: `posts.title`\nnot in the schema: `posts.old`\nnot in the schema: \
         `posts.author`"
    );
    let found = db.query_json(json!({ "posts": {} })).await.unwrap();
    assert_eq!((&found["posts"][0]["title"], &found["posts"][0]["headline"]), (&json!("Hi"), &Value::Null));
}

#[tokio::test]
async fn a_link_that_changed_its_name_on_one_side_is_refused_with_advice_to_rename() {
    let (_server, db) = old().await;
    let error = db.push_schema().schema(NEW).await.unwrap_err();
    assert!(error.is_config(), "{error}");
    assert!(error.message().starts_with("authors->posts: Duplicate entry found for attribute."), "{error}");
    assert!(error.message().ends_with("`.delete([\"entity.old\"])` deletes one"), "{error}");
}

#[tokio::test]
async fn a_required_attribute_that_the_schema_lacks_is_warned_of() {
    let (_server, db) = old().await;
    let without_slug = changed(
        OLD.as_json(),
        r#""slug":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},"#,
        "",
    );
    let plan = db.plan_schema().schema(without_slug).await.unwrap();
    assert_eq!(
        plan.to_string(),
        "no changes\nnot in the schema: `posts.slug`, which the server requires: `posts` cannot be created by this \
         schema"
    );
    assert!(plan.beyond[0].blocks_creation);
}

#[tokio::test]
async fn a_push_of_one_good_and_one_impossible_change_changes_nothing() {
    let (_server, db) = old().await;
    db.transact(tx::raw("posts", Uuid::from_u128(3)).create(json!({ "slug": "hi" }))).await.unwrap();
    let before = attributes(&db).await;
    // A new attribute, an index and a type that fit, and slugs that are not unique.
    let wanted = changed(
        OLD.as_json(),
        r#""unique":false}},
            "old""#,
        r#""unique":true}},
            "views":{"valueType":"number"},
            "old""#,
    );
    let wanted = changed(
        wanted.as_json(),
        r#""required":false,"config":{"indexed":false"#,
        r#""required":false,"config":{"indexed":true"#,
    );
    let error = db.push_schema().schema(wanted).await.unwrap_err();
    assert!(error.is_validation() && error.path() == Some("posts.slug"), "{error}");
    assert_eq!(
        error.message(),
        "`unique posts.slug` failed: existing values are not unique. Nothing was changed: the rest of the push was taken \
         back"
    );
    assert_eq!(attributes(&db).await, before);
    // Neither the index nor the new attribute is left.
    let plan = db.plan_schema().schema(OLD).await.unwrap();
    assert_eq!(plan.to_string(), "no changes");
}

#[tokio::test]
async fn what_existing_entities_lack_is_not_made_required_and_nothing_is_sent() {
    let (_server, db) = old().await;
    let post = Uuid::from_u128(3);
    db.transact(tx::raw("posts", post).create(json!({ "slug": "b" }))).await.unwrap();
    let wanted = changed(
        OLD.as_json(),
        r#""title":{"valueType":"string","required":false"#,
        r#""title":{"valueType":"string","required":true"#,
    );
    let error = db.push_schema().schema(wanted).await.unwrap_err();
    assert!(error.is_validation() && error.path() == Some("posts.title"), "{error}");
    assert_eq!(
        error.message(),
        format!(
            "`posts.title` cannot become required: existing entities lack it, such as the one with the id {post}; give \
             them a value first. Nothing was changed"
        )
    );
}

#[tokio::test]
async fn changes_that_are_not_possible_are_refused_before_anything_is_sent() {
    let (_server, db) = old().await;
    let error = db.push_schema().schema(NEW).rename([("posts.titel", "posts.headline")]).await.unwrap_err();
    assert!(error.is_config() && error.message().contains("did you mean `posts.title`?"), "{error}");
    let error = db.push_schema().schema(NEW).delete(["posts.slug"]).await.unwrap_err();
    assert_eq!(error.message(), "`posts.slug` cannot be deleted: the schema still has it; remove it there");
    assert_eq!(db.plan_schema().schema(OLD).await.unwrap().to_string(), "no changes");
}
