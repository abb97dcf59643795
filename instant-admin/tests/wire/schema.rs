//! The schema goes along: what the server lacks is created, then the transaction is sent once more.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use instant_admin::{Db, SchemaSync, User, schema::StaticSchema, tx};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::{APP, assert_keeps_secrets, builder};

const SCHEMA: StaticSchema = StaticSchema::new(
    r#"{"entities":{
        "posts":{"attrs":{
            "title":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},
            "views":{"valueType":"number","required":false,"config":{"indexed":true,"unique":false}}}},
        "authors":{"attrs":{"handle":{"valueType":"string","required":true,"config":{"indexed":true,"unique":true}}}}},
      "links":{"postsAuthor":{
        "forward":{"on":"posts","has":"one","label":"author","onDelete":"cascade"},
        "reverse":{"on":"authors","has":"many","label":"posts"}}}}"#,
);

/// A server that knows attributes by name, refuses transactions until it has `needed`, and goes through
/// `apply_failures` before it takes an attribute.
#[derive(Clone, Default)]
struct Fake(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    needed: Vec<&'static str>,
    attrs: Vec<Value>,
    apply_failures: Vec<Value>,
    /// What somebody else creates while an apply fails.
    rival: Vec<Value>,
    seen: Vec<(String, Value)>,
}

impl State {
    fn names(&self) -> Vec<String> {
        let name = |attr: &Value| {
            let identity = &attr["forward-identity"];
            format!("{}.{}", identity[1].as_str().unwrap(), identity[2].as_str().unwrap())
        };
        self.attrs.iter().map(name).collect()
    }
}

impl Respond for Fake {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let path = request.url.path().replace(APP, "APP");
        state.seen.push((path.clone(), body.clone()));
        let lacking: Vec<_> =
            state.needed.iter().filter(|name| !state.names().iter().any(|n| n == *name)).collect();
        let (status, answer) = match path.as_str() {
            "/admin/transact" if !lacking.is_empty() => (
                400,
                json!({
                "type": "validation-failed", "message": "Validation failed for steps: Attributes are missing in your schema",
                "hint": { "data-type": "steps", "errors": [{ "message": "Attributes are missing in your schema",
                          "hint": { "attributes": lacking } }] } }),
            ),
            "/admin/transact" => (200, json!({ "tx-id": 5 })),
            "/admin/query" => match lacking.first() {
                Some(name) => {
                    let (entity, label) = name.split_once('.').unwrap();
                    let message = format!("There is no `{label}` attribute for {entity}.");
                    let error = json!({ "expected": "supported-order?", "in": [entity, "$", "order"], "message": message });
                    (
                        400,
                        json!({ "type": "validation-failed", "message": message, "hint": { "data-type": "query", "errors": [error] } }),
                    )
                }
                None => (200, json!({ "posts": [] })),
            },
            "/dash/apps/APP/schema/pull" => {
                (200, json!({ "schema": {}, "attrs": state.attrs, "app-title": "x" }))
            }
            "/dash/apps/APP/schema/steps/apply" => {
                if let Some(failure) = state.apply_failures.pop() {
                    let rival = std::mem::take(&mut state.rival);
                    state.attrs.extend(rival);
                    (400, failure)
                } else {
                    let steps = body["steps"].as_array().unwrap();
                    state.attrs.extend(steps.iter().map(|step| step[1].clone()));
                    (200, json!({ "transaction": {}, "steps": steps, "indexing-jobs": null }))
                }
            }
            _ => (404, json!({ "message": "Oops! We couldn't match this route." })),
        };
        ResponseTemplate::new(status).set_body_json(answer)
    }
}

impl Fake {
    async fn start(needed: &[&'static str]) -> (Self, MockServer) {
        let fake = Self::default();
        fake.0.lock().unwrap().needed = needed.to_vec();
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(fake.clone()).mount(&server).await;
        (fake, server)
    }

    fn seen(&self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap().seen)
    }

    fn paths(&self) -> Vec<String> {
        self.seen().into_iter().map(|(path, _)| path.rsplit_once('/').unwrap().1.to_owned()).collect()
    }

    fn attr(&self, name: &str) -> Value {
        let state = self.0.lock().unwrap();
        let at = state.names().iter().position(|known| known == name).unwrap_or_else(|| panic!("no {name}"));
        state.attrs[at].clone()
    }
}

fn attr(entity: &str, label: &str) -> Value {
    let id = Uuid::new_v4();
    json!({ "id": id, "forward-identity": [id, entity, label], "value-type": "blob", "cardinality": "one" })
}

fn connect(server: &MockServer) -> Db {
    builder(&server.uri()).schema(SCHEMA).build().unwrap()
}

fn step() -> impl tx::IntoSteps {
    tx::raw("posts", Uuid::nil()).update(json!({ "title": "a" }))
}

