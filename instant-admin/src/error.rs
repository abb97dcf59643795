//! The error type of this crate: what went wrong, where, and what to write instead.

mod hint;
mod kind;
mod print;
mod redact;

use std::borrow::Cow;
use std::error::Error as StdError;
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
    /// Whether the message says in this crate's words what path and hint say.
    explained: bool,
    source: Option<Source>,
}

impl Error {
    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what went wrong, without path, hint and trace id.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns where in a query, a transaction or an answer: `posts[3].author.handle`, `posts.title`, or `posts.id` for an
    /// id that is missing or taken.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Returns the HTTP status of the answer, if the server answered.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the server's own word for the error, such as `record-not-unique`.
    pub fn server_type(&self) -> Option<&str> {
        self.0.server_type.as_deref()
    }

    /// Returns the details that the server gave, with tokens and codes removed.
    ///
    /// They can repeat values of the request, even a whole transaction. `Display` and `Debug` leave those out. Keep that in
    /// mind when you log a hint yourself.
    pub fn hint(&self) -> Option<&Value> {
        self.0.hint.as_ref()
    }

    /// Returns the id under which the server's operator finds this request.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// Returns how long the server asks to wait before the next try.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether a transaction that failed with this error may have been applied after all: it was sent, and no
    /// answer says what became of it. Such a transaction is never sent again automatically.
    pub fn may_have_been_applied(&self) -> bool {
        self.0.maybe_applied
    }

    /// The time limit of the client ([`ErrorKind::Timeout`]) or of the server ([`ErrorKind::ServerTimeout`]) was reached.
    pub fn is_timeout(&self) -> bool {
        self.is_client_timeout() || self.is_server_timeout()
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
            explained: false,
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

    /// The same error of the server, in words that also say what its hint and `path` say.
    pub(crate) fn explained(mut self, kind: ErrorKind, path: impl Into<String>, message: String) -> Self {
        self.0.kind = kind;
        self.0.message = message.into();
        self.0.explained = true;
        self.at(path)
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

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
