//! `POST /admin/subscribe-query`: one query over server-sent events.
//!
//! The stream gives the first answer and then stays open with keepalives; it ends when the client goes away
//! or the server stops.

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
use super::endpoint::read_call;
use super::query::QueryRequest;
use crate::error::ApiError;
use crate::instaql::Answer;
use crate::store::ReadTx;

/// The endpoint.
pub(super) async fn subscribe_query(State(backend): State<Backend>, request: Request) -> Response {
    let call = match read_call(request).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    let request = match QueryRequest::read(&backend, &call).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let query = request.query.clone();
    let first = match request
        .run(&backend, |tx, query, answer| Ok(event(&add_query_ok(tx, query, &answer)?)))
        .await
    {
        Ok(first) => first,
        Err(error) => event(&in_stream_error(&query, &error)),
    };
    let opening = format!("retry:{RETRY_MS}\n\n{}{first}", event(&session()));
    let mut response = Response::new(Body::from_stream(events(opening, backend.stopping)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=UTF-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("nocache"));
    response
}

/// How long a client should wait before it connects again.
const RETRY_MS: u32 = 500;
/// How often a comment tells that the stream lives.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The opening, then a comment every now and then until the server stops.
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

fn add_query_ok(tx: &ReadTx<'_>, query: &Value, answer: &Answer) -> Result<Value, ApiError> {
    Ok(json!({
        "op": "add-query-ok",
        "q": query,
        "result": answer.tree,
        "result-meta": { "page-info": answer.page_info, "aggregate": answer.aggregate },
        "processed-tx-id": tx.last_tx_id()?,
        "client-event-id": Uuid::new_v4(),
    }))
}

/// An error of the query itself: it comes in the stream, which stays open.
fn in_stream_error(query: &Value, error: &ApiError) -> Value {
    let mut event = json!({
        "op": "error",
        "status": error.status(),
        "client-event-id": Uuid::new_v4(),
        "original-event": { "op": "add-query", "q": query },
    });
    let body = error.body();
    for (key, value) in body.as_object().into_iter().flatten() {
        event[key.as_str()] = value.clone();
    }
    event
}

fn event(message: &Value) -> String {
    format!("data:{message}\n\n")
}
