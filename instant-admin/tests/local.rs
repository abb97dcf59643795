//! The client against the embedded backend, over a real socket.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use instant_admin::schema::{Change, StaticSchema};
use instant_admin::{Db, ErrorKind, SchemaSync, User, tx};
use instant_local::Server;
use serde_json::{Value, json};
use uuid::Uuid;

const SCHEMA: StaticSchema = StaticSchema::new(
    r#"{"entities":{
        "posts":{"attrs":{
            "slug":{"valueType":"string","required":true,"config":{"indexed":true,"unique":true}},
            "title":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},
            "views":{"valueType":"number","required":false,"config":{"indexed":true,"unique":false}},
            "meta":{"valueType":"json","required":false,"config":{"indexed":false,"unique":false}}}},
        "authors":{"attrs":{
            "handle":{"valueType":"string","required":true,"config":{"indexed":true,"unique":true}}}},
        "tags":{"attrs":{"label":{"valueType":"string","required":true,"config":{"indexed":true,"unique":true}}}}},
      "links":{
        "postsAuthor":{
          "forward":{"on":"posts","has":"one","label":"author","onDelete":"cascade"},
          "reverse":{"on":"authors","has":"many","label":"posts"}},
        "postsTags":{
          "forward":{"on":"posts","has":"many","label":"tags"},
          "reverse":{"on":"tags","has":"many","label":"posts"}}}}"#,
);

async fn server() -> Server {
    Server::builder().in_memory().start().await.unwrap()
}

fn connect(server: &Server) -> Db {
    builder(server).schema(SCHEMA).build().unwrap()
}

