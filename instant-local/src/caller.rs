//! The caller of a request.

use uuid::Uuid;

/// The caller that a request is answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The administrator of the app, to whom rules do not apply.
    Admin,
    /// A user of the app.
    User(Uuid),
    /// A caller who is not signed in.
    Guest,
}
