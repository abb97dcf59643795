//! All pages of a query, one after the other.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use serde_json::Value;

use super::ActionFuture;
use super::read::Read;
use crate::error::{Error, ErrorKind};
use crate::page::{AnswerMeta, Cursor, PageInfo};
use crate::query::Query;
use crate::session::Session;
use crate::value::RuleParams;

/// A stream of pages; made by [`Db::pages`](crate::Db::pages). Sends nothing before it is polled.
#[must_use = "a stream does nothing until it is polled"]
pub struct Pages<R> {
    read: Read,
    decode: fn(&[u8], AnswerMeta) -> Result<R, Error>,
    state: State<R>,
}

enum State<R> {
    Next(Result<Paged, Error>),
    Running(ActionFuture<Fetched<R>>),
    Done,
}

/// The page just read (`None` after the last one), and the request for the next.
type Fetched<R> = (Option<R>, Option<Result<Paged, Error>>);

/// A query, and which of its entities is paged through.
struct Paged {
    query: Value,
    root: String,
    direction: Direction,
    /// Where the page before ended; none for the first page.
    from: Option<Cursor>,
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

impl<R> Pages<R> {
    pub(crate) fn new<Q: Query<Response = R>>(session: &Session, query: &Q) -> Self {
        let mut read = Read::typed(session, query.schema());
        // Only a streaming endpoint sends cursors.
        read.live = true;
        Self { read, decode: Q::decode_with, state: State::Next(query.instaql().and_then(Paged::new)) }
    }

    /// Sets the values for permission rules, which they see as `ruleParams`: a struct, a map or `json!({ .. })`.
    pub fn rule_params(mut self, params: impl RuleParams) -> Self {
        self.read.rule_params = Some(params.rule_params());
        self
    }

    /// Sets how long each page may take, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.read.timeout = timeout;
        self
    }
}

impl<R: 'static> Pages<R> {
    /// Returns the next page, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<R, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn fetch(&self, paged: Paged) -> ActionFuture<Fetched<R>> {
        let (read, decode) = (self.read.clone(), self.decode);
        Box::pin(async move {
            let (body, meta) = read.run(paged.query.clone()).await?;
            let info = meta.page_info(&paged.root);
            let next = paged.next(info);
            // The rows that were said to follow are gone, or outside the window of the query.
            let vanished = paged.from.is_some() && next.is_none() && info.is_some_and(PageInfo::is_empty);
            Ok((if vanished { None } else { Some(decode(&body, meta)?) }, next))
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
                        Ok((page, Some(next))) => (page.map(Ok), State::Next(next)),
                        Ok((page, None)) => (page.map(Ok), State::Done),
                        Err(error) => (Some(Err(error)), State::Done),
                    };
                    self.state = state;
                    if page.is_some() {
                        return Poll::Ready(page);
                    }
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
        let direction = if has("last") { Direction::Backward } else { Direction::Forward };
        if !(has("limit") || has("first") || has("last")) {
            let message =
                "say how many rows a page has with `limit` or `first`, or with `last` to go backward";
            return Err(Error::invalid_query(format!("{root}.$"), message));
        }
        Ok(Self { root: root.clone(), query, direction, from: None })
    }

    /// The same query beside the page that `info` describes, if there is more.
    fn next(&self, info: Option<&PageInfo>) -> Option<Result<Self, Error>> {
        let stuck = |message: &'static str| {
            Some(Err(Error::new(ErrorKind::UnexpectedResponse, message).at(self.root.clone())))
        };
        let Some(info) = info else {
            return stuck("the answer does not say whether there are more rows");
        };
        let (more, cursor, option, inclusive) = match self.direction {
            Direction::Forward => (info.has_next_page, &info.end_cursor, "after", "afterInclusive"),
            Direction::Backward => (info.has_previous_page, &info.start_cursor, "before", "beforeInclusive"),
        };
        if !more {
            return None;
        }
        let Some(cursor) = cursor else {
            // Of an empty page in a window the server says that rows precede it: those outside.
            let options = &self.query[&self.root]["$"];
            let window = !options["after"].is_null() || !options["offset"].is_null();
            if matches!(self.direction, Direction::Backward) && window {
                return None;
            }
            return stuck("there are more rows, but this page shows none to continue from");
        };
        if self.from.as_ref() == Some(cursor) {
            return stuck("there are more rows, but this page ends where the one before it did");
        }
        let mut query = self.query.clone();
        if let Some(options) = query[&self.root]["$"].as_object_mut() {
            options.retain(|key, _| key != "offset" && key != inclusive);
            options.insert(option.to_owned(), serde_json::json!(cursor));
        }
        Some(Ok(Self {
            query,
            root: self.root.clone(),
            direction: self.direction,
            from: Some(cursor.clone()),
        }))
    }
}
