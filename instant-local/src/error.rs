//! The wire's error model: every way a request can fail, with its status and JSON body.

use std::fmt;

use rusqlite::types::FromSqlError;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::json;

/// A failed request as clients see it: a status, and a body with `type`, `message`, `hint` and `trace-id`.
///
/// Statuses follow the official server: 400 for everything a client did wrong
/// (bad tokens, missing records and denied permissions included), 429 for time limits, 500 for the rest.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    status: u16,
    kind: &'static str,
    message: String,
    hint: Value,
    trace_id: String,
}

/// The kind of work that exceeded a time limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A query.
    Query,
    /// A transaction.
    Transaction,
}

// One constructor per cause.
impl ApiError {
    /// A required parameter is missing (or is `null` or `false`). `path` is its place.
    pub(crate) fn param_missing(path: &[&str]) -> Self {
        let message = format!("Missing parameter: {}", bracketed(path));
        Self::client("param-missing", message, json!({ "in": path }))
    }

    /// A parameter cannot be read. `original` is echoed.
    pub(crate) fn param_malformed(path: &[&str], original: impl Into<Value>) -> Self {
        let message = format!("Malformed parameter: {}", bracketed(path));
        let hint = json!({ "in": path, "original-input": original.into() });
        Self::client("param-malformed", message, hint)
    }

    /// Input that breaks a rule. `errors` are objects with `message`, `in`, `expected` or `hint`; those that
    /// carry a message are joined into the error's own.
    pub(crate) fn validation(data_type: &str, input: impl Into<Value>, errors: Vec<Value>) -> Self {
        let said: Vec<&str> = errors.iter().filter_map(|error| error["message"].as_str()).collect();
        let message = if said.is_empty() {
            format!("Validation failed for {data_type}")
        } else {
            format!("Validation failed for {data_type}: {}", said.join(", "))
        };
        let mut hint = json!({ "data-type": data_type, "input": input.into() });
        hint["errors"] = Value::Array(errors);
        Self::client("validation-failed", message, hint)
    }

    /// [`validation`](Self::validation) with a single message.
    pub(crate) fn invalid(data_type: &str, input: impl Into<Value>, message: impl Into<String>) -> Self {
        Self::validation(data_type, input, vec![json!({ "message": message.into() })])
    }

    /// A validation failure whose message and hint do not follow the common form.
    pub(crate) fn validation_with_hint(message: impl Into<String>, hint: Value) -> Self {
        Self::client("validation-failed", message, hint)
    }

    /// A record that the request names does not exist. `args` describes the record.
    pub(crate) fn record_not_found(record_type: &str, args: Vec<Value>) -> Self {
        let message = format!("Record not found: {record_type}");
        let mut hint = json!({ "record-type": record_type });
        if !args.is_empty() {
            hint["args"] = Value::Array(args);
        }
        Self::client("record-not-found", message, hint)
    }

    /// An app that does not exist, or has expired.
    pub(crate) fn unknown_app(app_id: Uuid) -> Self {
        Self::record_not_found("app", vec![json!({ "app-id": app_id })])
    }

    /// An admin token of another app, or of none.
    pub(crate) fn wrong_admin_token(app_id: Uuid, token: Uuid) -> Self {
        let args = vec![json!({ "app-id": app_id, "token": token })];
        let said =
            "This admin token may be expired or invalid. Or you may have provided an incorrect app ID.";
        Self::record_not_found("app-admin-token", args).with_hint("message", said)
    }

    /// A second holder of a unique value: the attribute is `entity.label`.
    pub(crate) fn not_unique(attr_id: Uuid, entity: &str, label: &str, value: &Value) -> Self {
        let value = json::postgres(value);
        let message = format!(
            "`{label}` is a unique attribute on `{entity}` and an entity already exists with `{entity}.{label}` = {value}"
        );
        let hint = json!({
            "record-type": "triple", "attr-id": attr_id, "etype": entity, "label": label,
            "value": value,
        });
        Self::client("record-not-unique", message, hint)
    }