fn builder(server: &Server) -> instant_admin::DbBuilder<instant_admin::access::Admin> {
    Db::builder().url(server.url()).app_id(server.app_id()).admin_token(server.admin_token())
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_transaction_on_an_empty_app_creates_what_it_needs_and_reads_back() {
    let server = server().await;
    let db = connect(&server);
    let (post, author) = (Uuid::new_v4(), Uuid::new_v4());
    let steps = (
        tx::raw("authors", author).update(json!({ "handle": "ada" })),
        tx::raw("posts", post)
            .update(json!({ "slug": "hi", "title": "Hi" }))
            .link(json!({ "author": author })),
    );
    assert!(db.transact(steps).await.unwrap().tx_id > 0);

    let answer = db.query_json(json!({ "posts": { "author": {} } })).await.unwrap();
    assert_eq!(answer["posts"][0]["title"], "Hi");
    assert_eq!(answer["posts"][0]["author"], json!({ "id": author, "handle": "ada" }));

    // The rest of the schema was not needed, so it was not created.
    let pushed = db.push_schema().await.unwrap();
    assert_eq!(
        lines(&pushed.changes),
        [
            "create entity `tags`",
            "create `posts.views` (number, indexed)",
            "create `posts.meta` (json)",
            "create `tags.label` (string, required, indexed, unique)",
            "create link `posts.tags` to `tags.posts` (has many, reverse has many)"
        ]
    );
    assert_eq!(db.push_schema().await.unwrap().changes, []);
}

#[tokio::test]
async fn links_by_lookup_find_the_entities_of_the_same_transaction() {
    let server = server().await;
    let db = connect(&server);
    let post = Uuid::new_v4();
    let steps = (
        tx::raw("authors", tx::lookup("handle", "ada")).update(json!({})),
        ["a", "b"].map(|label| tx::raw("tags", tx::lookup("label", label)).update(json!({}))),
        tx::raw("posts", post)
            .update(json!({ "slug": "hi", "title": "Hi" }))
            .link(json!({ "author": { "handle": "ada" }, "tags": [{ "label": "a" }, { "label": "b" }] })),
    );
    db.transact(steps).await.unwrap();
    let query = json!({ "authors": { "posts": { "tags": { "$": { "order": { "label": "asc" } } } } } });
    let answer = db.query_json(query).await.unwrap();
    assert_eq!(answer["authors"][0]["handle"], "ada");
    let tags = answer["authors"][0]["posts"][0]["tags"].as_array().unwrap();
    assert_eq!(tags.iter().map(|tag| tag["label"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn a_required_attribute_joins_an_entity_that_has_data() {
    let server = server().await;
    let old = StaticSchema::new(
        r#"{"entities":{"posts":{"attrs":{"views":{"valueType":"number","required":false}}}}}"#,
    );
    let before = builder(&server).schema(old).build().unwrap();
    before.transact(tx::raw("posts", Uuid::new_v4()).update(json!({ "views": 1 }))).await.unwrap();

    let db = connect(&server);
    let post = Uuid::new_v4();
    db.transact(tx::raw("posts", post).update(json!({ "slug": "a", "title": "A" }))).await.unwrap();
    let answer = db.query_json(json!({ "posts": { "$": { "where": { "slug": "a" } } } })).await.unwrap();
    assert_eq!(answer["posts"][0]["title"], "A");
    let error = db.push_schema().await.unwrap_err();
    assert!(error.message().contains("existing entities lack it"), "{error}");
}

#[tokio::test]
async fn a_name_the_schema_lacks_is_not_written() {
    let server = server().await;
    let db = connect(&server);
    let error =
        db.transact(tx::raw("posts", Uuid::new_v4()).update(json!({ "titel": "a" }))).await.unwrap_err();
    assert!(error.is_invalid_transaction() && error.to_string().contains("did you mean `title`?"), "{error}");
    assert_eq!(db.query_json(json!({ "posts": {} })).await.unwrap(), json!({ "posts": [] }));
}

#[tokio::test]
async fn an_order_on_an_empty_app_gives_an_empty_answer() {
    let server = server().await;
    let db = connect(&server);
    let query = json!({
        "posts": { "$": { "order": { "views": "desc" } } }, "tags": { "$": { "order": { "serverCreatedAt": "asc" } } },
    });
    assert_eq!(db.query_json(query).await.unwrap(), json!({ "posts": [], "tags": [] }));
}

#[tokio::test]
async fn an_eager_client_and_rivals_on_demand_agree() {
    let server = server().await;
    let clients: Vec<Db> = (0..4).map(|_| connect(&server)).collect();
    let writes = clients.iter().enumerate().map(|(number, db)| {
        let step =
            tx::raw("posts", Uuid::new_v4()).update(json!({ "slug": format!("{number}"), "title": "x" }));
        tokio::spawn(db.transact(step).into_future())
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.unwrap().unwrap();
    }
    let eager = builder(&server).schema(SCHEMA).schema_sync(SchemaSync::Eager).build().unwrap();
    let answer = eager.query_json(json!({ "posts": {} })).await.unwrap();
    assert_eq!(answer["posts"].as_array().unwrap().len(), 4);
    assert_eq!(eager.push_schema().await.unwrap().changes, []);
}

#[tokio::test]
async fn pages_come_with_cursors() {
    let server = server().await;
    let db = connect(&server);
    let post = |n: i32| {
        tx::raw("posts", Uuid::new_v4()).update(json!({ "slug": n.to_string(), "title": "x", "views": n }))
    };
    db.transact((0..3).map(post).collect::<Vec<_>>()).await.unwrap();
    let query = |after: Value| {
        let mut options = json!({ "order": { "views": "asc" }, "limit": 2 });
        if !after.is_null() {
            options["after"] = after;
        }
        json!({ "posts": { "$": options } })
    };
    let first = db.query_json(query(Value::Null)).with_page_info().await.unwrap();
    let info = first.page_info("posts").unwrap();
    assert_eq!((first["posts"].as_array().unwrap().len(), info.has_next_page), (2, true));
    let after = serde_json::to_value(&info.end_cursor).unwrap();
    let second = db.query_json(query(after)).with_page_info().await.unwrap();
    assert_eq!(second["posts"][0]["views"], 2);
    assert!(!second.page_info("posts").unwrap().has_next_page);
}

#[tokio::test]
async fn a_wrong_token_is_unauthenticated_and_not_repeated() {
    let server = server().await;
    let wrong = Uuid::new_v4();
    let db = Db::builder().url(server.url()).app_id(server.app_id()).admin_token(wrong).build().unwrap();
    let error = db.query_json(json!({ "posts": {} })).await.unwrap_err();
    assert!(error.is_unauthenticated());
    assert_eq!(error.status(), Some(400));
    assert!(!format!("{error} {error:?}").contains(&wrong.to_string()));
    let error = db.as_user(User::email("nobody@x.org")).transact(()).await.unwrap_err();
    assert!(error.is_unauthenticated(), "{error}");
    let unknown = Uuid::new_v4().to_string();
    let error = db.as_user(User::token(&unknown)).query_json(json!({ "posts": {} })).await.unwrap_err();
    assert!(error.is_unauthenticated() && !format!("{error} {error:?}").contains(&unknown), "{error}");
}

#[tokio::test]
async fn a_taken_unique_value_is_told_from_other_refusals() {
    let server = server().await;
    let db = connect(&server);
    let author = || tx::raw("authors", Uuid::new_v4()).create(json!({ "handle": "ada" }));
    db.transact(author()).await.unwrap();
    let error = db.transact(author()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    assert!(error.to_string().contains("handle"), "{error}");
    let unchecked = builder(&server).build().unwrap();
    let step = tx::raw("authors", Uuid::new_v4()).create(json!({ "handle": 7 }));
    let error = unchecked.transact(step).await.unwrap_err();
    assert!(error.is_validation() && error.to_string().contains("authors.handle"), "{error}");
}

#[tokio::test]
async fn a_server_that_stopped_is_unreachable() {
    let server = server().await;
    let db = builder(&server).retries(0).build().unwrap();
    db.query_json(json!({})).await.unwrap();
    server.stop().await;
    let error = db.query_json(json!({})).await.unwrap_err();
    assert!(error.is_unreachable(), "{error:?}");
}

#[tokio::test]
async fn a_strict_write_to_what_does_not_exist_is_not_found_and_names_it() {
    let server = server().await;
    let db = connect(&server);
    let id = Uuid::new_v4();
    let error = db
        .transact(tx::raw("posts", id).update(json!({ "title": "a", "views": 1 })).strict())
        .await
        .unwrap_err();
    // The attributes that it lacked were made; the entity was not.
    assert!(error.is_not_found() && error.path() == Some("posts.id"), "{error}");
    assert_eq!(
        error.message(),
        format!(
            "there is no `posts` with the id {id} to write to; where it may not exist yet, write `upsert` or `create`"
        )
    );
    assert_eq!(error.server_type(), Some("validation-failed"));

    let ghost = || tx::lookup("handle", "ghost");
    let error = db.transact(tx::raw("authors", ghost()).update(json!({})).strict()).await;
    let error = error.unwrap_err();
    assert!(error.is_not_found() && error.path() == Some("authors.handle"), "{error}");
    assert!(
        error.message().starts_with("there is no `authors` with the `handle` \"ghost\" to write to"),
        "{error}"
    );
}

#[tokio::test]
async fn a_link_to_a_lookup_without_an_entity_is_not_found_and_names_it() {
    let server = server().await;
    let db = connect(&server);
    db.push_schema().await.unwrap();
    let step = tx::raw("posts", Uuid::new_v4())
        .create(json!({ "slug": "a", "title": "a" }))
        .link(json!({ "author": { "handle": "ghost" } }));
    let error = db.transact(step).await.unwrap_err();
    assert!(error.is_not_found() && error.path() == Some("authors.handle"), "{error}");
    assert_eq!(
        error.message(),
        "there is no `authors` with the `handle` \"ghost\" to link to; create it before, or in the \
         same transaction"
    );
}

#[tokio::test]
async fn an_id_that_create_finds_taken_is_said_once() {
    let server = server().await;
    let db = connect(&server);
    let id = Uuid::new_v4();
    let step = || tx::raw("posts", id).create(json!({ "slug": "a", "title": "a", "views": 1, "meta": {} }));
    db.transact(step()).await.unwrap();
    let error = db.transact(step()).await.unwrap_err();
    assert!(error.is_not_unique() && error.path() == Some("posts.id"), "{error}");
    let shown = format!("{error:?}");
    assert_eq!(shown.matches(&id.to_string()).count(), 1, "{shown}");
    assert!(shown.contains("there is already a `posts` with the id"), "{shown}");
}

#[tokio::test]
async fn a_wrong_token_is_said_to_be_refused_with_where_it_came_from() {
    let server = server().await;
    for (token, why) in [
        (Uuid::new_v4().to_string(), "it is unknown or expired, or belongs to another app than"),
        ("my-token".to_owned(), "it does not have the form of a token"),
    ] {
        let db = builder(&server).admin_token(token.clone()).schema(SCHEMA).build().unwrap();
        let query = db.query_json(json!({ "posts": {} })).await.unwrap_err();
        let push = db.push_schema().await.unwrap_err();
        for error in [query, push] {
            assert!(error.is_unauthenticated(), "{error}");
            let says = "the server refused the admin token that was given to `.admin_token(..)`: ";
            assert!(error.message().starts_with(&format!("{says}{why}")), "{error}");
            assert!(!format!("{error:?} {error:#?}").contains(&token), "{error:#?}");
        }
    }
}
