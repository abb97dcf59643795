//! The caller of a request, and what a caller may do.

use uuid::Uuid;

use crate::error::ApiError;
use crate::store::App;

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

impl Caller {
    /// Fails with `permission-denied` if the app has rules that apply to the caller: this version cannot evaluate them.
    pub(crate) fn check_rules(self, app: &App) -> Result<(), ApiError> {
        let has_rules =
            || app.rules().is_some_and(|rules| rules.as_object().is_none_or(|rules| !rules.is_empty()));
        if self != Self::Admin && has_rules() { Err(ApiError::rules_not_evaluated()) } else { Ok(()) }
    }
}
