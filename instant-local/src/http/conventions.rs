//! What every response has in common: JSON, CORS and security headers, and an answer even after a panic.

use std::panic::AssertUnwindSafe;

use crate::error::ApiError;
use crate::json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        json_text(status, json::write(&self.body()))
    }
}

/// Makes a response from JSON text.
pub(super) fn json_text(status: StatusCode, body: String) -> Response {
    bytes_response(status, "application/json; charset=utf-8", body)
}

/// The answer to a body that is not JSON: the only error in plain text.
pub(super) fn malformed_json() -> Response {
    let text = "Malformed JSON in request body.".to_owned();
    bytes_response(StatusCode::BAD_REQUEST, "text/plain", text)
}

fn bytes_response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The outermost layer: preflight requests, headers on every response, and `unknown` for a panic.
pub(super) async fn wrap(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = match preflight(&request) {
        Some(response) => response,
        // A handler that panics has no state of ours in hand that another request could find half-changed:
        // transactions roll back as they unwind.
        None => match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => ApiError::internal(panic_text(&*panic)).into_response(),
        },
    };
    let headers = response.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let methods = HeaderValue::from_static("DELETE, GET, POST, PUT");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    add_security_headers(headers);
    response
}

/// The message of a panic.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("of unknown kind"))
}

fn preflight(request: &Request) -> Option<Response> {
    let headers = request.headers();
    let is_preflight = request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut response = Response::new(Body::empty());
    let answer = response.headers_mut();
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    let fixed = [
        (header::VARY, "origin, Access-Control-Request-Headers"),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
        (header::CACHE_CONTROL, "public, max-age=600"),
    ];
    insert_all(answer, fixed);
    Some(response)
}

fn add_security_headers(headers: &mut HeaderMap) {
    let permissions = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), \
                       payment=(), usb=()";
    let fixed = [
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "strict-origin"),
        (header::CONTENT_SECURITY_POLICY, "script-src 'self'"),
        (HeaderName::from_static("permissions-policy"), permissions),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    insert_all(headers, fixed);
}

fn insert_all<const N: usize>(headers: &mut HeaderMap, fixed: [(HeaderName, &'static str); N]) {
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_panicking_handler_answers_unknown() {
        async fn panics() {
            panic!("on purpose");
        }
        let app: Router = Router::new().route("/", get(panics)).layer(axum::middleware::from_fn(wrap));
        let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-frame-options"], "DENY");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["type"], "unknown");
        assert_eq!(body["message"], "Something went wrong. Sorry about this!");
    }
}
