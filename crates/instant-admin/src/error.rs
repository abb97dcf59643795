//! The one error type of this crate: what went wrong, where, and what to write instead.

mod kind;
mod redact;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Display};
use std::time::Duration;

use serde_json::Value;

pub use kind::ErrorKind;
pub(crate) use redact::Secrets;

/// Anything that can go wrong in this crate.
///
/// An error is small and opaque. [`kind`](Self::kind) and the `is_*` predicates are for programs,
/// [`message`](Self::message) and `Display` are for people. Nothing in it, `Debug` included, carries a token, a
/// magic code or another secret: what the server echoes back is cleaned first.
///
/// `Debug` is for people too, since it is what `unwrap` and a `main` that returns the error print: `{:?}` is what
/// `Display` says, and below it the causes. `{:#?}` has every field.
///
/// ```
/// use instant_admin::Db;
///
/// let error = Db::builder().app_id("my-app").build().unwrap_err();
/// assert_eq!(format!("{error:?}"), error.to_string());
/// ```
pub struct Error(Box<Inner>);

type Source = Box<dyn StdError + Send + Sync + 'static>;

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    path: Option<String>,
    status: Option<u16>,
    server_type: Option<String>,
    hint: Option<Value>,
    trace_id: Option<String>,
    retry_after: Option<Duration>,
    maybe_applied: bool,
    source: Option<Source>,
}

impl Error {
    /// What sort of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What went wrong, without hint and trace id.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where in a query, a transaction or an answer: `posts[3].author.handle`, `posts.title`.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The HTTP status of the answer, if the server answered.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The server's own word for the error, such as `record-not-unique`.
    pub fn server_type(&self) -> Option<&str> {
        self.0.server_type.as_deref()
    }

    /// The details the server gave, with tokens and codes taken out.
    ///
    /// They may repeat values of the request, a whole transaction even. `Display` and `Debug` leave those out; what
    /// logs a hint by itself should know.
    pub fn hint(&self) -> Option<&Value> {
        self.0.hint.as_ref()
    }

    /// The id under which the server's operator finds this request.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// How long the server asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a transaction that failed with this error may nevertheless have been applied: it was sent, and
    /// the answer is missing or says nothing about its fate. Such a transaction is never sent again by itself.
    pub fn may_have_been_applied(&self) -> bool {
        self.0.maybe_applied
    }

    /// The client was set up wrongly: URL, app id, token, schema, an environment variable.
    pub fn is_config(&self) -> bool {
        self.kind() == ErrorKind::Config
    }

    /// The query was refused before it was sent.
    pub fn is_invalid_query(&self) -> bool {
        self.kind() == ErrorKind::InvalidQuery
    }

    /// The transaction was refused before it was sent.
    pub fn is_invalid_transaction(&self) -> bool {
        self.kind() == ErrorKind::InvalidTransaction
    }

    /// The presence or message was refused before it was sent.
    pub fn is_invalid_payload(&self) -> bool {
        self.kind() == ErrorKind::InvalidPayload
    }

    /// The answer does not have the shape the query's types ask for.
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// The request never reached a server.
    pub fn is_unreachable(&self) -> bool {
        self.kind() == ErrorKind::Unreachable
    }

    /// Time ran out, here or on the server.
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::ServerTimeout)
    }

    /// The token was refused.
    pub fn is_unauthenticated(&self) -> bool {
        self.kind() == ErrorKind::Unauthenticated
    }

    /// A permission rule said no.
    pub fn is_permission_denied(&self) -> bool {
        self.kind() == ErrorKind::PermissionDenied
    }

    /// The record, user or app does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// A unique attribute already has that value on another entity.
    pub fn is_not_unique(&self) -> bool {
        self.kind() == ErrorKind::NotUnique
    }

    /// The server refused the content of the request.
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Validation
    }

    /// Too many requests; see [`retry_after`](Self::retry_after).
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }
}

