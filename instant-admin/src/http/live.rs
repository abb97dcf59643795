//! A streaming endpoint, used once: server-sent events, read up to the first answer.

use std::borrow::Cow;

use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::{Failure, read_body};
use super::exchange::Exchange;
use super::refusal::wire_error;
use crate::decode::decode_json;
use crate::error::{Error, ErrorKind};
use crate::page::AnswerMeta;

/// A message of the stream, as far as the first answer needs it.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    op: Cow<'a, str>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow, rename = "result-meta")]
    meta: Option<&'a RawValue>,
    status: Option<u16>,
}

/// Reads events until the first answer: the rows as JSON bytes, and what came beside them.
pub(super) async fn first_answer(
    response: Response,
    exchange: &Exchange<'_>,
) -> Result<(Vec<u8>, AnswerMeta), LiveFailure> {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|value| value.starts_with("text/event-stream")) {
        let status = response.status();
        let body = read_body(response, exchange.limit).await?;
        let got = format!("{} instead of a stream of events", exchange.describe(&body));
        return Err(exchange.unexpected(status, &got).into());
    }
    let (status, limit) = (response.status(), exchange.limit);
    let mut events = Events { response, buffer: Vec::new(), scanned: 0, after_return: false, limit };
    while let Some(event) = events.next().await? {
        let message: Message<'_> = serde_json::from_slice(&event).map_err(|error| {
            let got = format!("{} instead of a message of the stream", exchange.describe(&event));
            let refusal = exchange.unexpected(status, &got);
            // Its text would quote the value that it refuses.
            LiveFailure::Error(if error.is_data() { refusal } else { refusal.with_source(error) })
        })?;
        match (&*message.op, message.result) {
            ("add-query-ok", Some(rows)) => {
                let meta = message.meta.map(|meta| decode_json(meta.get().as_bytes())).transpose();
                let meta = meta.map_err(|error| error.inside("result-meta"))?;
                return Ok((rows.get().as_bytes().to_vec(), meta.unwrap_or_default()));
            }
            ("error", _) => {
                let body = serde_json::from_slice::<Value>(&event).unwrap_or_default();
                return Err(wire_error(message.status.unwrap_or(500), &body, exchange).into());
            }
            _ => {}
        }
    }
    let message =
        format!("the stream from {}{} ended before the answer came", exchange.server, exchange.through());
    Err(Error::new(ErrorKind::Interrupted, message).into())
}

/// Why the stream gave no first answer.
pub(super) enum LiveFailure {
    /// The connection failed.
    Reading(Failure),
    /// What came is an error, or not what it should be.
    Error(Error),
}

impl From<Failure> for LiveFailure {
    fn from(failure: Failure) -> Self {
        Self::Reading(failure)
    }
}

impl From<Error> for LiveFailure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The data of server-sent events, one at a time.
struct Events {
    response: Response,
    buffer: Vec<u8>,
    /// How much of the buffer has no line end.
    scanned: usize,
    /// Whether the last line ended in a carriage return, of which a line feed would be a part.
    after_return: bool,
    limit: usize,
}

impl Events {
    /// The next event that has data; `None` at the end of the stream.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut data: Option<Vec<u8>> = None;
        while let Some(line) = self.line().await? {
            if line.is_empty() {
                if data.is_some() {
                    return Ok(data);
                }
            } else if let Some(text) = line.strip_prefix(b"data:").or((line == b"data").then_some(&[])) {
                let text = text.strip_prefix(b" ").unwrap_or(text);
                match &mut data {
                    None => data = Some(text.to_vec()),
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(text);
                    }
                }
                if data.as_ref().is_some_and(|data| data.len() > self.limit) {
                    return Err(Failure::TooLarge { limit: self.limit });
                }
            }
        }
        Ok(None)
    }

    async fn line(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        loop {
            if self.after_return && !self.buffer.is_empty() {
                self.after_return = false;
                if self.buffer[0] == b'\n' {
                    self.buffer.remove(0);
                }
            }
            // A line ends in a line feed, in a carriage return, or in both.
            let rest = &self.buffer[self.scanned..];
            if let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                self.after_return = rest[end] == b'\r';
                let mut line: Vec<u8> = self.buffer.drain(..=self.scanned + end).collect();
                self.scanned = 0;
                line.pop();
                return Ok(Some(line));
            }
            self.scanned = self.buffer.len();
            if self.scanned > self.limit {
                return Err(Failure::TooLarge { limit: self.limit });
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.buffer.extend_from_slice(&chunk),
                Ok(None) => return Ok(None),
                Err(source) => return Err(Failure::Cut { read: self.scanned, source }),
            }
        }
    }
}
