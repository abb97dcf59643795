//! The kinds of errors, and which word of the server means which.

use serde_json::Value;

use super::Error;

/// Writes [`ErrorKind`] and the predicate of each kind on [`Error`], which share their descriptions.
macro_rules! kinds {
    ($($(#[doc = $docs:literal])+ $kind:ident $predicate:ident)+) => {
        /// What sort of error an [`Error`] is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $docs])+ $kind,)+
        }

        /// One question for each [`ErrorKind`].
        impl Error {
            $(
                $(#[doc = $docs])+
                pub fn $predicate(&self) -> bool {
                    self.kind() == ErrorKind::$kind
                }
            )+
        }
    };
}

kinds! {
    /// The client was set up wrongly: URL, app id, token, schema, an environment variable.
    Config is_config
    /// The query was refused before it was sent.
    InvalidQuery is_invalid_query
    /// The transaction was refused before it was sent.
    InvalidTransaction is_invalid_transaction
    /// The presence or message of a room was refused before it was sent.
    InvalidPayload is_invalid_payload
    /// The answer does not have the shape that the query's types ask for.
    Decode is_decode
    /// The request never reached a server: no such host, connection refused, TLS failed.
    Unreachable is_unreachable
    /// The connection broke after the request was sent.
    Interrupted is_interrupted
    /// Time ran out: that of the client, which `.timeout(..)` sets.
    Timeout is_client_timeout
    /// Something answered, but not with an answer of the Instant API: another service, HTML, a redirect, an oversized
    /// body. The message names the URL.
    UnexpectedResponse is_unexpected_response
    /// The token was refused, or does not belong to this app.
    Unauthenticated is_unauthenticated
    /// A permission rule said no.
    PermissionDenied is_permission_denied
    /// A permission rule could not be evaluated; the rule itself is wrong.
    PermissionEvaluation is_permission_evaluation
    /// The entity, record, user or app does not exist.
    NotFound is_not_found
    /// The code, token or record exists but is too old.
    Expired is_expired
    /// A value that must be unique is taken: that of a unique attribute, or the id given to `create`.
    NotUnique is_not_unique
    /// The server refused the content of the request.
    Validation is_validation
    /// Too many requests; see [`retry_after`](Error::retry_after).
    RateLimited is_rate_limited
    /// The server gave up on the query or transaction after its own time limit.
    ServerTimeout is_server_timeout
    /// The app is read-only or disabled.
    AppUnavailable is_app_unavailable
    /// The server failed.
    Server is_server
}

impl ErrorKind {
    /// The kind of an error answer, by the server's word for it, then by status.
    pub(crate) fn of_answer(status: u16, server_type: Option<&str>, hint: Option<&Value>) -> Self {
        match server_type {
            Some("record-not-found" | "param-missing" | "param-malformed" | "validation-failed")
                if is_about_the_token(hint) =>
            {
                Self::Unauthenticated
            }
            Some("record-not-found") => Self::NotFound,
            Some("record-expired") => Self::Expired,
            Some("record-not-unique") => Self::NotUnique,
            Some("permission-denied") => Self::PermissionDenied,
            Some("permission-evaluation-failed") => Self::PermissionEvaluation,
            Some("rate-limited") => Self::RateLimited,
            Some("timeout" | "operation-timed-out") => Self::ServerTimeout,
            Some("app-read-only" | "app-disabled") => Self::AppUnavailable,
            _ => match status {
                401 => Self::Unauthenticated,
                403 => Self::PermissionDenied,
                404 => Self::NotFound,
                429 => Self::RateLimited,
                500.. => Self::Server,
                _ => Self::Validation,
            },
        }
    }
}

/// Whether the hint points at the credentials of the request rather than at a record its body names.
fn is_about_the_token(hint: Option<&Value>) -> bool {
    let Some(hint) = hint else { return false };
    let refused_record = match hint["record-type"].as_str() {
        Some("app-admin-token" | "instant-user" | "oauth-access-token") => true,
        Some("app-user") => hint["args"][0].get("refresh-token").is_some(),
        _ => false,
    };
    let place = (hint["in"][0].as_str(), hint["in"][1].as_str());
    refused_record
        || hint["reason"] == "admin-token-mismatch"
        || matches!(place, (Some("headers"), Some("authorization")) | (Some("asUser"), Some("token")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refused_token_is_not_a_missing_record() {
        let kind = |hint: Value| ErrorKind::of_answer(400, Some("record-not-found"), Some(&hint));
        assert_eq!(kind(json!({ "record-type": "app-admin-token" })), ErrorKind::Unauthenticated);
        let unknown_token = json!({ "record-type": "app-user", "args": [{ "refresh-token": "…" }] });
        assert_eq!(kind(unknown_token), ErrorKind::Unauthenticated);
        let unknown_email = json!({ "record-type": "app-user", "args": [{ "email": "a@b.c" }] });
        assert_eq!(kind(unknown_email), ErrorKind::NotFound);
    }

    #[test]
    fn an_unknown_word_falls_back_to_the_status() {
        assert_eq!(ErrorKind::of_answer(400, Some("sql-raise"), None), ErrorKind::Validation);
        assert_eq!(ErrorKind::of_answer(503, None, None), ErrorKind::Server);
        assert_eq!(ErrorKind::of_answer(429, None, None), ErrorKind::RateLimited);
        assert_eq!(ErrorKind::of_answer(429, Some("timeout"), None), ErrorKind::ServerTimeout);
    }
}
