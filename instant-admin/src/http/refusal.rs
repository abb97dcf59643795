//! Answers that are errors: those of an Instant server, and those of anything else that answers at the URL.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::answer::{Failure, read_body};
use super::exchange::Exchange;
use crate::error::{Error, ErrorKind};

/// How much of an error answer is read at least, whatever the limit of answers is.
const ERROR_BODY_LIMIT: usize = 1024 * 1024;

/// The error that an answer with a status other than success stands for. It may be as long as any answer: hints echo
/// whole transactions.
pub(super) async fn error_of(response: Response, exchange: &Exchange<'_>) -> Error {
    let status = response.status();
    let headers = response.headers().clone();
    if status.is_redirection() {
        return redirect_error(status, &headers, exchange);
    }
    let error = match read_body(response, exchange.limit.max(ERROR_BODY_LIMIT)).await {
        Ok(body) => match serde_json::from_slice(&body) {
            Ok(fields) if is_of_instant(status, &fields) => wire_error(status.as_u16(), &fields, exchange),
            _ => foreign_error(status, &exchange.describe(&body), exchange),
        },
        Err(Failure::TooLarge { limit }) => {
            foreign_error(status, &format!("a body of more than {limit} bytes"), exchange)
        }
        Err(Failure::Transport(_) | Failure::Cut { .. }) => {
            foreign_error(status, "a body that broke off", exchange)
        }
    };
    let asked = error.retry_after().or_else(|| retry_after(&headers));
    error.with_status(status.as_u16()).with_retry_after(asked)
}

/// Whether the body is an error as Instant writes it. Its proxy sends only a message, with a 5xx.
fn is_of_instant(status: StatusCode, body: &Value) -> bool {
    let has = |key: &str| body[key].is_string();
    has("type") && (has("message") || has("error")) || status.is_server_error() && has("message")
}

/// The error for an answer that is not Instant's: of a proxy or a gateway in between, or of another service.
fn foreign_error(status: StatusCode, got: &str, exchange: &Exchange<'_>) -> Error {
    let kind = match status.as_u16() {
        429 => ErrorKind::RateLimited,
        500.. => ErrorKind::Server,
        _ => return exchange.unexpected(status, got),
    };
    let (url, through) = (&exchange.url, exchange.through());
    Error::new(kind, format!("{url} answered {status} with {got}{through}"))
}

/// The error that the server's error object stands for; also used for errors inside a stream.
pub(super) fn wire_error(status: u16, body: &Value, exchange: &Exchange<'_>) -> Error {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let hint = body.get("hint").filter(|hint| !hint.is_null());
    let server_type = text("type");
    let kind = ErrorKind::of_answer(status, server_type.as_deref(), hint);
    let message = match text("message").or_else(|| text("error")) {
        Some(message) => exchange.secrets.clean_text(&message),
        None => format!("the server answered with status {status} and no message"),
    };
    let wait = hint.and_then(|hint| hint["retry-after"].as_f64());
    let path = hint.and_then(attribute_of);
    let hint = hint.map(|hint| exchange.secrets.clean(hint.clone()));
    let trace_id = text("trace-id").or_else(|| text("traceId"));
    let refused = refused_token(kind, server_type.as_deref(), exchange);
    let error = Error::new(kind, message)
        .at(path.unwrap_or_default())
        .with_status(status)
        .with_server_details(server_type, hint, trace_id)
        .with_retry_after(wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()));
    match refused.or_else(|| unknown_user(error.hint()?)) {
        Some(message) => error.explained(kind, "", message),
        None => error,
    }
}

/// Which token was refused, and what may be wrong with it. The server's words name its tables.
fn refused_token(kind: ErrorKind, server_type: Option<&str>, exchange: &Exchange<'_>) -> Option<String> {
    let token = exchange.token.filter(|_| kind == ErrorKind::Unauthenticated)?;
    let why = match server_type {
        Some("param-malformed") => {
            "it does not have the form of a token; copy it again, without quotes".to_owned()
        }
        _ => format!("it is unknown or expired, or belongs to another app than {}", exchange.app_id),
    };
    Some(format!("the server refused {token}: {why}"))
}

fn unknown_user(hint: &Value) -> Option<String> {
    let email = hint["args"][0]["email"].as_str().filter(|_| hint["record-type"] == "app-user")?;
    Some(format!("the app has no user with the email {email}; sign-in stores emails in lower case"))
}

/// The attribute or link that a hint is about.
fn attribute_of(hint: &Value) -> Option<String> {
    let name = |object: &Value, entity: &str, label: &str| {
        Some(format!("{}.{}", object[entity].as_str()?, object[label].as_str()?))
    };
    let of_a_value = || name(hint, "namespace", "attribute");
    let of_a_record = || name(hint, "etype", "label");
    of_a_record().or_else(of_a_value).or_else(|| name(&hint["records"][0], "etype", "label"))
}

fn redirect_error(status: StatusCode, headers: &HeaderMap, exchange: &Exchange<'_>) -> Error {
    let target = headers.get(LOCATION).and_then(|target| target.to_str().ok());
    let target = target.and_then(|target| target.split(['?', '#']).next()).map(without_user);
    let target = target.map(|target| exchange.secrets.clean_text(&target));
    let target = target.as_deref().unwrap_or("somewhere else");
    let message = format!(
        "{}{} redirects to {target}; redirects are not followed, since the token would go along. \
         If that is your server, give its URL to the client",
        exchange.url,
        exchange.through(),
    );
    Error::new(ErrorKind::UnexpectedResponse, message).with_status(status.as_u16())
}

/// A URL without a user name and a password.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
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
