//! Admin endpoints that the client does not cover, called directly.

use instant_tests::Backend;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

/// The answer of `GET /admin/schema`: `{refs, blobs}`.
pub async fn schema_of(server: &Backend) -> Value {
    answer(server, Client::new().get(format!("{}/admin/schema", server.url()))).await["schema"].take()
}

/// Signs a user in: the user with its `refresh_token`.
pub async fn sign_in(server: &Backend, email: &str) -> Value {
    let request = Client::new().post(format!("{}/admin/refresh_tokens", server.url()));
    let body = serde_json::json!({ "email": email }).to_string();
    answer(server, request.header("content-type", "application/json").body(body)).await["user"].take()
}

async fn answer(server: &Backend, request: RequestBuilder) -> Value {
    let request = request.header("app-id", server.app_id().to_string()).bearer_auth(server.admin_token());
    let answer = request.send().await.unwrap().error_for_status().unwrap();
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}
