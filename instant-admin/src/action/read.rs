//! What all queries have in common: their options, their body, and the endpoint they go to.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use instant_schema::Schema;
use instant_schema::instaql::{self, RULE_PARAMS};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};
use crate::http::Deadline;
use crate::page::AnswerMeta;
use crate::schema::{Known, StaticSchema};
use crate::schema_sync::{Supply, lacking_for_order};
use crate::session::Session;
use crate::value::ValueError;

/// The options of a query.
#[derive(Clone)]
pub(super) struct Read {
    session: Session,
    pub(super) rule_params: Option<Result<Map<String, Value>, ValueError>>,
    pub(super) timeout: Duration,
    /// Whether it goes to the streaming endpoint, the only one that returns cursors and counts.
    pub(super) live: bool,
    /// Whether it is checked against the client's schema. Typed queries were checked at compile time.
    untyped: bool,
    /// The schema that a typed query comes from.
    schema: Option<StaticSchema>,
}

impl Read {
    /// Options for a typed query that comes from `schema`.
    pub(super) fn typed(session: &Session, schema: Option<StaticSchema>) -> Self {
        Self { schema, untyped: false, ..Self::untyped(session) }
    }

    /// Options for a query that was not checked at compile time.
    pub(super) fn untyped(session: &Session) -> Self {
        Self {
            session: session.clone(),
            rule_params: None,
            timeout: session.shared.timeout,
            live: false,
            untyped: true,
            schema: None,
        }
    }

    /// Sends the query and returns the tree of rows as JSON bytes, and what came beside it.
    pub(super) async fn run(self, query: Value) -> Result<(Vec<u8>, AnswerMeta), Error> {
        let known = self.session.shared.schemas.known(self.schema)?;
        let query = self.checked(query, known.as_deref())?;
        let live = self.live || query.values().any(|form| form["$"].get("aggregate").is_some());
        let entities = entities(&query);
        let mut body = json!({ "query": &query });
        if known.is_some() {
            body["inference?"] = Value::Bool(true);
        }
        let deadline = Deadline::after(self.timeout);
        let path = if live { "admin/subscribe-query" } else { "admin/query" };
        let request = self.session.post("query", path).entities(&*entities).json(&body).by(deadline);
        let mut supply = Supply::begin(&self.session, known.as_deref(), deadline).await?;
        let (rows, meta) = loop {
            let answer = if live {
                request.first_answer().await
            } else {
                request.text().await.map(|rows| (rows, AnswerMeta::default()))
            };
            match answer {
                Ok(answer) => break answer,
                Err(refused) => supply.provide(refused, lacking_for_order).await?,
            }
        };
        if !answers(&rows, &query) {
            let url = self.session.shared.http.url();
            let message = format!(
                "{url} answered with JSON that has nothing of what was asked for (`{entities}`); is it the URL of an \
                 Instant server?"
            );
            return Err(Error::new(ErrorKind::UnexpectedResponse, message));
        }
        Ok((rows, meta))
    }

    fn checked(&self, query: Value, known: Option<&Known>) -> Result<Map<String, Value>, Error> {
        if let Some(known) = known.filter(|_| self.untyped) {
            check(known.schema(), &query)?;
        }
        let Value::Object(mut query) = query else {
            let message = "a query is an object from entities to forms, such as { \"posts\": {} }";
            return Err(Error::invalid_query("", message));
        };
        match &self.rule_params {
            None => {}
            // What the query itself says wins, as in the other SDKs.
            Some(Ok(params)) => {
                query.entry(RULE_PARAMS).or_insert_with(|| params.clone().into());
            }
            Some(Err(refusal)) => return Err(Error::invalid_query(RULE_PARAMS, refusal.to_string())),
        }
        Ok(query)
    }
}

/// Everything that is wrong with a query given as JSON, as one error at the place of the first.
fn check(schema: &Schema, query: &Value) -> Result<(), Error> {
    let problems = instaql::check(schema, query);
    let Some((first, rest)) = problems.split_first() else { return Ok(()) };
    let rest = rest.iter().map(ToString::to_string);
    let message: Vec<String> = std::iter::once(first.message.clone()).chain(rest).collect();
    Err(Error::invalid_query(first.place.to_string(), message.join("\n")))
}

/// Whether an answer holds anything of what the query asks for.
fn answers(rows: &[u8], query: &Map<String, Value>) -> bool {
    let mut roots = roots(query).peekable();
    if roots.peek().is_none() {
        return true;
    }
    // Mostly the first name is one of them, and the rest need not be read for that.
    let first = rows.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let first = first.and_then(|rest| rest.strip_prefix(b"\"")?.split(|byte| *byte == b'"').next());
    if first.is_some_and(|first| query.keys().any(|root| root.as_bytes() == first)) {
        return true;
    }
    // What is not JSON is reported with its place where it is decoded.
    let Ok(found) = serde_json::from_slice::<HashMap<Cow<'_, str>, &RawValue>>(rows) else { return true };
    roots.any(|root| found.contains_key(root))
}

fn entities(query: &Map<String, Value>) -> String {
    roots(query).collect::<Vec<_>>().join(",")
}

fn roots(query: &Map<String, Value>) -> impl Iterator<Item = &str> {
    query.keys().map(String::as_str).filter(|key| *key != RULE_PARAMS)
}
