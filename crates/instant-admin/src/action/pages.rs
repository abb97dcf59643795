//! All pages of a query, one after the other.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use serde_json::Value;

use super::ActionFuture;
use super::read::Read;
use crate::db::{Admin, Db, Scoped};
use crate::error::{Error, ErrorKind};
use crate::page::{AnswerMeta, PageInfo};
use crate::query::Query;

macro_rules! paging {
    ($($access:ty),+) => {$(
        impl Db<$access> {
            /// All pages of a query with one root entity and a `limit` or `first`: each the answer that the query
            /// alone would give, continued after the last row of the one before.
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
            /// As the stream's item: what [`query`](Self::query) reports, and a query that has no pages. The
            /// stream ends after an error.
            pub fn pages<Q: Query>(&self, query: Q) -> Pages<Q::Response> {
                Pages {
                    read: Read::live(self.session()),
                    decode: Q::decode_with,
                    state: State::Next(query.instaql().and_then(Paged::new)),
                }
            }
        }
    )+};
}

paging!(Admin, Scoped);

/// A stream of pages; made by [`Db::pages`]. Nothing is asked before it is polled.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<R> {
    read: Read,
    decode: fn(&[u8], AnswerMeta) -> Result<R, Error>,
    state: State<R>,
}

enum State<R> {
    Next(Result<Paged, Error>),
    Running(ActionFuture<(R, Option<Result<Paged, Error>>)>),
    Done,
}

/// A query, and which of its entities is paged through.
struct Paged {
    query: Value,
    root: String,
}

impl<R> Pages<R> {
    /// Values that permission rules see as `ruleParams`: a JSON object.
    pub fn rule_params(mut self, params: Value) -> Self {
        self.read.rule_params = Some(params);
        self
    }

    /// How long each page may take, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.read.timeout = timeout;
        self
    }
}

impl<R: 'static> Pages<R> {
    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<R, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn fetch(&self, paged: Paged) -> ActionFuture<(R, Option<Result<Paged, Error>>)> {
        let (read, decode) = (self.read.clone(), self.decode);
        Box::pin(async move {
            let (body, meta) = read.run(paged.query.clone()).await?;
            let next = paged.after(meta.page_info.get(&paged.root));
            Ok((decode(&body, meta)?, next))
        })
    }
}

impl<R: 'static> Stream for Pages<R> {
    type Item = Result<R, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Running(page) => {
                    let page = ready!(page.as_mut().poll(context));
                    let (page, state) = match page {
                        Ok((page, Some(next))) => (Ok(page), State::Next(next)),
                        Ok((page, None)) => (Ok(page), State::Done),
                        Err(error) => (Err(error), State::Done),
                    };
                    self.state = state;
                    return Poll::Ready(Some(page));
                }
                State::Next(_) => {
                    let State::Next(next) = std::mem::replace(&mut self.state, State::Done) else { continue };
                    match next {
                        Ok(paged) => self.state = State::Running(self.fetch(paged)),
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    }
                }
            }
        }
    }
}

impl Paged {
    fn new(query: Value) -> Result<Self, Error> {
        let mut roots =
            query.as_object().into_iter().flat_map(|query| query.keys()).filter(|key| !key.starts_with("$$"));
        let (Some(root), None) = (roots.next(), roots.next()) else {
            return Err(Error::invalid_query(
                "",
                "pages are those of one entity; give the query one root entity",
            ));
        };
        let options = &query[root]["$"];
        let has = |key: &str| !options[key].is_null();
        if !(has("limit") || has("first")) || has("before") {
            let message =
                "say how many rows a page has with `limit` or `first`, and leave `before` and `last` out";
            return Err(Error::invalid_query(format!("{root}.$"), message));
        }
        Ok(Self { root: root.clone(), query })
    }

    /// The same query after the page that `info` describes, if there is more.
    fn after(&self, info: Option<&PageInfo>) -> Option<Result<Self, Error>> {
        let info = info.filter(|info| info.has_next_page)?;
        let Some(cursor) = &info.end_cursor else {
            let message = "there are more rows, but this page shows none to continue after";
            return Some(Err(Error::new(ErrorKind::UnexpectedResponse, message).at(self.root.clone())));
        };
        let mut query = self.query.clone();
        let cursor = serde_json::to_value(cursor).expect("a cursor is a JSON value");
        if let Some(options) = query[&self.root]["$"].as_object_mut() {
            options.retain(|key, _| !matches!(key.as_str(), "offset" | "afterInclusive"));
            options.insert("after".to_owned(), cursor);
        }
        Some(Ok(Self { query, root: self.root.clone() }))
    }
}