    /// A second record of the same id.
    pub(crate) fn record_not_unique(record_type: &str) -> Self {
        let message = format!("Record not unique: {record_type}");
        Self::client("record-not-unique", message, json!({ "record-type": record_type }))
    }

    /// A second attribute or link side of the same name.
    pub(crate) fn name_taken(entity: &str, label: &str) -> Self {
        let message = format!("`{label}` already exists on `{entity}`");
        let hint = json!({ "record-type": "ident", "etype": entity, "label": label });
        Self::client("record-not-unique", message, hint)
    }

    /// A record refers to another one that does not exist. `constraint` is the official server's name of the reference.
    pub(crate) fn foreign_key_invalid(table: &str, constraint: &str) -> Self {
        let condition = "foreign-key-violation";
        let hint = json!({ "table": table, "condition": condition, "constraint": constraint });
        Self::client("record-foreign-key-invalid", format!("Foreign Key Invalid: {condition}"), hint)
    }

    /// A rule denied the request. `input` is what was checked, for example `["goals", "object"]`.
    pub(crate) fn permission_denied(input: &[&str], expected: &str) -> Self {
        let message = format!("Permission denied: not {expected}");
        Self::client("permission-denied", message, json!({ "input": input, "expected": expected }))
    }

    /// A permission rule that cannot be evaluated. `rule` is its entity type and action, `code` the kind of error, `text` what
    /// the caller may know of why.
    pub(crate) fn rule_failed(rule: (&str, &str), code: &str, text: &str) -> Self {
        let (etype, action) = rule;
        let message = format!(
            "Could not evaluate permission rule for `{etype}.{action}`. {text}. Debug this in the sandbox and then \
             update your permission rules."
        );
        let error = json!({ "type": code, "message": message, "hint": text });
        Self::client(
            "permission-evaluation-failed",
            message,
            json!({ "rule": [etype, action], "error": error }),
        )
    }

    /// Permission rules that read too much.
    pub(crate) fn rule_too_costly(message: impl Into<String>) -> Self {
        let message = message.into();
        let error = json!({ "type": "ITERATION_BUDGET_EXCEEDED", "message": message, "hint": message });
        Self::client("permission-evaluation-failed", message, json!({ "error": error }))
    }

    /// A rate limit of the app's rules that is exhausted. `retry_at` is a time, `retry_after` in seconds.
    pub(crate) fn rate_limited(retry_at: &str, retry_after: u64, remaining_tokens: u64) -> Self {
        let hint = json!({
            "retry-at": retry_at, "retry-after": retry_after, "remaining-tokens": remaining_tokens,
        });
        Self::new(429, "rate-limited", "Your request exceeded the rate limit.", hint)
    }

    /// An error that a database trigger of the official server raises.
    pub(crate) fn sql_raise(text: &str) -> Self {
        let hint = json!({ "table": null, "condition": "raise-exception", "constraint": text });
        Self::client("sql-raise", format!("Raised Exception: {text}"), hint)
    }

    /// A text with a null byte, which PostgreSQL cannot hold.
    pub(crate) fn null_bytes() -> Self {
        let hint = json!({ "table": null, "condition": "untranslatable-character", "constraint": null });
        let message = "A value in the transaction contains null bytes, which cannot be stored.";
        Self::validation_with_hint(message, hint)
    }

    /// A write to an app that may only be read.
    pub(crate) fn app_read_only() -> Self {
        Self::client("app-read-only", "This app is in read-only mode.", json!({ "status": "read-only" }))
    }

    /// A request to an app that is disabled.
    pub(crate) fn app_disabled() -> Self {
        Self::client("app-disabled", "This app is currently disabled.", json!({ "status": "disabled" }))
    }

    /// More steps, conditions or values than one request may carry.
    pub(crate) fn parameter_limit() -> Self {
        let hint = json!({
            "message": "Consider batching the transaction, or making the query smaller.",
            "doc-urls": ["https://www.instantdb.com/docs/instaml#batching-transactions"],
        });
        let message = "There are too many parameters in the transaction or query.";
        Self::client("parameter-limit-exceeded", message, hint)
    }

