//! Reading, typed and untyped.

use std::marker::PhantomData;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ActionFuture;
use super::read::Read;
use crate::decode::decode_json;
use crate::error::Error;
use crate::page::{Answer, AnswerMeta};
use crate::query::Query;
use crate::session::Session;
use crate::value::RuleParams;

/// A typed query that runs when it is awaited; made by [`Db::query`](crate::Db::query).
#[must_use = "a query runs when it is awaited"]
pub struct RunQuery<Q> {
    query: Q,
    read: Read,
}

/// A query that runs when it is awaited; made by [`Db::query_as`](crate::Db::query_as) and
/// [`Db::query_json`](crate::Db::query_json).
#[must_use = "a query runs when it is awaited"]
pub struct QueryAs<T> {
    query: Value,
    read: Read,
    answer: PhantomData<fn() -> T>,
}

/// [`QueryAs`] with the cursors and counts; made by [`QueryAs::with_page_info`].
#[must_use = "a query runs when it is awaited"]
pub struct QueryWithPageInfo<T>(QueryAs<T>);

impl<Q: Query> RunQuery<Q> {
    pub(crate) fn new(session: &Session, query: Q) -> Self {
        let read = Read::typed(session, query.schema());
        Self { query, read }
    }
}

impl<T> QueryAs<T> {
    pub(crate) fn new(session: &Session, query: Value) -> Self {
        Self { query, read: Read::untyped(session), answer: PhantomData }
    }
}

macro_rules! options {
    ($self:ident => $read:expr) => {
        /// Sets the values for permission rules, which they see as `ruleParams`: a struct, a map or `json!({ .. })`.
        pub fn rule_params(mut $self, params: impl RuleParams) -> Self {
            $read.rule_params = Some(params.rule_params());
            $self
        }

        /// Sets how long this query may take in all, retries included.
        pub fn timeout(mut $self, timeout: Duration) -> Self {
            $read.timeout = timeout;
            $self
        }
    };
}

impl<Q> RunQuery<Q> {
    options!(self => self.read);

    /// Asks for the cursors of each [`Page`](crate::Page) too; [`Page::page_info`](crate::Page::page_info) returns them.
    ///
    /// Only the streaming endpoint sends them: the query runs once over `POST /admin/subscribe-query`, which is closed
    /// after the first answer.
    pub fn with_page_info(mut self) -> Self {
        self.read.live = true;
        self
    }
}

impl<T> QueryAs<T> {
    options!(self => self.read);

    /// Asks for the cursors and counts of each root entity too; [`Answer::page_info`] and [`Answer::count`] return them.
    ///
    /// ```no_run
    /// # async fn run(db: instant_admin::Db) -> Result<(), instant_admin::Error> {
    /// let query = serde_json::json!({ "posts": { "$": { "limit": 10 } } });
    /// let answer = db.query_json(query).with_page_info().await?;
    /// println!("{}", answer["posts"][0]["title"]);
    /// let after = answer.page_info("posts").and_then(|info| info.end_cursor.clone());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_page_info(mut self) -> QueryWithPageInfo<T> {
        self.read.live = true;
        QueryWithPageInfo(self)
    }
}

impl<T> QueryWithPageInfo<T> {
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
        Box::pin(async move { decode_json(&self.read.run(self.query).await?.0) })
    }
}

impl<T: DeserializeOwned> IntoFuture for QueryWithPageInfo<T> {
    type Output = Result<Answer<T>, Error>;
    type IntoFuture = ActionFuture<Answer<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (body, meta) = self.0.read.run(self.0.query).await?;
            Ok(Answer::new(decode_json(&body)?, meta))
        })
    }
}
