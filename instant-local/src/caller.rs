//! Who asks, and what that allows.

use uuid::Uuid;

use crate::error::ApiError;
use crate::store::App;

/// For whom a request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// The app's administrator: rules do not apply.
    Admin,
    /// A user of the app.
    User(Uuid),
    /// Anybody: nobody is signed in.
    Guest,
}

impl Caller {
    /// Refuses a request that the app's own rules would have to decide: this version does not evaluate them.
    ///
    /// Fails with `permission-denied` unless the caller is the administrator or the app has no rules.
    pub(crate) fn check_rules(self, app: &App) -> Result<(), ApiError> {
        let has_rules =
            || app.rules().is_some_and(|rules| rules.as_object().is_none_or(|rules| !rules.is_empty()));
        if self != Self::Admin && has_rules() { Err(ApiError::rules_not_evaluated()) } else { Ok(()) }
    }
}
