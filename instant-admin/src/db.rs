//! The client: one [`Db`] for one app. Its type says what it may do.

mod builder;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::access::{Access, ActAs, Admin, CanChooseUser, CanReadAndWrite, HasAdminToken, Scoped};
use crate::action::{Pages, PlanSchema, PushSchema, QueryAs, RunQuery, Transact};
use crate::query::Query;
use crate::session::Session;
use crate::tx::IntoSteps;

pub use builder::DbBuilder;

/// A client of one app.
///
/// It is cheap to clone, and all clones share one pool of connections. What it may do is in its type:
///
/// | type | made by | may |
/// |---|---|---|
/// | `Db`, that is `Db<Admin>` | a builder with an admin token | everything; permission rules are skipped |
/// | `Db<Scoped>` | [`as_user`](Db::as_user) | queries and transactions on behalf of a user; rules apply |
/// | `Db<Public>` | a builder without an admin token | only `as_user` |
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
/// # fn run(db: instant_admin::Db<instant_admin::access::Public>) {
/// db.query_json(serde_json::json!({ "posts": {} }));
/// # }
/// ```
pub struct Db<A = Admin> {
    session: Session,
    access: PhantomData<fn() -> A>,
}

impl<A: Access> Db<A> {
    fn new(session: Session) -> Self {
        Self { session, access: PhantomData }
    }

    /// Returns the id of the app.
    pub fn app_id(&self) -> &str {
        self.session.shared.http.app_id()
    }

    /// Returns the URL of the server.
    pub fn url(&self) -> &str {
        self.session.shared.http.url()
    }

    /// Returns a client that acts on behalf of a user: the app's permission rules apply.
    ///
    /// ```no_run
    /// # use instant_admin::{Db, User};
    /// # fn run(db: &Db, refresh_token: &str) {
    /// let by_email = db.as_user(User::email("ada@example.com"));
    /// let by_token = db.as_user(User::token(refresh_token));
    /// let nobody = db.as_user(User::guest());
    /// # }
    /// ```
    ///
    /// A client without an admin token can act for users with their own refresh token, and for guests. To act by email
    /// takes an admin token, so it does not compile there:
    ///
    /// ```compile_fail
    /// # use instant_admin::{Db, User, access::Public};
    /// # fn run(db: Db<Public>) {
    /// db.as_user(User::email("ada@example.com"));
    /// # }
    /// ```
    pub fn as_user(&self, user: impl ActAs<A>) -> Db<Scoped>
    where
        A: CanChooseUser,
    {
        Db::new(Session { shared: Arc::clone(&self.session.shared), identity: user.into_identity() })
    }

    /// Runs a typed query, made by `query!`, and returns its answer in exactly the query's shape.
    ///
    /// The query brings the schema that it was generated from. What it orders by is created as that schema says, where
    /// the server lacks it.
    ///
    /// ```no_run
    /// # use instant_admin::{Db, Error, Query};
    /// # async fn run<Feed: Query>(db: Db, feed: Feed) -> Result<(), Error> where Feed::Response: 'static {
    /// let answer = db.query(feed).with_page_info().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When awaited: [`InvalidQuery`](crate::ErrorKind::InvalidQuery) for a value that cannot be sent,
    /// [`Config`](crate::ErrorKind::Config) for a schema that contradicts the client's own, [`Decode`](crate::ErrorKind::Decode)
    /// for an answer that does not fit the query's types, with the path of the mismatch; also
    /// [`Unreachable`](crate::ErrorKind::Unreachable) and the other kinds of failed requests.
    pub fn query<Q: Query>(&self, query: Q) -> RunQuery<Q>
    where
        A: CanReadAndWrite,
    {
        RunQuery::new(&self.session, query)
    }

    /// Runs an InstaQL query given as JSON and returns the answer as JSON.
    ///
    /// A client that was built with a schema checks it first, by the rules of `query!`.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// let answer = db.query_json(serde_json::json!({ "posts": { "author": {} } })).await?;
    /// println!("{}", answer["posts"][0]["author"]["handle"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When awaited: [`InvalidQuery`](crate::ErrorKind::InvalidQuery) for a query that is not an object or breaks a rule;
    /// also [`Unreachable`](crate::ErrorKind::Unreachable) and the other kinds of failed requests.
    pub fn query_json(&self, query: Value) -> QueryAs<Value>
    where
        A: CanReadAndWrite,
    {
        self.query_as(query)
    }

    /// Runs an InstaQL query given as JSON and reads the answer into `T`: an object with one list per
    /// entity that the query names.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Answer { posts: Vec<Post> }
    /// #[derive(serde::Deserialize)]
    /// struct Post { title: String }
    ///
    /// let answer: Answer = db.query_as(serde_json::json!({ "posts": {} })).await?;
    /// for post in answer.posts { println!("{}", post.title) }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`query_json`](Self::query_json); also [`Decode`](crate::ErrorKind::Decode) for an answer that does not fit `T`,
    /// with the path of the mismatch.
    pub fn query_as<T: DeserializeOwned>(&self, query: Value) -> QueryAs<T>
    where
        A: CanReadAndWrite,
    {
        QueryAs::new(&self.session, query)
    }

