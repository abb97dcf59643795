//! The headers, path and body of each request.

use std::time::Duration;

use instant_admin::{Db, User, schema::StaticSchema};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::{APP, TOKEN, builder, connect};

async fn server() -> MockServer {
    let server = MockServer::start().await;
    let query = Mock::given(method("POST")).and(path("/admin/query"));
    query.respond_with(ResponseTemplate::new(200).set_body_json(json!({ "posts": [] }))).mount(&server).await;
    let transact = Mock::given(method("POST")).and(path("/admin/transact"));
    transact
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "tx-id": 7 })))
        .mount(&server)
        .await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_query_names_the_app_twice_and_says_who_asks() {
    let server = server().await;
    let answer = connect(&server.uri()).query_json(json!({ "posts": {} })).await.unwrap();
    assert_eq!(answer, json!({ "posts": [] }));

    let request = only_request(&server).await;
    assert_eq!(header(&request, "app-id"), Some(APP));
    assert_eq!(request.url.query(), Some(format!("app_id={APP}").as_str()));
    assert_eq!(header(&request, "authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(&request, "instant-admin-version"), Some(version));
    assert_eq!(header(&request, "instant-core-version"), Some(version));
    let agent = concat!("instant-admin-rust/", env!("CARGO_PKG_VERSION"));
    assert_eq!(header(&request, "user-agent"), Some(agent));
    assert_eq!(request.body_json::<Value>().unwrap(), json!({ "query": { "posts": {} } }));
}

#[tokio::test]
async fn an_empty_transaction_is_sent_and_gives_its_number() {
    let server = server().await;
    let committed = connect(&server.uri()).transact(()).await.unwrap();
    assert_eq!(committed.tx_id, 7);
    assert_eq!(only_request(&server).await.body_json::<Value>().unwrap(), json!({ "steps": [] }));
}

#[tokio::test]
async fn only_a_user_named_by_email_brings_the_admin_token_along() {
    let server = server().await;
    let db = connect(&server.uri());
    for user in
        [db.as_user(User::email("ada@x.org")), db.as_user(User::token("t")), db.as_user(User::guest())]
    {
        user.query_json(json!({ "posts": {} })).await.unwrap();
    }
    let sent = server.received_requests().await.unwrap();
    let seen: Vec<_> = sent
        .iter()
        .map(|request| {
            ["authorization", "as-email", "as-token", "as-guest"].map(|name| header(request, name))
        })
        .collect();
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(
        seen,
        [
            [Some(bearer.as_str()), Some("ada@x.org"), None, None],
            [None, None, Some("t"), None],
            [None, None, None, Some("true")],
        ]
    );
}

#[tokio::test]
async fn a_client_without_an_admin_token_acts_for_users() {
    let server = server().await;
    let public = Db::builder().url(server.uri()).app_id(APP).build().unwrap();
    public.as_user(User::guest()).query_json(json!({ "posts": {} })).await.unwrap();
    assert_eq!(header(&only_request(&server).await, "authorization"), None);
}

#[tokio::test]
async fn rule_params_travel_inside_the_query_and_its_own_win() {
    let server = server().await;
    let db = connect(&server.uri());
    db.query_json(json!({ "posts": {} })).rule_params(json!({ "a": 1 })).await.unwrap();
    let own = json!({ "posts": {}, "$$ruleParams": { "b": 2 } });
    db.query_json(own).rule_params(json!({ "a": 1 })).timeout(Duration::from_secs(5)).await.unwrap();
    let sent = server.received_requests().await.unwrap();
    let params: Vec<Value> = sent
        .iter()
        .map(|request| request.body_json::<Value>().unwrap()["query"]["$$ruleParams"].clone())
        .collect();
    assert_eq!(params, [json!({ "a": 1 }), json!({ "b": 2 })]);
}

#[tokio::test]
async fn a_query_or_rule_params_of_the_wrong_shape_are_not_sent() {
    let server = server().await;
    let db = connect(&server.uri());
    assert!(db.query_json(json!(["posts"])).await.unwrap_err().is_invalid_query());
    let error = db.query_json(json!({})).rule_params(json!(1)).await.unwrap_err();
    assert_eq!(error.path(), Some("$$ruleParams"));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_path_before_the_api_is_kept() {
    let server = MockServer::start().await;
    let query = Mock::given(method("POST")).and(path("/instant/admin/query"));
    query.respond_with(ResponseTemplate::new(200).set_body_json(json!({}))).mount(&server).await;
    let db = connect(&format!("{}/instant", server.uri()));
    assert_eq!(db.query_json(json!({})).await.unwrap(), json!({}));
}

#[tokio::test]
async fn clones_and_scoped_clients_share_connections() {
    let server = crate::raw::Raw::start(|_| crate::raw::answer("application/json", "{}")).await;
    let db = connect(&server.url);
    for _ in 0..3 {
        db.clone().query_json(json!({})).await.unwrap();
        db.as_user(User::guest()).query_json(json!({})).await.unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 6));
}

#[tokio::test]
async fn a_schema_asks_for_cardinality_inference() {
    let server = server().await;
    let schema = StaticSchema::new(r#"{"entities":{"posts":{"attrs":{}}}}"#);
    let db = builder(&server.uri()).schema(schema).build().unwrap();
    db.query_json(json!({ "posts": {} })).await.unwrap();
    let sent: Value = only_request(&server).await.body_json().unwrap();
    assert_eq!(sent, json!({ "query": { "posts": {} }, "inference?": true }));
}

#[tokio::test]
async fn a_schema_that_is_wrong_is_refused_at_build() {
    let schema = StaticSchema::new(r#"{"entities":{"posts":{"attrs":{"a":{"valueType":"int"}}}}}"#);
    let error = builder("http://localhost:1").schema(schema).build().unwrap_err();
    assert!(error.is_config() && error.to_string().contains("entities.posts.attrs.a.valueType"), "{error}");
}