    /// A request body over the size limit (in bytes).
    ///
    /// The official server has no limit of its own, so there is no wire type for this: it is a
    /// `validation-failed` of the body, under the status that proxies use for it.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!(
            "The request body is larger than {} MiB ({limit} bytes). Send the data in several requests.",
            limit / (1024 * 1024)
        );
        let mut error = Self::invalid("body", Value::Null, message);
        error.0.status = 413;
        error
    }

    /// Work that ran into its time limit.
    pub(crate) fn timeout(work: Work) -> Self {
        let work = match work {
            Work::Query => "query",
            Work::Transaction => "transaction",
        };
        let message = format!("The {work} took too long to complete.");
        Self::new(429, "timeout", message, Value::Null)
    }

    /// A route that does not exist, or does not take the method. The body has a message only.
    pub(crate) fn no_such_route() -> Self {
        Self::new(404, "", "Oops! We couldn't match this route.", Value::Null)
    }

    /// A fault of the server itself. The cause is logged, never sent.
    pub(crate) fn internal(cause: impl fmt::Display) -> Self {
        Self::internal_saying(cause, "Something went wrong. Sorry about this!")
    }

    /// The database file does not hold what was written to it.
    pub(crate) fn damaged(cause: impl fmt::Display) -> Self {
        let message =
            "The database file is damaged. Stop the program, and put back a copy of the data folder.";
        Self::internal_saying(cause, message)
    }

    fn internal_saying(cause: impl fmt::Display, message: &str) -> Self {
        let error = Self::new(500, "unknown", message, Value::Null);
        let trace = error.trace_id();
        tracing::error!(%cause, trace, "internal error");
        let debug = format!("instant-local/debug-uri/{trace}");
        error.with_hint("debug-uri", debug)
    }

    /// Adds or replaces one key of the hint.
    pub(crate) fn with_hint(mut self, key: &str, value: impl Into<Value>) -> Self {
        if !self.0.hint.is_object() {
            self.0.hint = Value::Object(Map::new());
        }
        self.0.hint[key] = value.into();
        self
    }

    /// The same error, with what was sent as the input of a validation failure of this type of data.
    pub(crate) fn about(self, data_type: &str, given: &Value) -> Self {
        if self.0.hint["data-type"] == data_type { self.with_hint("input", given.clone()) } else { self }
    }

    /// The same error under another status.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The `type` of the body, `record-not-found` for example; empty for a missing route.
    pub fn kind(&self) -> &'static str {
        self.0.kind
    }

    /// The `message` of the body.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The `hint` of the body: an object or null.
    pub fn hint(&self) -> &Value {
        &self.0.hint
    }

    /// The `trace-id` of the body: 32 hexadecimal digits, new for every error.
    pub fn trace_id(&self) -> &str {
        &self.0.trace_id
    }

    /// The JSON body.
    pub fn body(&self) -> Value {
        let Inner { kind, message, hint, trace_id, .. } = &*self.0;
        match *kind {
            "" => json!({ "message": message }),
            "unknown" => json!({ "type": kind, "message": message, "hint": hint }),
            _ => json!({ "type": kind, "message": message, "hint": hint, "trace-id": trace_id }),
        }
    }

    /// Returns the error as a message on a stream or socket, with the message that it answers.
    pub(crate) fn message_of(&self, original_event: &Value) -> Value {
        let mut message = json!({
            "op": "error",
            "status": self.status(),
            "client-event-id": Uuid::new_v4(),
            "original-event": original_event,
        });
        for (key, value) in self.body().as_object().into_iter().flatten() {
            message[key.as_str()] = value.clone();
        }
        message
    }

    fn client(kind: &'static str, message: impl Into<String>, hint: Value) -> Self {
        Self::new(400, kind, message, hint)
    }

    fn new(status: u16, kind: &'static str, message: impl Into<String>, hint: Value) -> Self {
        let trace_id = Uuid::new_v4().simple().to_string();
        Self(Box::new(Inner { status, kind, message: message.into(), hint, trace_id }))
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ApiError {}

impl From<rusqlite::Error> for ApiError {
    /// An interrupted statement exceeded a time limit. What is wrong with the disk or the file is said; all other errors are
    /// faults of the server.
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            DatabaseCorrupt, DiskFull, NotADatabase, OperationInterrupted, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(OperationInterrupted) => Self::timeout(Work::Query),
            Some(DatabaseCorrupt | NotADatabase) => Self::damaged(error),
            Some(DiskFull) => Self::internal_saying(
                error,
                "The disk with the data folder is full, and nothing of this request was stored. Free some space on it, \
                 and send the request again.",
            ),
            Some(ReadOnly) => Self::internal_saying(
                error,
                "The data folder cannot be written, and nothing of this request was stored. Let the program write \
                 there, and start it again.",
            ),
            Some(SystemIoFailure) => Self::internal_saying(
                error,
                "The disk with the data folder does not work, and nothing of this request was stored. See the program's \
                 log for the error of the system.",
            ),
            // What was stored is not of the type that it was stored as.
            None if is_about_a_stored_value(&error) => Self::damaged(error),
            _ => Self::internal(error),
        }
    }
}

