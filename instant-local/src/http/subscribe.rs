//! `POST /admin/subscribe-query`: one query over server-sent events.
//!
//! Sends the first answer and keeps the stream open with comments. The stream ends when the client disconnects or
//! the server stops.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::Backend;
use super::call::Call;
use super::endpoint::read_call;
use super::query;
use crate::error::ApiError;
use crate::json;
use crate::requests::{Asker, QueryAnswer, QueryRequest};

/// `POST /admin/subscribe-query`.
pub(super) async fn subscribe_query(State(backend): State<Backend>, request: Request) -> Response {
    let call = match read_call(request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    let (request, asker) = match opened(&backend, &call).await {
        Ok(opened) => opened,
        Err(error) => return error.into_response(),
    };
    let query = request.query.clone();
    let first = match request.run_with_tx_id(&backend.store, &backend.rulebook, asker).await {
        Ok(answered) => add_query_ok(&query, answered),
        // An error of the query itself comes in the stream, which stays open.
        Err(error) => json::write(&error.message_of(&json!({ "op": "add-query", "q": query }))),
    };
    let opening = format!("retry:{RETRY_MS}\n\n{}{}", event(session()), event(first));
    let mut response = Response::new(Body::from_stream(events(opening, backend.stopping)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("nocache"));
    response
}

/// Checks what can still be answered with an HTTP error: the shape of the request, and its credentials.
async fn opened(backend: &Backend, call: &Call) -> Result<(QueryRequest, Asker), ApiError> {
    let (request, asker) = query::read(call)?;
    Ok((request, asker.verified(&backend.store).await?))
}

/// How long a client should wait before it connects again.
const RETRY_MS: u32 = 500;
/// How often a comment shows that the stream is alive.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Sends the opening, then a comment every [`KEEPALIVE`] until the server stops.
fn events(
    opening: String,
    stopping: watch::Receiver<bool>,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold((Some(opening), stopping), |(opening, mut stopping)| async move {
        let chunk = if let Some(opening) = opening {
            Bytes::from(opening)
        } else {
            tokio::select! {
                _ = stopping.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(KEEPALIVE) => Bytes::from_static(b":\n"),
            }
        };
        Some((Ok(chunk), (None, stopping)))
    })
}

fn session() -> Value {
    json!({
        "op": "sse-init",
        "machine-id": Uuid::new_v4(),
        "session-id": Uuid::new_v4(),
        "sse-token": Uuid::new_v4(),
    })
}

/// Put together as text, since the tree is text already.
fn add_query_ok(query: &Value, answered: QueryAnswer) -> String {
    let QueryAnswer { answer, processed_tx_id } = answered;
    let meta = json!({ "page-info": answer.page_info, "aggregate": answer.aggregate });
    let (query, meta) = (json::write(query), json::write(&meta));
    let event_id = Uuid::new_v4();
    format!(
        r#"{{"op":"add-query-ok","q":{query},"result":{},"result-meta":{meta},"processed-tx-id":{processed_tx_id},"client-event-id":"{event_id}"}}"#,
        answer.tree
    )
}

fn event(message: impl std::fmt::Display) -> String {
    format!("data:{message}\n\n")
}
