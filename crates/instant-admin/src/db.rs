//! The client: one [`Db`] for one app, typed by what it may do.

mod access;
mod builder;
mod schema;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::http::{Http, Identity};
use crate::schema_sync::AppSchema;

pub use access::{Access, ActAs, Admin, ByEmail, Public, Scoped, SelfMade, User};
pub use builder::DbBuilder;
pub use schema::{SchemaSource, StaticSchema, is_module};

/// A client of one app.
///
/// It is cheap to clone, and all clones share one pool of connections. What it may do is in its type:
///
/// | type | made by | may |
/// |---|---|---|
/// | `Db`, that is `Db<Admin>` | a builder that was given an admin token | everything; permission rules are skipped |
/// | `Db<Scoped>` | [`as_user`](Db::as_user) | queries and transactions on behalf of a user; rules apply |
/// | `Db<Public>` | a builder that was given no admin token | only `as_user` |
///
/// ```no_run
/// use instant_admin::{Db, User};
///
/// # fn main() -> Result<(), instant_admin::Error> {
/// let db = Db::builder()
///     .url("http://localhost:8888")
///     .app_id("5f607e08-b271-489a-8430-108f8d0e22e7")
///     .admin_token("2483838c-4a73-4b6c-a8fa-a1f1c7e4d1a4")
///     .build()?;
/// let theirs = db.as_user(User::email("ada@example.com"));
/// # Ok(())
/// # }
/// ```
///
/// What a type may not do does not compile:
///
/// ```compile_fail
/// # fn run(db: instant_admin::Db<instant_admin::Public>) {
/// db.query_json(serde_json::json!({ "posts": {} }));
/// # }
/// ```
pub struct Db<A = Admin> {
    session: Session,
    access: PhantomData<fn() -> A>,
}

/// What every action of a [`Db`] runs on: the shared client, and on whose behalf.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) identity: Identity,
}

/// What all clones of a [`Db`] share.
pub(crate) struct Shared {
    pub(crate) http: Http,
    pub(crate) timeout: Duration,
    pub(crate) schema: Option<AppSchema>,
}

impl<A: Access> Db<A> {
    fn new(session: Session) -> Self {
        Self { session, access: PhantomData }
    }

    /// The id of the app.
    pub fn app_id(&self) -> &str {
        self.session.shared.http.app_id()
    }

    /// The URL of the server.
    pub fn url(&self) -> &str {
        self.session.shared.http.url()
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    fn scoped(&self, identity: Identity) -> Db<Scoped> {
        Db::new(Session { shared: Arc::clone(&self.session.shared), identity })
    }
}

impl Db<Admin> {
    /// This client on behalf of a user: the app's permission rules apply.
    ///
    /// ```no_run
    /// # use instant_admin::{Db, User};
    /// # fn run(db: &Db, refresh_token: &str) {
    /// let by_email = db.as_user(User::email("ada@example.com"));
    /// let by_token = db.as_user(User::token(refresh_token));
    /// let nobody = db.as_user(User::guest());
    /// # }
    /// ```
    pub fn as_user(&self, user: impl ActAs<Admin>) -> Db<Scoped> {
        self.scoped(user.into_identity())
    }
}

impl Db<Public> {
    /// This client on behalf of a user who brings their own refresh token, or of nobody.
    ///
    /// Acting by email takes an admin token, so it does not compile here:
    ///
    /// ```compile_fail
    /// # use instant_admin::{Db, Public, User};
    /// # fn run(db: Db<Public>) {
    /// db.as_user(User::email("ada@example.com"));
    /// # }
    /// ```
    pub fn as_user(&self, user: impl ActAs<Public>) -> Db<Scoped> {
        self.scoped(user.into_identity())
    }
}

impl<A> Clone for Db<A> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), access: PhantomData }
    }
}

impl<A> fmt::Debug for Db<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let http = &self.session.shared.http;
        f.debug_struct("Db").field("url", &http.url()).field("app_id", &http.app_id()).finish_non_exhaustive()
    }
}