#[tokio::test]
async fn writes_are_strict_with_a_schema_and_missing_attributes_are_created_as_it_says() {
    let (fake, server) = Fake::start(&["posts.id", "posts.title"]).await;
    let steps =
        tx::raw("posts", Uuid::nil()).update(json!({ "title": "a" })).link(json!({ "author": Uuid::nil() }));
    assert_eq!(connect(&server).transact(steps).await.unwrap().tx_id, 5);

    let seen = fake.seen();
    let paths: Vec<_> = seen.iter().map(|(path, _)| path.as_str()).collect();
    let apply = "/dash/apps/APP/schema/steps/apply";
    assert_eq!(paths, ["/admin/transact", "/dash/apps/APP/schema/pull", apply, "/admin/transact"]);
    assert_eq!(seen[0].1["throw-on-missing-attrs?"], true);
    assert_eq!(seen[0].1, seen[3].1);
    assert_eq!(fake.0.lock().unwrap().names(), ["posts.id", "posts.title", "posts.author", "authors.id"]);
    let title = fake.attr("posts.title");
    let told = ["index?", "unique?", "required?", "checked-data-type"].map(|key| title[key].clone());
    assert_eq!(told, [json!(true), json!(false), json!(true), json!("string")]);
    let author = fake.attr("posts.author");
    let told = ["cardinality", "unique?", "on-delete", "value-type"].map(|key| author[key].clone());
    assert_eq!(told, [json!("one"), json!(false), json!("cascade"), json!("ref")]);
    assert_eq!(author["reverse-identity"][1], "authors");
}

#[tokio::test]
async fn only_what_is_missing_is_created() {
    let (fake, server) = Fake::start(&["posts.id", "posts.title"]).await;
    fake.0.lock().unwrap().attrs.push(attr("posts", "id"));
    connect(&server).transact(step()).await.unwrap();
    let created = &fake.seen()[2].1["steps"];
    assert_eq!(created.as_array().unwrap().len(), 1);
    assert_eq!(created[0][0], "add-attr");
    assert_eq!(created[0][1]["forward-identity"][2], "title");
}

