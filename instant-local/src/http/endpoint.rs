//! From an HTTP request to an endpoint's function and back: reading the body, parsing it, answering JSON.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Query, RawPathParams, Request, State};
use axum::http::{StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use serde_json::Value;

use super::Backend;
use super::call::{BodyError, Call, RawCall};
use super::conventions::{json_text, malformed_json};
use crate::error::ApiError;
use crate::json;

/// The largest request body, in bytes.
pub(super) const MAX_BODY: usize = 64 * 1024 * 1024;

/// The JSON text of an answer.
pub(super) struct Reply(String);

impl Reply {
    /// Takes an answer that is JSON text already.
    pub(super) fn written(text: String) -> Self {
        Self(text)
    }
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self(json::write(&value))
    }
}

/// Turns an endpoint's function into the handler of a route.
pub(super) fn endpoint<F, Fut>(
    function: F,
) -> impl Fn(State<Backend>, Request) -> Pin<Box<dyn Future<Output = Response> + Send>>
+ Clone
+ Send
+ Sync
+ 'static
where
    F: Fn(Backend, Call) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Reply, ApiError>> + Send + 'static,
{
    move |State(backend), request| {
        let function = function.clone();
        Box::pin(async move {
            match read_call(request).await {
                Ok(call) => match function(backend, call).await {
                    Ok(Reply(text)) => json_text(StatusCode::OK, text),
                    Err(error) => error.into_response(),
                },
                Err(response) => response,
            }
        })
    }
}

/// Reads and parses a request. The error is the complete response.
pub(super) async fn read_call(request: Request) -> Result<Call, Response> {
    let (mut parts, body) = request.into_parts();
    let path = path_params(&mut parts).await?;
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    let query = query.map(|Query(pairs)| pairs.into_iter().collect()).unwrap_or_default();
    let body = read_body(&parts, body).await.map_err(IntoResponse::into_response)?;
    let raw = RawCall { headers: parts.headers, path, query, body };
    let parsed = if raw.body.len() < PARSED_INLINE {
        raw.parse()
    } else {
        let parsing = tokio::task::spawn_blocking(|| raw.parse());
        parsing.await.map_err(|error| ApiError::internal(error).into_response())?
    };
    parsed.map_err(|error| match error {
        BodyError::Malformed => malformed_json(),
        BodyError::Refused(error) => error.into_response(),
    })
}

/// Bodies of this size or larger (in bytes) are parsed on a blocking thread.
const PARSED_INLINE: usize = 64 * 1024;
/// How long a client may pause within a body.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and dropped, so that the client can read the answer.
const DRAINED: usize = 4 * MAX_BODY;
/// How long reading and dropping may take.
const DRAINING: Duration = Duration::from_secs(10);

async fn path_params(parts: &mut Parts) -> Result<HashMap<String, String>, Response> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| ApiError::no_such_route().into_response())?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

async fn read_body(parts: &Parts, body: Body) -> Result<Bytes, ApiError> {
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut stream = body.into_data_stream();
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large(stream).await);
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(PARSED_INLINE));
    while let Some(chunk) = next_chunk(&mut stream).await? {
        let chunk = chunk.map_err(|error| {
            ApiError::invalid("body", Value::Null, format!("The request body could not be read: {error}"))
        })?;
        if bytes.len() + chunk.len() > MAX_BODY {
            return Err(too_large(stream).await);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

/// Reads the next part of a body. Fails when none arrives for [`LONGEST_PAUSE`].
async fn next_chunk<S: Stream + Unpin>(stream: &mut S) -> Result<Option<S::Item>, ApiError> {
    tokio::time::timeout(LONGEST_PAUSE, stream.next()).await.map_err(|_| {
        let seconds = LONGEST_PAUSE.as_secs();
        let message = format!("The request body stopped arriving for {seconds} seconds. Send it again.");
        ApiError::invalid("body", Value::Null, message).with_status(408)
    })
}

async fn too_large(mut stream: impl Stream<Item = Result<Bytes, axum::Error>> + Unpin) -> ApiError {
    let drain = async {
        let mut read = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            read += chunk.len();
            if read > DRAINED {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(DRAINING, drain).await;
    ApiError::body_too_large(MAX_BODY)
}