    /// Returns a stream of all pages of a query with one root entity and a `limit`, `first` or `last`. Each page is an
    /// answer to the query that begins where the page before ends.
    ///
    /// With `limit` or `first` the pages go forward; with `last` they go backward from the end, and the rows of a page stay
    /// in the query's order. Rows that appear or vanish meanwhile do not move other rows from one page to another.
    ///
    /// ```no_run
    /// # use instant_admin::{Db, Error, Query};
    /// # async fn run<Feed: Query>(db: Db, feed: Feed) -> Result<(), Error> where Feed::Response: 'static {
    /// let mut pages = db.pages(feed);
    /// while let Some(page) = pages.next().await {
    ///     let page = page?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As items of the stream: as [`query`](Self::query); also [`InvalidQuery`](crate::ErrorKind::InvalidQuery) for a query
    /// without pages. The stream ends after an error.
    pub fn pages<Q: Query>(&self, query: Q) -> Pages<Q::Response>
    where
        A: CanReadAndWrite,
    {
        Pages::new(&self.session, &query)
    }

    /// Applies all steps in one transaction, or none of them.
    ///
    /// Typed steps bring the schema that they were generated from. Attributes and links that the server lacks are created
    /// as the schema says, and the transaction is sent again. Untyped steps are checked against the schema of the client
    /// and of the typed steps beside them; where there is neither, the server invents what it lacks.
    ///
    /// ```no_run
    /// # use instant_admin::{Db, Error, tx};
    /// # use serde_json::json;
    /// # async fn run(db: Db, post: uuid::Uuid, old: uuid::Uuid) -> Result<(), Error> {
    /// let committed = db
    ///     .transact((tx::raw("posts", post).update(json!({ "views": 1 })), tx::raw("posts", old).delete()))
    ///     .await?;
    /// println!("transaction {}", committed.tx_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// After a failed connection, a transaction is sent again only if it never reached the server. If it may have been
    /// applied, the error says so: [`Error::may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// # Errors
    /// When awaited: [`InvalidTransaction`](crate::ErrorKind::InvalidTransaction) for values that cannot be sent and untyped
    /// steps that do not fit the schema, [`Config`](crate::ErrorKind::Config) for schemas that contradict each other,
    /// [`NotFound`](crate::ErrorKind::NotFound) for a strict write or a link by lookup to an entity that does not exist,
    /// [`NotUnique`](crate::ErrorKind::NotUnique) for a value or an id that is taken,
    /// [`Validation`](crate::ErrorKind::Validation) for what else the server refuses; also
    /// [`Unreachable`](crate::ErrorKind::Unreachable) and the other kinds of failed requests.
    pub fn transact(&self, steps: impl IntoSteps) -> Transact
    where
        A: CanReadAndWrite,
    {
        Transact::new(&self.session, steps)
    }

    /// Plans what [`push_schema`](Self::push_schema) would change, and changes nothing.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// let plan = db.plan_schema().rename([("posts.title", "posts.headline")]).delete(["posts.old"]).await?;
    /// println!("{plan}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When awaited: [`Config`](crate::ErrorKind::Config) for a client without a schema, and for a schema, a rename or a
    /// deletion that conflicts with what the server has; also what any request can fail with.
    pub fn plan_schema(&self) -> PlanSchema
    where
        A: HasAdminToken,
    {
        PlanSchema::new(&self.session)
    }

    /// Brings the whole schema to the server: creates what is missing, and changes types, indexes, uniqueness and
    /// requirements that differ. Renames and deletes only what
    /// [`rename`](PushSchema::rename) and [`delete`](PushSchema::delete) name.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// let pushed = db.push_schema().await?;
    /// for change in &pushed.changes {
    ///     println!("{change}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is all or nothing. Attributes are created and changed in one transaction. Indexes, types, uniqueness and
    /// requirements of existing attributes are jobs of the server that run afterwards; where one fails, the push takes the
    /// rest back, and the error says whether that succeeded. Deletions come last, when nothing can fail any more. A push
    /// that is cut off (a crash, a timeout while jobs run) is not taken back; pushing again completes it.
    ///
    /// # Errors
    /// When awaited: as [`plan_schema`](Self::plan_schema), and [`Validation`](crate::ErrorKind::Validation) for existing
    /// data that stands in the way of a change, with the attribute and the reason.
    pub fn push_schema(&self) -> PushSchema
    where
        A: HasAdminToken,
    {
        PushSchema::new(&self.session)
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
