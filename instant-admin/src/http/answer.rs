//! Reading answers: bodies within their limit, and every way in which an answer is an error.

use std::error::Error as StdError;
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::request::Deadline;
use crate::error::{Error, ErrorKind, Secrets};

/// How much of an error answer is read at least, whatever the limit of answers is.
const ERROR_BODY_LIMIT: usize = 1024 * 1024;

/// How much of a text that is no JSON an error repeats.
const EXCERPT: usize = 200;

/// Room made at once for a body of announced length; the rest grows with what really arrives.
const FIRST_ROOM: usize = 1024 * 1024;

/// Why no answer could be read.
pub(super) enum Failure {
    /// The connection failed, before or after sending.
    Transport(reqwest::Error),
    /// The body broke off after so many bytes.
    Cut { read: usize, source: reqwest::Error },
    /// The body is larger than the limit.
    TooLarge { limit: usize },
}

impl Failure {
    pub(super) fn into_error(self, url: &str, deadline: &Deadline, connect_timeout: Duration) -> Error {
        match self {
            Self::Transport(error) | Self::Cut { source: error, .. } if error.is_timeout() => {
                let (kind, message) = if error.is_connect() {
                    let message = format!(
                        "could not connect to {url} within {connect_timeout:?}; is it the right URL?"
                    );
                    (ErrorKind::Unreachable, message)
                } else {
                    (ErrorKind::Timeout, deadline.message(url))
                };
                Error::new(kind, message).with_source(error.without_url())
            }
            Self::Transport(error) if error.is_connect() => {
                let cause = root_cause(&error);
                let advice = if cause.contains("certificate") {
                    "if the server's certificate is signed by an authority of your own, give that to \
                     .root_certificate(..)"
                } else {
                    "is the server running, and is it the right URL?"
                };
                let message = format!("could not connect to {url}: {cause}; {advice}");
                Error::new(ErrorKind::Unreachable, message).with_source(error.without_url())
            }
            Self::Transport(error) if error.is_builder() => {
                Error::config(format!("the request to {url} could not be built"))
                    .with_source(error.without_url())
            }
            Self::Transport(error) => {
                let cause = root_cause(&error);
                let message = format!("the connection to {url} broke before the answer came: {cause}");
                Error::new(ErrorKind::Interrupted, message).with_source(error.without_url())
            }
            Self::Cut { read, source } => {
                let message = format!("the answer from {url} broke off after {read} bytes");
                Error::new(ErrorKind::Interrupted, message).with_source(source.without_url())
            }
            Self::TooLarge { limit } => Error::new(
                ErrorKind::UnexpectedResponse,
                format!(
                    "the answer from {url} is larger than {limit} bytes; \
                     ask for less with `limit` or `fields`, or allow more with .response_limit(..)"
                ),
            ),
        }
    }
}

/// The whole body, if it stays within `limit` bytes.
pub(super) async fn read_body(mut response: Response, limit: usize) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(Failure::TooLarge { limit });
    }
    let mut body = Vec::with_capacity(announced.unwrap_or_default().min(FIRST_ROOM));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(Failure::TooLarge { limit }),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(source) => return Err(Failure::Cut { read: body.len(), source }),
        }
    }
}

/// The error of an answer that came compressed, which no request here asks for.
pub(super) fn encoding_error(response: &Response, url: &str) -> Option<Error> {
    let encoding = response.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or("an unknown encoding").trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return None;
    }
    let message = format!(
        "{url} answered in an encoding that was not asked for ({encoding}); \
         is there a proxy in between that compresses?"
    );
    Some(Error::new(ErrorKind::UnexpectedResponse, message).with_status(response.status().as_u16()))
}

/// The error that an answer with a status other than success stands for. It may be as long as any answer: hints echo
/// whole transactions.
pub(super) async fn error_of(response: Response, limit: usize, secrets: &Secrets, url: &str) -> Error {
    let status = response.status();
    let headers = response.headers().clone();
    if status.is_redirection() {
        return redirect_error(status, &headers, secrets, url);
    }
    let without_fields = |text: &str| {
        let kind = ErrorKind::of_answer(status.as_u16(), None, None);
        Error::new(kind, format!("{url} answered {status} with {text}"))
    };
    let error = match read_body(response, limit.max(ERROR_BODY_LIMIT)).await {
        Ok(body) => match serde_json::from_slice(&body) {
            Ok(fields @ Value::Object(_)) => wire_error(status.as_u16(), &fields, secrets),
            _ => without_fields(&describe_text(&body, secrets)),
        },
        Err(Failure::TooLarge { limit }) => without_fields(&format!("a body of more than {limit} bytes")),
        Err(Failure::Transport(_) | Failure::Cut { .. }) => without_fields("a body that broke off"),
    };
    let asked = error.retry_after().or_else(|| retry_after(&headers));
    error.with_status(status.as_u16()).with_retry_after(asked)
}

/// The error that the server's error object stands for; also used for errors inside a stream.
pub(super) fn wire_error(status: u16, body: &Value, secrets: &Secrets) -> Error {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let hint = body.get("hint").filter(|hint| !hint.is_null());
    let server_type = text("type");
    let kind = ErrorKind::of_answer(status, server_type.as_deref(), hint);
    let message = match text("message").or_else(|| text("error")) {
        Some(message) => secrets.clean_text(&message),
        None => format!("the server answered with status {status} and no message"),
    };
    let wait = hint.and_then(|hint| hint["retry-after"].as_f64());
    let hint = hint.map(|hint| secrets.clean(hint.clone()));
    let trace_id = text("trace-id").or_else(|| text("traceId"));
    Error::new(kind, message)
        .with_status(status)
        .with_server_details(server_type, hint, trace_id)
        .with_retry_after(wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}

/// The error for a successful answer of another kind than was asked for.
pub(super) fn not_what_was_asked(body: &[u8], asked: &str, secrets: &Secrets, url: &str) -> Error {
    let text = describe_text(body, secrets);
    let message = format!("{url} answered with {text} instead of {asked}; is it an Instant server?");
    Error::new(ErrorKind::UnexpectedResponse, message).with_status(200)
}

fn redirect_error(status: StatusCode, headers: &HeaderMap, secrets: &Secrets, url: &str) -> Error {
    let target = headers.get(LOCATION).and_then(|target| target.to_str().ok());
    let target =
        target.and_then(|target| target.split(['?', '#']).next()).map(|target| secrets.clean_text(target));
    let target = target.as_deref().unwrap_or("somewhere else");
    let message = format!(
        "{url} redirects to {target}; redirects are not followed, since the token would go along. \
         If that is your server, give its URL to the client"
    );
    Error::new(ErrorKind::UnexpectedResponse, message).with_status(status.as_u16())
}

/// `Retry-After` in its two forms: seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Duration::try_from(date.timestamp().duration_since(jiff::Timestamp::now())).unwrap_or_default())
}

/// What a body that is no JSON object is, in words.
fn describe_text(body: &[u8], secrets: &Secrets) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() {
        return "an empty body".to_owned();
    }
    let excerpt: String = secrets.clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let excerpt = match excerpt.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &excerpt[..end]),
        None => excerpt,
    };
    let kind = if text.starts_with('<') { "HTML" } else { "a text" };
    format!("{kind} ({excerpt})")
}

/// The innermost cause, which is where the system says "connection refused".
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
