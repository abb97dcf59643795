//! Reading answers: bodies within their limit, and why none could be read.

use std::error::Error as StdError;

use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::exchange::Exchange;
use crate::error::{Error, ErrorKind};

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
    pub(super) fn into_error(self, exchange: &Exchange<'_>) -> Error {
        let (url, through) = (exchange.server, exchange.through());
        match self {
            Self::Transport(error) | Self::Cut { source: error, .. } if error.is_timeout() => {
                let (kind, message) = if error.is_connect() {
                    let limit = exchange.connect_timeout;
                    let message = format!(
                        "could not connect to {url}{through} within {limit:?}; {}",
                        connect_advice(exchange)
                    );
                    (ErrorKind::Unreachable, message)
                } else {
                    (ErrorKind::Timeout, exchange.deadline.message(url))
                };
                Error::new(kind, message).with_source(error.without_url())
            }
            Self::Transport(error) if error.is_connect() => {
                let cause = root_cause(&error);
                let advice = if cause.contains("certificate") {
                    "if the server's certificate is signed by an authority of your own, give that to \
                     .root_certificate(..)"
                } else {
                    connect_advice(exchange)
                };
                let message = format!("could not connect to {url}{through}: {cause}; {advice}");
                Error::new(ErrorKind::Unreachable, message).with_source(error.without_url())
            }
            Self::Transport(error) if error.is_builder() => {
                Error::config(format!("the request to {url} could not be built"))
                    .with_source(error.without_url())
            }
            Self::Transport(error) => {
                let cause = root_cause(&error);
                let message =
                    format!("the connection to {url}{through} broke before the answer came: {cause}");
                Error::new(ErrorKind::Interrupted, message).with_source(error.without_url())
            }
            Self::Cut { read, source } => {
                let message = format!("the answer from {url}{through} broke off after {read} bytes");
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

fn connect_advice(exchange: &Exchange<'_>) -> &'static str {
    match exchange.proxy {
        Some(_) => "is the proxy running? `NO_PROXY` lists the hosts that are reached without it",
        None => "is the server running, and is it the right URL?",
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
pub(super) fn encoding_error(response: &Response, exchange: &Exchange<'_>) -> Option<Error> {
    let encoding = response.headers().get(CONTENT_ENCODING)?.to_str().unwrap_or("an unknown encoding").trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return None;
    }
    let message = format!(
        "{}{} answered in an encoding that was not asked for ({encoding}); \
         is there a proxy in between that compresses?",
        exchange.server,
        exchange.through(),
    );
    Some(Error::new(ErrorKind::UnexpectedResponse, message).with_status(response.status().as_u16()))
}

/// The innermost cause, which is where the system says "connection refused".
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
