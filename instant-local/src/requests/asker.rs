//! The credentials of a request, and the caller they lead to.

use serde_json::json;
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::rules::ClientInfo;
use crate::store::{App, ReadTx, Store, WriteTx};
use crate::users;

/// The app that a request is about, and the credentials of the request.
#[derive(Clone)]
pub(crate) struct Asker {
    /// The app.
    pub(crate) app: Uuid,
    /// The credentials.
    pub(crate) credentials: Credentials,
    /// Where the request comes from.
    pub(crate) client: ClientInfo,
}

/// The credentials of a request. Not `Debug`, because it holds tokens.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// The admin token of the app.
    Admin(Uuid),
    /// The refresh token of a user.
    RefreshToken(Uuid),
    /// The email of a user, vouched for by the admin token of the app.
    Email { admin_token: Uuid, email: String },
    /// No credentials.
    Guest,
    /// A caller that [`Asker::verified`] has found.
    Verified(Caller),
}

impl Asker {
    /// Verifies the credentials once, for all requests that follow on a connection.
    ///
    /// # Errors
    ///
    /// Fails with `record-not-found` when the app, the token or the user is unknown.
    pub(crate) async fn verified(self, store: &Store) -> Result<Self, ApiError> {
        if matches!(self.credentials, Credentials::Guest) {
            return Ok(self);
        }
        let (app, client) = (self.app, self.client.clone());
        let caller = self.read(store, |_, caller| Ok(caller)).await?;
        Ok(Self { app, credentials: Credentials::Verified(caller), client })
    }

    /// Whether it [was verified](Self::verified) to be the administrator.
    pub(crate) fn is_admin(&self) -> bool {
        matches!(self.credentials, Credentials::Verified(Caller::Admin))
    }

    /// Runs `work` for the caller on a snapshot of the app.
    ///
    /// # Errors
    ///
    /// Fails with `record-not-found` when the app, the token or the user is unknown, and as `work` does.
    pub(super) async fn read<T, F>(self, store: &Store, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTx<'_>, Caller) -> Result<T, ApiError> + Send + 'static,
    {
        let (app, unknown) = (self.app, self.unknown());
        let read = move |tx: &ReadTx<'_>| {
            let caller = self.caller(tx)?;
            work(tx, caller)
        };
        store.read_if_known(app, read).await?.ok_or_else(unknown)
    }

    /// Runs `work` for the caller in a transaction of its own.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(super) async fn write<T, E, F>(self, store: &Store, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce(&mut WriteTx<'_>, Caller) -> Result<T, E> + Send + 'static,
    {
        let (app, unknown) = (self.app, self.unknown());
        let write = move |tx: &mut WriteTx<'_>| {
            let caller = self.caller(tx)?;
            work(tx, caller)
        };
        store.write_if_known(app, write).await?.ok_or_else(|| unknown().into())
    }

    /// Finds the caller.
    fn caller(&self, tx: &ReadTx<'_>) -> Result<Caller, ApiError> {
        let user = match &self.credentials {
            Credentials::Guest => return Ok(Caller::Guest),
            Credentials::Verified(caller) => return Ok(*caller),
            Credentials::Admin(token) => {
                check_admin(tx.app(), *token)?;
                return Ok(Caller::Admin);
            }
            Credentials::RefreshToken(token) => users::by_refresh_token(tx, *token)?,
            Credentials::Email { admin_token, email } => {
                check_admin(tx.app(), *admin_token)?;
                users::by_email(tx, email)?
            }
        };
        user.map(Caller::User).ok_or_else(self.unknown())
    }

    /// Makes the error for credentials that do not lead to a caller, or for an unknown app.
    fn unknown(&self) -> impl FnOnce() -> ApiError + use<> {
        let Self { app, credentials, .. } = self.clone();
        move || {
            let user = |args| ApiError::record_not_found("app-user", vec![args]);
            match credentials {
                Credentials::Guest | Credentials::Verified(_) => ApiError::unknown_app(app),
                Credentials::Admin(token) => ApiError::wrong_admin_token(app, token),
                Credentials::RefreshToken(token) => user(json!({ "app-id": app, "refresh-token": token })),
                Credentials::Email { email, .. } => user(json!({ "app-id": app, "email": email })),
            }
        }
    }
}

fn check_admin(app: &App, token: Uuid) -> Result<(), ApiError> {
    if app.admits(token) { Ok(()) } else { Err(ApiError::wrong_admin_token(app.id, token)) }
}