#[tokio::test]
async fn untyped_steps_that_do_not_fit_the_schema_are_not_sent() {
    let (fake, server) = Fake::start(&[]).await;
    let steps = (
        step(),
        tx::raw("posts", Uuid::nil())
            .update(json!({ "titel": "a" }))
            .link(json!({ "author": { "handle": 7 } })),
        tx::raw("post", Uuid::nil()).delete(),
    );
    let error = connect(&server).transact(steps).await.unwrap_err();
    assert!(error.is_invalid_transaction() && !error.may_have_been_applied());
    assert_eq!(
        error.message(),
        "step 1, update posts.titel: `posts` has no attribute `titel`; did you mean `title`?\n\
         attributes: `title`, `views`\n\
         step 2, link authors.handle: `authors.handle` holds strings, not a number\n\
         step 3, delete post: the schema has no entity `post`; did you mean `posts`?\n\
         entities: `posts`, `authors`"
    );
    assert_eq!(fake.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_rival_who_creates_the_same_attributes_is_no_error() {
    let (fake, server) = Fake::start(&["posts.id", "posts.title"]).await;
    {
        let mut state = fake.0.lock().unwrap();
        state.rival = vec![attr("posts", "title")];
        let message = "`title` already exists on `posts`";
        state.apply_failures.push(json!({ "type": "record-not-unique", "message": message, "hint": {} }));
    }
    connect(&server).transact(step()).await.unwrap();
    assert_eq!(fake.paths(), ["transact", "pull", "apply", "pull", "apply", "transact"]);
    assert_eq!(fake.0.lock().unwrap().names(), ["posts.title", "posts.id"]);
}

#[tokio::test]
async fn a_required_attribute_of_an_entity_with_data_is_created_as_optional() {
    let (fake, server) = Fake::start(&["posts.title"]).await;
    let message = "Can't create attribute `title` as required because `posts` already have entities";
    fake.0.lock().unwrap().apply_failures.push(json!({
        "type": "validation-failed", "message": format!("Validation failed for attributes: {message}"),
        "hint": { "data-type": "attributes", "input": { "forward-identity": ["i", "posts", "title"] },
                  "errors": [{ "message": message }] } }));
    connect(&server).transact(step()).await.unwrap();
    assert_eq!(fake.attr("posts.title")["required?"], false);
    assert_eq!(fake.attr("posts.title")["index?"], true);
}

#[tokio::test]
async fn a_refusal_to_create_is_reported_and_the_transaction_not_sent_again() {
    let (fake, server) = Fake::start(&["posts.title"]).await;
    let denied = json!({ "type": "permission-denied", "message": "no", "hint": { "token": "hunter2" } });
    fake.0.lock().unwrap().apply_failures.push(denied);
    let error = connect(&server).transact(step()).await.unwrap_err();
    assert!(error.is_permission_denied());
    assert_keeps_secrets(&error);
    assert_eq!(fake.paths(), ["transact", "pull", "apply"]);
}

#[tokio::test]
async fn transactions_side_by_side_create_once() {
    let (fake, server) = Fake::start(&["posts.id", "posts.title"]).await;
    let db = connect(&server);
    let both = tokio::join!(db.transact(step()).into_future(), db.transact(step()).into_future());
    assert_eq!((both.0.unwrap().tx_id, both.1.unwrap().tx_id), (5, 5));
    assert_eq!(fake.paths().iter().filter(|path| *path == "apply").count(), 1);
}

#[tokio::test]
async fn a_scoped_client_creates_with_the_admin_token_and_a_public_one_cannot() {
    let (fake, server) = Fake::start(&["posts.id", "posts.title"]).await;
    let public = Db::builder().url(server.uri()).app_id(APP).schema(SCHEMA).build().unwrap();
    let error = public.as_user(User::guest()).transact(step()).await.unwrap_err();
    assert!(error.to_string().contains("a client without an admin token cannot create"), "{error}");
    assert_eq!(fake.paths(), ["transact"]);

    connect(&server).as_user(User::guest()).transact(step()).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let signed: Vec<_> =
        requests[1..].iter().map(|request| request.headers.contains_key("authorization")).collect();
    assert_eq!(signed, [false, true, true, false]);
}

#[tokio::test]
async fn without_sync_a_missing_attribute_is_an_error() {
    let (fake, server) = Fake::start(&["posts.title"]).await;
    let db = builder(&server.uri()).schema(SCHEMA).schema_sync(SchemaSync::Off).build().unwrap();
    let error = db.transact(step()).await.unwrap_err();
    assert!(
        error.is_validation() && error.to_string().contains("Attributes are missing in your schema"),
        "{error}"
    );
    assert_eq!(fake.paths(), ["transact"]);
}

#[tokio::test]
async fn an_order_by_what_the_server_lacks_creates_it_and_asks_again() {
    let (fake, server) = Fake::start(&["posts.views"]).await;
    let query = json!({ "posts": { "$": { "order": { "views": "desc" } } } });
    assert_eq!(connect(&server).query_json(query).await.unwrap(), json!({ "posts": [] }));
    assert_eq!(fake.paths(), ["query", "pull", "apply", "query"]);
    assert_eq!(fake.0.lock().unwrap().names(), ["posts.id", "posts.views"]);
}

#[tokio::test]
async fn an_order_by_what_the_schema_lacks_too_stays_an_error() {
    let (fake, server) = Fake::start(&["posts.vews"]).await;
    let error = connect(&server).query_json(json!({ "posts": {} })).await.unwrap_err();
    assert_eq!(error.message(), "There is no `vews` attribute for posts.");
    assert_eq!(fake.paths(), ["query"]);
}

#[tokio::test]
async fn an_untyped_query_is_checked_by_the_schema_and_all_problems_are_named() {
    let (fake, server) = Fake::start(&[]).await;
    let query = json!({ "posts": { "$": { "where": { "titel": "a" } } }, "autors": {} });
    let error = connect(&server).query_json(query.clone()).await.unwrap_err();
    assert!(error.is_invalid_query());
    assert_eq!(error.path(), Some("posts.$.where.titel"));
    let text = error.to_string();
    assert!(text.contains("did you mean `title`?") && text.contains("did you mean `authors`?"), "{text}");
    assert_eq!(fake.paths(), [""; 0]);
    crate::connect(&server.uri()).query_json(query).await.unwrap();
}

/// The attribute whose index is what the pushes below are about.
const TITLE: Uuid = Uuid::from_u128(7);

/// A server that has `posts.title` without its index, takes a push, and has its job running until it was asked about it
/// twice. `error` is how the job ends; `undone` is the answer to what is applied after that.
async fn pushing(error: Option<&'static str>, undone: Value) -> MockServer {
    let server = MockServer::start().await;
    let state = Mutex::new((0, 0));
    let job = move |status: &str, error: Option<&str>| json!({ "attr_id": TITLE, "attr_name": "posts.title", "job_type": "index", "job_status": status, "error": error });
    let title = json!({ "id": TITLE, "forward-identity": [TITLE, "posts", "title"], "value-type": "blob",
                        "cardinality": "one", "required?": true, "checked-data-type": "string" });
    Mock::given(any())
        .respond_with(move |request: &Request| {
            let (applied, polls) = &mut *state.lock().unwrap();
            let path = request.url.path();
            let answer = if path.ends_with("schema/pull") {
                json!({ "attrs": [attr("posts", "id"), title] })
            } else if path.ends_with("schema/steps/apply") {
                *applied += 1;
                if *applied == 1 {
                    json!({ "indexing-jobs": { "group-id": "g", "jobs": [job("waiting", None)] } })
                } else {
                    undone.clone()
                }
            } else if path.ends_with("indexing-jobs/group/g") {
                *polls += 1;
                let end = if error.is_some() { "errored" } else { "completed" };
                let job = if *polls < 2 { job("processing", None) } else { job(end, error) };
                json!({ "jobs": [job] })
            } else {
                json!({ "tx-id": 1, "posts": [] })
            };
            ResponseTemplate::new(200).set_body_json(answer)
        })
        .mount(&server)
        .await;
    server
}

/// The steps of every `steps/apply`, in order.
async fn applied(server: &MockServer) -> Vec<Vec<Value>> {
    let requests = server.received_requests().await.unwrap();
    let applies = requests.iter().filter(|request| request.url.path().ends_with("steps/apply"));
    applies
        .map(|request| request.body_json::<Value>().unwrap()["steps"].as_array().unwrap().clone())
        .collect()
}

#[tokio::test]
async fn a_push_waits_for_its_jobs_and_says_what_changed() {
    let server = pushing(None, json!({})).await;
    let pushed = connect(&server).push_schema().timeout(Duration::from_secs(10)).await.unwrap();
    assert_eq!(
        pushed.to_string(),
        "create entity `authors`\nindex `posts.title`\ncreate `posts.views` (number, indexed)\ncreate \
         `authors.handle` (string, required, indexed, unique)\ncreate link `posts.author` to `authors.posts` (has one, \
         reverse has many, cascades)"
    );
    let applied = applied(&server).await;
    let names: Vec<&Value> = applied[0].iter().map(|step| &step[0]).collect();
    assert_eq!(names, ["add-attr", "index", "add-attr", "add-attr", "add-attr"]);
    assert_eq!(applied[0][1][1]["attr-id"], json!(TITLE));
}

#[tokio::test]
async fn a_plan_applies_nothing() {
    let server = pushing(None, json!({})).await;
    let plan = connect(&server).plan_schema().await.unwrap();
    assert_eq!(plan.changes.len(), 5);
    assert_eq!(applied(&server).await.len(), 0);
    assert_eq!(plan.changes, connect(&server).push_schema().await.unwrap().changes);
}

#[tokio::test]
async fn what_a_push_did_is_taken_back_where_a_job_fails() {
    let server = pushing(Some("triple-too-large-error"), json!({})).await;
    let error = connect(&server).push_schema().await.unwrap_err();
    assert!(error.is_validation() && error.path() == Some("posts.title"));
    assert_eq!(
        error.message(),
        "`index posts.title` failed: existing values are too large to index (1024 bytes at most). Nothing was changed: \
         the rest of the push was taken back"
    );
    let applied = applied(&server).await;
    let added = applied[0].iter().rev().filter(|step| step[0] == "add-attr");
    let deletions: Vec<Value> = added.map(|step| json!(["delete-attr", step[1]["id"]])).collect();
    assert_eq!(applied[1], deletions);
}

#[tokio::test]
async fn what_cannot_be_taken_back_is_said() {
    let left = json!({ "indexing-jobs": { "group-id": "g2", "jobs": [
        { "attr_id": TITLE, "job_type": "remove-index", "job_status": "errored", "error": "unexpected-error" }] } });
    let server = pushing(Some("unexpected-error"), left).await;
    let error = connect(&server).push_schema().await.unwrap_err();
    assert!(
        error
            .message()
            .ends_with("The rest of the push could not be taken back as a whole: remove-index failed"),
        "{error}"
    );
}

#[tokio::test]
async fn an_eager_client_pushes_once_before_its_first_request() {
    let server = pushing(None, json!({})).await;
    let db = builder(&server.uri()).schema(SCHEMA).schema_sync(SchemaSync::Eager).build().unwrap();
    db.query_json(json!({ "posts": {} })).await.unwrap();
    db.clone().transact(step()).await.unwrap();
    let paths: Vec<_> =
        server.received_requests().await.unwrap().iter().map(|r| r.url.path().to_owned()).collect();
    assert_eq!(paths.iter().filter(|path| path.ends_with("steps/apply")).count(), 1);
    assert!(paths[1].ends_with("steps/apply") && paths.last().unwrap() == "/admin/transact", "{paths:?}");
}

#[tokio::test]
async fn what_cannot_push_says_so() {
    let eager =
        Db::builder().url("http://localhost:1").app_id(APP).schema(SCHEMA).schema_sync(SchemaSync::Eager);
    assert!(eager.build().unwrap_err().to_string().contains(".admin_token("));
    let error = crate::connect("http://localhost:1").push_schema().await.unwrap_err();
    assert!(error.is_config() && error.to_string().contains(".schema("), "{error}");
}
