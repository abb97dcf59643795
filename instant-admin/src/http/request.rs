//! One request: what is asked, for whom, by when, and whether it may be sent twice.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tracing::{Instrument, Span};

use super::{Http, Identity};
use crate::decode::decode_json;
use crate::error::{Error, ErrorKind};
use crate::page::AnswerMeta;

/// A request to the server: made by a session, sent by one of the functions that say what its answer is.
///
/// Sending it includes retries where they are safe, traces, and the removal of secrets from what can go wrong.
#[derive(Clone)]
pub(crate) struct Request<'a> {
    http: &'a Http,
    pub(super) identity: &'a Identity,
    /// What this is, for traces: `query`, `transact`.
    operation: &'static str,
    /// The entities it names, for traces.
    entities: String,
    pub(super) method: Method,
    /// The path under the server's URL, without the leading slash.
    pub(super) path: String,
    pub(super) body: Option<Bytes>,
    pub(super) deadline: Deadline,
    pub(super) sending: Sending,
}

impl<'a> Request<'a> {
    /// A request without a body that may be sent twice.
    pub(crate) fn new(
        http: &'a Http,
        identity: &'a Identity,
        operation: &'static str,
        method: Method,
        path: String,
        timeout: Duration,
    ) -> Self {
        let (deadline, sending) = (Deadline::after(timeout), Sending::Repeatable);
        Self {
            http,
            identity,
            operation,
            entities: String::new(),
            method,
            path,
            body: None,
            deadline,
            sending,
        }
    }

    /// Sends this JSON.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        let body = serde_json::to_vec(body).expect("a JSON value with string keys always serializes");
        self.body = Some(body.into());
        self
    }

    /// Names in traces the entities that this request is about.
    pub(crate) fn entities(mut self, entities: impl Into<String>) -> Self {
        self.entities = entities.into();
        self
    }

    /// Sets by when the answer must be there.
    pub(crate) fn by(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }

    /// Never sends the request twice to a server that may have acted on it.
    pub(crate) fn once(mut self) -> Self {
        self.sending = Sending::Once;
        self
    }

    /// Sends the request and decodes its answer.
    pub(crate) async fn answer<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.text().await?;
        decode_json(&text).map_err(|error| {
            let (url, operation) = (self.http.url(), self.operation);
            let message =
                format!("{url} gave another answer than a {operation} has; is it an Instant server?");
            self.sending.mark(Error::new(ErrorKind::UnexpectedResponse, message).with_source(error))
        })
    }

    /// Sends the request and returns its answer as the text of a JSON object.
    pub(crate) async fn text(&self) -> Result<Vec<u8>, Error> {
        self.http.send(self).instrument(self.span()).await
    }

    /// Sends the request to a streaming endpoint and closes the stream after the first answer: the rows as JSON
    /// bytes, and what came beside them.
    pub(crate) async fn first_answer(&self) -> Result<(Vec<u8>, AnswerMeta), Error> {
        self.http.first_answer(self).instrument(self.span()).await
    }

    fn span(&self) -> Span {
        tracing::info_span!("instant", operation = self.operation, entities = self.entities)
    }
}

/// Whether a request may reach the server twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sending {
    /// It changes nothing, or nothing more the second time.
    Repeatable,
    /// It must not be applied twice.
    Once,
}

impl Sending {
    /// Marks errors that leave open whether the request was applied.
    pub(super) fn mark(self, error: Error) -> Error {
        let open = matches!(
            error.kind(),
            ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::ServerTimeout
                | ErrorKind::Server
                | ErrorKind::UnexpectedResponse
        );
        // A redirect or a client error of something that is not Instant: nobody has read the request.
        let elsewhere =
            error.kind() == ErrorKind::UnexpectedResponse && matches!(error.status(), Some(300..500));
        if self == Self::Once && open && !elsewhere { error.maybe_applied() } else { error }
    }
}

/// When an action as a whole, retries included, must be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    limit: Duration,
    /// `None` where the limit lies beyond what the clock can express.
    at: Option<Instant>,
}

impl Deadline {
    pub(crate) fn after(limit: Duration) -> Self {
        Self { limit, at: Instant::now().checked_add(limit) }
    }

    pub(crate) fn remaining(&self) -> Duration {
        match self.at {
            Some(at) => at.saturating_duration_since(Instant::now()),
            None => self.limit,
        }
    }

    pub(crate) fn message(&self, url: &str) -> String {
        format!("no answer from {url} within {:?}; allow more with .timeout(..)", self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unclear_fate_marks_a_transaction_as_perhaps_applied() {
        let fate = |kind| Sending::Once.mark(Error::new(kind, "")).may_have_been_applied();
        assert!(fate(ErrorKind::Timeout) && fate(ErrorKind::Interrupted) && fate(ErrorKind::Server));
        assert!(
            !fate(ErrorKind::Unreachable) && !fate(ErrorKind::NotUnique) && !fate(ErrorKind::RateLimited)
        );
        let redirected = Error::new(ErrorKind::UnexpectedResponse, "").with_status(302);
        assert!(!Sending::Once.mark(redirected).may_have_been_applied());
        let read = Sending::Repeatable.mark(Error::new(ErrorKind::Timeout, ""));
        assert!(!read.may_have_been_applied());
    }

    #[test]
    fn an_endless_limit_does_not_overflow() {
        assert_eq!(Deadline::after(Duration::MAX).remaining(), Duration::MAX);
    }
}
