//! What every sort of query has in common: its options, its body, and through which door it goes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use instant_schema::instaql::RULE_PARAMS;
use reqwest::Method;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::db::Session;
use crate::error::Error;
use crate::http::{Deadline, Request, Sending, json_text};
use crate::page::AnswerMeta;

/// The options of a query.
#[derive(Clone)]
pub(super) struct Read {
    session: Session,
    pub(super) rule_params: Option<Value>,
    pub(super) timeout: Duration,
    /// Whether it goes through the live door, the only one that gives cursors and counts.
    pub(super) live: bool,
    /// Whether it is checked against the client's schema; typed queries were, at compile time.
    untyped: bool,
}

impl Read {
    pub(super) fn new(session: &Session) -> Self {
        Self {
            session: session.clone(),
            rule_params: None,
            timeout: session.shared.timeout,
            live: false,
            untyped: false,
        }
    }

    /// Options for a query that was not checked at compile time.
    pub(super) fn untyped(session: &Session) -> Self {
        Self { untyped: true, ..Self::new(session) }
    }

    /// Options for a query through the live door.
    pub(super) fn live(session: &Session) -> Self {
        Self { live: true, ..Self::new(session) }
    }

    /// Sends the query and gives the tree of rows as JSON bytes, and what came beside it.
    pub(super) async fn run(self, query: Value) -> Result<(Vec<u8>, AnswerMeta), Error> {
        let query = self.checked(query)?;
        let live = self.live || query.values().any(|form| form["$"].get("aggregate").is_some());
        let entities = entities(&query);
        let mut body = json!({ "query": &query });
        if self.session.shared.schema.is_some() {
            body["inference?"] = Value::Bool(true);
        }
        let deadline = Deadline::after(self.timeout);
        self.session.prepare(deadline).await?;
        let request = Request {
            operation: "query",
            entities: &entities,
            method: Method::POST,
            path: if live { "admin/subscribe-query" } else { "admin/query" },
            identity: &self.session.identity,
            body: Some(json_text(&body)),
            deadline,
            sending: Sending::Repeatable,
        };
        let http = &self.session.shared.http;
        // Each turn creates what one more root entity is ordered by.
        loop {
            let answer = if live {
                http.first_answer(&request).await
            } else {
                http.send(&request).await.map(|rows| (rows, AnswerMeta::default()))
            };
            match answer {
                Err(error) if self.session.create_for_order(&error, deadline).await? => {}
                Ok((rows, _)) if self.untyped && !answers(&rows, &query) => {
                    let message = format!("the answer lacks what was asked for, `{entities}`");
                    return Err(Error::decode("", message));
                }
                answer => return answer,
            }
        }
    }

    fn checked(&self, query: Value) -> Result<Map<String, Value>, Error> {
        if let Some(app) = self.session.shared.schema.as_ref().filter(|_| self.untyped) {
            app.check(&query)?;
        }
        let Value::Object(mut query) = query else {
            let message = "a query is an object from entities to forms, such as { \"posts\": {} }";
            return Err(Error::invalid_query("", message));
        };
        match &self.rule_params {
            None => {}
            // What the query itself says wins, as in the other SDKs.
            Some(params @ Value::Object(_)) => {
                query.entry(RULE_PARAMS).or_insert_with(|| params.clone());
            }
            Some(_) => {
                let message = "rule params are an object of names and values, such as { \"secret\": \"…\" }";
                return Err(Error::invalid_query(RULE_PARAMS, message));
            }
        }
        Ok(query)
    }
}

/// Whether an answer holds anything of what the query asks for. Typed queries find out while they decode.
fn answers(rows: &[u8], query: &Map<String, Value>) -> bool {
    // What is no JSON object is told with its place where it is decoded.
    let Ok(found) = serde_json::from_slice::<HashMap<Cow<'_, str>, &RawValue>>(rows) else { return true };
    let mut roots = roots(query).peekable();
    roots.peek().is_none() || roots.any(|root| found.contains_key(root))
}

fn entities(query: &Map<String, Value>) -> String {
    roots(query).collect::<Vec<_>>().join(",")
}

fn roots(query: &Map<String, Value>) -> impl Iterator<Item = &str> {
    query.keys().map(String::as_str).filter(|key| *key != RULE_PARAMS)
}
