//! Reading: `POST /admin/query`.

use std::marker::PhantomData;
use std::time::Duration;

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ActionFuture;
use crate::db::{Admin, Db, Scoped, Session};
use crate::error::Error;
use crate::http::{Deadline, Request, Sending};

const RULE_PARAMS: &str = "$$ruleParams";

macro_rules! reads {
    ($($access:ty),+) => {$(
        impl Db<$access> {
            /// Runs an InstaQL query given as JSON and gives the answer as JSON.
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
            /// When awaited: a query that is no object, a server that cannot be reached, and whatever the server
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
                QueryAs { query, options: Options::new(self.session()), answer: PhantomData }
            }
        }
    )+};
}

reads!(Admin, Scoped);

/// A query that runs when it is awaited; made by [`Db::query_as`] and [`Db::query_json`].
#[must_use = "a query runs when it is awaited"]
pub struct QueryAs<T> {
    query: Value,
    options: Options,
    answer: PhantomData<fn() -> T>,
}

impl<T> QueryAs<T> {
    /// Values that permission rules see as `ruleParams`: a JSON object.
    pub fn rule_params(mut self, params: Value) -> Self {
        self.options.rule_params = Some(params);
        self
    }

    /// How long this query may take in all, retries included.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }
}

impl<T: DeserializeOwned> IntoFuture for QueryAs<T> {
    type Output = Result<T, Error>;
    type IntoFuture = ActionFuture<T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { decode(&self.options.run(self.query).await?) })
    }
}

/// What every sort of query can be told.
struct Options {
    session: Session,
    rule_params: Option<Value>,
    timeout: Duration,
}

impl Options {
    fn new(session: &Session) -> Self {
        Self { session: session.clone(), rule_params: None, timeout: session.shared.timeout }
    }

    async fn run(self, query: Value) -> Result<Vec<u8>, Error> {
        let Value::Object(mut query) = query else {
            return Err(Error::invalid_query(
                "",
                "a query is an object from entities to forms, such as { \"posts\": {} }",
            ));
        };
        match self.rule_params {
            None => {}
            // What the query itself says wins, as in the other SDKs.
            Some(params @ Value::Object(_)) => drop(query.entry(RULE_PARAMS).or_insert(params)),
            Some(_) => {
                let message = "rule params are an object of names and values, such as { \"secret\": \"…\" }";
                return Err(Error::invalid_query(RULE_PARAMS, message));
            }
        }
        let entities = entities(&query);
        let mut body = Map::new();
        body.insert("query".to_owned(), Value::Object(query));
        let body = serde_json::to_vec(&body).expect("a JSON value with string keys always serializes");
        let request = Request {
            operation: "query",
            entities: &entities,
            method: Method::POST,
            path: "admin/query",
            identity: &self.session.identity,
            body: Some(body.into()),
            deadline: Deadline::after(self.timeout),
            sending: Sending::Repeatable,
        };
        self.session.shared.http.send(&request).await
    }
}

fn entities(query: &Map<String, Value>) -> String {
    query.keys().map(String::as_str).filter(|key| *key != RULE_PARAMS).collect::<Vec<_>>().join(",")
}

/// Reads an answer; where that fails, reads it again more slowly to learn the path.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error: serde_json::Error| {
        let again = &mut serde_json::Deserializer::from_slice(body);
        let path = serde_path_to_error::deserialize::<_, T>(again).map_err(|error| error.path().to_string());
        Error::decode(path.err().unwrap_or_default(), error.to_string()).with_source(error)
    })
}