/// Constructors, one per cause.
impl Error {
    /// A client that is set up wrongly.
    pub(crate) fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// A query that cannot be sent. `path` is where in the query, such as `posts.$.where.views`.
    pub(crate) fn invalid_query(path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidQuery, message).at(path)
    }

    /// A transaction that cannot be sent, because of one attribute or link of one entity.
    pub(crate) fn invalid_transaction(
        entity: &str,
        attribute: &str,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        let path = if attribute.is_empty() { entity.to_owned() } else { format!("{entity}.{attribute}") };
        Self::new(ErrorKind::InvalidTransaction, message).at(path)
    }

    /// A presence or message that cannot be sent. `path` is where in it, such as `chat.status`.
    pub(crate) fn invalid_payload(path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidPayload, message).at(path)
    }

    /// An answer that does not fit its type. `path` is where in the answer, such as `posts[3].author`.
    pub(crate) fn decode(path: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Decode, message).at(path)
    }

    /// An error of any kind with nothing but its message.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            path: None,
            status: None,
            server_type: None,
            hint: None,
            trace_id: None,
            retry_after: None,
            maybe_applied: false,
            source: None,
        }))
    }

    /// Says where; an empty path says nothing.
    pub(crate) fn at(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into()).filter(|path| !path.is_empty());
        self
    }

    /// Says what the place is in: `name` comes before the path.
    pub(crate) fn inside(mut self, name: &str) -> Self {
        let path = self.0.path.take();
        self.at(path.map_or_else(|| name.to_owned(), |path| format!("{name}.{path}")))
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn with_server_details(
        mut self,
        server_type: Option<String>,
        hint: Option<Value>,
        trace_id: Option<String>,
    ) -> Self {
        self.0.server_type = server_type;
        self.0.hint = hint;
        self.0.trace_id = trace_id;
        self
    }

    /// Adds what to do about it to the message.
    pub(crate) fn advising(mut self, advice: &str) -> Self {
        self.0.message = format!("{}; {advice}", self.0.message).into();
        self
    }

    /// Marks the error of a request whose fate is unknown.
    pub(crate) fn maybe_applied(mut self) -> Self {
        self.0.maybe_applied = true;
        self
    }
}

/// How much of a hint is printed; the whole is in [`Error::hint`].
const HINT_SHOWN: usize = 600;

/// A hint as far as it is printed: without what it repeats of the request, whose values are nobody's business in a
/// log, and which could be a whole transaction. A denial keeps its `input`, the name of the rule that said no.
fn shown(hint: &Value, kind: ErrorKind) -> String {
    let mut hint = hint.clone();
    if kind != ErrorKind::PermissionDenied {
        leave_out_echoes(&mut hint);
    }
    let mut hint = hint.to_string();
    if let Some((end, _)) = hint.char_indices().nth(HINT_SHOWN) {
        hint.truncate(end);
        hint.push('…');
    }
    hint
}

