//! One request: what is asked, for whom, by when, and whether it may be sent twice.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use serde_json::Value;
use tracing::Span;

use super::Identity;
use crate::error::{Error, ErrorKind};

/// A request to the server, before it is put into HTTP.
pub(crate) struct Request<'a> {
    /// What this is, for traces: `query`, `transact`.
    pub(crate) operation: &'static str,
    /// The entities it names, for traces.
    pub(crate) entities: &'a str,
    pub(crate) method: Method,
    /// The path under the server's URL, without the leading slash.
    pub(crate) path: &'a str,
    pub(crate) identity: &'a Identity,
    /// The body, made by [`json_text`].
    pub(crate) body: Option<Bytes>,
    pub(crate) deadline: Deadline,
    pub(crate) sending: Sending,
}

impl Request<'_> {
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!("instant", operation = self.operation, entities = self.entities)
    }
}

/// A body as it is sent.
pub(crate) fn json_text(body: &Value) -> Bytes {
    serde_json::to_vec(body).expect("a JSON value with string keys always serializes").into()
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
    /// Marks the errors that leave open whether the request was applied.
    pub(super) fn mark(self, error: Error) -> Error {
        let open = matches!(
            error.kind(),
            ErrorKind::Timeout
                | ErrorKind::Interrupted
                | ErrorKind::ServerTimeout
                | ErrorKind::Server
                | ErrorKind::UnexpectedResponse
        );
        let redirected = matches!(error.status(), Some(300..400));
        if self == Self::Once && open && !redirected { error.maybe_applied() } else { error }
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