impl From<FromSqlError> for ApiError {
    /// What was stored is not of the type that it was stored as.
    fn from(error: FromSqlError) -> Self {
        Self::damaged(error)
    }
}

fn is_about_a_stored_value(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}

/// A path as the official server prints it: `["body" "query"]`.
fn bracketed(path: &[&str]) -> String {
    let quoted: Vec<String> = path.iter().map(|part| Value::from(*part).to_string()).collect();
    format!("[{}]", quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_a_validation_failure_are_joined() {
        let errors =
            vec![json!({ "message": "a" }), json!({ "expected": "map?" }), json!({ "message": "b" })];
        let error = ApiError::validation("steps", json!([1]), errors);
        assert_eq!(error.message(), "Validation failed for steps: a, b");
        assert_eq!(error.hint()["input"], json!([1]));
        let bare = ApiError::validation("steps", Value::Null, vec![json!({ "expected": "map?" })]);
        assert_eq!(bare.message(), "Validation failed for steps");
    }

    #[test]
    fn a_trace_id_is_32_hexadecimal_digits() {
        let error = ApiError::param_missing(&["body", "steps"]);
        let trace = error.body()["trace-id"].as_str().unwrap().to_owned();
        assert_eq!(trace.len(), 32);
        assert!(trace.chars().all(|c| c.is_ascii_hexdigit()));
    }

    #[test]
    fn a_timeout_keeps_a_null_hint() {
        let body = ApiError::timeout(Work::Transaction).body();
        assert!(body.as_object().unwrap().contains_key("hint"));
        assert_eq!(body["hint"], Value::Null);
        assert_eq!(body["message"], "The transaction took too long to complete.");
    }

    #[test]
    fn an_internal_error_says_nothing_of_its_cause() {
        let body = ApiError::internal("secret path").body().to_string();
        assert!(!body.contains("secret"), "{body}");
        assert!(!body.contains("trace-id"), "{body}");
    }

    #[test]
    fn what_is_wrong_with_the_disk_is_said_and_where_it_is_is_not() {
        let failure = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let error = ApiError::from(rusqlite::Error::SqliteFailure(failure, Some("/secret/path".to_owned())));
        assert_eq!((error.status(), error.kind()), (500, "unknown"));
        assert!(error.message().starts_with("The disk with the data folder is full"), "{error}");
        assert!(!error.body().to_string().contains("secret"));
    }

    #[test]
    fn a_missing_route_has_a_message_only() {
        let error = ApiError::no_such_route();
        assert_eq!(error.status(), 404);
        assert_eq!(error.body(), json!({ "message": "Oops! We couldn't match this route." }));
    }

    #[test]
    fn a_taken_value_is_named_with_its_attribute() {
        let error = ApiError::not_unique(Uuid::nil(), "users", "email", &json!("a@b.c"));
        let expected = "`email` is a unique attribute on `users` and an entity already exists with \
                        `users.email` = \"a@b.c\"";
        assert_eq!(error.message(), expected);
        assert_eq!(error.hint()["value"], "\"a@b.c\"");
    }
}
