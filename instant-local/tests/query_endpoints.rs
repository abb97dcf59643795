//! The query endpoints over HTTP: `POST /admin/query`, and the first answer of `POST /admin/subscribe-query`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::time::Duration;

use common::{Backend, answer, attribute};
use futures_util::StreamExt;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

/// Two posts, of which one has an author.
async fn backend() -> Backend {
    let posts = json!({ "attrs": { "title": attribute("string", "indexed") }, "links": {} });
    let users = json!({ "attrs": { "nick": attribute("string", "") }, "links": {} });
    let author = json!({
        "forward": { "on": "posts", "has": "one", "label": "author" },
        "reverse": { "on": "$users", "has": "many", "label": "posts" },
    });
    let schema = json!({ "entities": { "posts": posts, "$users": users }, "links": { "author": author }, "rooms": {} });
    let backend = Backend::with_schema(&schema).await;
    let steps = json!([["create", "posts", A, { "title": "a" }], ["create", "posts", B, { "title": "b" }]]);
    assert_eq!(backend.transact(steps).await.0, StatusCode::OK);
    backend
}

fn query(backend: &Backend, query: &Value) -> RequestBuilder {
    backend.post("/admin/query", &json!({ "query": query, "inference?": true }))
}

#[tokio::test]
async fn the_answer_is_the_tree_alone() {
    let backend = backend().await;
    let (status, body) =
        answer(query(&backend, &json!({ "posts": { "$": { "where": { "title": "b" } }, "author": {} } })))
            .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, json!({ "posts": [{ "id": B, "title": "b", "author": null }] }));
    assert_eq!(answer(query(&backend, &json!({}))).await.1, json!({}));
}

#[tokio::test]
async fn query_parameters_are_checked_before_the_token() {
    let backend = backend().await;
    for (body, message) in [
        (json!({}), r#"Missing parameter: ["body" "query"]"#),
        (json!({ "query": [] }), r#"Malformed parameter: ["body" "query"]"#),
    ] {
        let request = backend.bare_post("/admin/query", &body).header("app-id", backend.app.to_string());
        let (status, error) = answer(request).await;
        assert_eq!((status, &error["message"]), (StatusCode::BAD_REQUEST, &json!(message)));
    }
}

#[tokio::test]
async fn users_see_the_apps_entities_and_themselves() {
    let backend = backend().await;
    let sign_up =
        |email: &'static str| answer(backend.post("/admin/refresh_tokens", &json!({ "email": email })));
    let (_, ada) = sign_up("ada@b.co").await;
    let (_, bob) = sign_up("bob@b.co").await;
    let link = |post: &str, user: &Value| json!(["link", "posts", post, { "author": user["user"]["id"] }]);
    let (status, _) = backend.transact(json!([link(A, &ada), link(B, &bob)])).await;
    assert_eq!(status, StatusCode::OK);
    let body =
        json!({ "query": { "$users": {}, "posts": { "author": {} }, "$files": {} }, "inference?": true });
    let request = || backend.bare_post("/admin/query", &body).header("app-id", backend.app.to_string());
    let (_, seen) =
        answer(request().header("as-token", ada["user"]["refresh_token"].as_str().unwrap())).await;
    assert_eq!(seen["$users"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(seen["$users"][0]["email"], "ada@b.co");
    assert_eq!(seen["posts"][0]["author"]["email"], "ada@b.co");
    assert_eq!(seen["posts"][1]["title"], "b");
    assert_eq!(seen["posts"][1].get("author").and_then(|author| author.get("email")), None);
    let (_, guest) = answer(request().header("as-guest", "true")).await;
    assert_eq!((&guest["$users"], guest["posts"].as_array().unwrap().len()), (&json!([]), 2));
    let (_, admin) = answer(request().bearer_auth(backend.token)).await;
    assert_eq!(admin["$users"].as_array().unwrap().len(), 2);
    let rules = json!({ "code": { "posts": { "allow": { "view": "data.title == 'a'" } } } });
    let (status, _) = answer(backend.post(&format!("/dash/apps/{}/rules", backend.app), &rules)).await;
    assert_eq!(status, StatusCode::OK);
    let (status, guest) = answer(request().header("as-guest", "true")).await;
    assert_eq!((status, guest["posts"].as_array().unwrap().len()), (StatusCode::OK, 1), "{guest}");
}

/// The messages of a stream up to the first answer, and the stream.
async fn open(request: RequestBuilder) -> (Vec<Value>, String, reqwest::Response) {
    let mut response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=UTF-8");
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        let chunk = response.chunk().await.unwrap().expect("the stream stays open");
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let messages = text.split("\n\n").filter_map(|event| event.strip_prefix("data:"));
    (messages.map(|message| serde_json::from_str(message).unwrap()).collect(), text, response)
}

#[tokio::test]
async fn a_subscription_gives_its_first_answer_with_pages_and_counts() {
    let backend = backend().await;
    let posts = json!({ "posts": { "$": { "first": 1, "order": { "title": "asc" } } } });
    let subscribe = |query: &Value| open(backend.post("/admin/subscribe-query", &json!({ "query": query })));
    let (messages, text, _stream) = subscribe(&posts).await;
    assert!(text.starts_with("retry:500\n\ndata:{"), "{text}");
    assert_eq!(messages[0]["op"], "sse-init");
    for key in ["machine-id", "session-id", "sse-token"] {
        assert_eq!(messages[0][key].as_str().unwrap().len(), 36);
    }
    let first = &messages[1];
    assert_eq!((&first["op"], &first["q"]), (&json!("add-query-ok"), &posts));
    assert_eq!(first["result"], json!({ "posts": [{ "id": A, "title": "a" }] }));
    let page = &first["result-meta"]["page-info"]["posts"];
    assert_eq!(
        (&page["has-next-page?"], &page["has-previous-page?"]),
        (&json!(true), &json!(false)),
        "{first}"
    );
    assert!(page["start-cursor"].is_array());
    assert!(first["processed-tx-id"].as_i64().unwrap() > 0);
    let (messages, _, _stream) = subscribe(&json!({ "posts": { "$": { "aggregate": "count" } } })).await;
    assert_eq!(messages[1]["result-meta"]["aggregate"], json!({ "posts": { "count": 2 } }));
}

#[tokio::test]
async fn an_error_of_the_query_comes_in_the_stream_and_others_before_it() {
    let backend = backend().await;
    let query = json!({ "posts": { "$": { "limit": 0 } } });
    let (messages, _, _stream) =
        open(backend.post("/admin/subscribe-query", &json!({ "query": query }))).await;
    let error = &messages[1];
    assert_eq!(
        (&error["op"], &error["status"], &error["type"]),
        (&json!("error"), &json!(400), &json!("validation-failed"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("The limit field must be a positive integer. Got 0."),
        "{error}"
    );
    let no_token = backend.bare_post("/admin/subscribe-query", &json!({ "query": {} }));
    let (status, body) = answer(no_token.header("app-id", backend.app.to_string())).await;
    assert_eq!((status, &body["type"]), (StatusCode::BAD_REQUEST, &json!("param-missing")));
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let backend = backend().await;
    let (_, _, stream) =
        open(backend.post("/admin/subscribe-query", &json!({ "query": { "posts": {} } }))).await;
    let rest = tokio::spawn(stream.bytes_stream().collect::<Vec<_>>());
    tokio::time::timeout(Duration::from_secs(4), backend.server.stop())
        .await
        .expect("the stream does not hold it up");
    let rest = rest.await.unwrap();
    assert!(rest.iter().all(Result::is_ok), "{rest:?}");
}