/// The depth is bounded by the parser that made the hint.
fn leave_out_echoes(hint: &mut Value) {
    match hint {
        Value::Object(fields) => {
            for (name, field) in fields {
                if matches!(name.as_str(), "input" | "original-input" | "value") {
                    *field = Value::from("…");
                } else {
                    leave_out_echoes(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_echoes),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(path) = &inner.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(&inner.message)?;
        if let Some(hint) = &inner.hint {
            write!(f, "; hint: {}", shown(hint, inner.kind))?;
        }
        if inner.maybe_applied {
            f.write_str("; the transaction may have been applied")?;
        }
        if let Some(trace_id) = &inner.trace_id {
            write!(f, " (trace id {trace_id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.fmt_fields(f) } else { self.fmt_report(f) }
    }
}

impl Error {
    /// What `Display` says, and the causes that it does not already name.
    fn fmt_report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.to_string();
        f.write_str(&last)?;
        let mut heading = "\n\nCaused by:";
        let mut next = self.source();
        while let Some(error) = next {
            next = error.source();
            let cause = error.to_string();
            // Many errors end with the text of their source.
            if !last.contains(&cause) {
                write!(f, "{heading}\n    {}", cause.replace('\n', "\n    "))?;
                heading = "";
                last = cause;
            }
        }
        Ok(())
    }

    fn fmt_fields(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind).field("message", &inner.message);
        if let Some(path) = &inner.path {
            out.field("path", path);
        }
        if let Some(status) = &inner.status {
            out.field("status", status);
        }
        if let Some(server_type) = &inner.server_type {
            out.field("server_type", server_type);
        }
        if let Some(hint) = &inner.hint {
            out.field("hint", &format_args!("{}", shown(hint, inner.kind)));
        }
        if let Some(trace_id) = &inner.trace_id {
            out.field("trace_id", trace_id);
        }
        if let Some(retry_after) = &inner.retry_after {
            out.field("retry_after", retry_after);
        }
        if inner.maybe_applied {
            out.field("may_have_been_applied", &true);
        }
        if let Some(source) = &inner.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_carries_path_message_hint_and_trace_id() {
        let error = Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_server_details(
            Some("record-not-unique".into()),
            Some(json!({ "etype": "posts" })),
            Some("0af7".into()),
        );
        assert_eq!(error.to_string(), r#"posts.slug: taken; hint: {"etype":"posts"} (trace id 0af7)"#);
    }

    #[test]
    fn debug_is_what_display_says_and_the_causes() {
        let alone = Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_status(400);
        assert_eq!(format!("{alone:?}"), "posts.slug: taken");

        let inner = Error::config("the certificate is old\nby a year").with_source("today is a Monday");
        let outer = Error::new(ErrorKind::Unreachable, "no connection").with_source(inner);
        assert_eq!(
            format!("{outer:?}"),
            "no connection\n\nCaused by:\n    the certificate is old\n    by a year\n    today is a Monday"
        );

        let named = Error::new(ErrorKind::Unreachable, "no connection: refused").with_source("refused");
        assert_eq!(format!("{named:?}"), "no connection: refused");
    }

    #[test]
    fn alternate_debug_has_every_field() {
        let error =
            Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_status(400).maybe_applied();
        assert_eq!(
            format!("{error:#?}"),
            "Error {\n    kind: NotUnique,\n    message: \"taken\",\n    path: \"posts.slug\",\n    \
             status: 400,\n    may_have_been_applied: true,\n}"
        );
    }

    #[test]
    fn what_a_hint_repeats_of_the_request_is_not_printed() {
        let hint = json!({ "data-type": "steps", "input": [["update", { "ssn": "private" }]], "value": "private",
                           "errors": [{ "expected": "string?", "in": [0, 1], "hint": { "value": { "a": "private" } } }] });
        let error = Error::new(ErrorKind::Validation, "no").with_server_details(None, Some(hint), None);
        let shown = r#"{"data-type":"steps","input":"…","value":"…","errors":[{"expected":"string?","in":[0,1],"hint":{"value":"…"}}]}"#;
        assert_eq!(error.to_string(), format!("no; hint: {shown}"));
        assert_eq!(format!("{error:?}"), format!("no; hint: {shown}"));
        assert!(format!("{error:#?}").contains(shown));
        assert_eq!(error.hint().unwrap()["value"], "private");
        let denied = json!({ "input": ["goals", "object"], "expected": "perms-pass?" });
        let denied =
            Error::new(ErrorKind::PermissionDenied, "no").with_server_details(None, Some(denied), None);
        assert_eq!(denied.to_string(), r#"no; hint: {"input":["goals","object"],"expected":"perms-pass?"}"#);
    }

    #[test]
    fn a_long_hint_is_cut_at_a_character_boundary() {
        let error = Error::new(ErrorKind::Validation, "no").with_server_details(
            None,
            Some(json!("ä".repeat(2000))),
            None,
        );
        let shown = error.to_string();
        assert!(shown.ends_with('…') && shown.len() < 1400, "{shown}");
        let shown = format!("{error:#?}");
        assert!(shown.contains("…") && shown.len() < 1500, "{shown}");
    }

    #[test]
    fn an_invalid_transaction_names_entity_and_attribute() {
        let error = Error::invalid_transaction("posts", "views", "NaN is no JSON number");
        assert_eq!(error.to_string(), "posts.views: NaN is no JSON number");
        assert_eq!(Error::invalid_transaction("posts", "", "no").path(), Some("posts"));
    }
}
