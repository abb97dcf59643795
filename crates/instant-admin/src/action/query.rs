//! Reading, typed and untyped.

use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ActionFuture;
use super::read::Read;
use crate::db::{Admin, Db, Scoped};
use crate::decode::refused;
use crate::error::Error;
use crate::page::AnswerMeta;
use crate::query::Query;

macro_rules! reads {
    ($($access:ty),+) => {$(
        impl Db<$access> {
            /// Runs a typed query, which `query!` makes, and gives its answer in exactly the query's shape.
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
            /// When awaited: a value that cannot be sent, a server that cannot be reached, whatever the server
            /// refuses, and an answer that does not fit the query's types, with the path to where it does not.
            pub fn query<Q: Query>(&self, query: Q) -> RunQuery<Q> {
                RunQuery { query, read: Read::new(self.session()) }
            }

            /// Runs an InstaQL query given as JSON and gives the answer as JSON.
            ///
            /// A client with a schema checks it first, by the rules that `query!` has at compile time.
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
            /// When awaited: a query that is no object or breaks a rule, a server that cannot be reached, and whatever the server
            /// refuses.
            pub fn query_json(&self, query: Value) -> QueryAs<Value> {
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
            /// As [`query_json`](Self::query_json); also an answer that does not fit `T`, with the path to where it
            /// does not.
            pub fn query_as<T: DeserializeOwned>(&self, query: Value) -> QueryAs<T> {
                QueryAs { query, read: Read::untyped(self.session()), answer: PhantomData }
            }
        }
    )+};
}

reads!(Admin, Scoped);

/// A typed query that runs when it is awaited; made by [`Db::query`].
#[must_use = "a query runs when it is awaited"]
pub struct RunQuery<Q> {
    query: Q,
    read: Read,
}

/// A query that runs when it is awaited; made by [`Db::query_as`] and [`Db::query_json`].
#[must_use = "a query runs when it is awaited"]
pub struct QueryAs<T> {
    query: Value,
    read: Read,
    answer: PhantomData<fn() -> T>,
}

/// [`QueryAs`] with what comes beside the rows; made by [`QueryAs::with_page_info`].
#[must_use = "a query runs when it is awaited"]
pub struct QueryWithMeta<T>(QueryAs<T>);

macro_rules! options {
    ($self:ident => $read:expr) => {
        /// Values that permission rules see as `ruleParams`: a JSON object.
        pub fn rule_params(mut $self, params: Value) -> Self {
            $read.rule_params = Some(params);
            $self
        }

        /// How long this query may take in all, retries included.
        pub fn timeout(mut $self, timeout: Duration) -> Self {
            $read.timeout = timeout;
            $self
        }
    };
}

impl<Q> RunQuery<Q> {
    options!(self => self.read);

    /// Asks for the cursors of each [`Page`](crate::Page) too.
    ///
    /// They come only from the live door: the query runs once over `POST /admin/subscribe-query`, which is
    /// closed after the first answer.
    pub fn with_page_info(mut self) -> Self {
        self.read.live = true;
        self
    }
}

impl<T> QueryAs<T> {
    options!(self => self.read);

    /// Asks for the cursors and counts of each root entity too, which come beside the answer.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// let query = serde_json::json!({ "posts": { "$": { "limit": 10 } } });
    /// let (answer, meta) = db.query_json(query).with_page_info().await?;
    /// let after = meta.page_info["posts"].end_cursor.clone();
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_page_info(mut self) -> QueryWithMeta<T> {
        self.read.live = true;
        QueryWithMeta(self)
    }
}

impl<T> QueryWithMeta<T> {
    options!(self => self.0.read);
}

impl<Q: Query> IntoFuture for RunQuery<Q>
where
    Q::Response: 'static,
{
    type Output = Result<Q::Response, Error>;
    type IntoFuture = ActionFuture<Q::Response>;

    /// The query's values are read here; the future no longer borrows from them.
    fn into_future(self) -> Self::IntoFuture {
        run_typed(self.read, self.query.instaql(), Q::decode_with)
    }
}

fn run_typed<R: 'static>(
    read: Read,
    query: Result<Value, Error>,
    decode: fn(&[u8], AnswerMeta) -> Result<R, Error>,
) -> ActionFuture<R> {
    Box::pin(async move {
        let (body, meta) = read.run(query?).await?;
        decode(&body, meta)
    })
}

impl<T: DeserializeOwned> IntoFuture for QueryAs<T> {
    type Output = Result<T, Error>;
    type IntoFuture = ActionFuture<T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { decode(&self.read.run(self.query).await?.0) })
    }
}

impl<T: DeserializeOwned> IntoFuture for QueryWithMeta<T> {
    type Output = Result<(T, AnswerMeta), Error>;
    type IntoFuture = ActionFuture<(T, AnswerMeta)>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (body, meta) = self.0.read.run(self.0.query).await?;
            Ok((decode(&body)?, meta))
        })
    }
}

/// Reads an answer; where that fails, reads it again more slowly to learn the path.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error: serde_json::Error| {
        let again = &mut serde_json::Deserializer::from_slice(body);
        let path = serde_path_to_error::deserialize::<_, T>(again).map_err(|error| error.path().to_string());
        refused(path.err().filter(|path| path != ".").unwrap_or_default(), error)
    })
}
