//! Random bodies on every endpoint: each gets an answer, none of them a server error.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::time::Duration;

use common::{Backend, Random, attribute};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// Requests for each endpoint.
const TRIES: usize = 150;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

/// Words that mean something to the server, so that bodies get past the first check.
const WORDS: [&str; 44] = [
    "steps",
    "query",
    "create",
    "update",
    "merge",
    "link",
    "unlink",
    "delete",
    "ruleParams",
    "add-attr",
    "delete-attr",
    "update-attr",
    "posts",
    "users",
    "$users",
    "$files",
    "title",
    "author",
    "id",
    ID,
    "lookup__title__1",
    "lookup__",
    "lookup__title__{",
    "$",
    "where",
    "order",
    "limit",
    "or",
    "and",
    "$in",
    "$gt",
    "$like",
    "asc",
    "entities",
    "links",
    "attrs",
    "schema",
    "valueType",
    "string",
    "forward-identity",
    "index",
    "attr-id",
    "a.b.c",
    "\u{0}",
];

impl Random {
    fn word(&mut self) -> &'static str {
        WORDS[self.next(WORDS.len())]
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.next(if depth == 0 { 7 } else { 11 }) {
            0 => Value::Null,
            1 => json!(self.next(2) == 0),
            2 => json!(self.next(1000)),
            3 => json!(-1.5e300),
            4 => json!(u64::MAX),
            5 | 6 => json!(self.word()),
            7 | 8 => (0..self.next(5)).map(|_| self.value(depth - 1)).collect(),
            _ => Value::Object(self.object(depth)),
        }
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.next(4)).map(|_| (self.word().to_owned(), self.value(depth.saturating_sub(1)))).collect()
    }

    /// Steps that are nearly right.
    fn steps(&mut self) -> Value {
        let step = |random: &mut Self| {
            let action = random.word();
            let eid = if random.next(3) == 0 { random.value(2) } else { json!(ID) };
            json!([action, random.word(), eid, random.object(3), random.value(1)])
        };
        (0..=self.next(3)).map(|_| step(self)).collect()
    }

    fn body(&mut self) -> Value {
        match self.next(5) {
            0 => self.value(5),
            1 => json!({ "steps": self.steps() }),
            2 => json!({ "steps": [[self.word(), self.object(3)], [self.word(), ID]] }),
            3 => json!({ "query": { self.word(): { "$": self.object(4), self.word(): self.object(3) } } }),
            _ => json!({
                "title": self.value(1), "schema": { "entities": self.object(5), "links": self.object(4) },
                "rules": self.value(3), "code": self.value(3), "email": self.value(1), "id": self.value(1),
            }),
        }
    }
}

async fn backend() -> Backend {
    let posts = json!({ "attrs": { "title": attribute("string", "unique indexed") }, "links": {} });
    Backend::with_schema(&json!({ "entities": { "posts": posts }, "links": {}, "rooms": {} })).await
}

async fn bombard(method: Method, path: &str, seed: u64) {
    let backend = backend().await;
    let path = path.replace("APP", &backend.app.to_string());
    let mut random = Random(seed);
    for number in 0..TRIES {
        let body = random.body();
        let guest = if random.next(4) == 0 { Some("true") } else { None };
        let mut request = backend.http.request(method.clone(), backend.url(&path)).json(&body);
        request = request.header("app-id", backend.app.to_string()).bearer_auth(backend.token);
        if let Some(guest) = guest {
            request = request.header("as-guest", guest);
        }
        let response = tokio::time::timeout(PATIENCE, request.send()).await;
        let response = response.unwrap_or_else(|_| panic!("{path} hangs on try {number}: {body}")).unwrap();
        let status = response.status();
        assert!(!status.is_server_error(), "{path}: {status} on try {number}: {body}");
    }
    let (status, _) = common::answer(backend.get("/health")).await;
    assert!(status.is_success());
}

#[tokio::test]
async fn transact() {
    for seed in 1..=4 {
        bombard(Method::POST, "/admin/transact", seed).await;
    }
}

#[tokio::test]
async fn refresh_tokens() {
    bombard(Method::POST, "/admin/refresh_tokens", 5).await;
}

#[tokio::test]
async fn ephemeral_apps() {
    bombard(Method::POST, "/dash/apps/ephemeral", 6).await;
}

#[tokio::test]
async fn schema_push() {
    bombard(Method::POST, "/dash/apps/APP/schema/push/plan", 7).await;
    bombard(Method::POST, "/superadmin/apps/APP/schema/push/apply", 8).await;
}

#[tokio::test]
async fn schema_steps() {
    for seed in 9..=12 {
        bombard(Method::POST, "/dash/apps/APP/schema/steps/apply", seed).await;
    }
}

#[tokio::test]
async fn rules() {
    bombard(Method::POST, "/dash/apps/APP/rules", 13).await;
    bombard(Method::POST, "/superadmin/apps/APP/perms", 14).await;
}

#[tokio::test]
async fn reads_with_a_body() {
    bombard(Method::GET, "/admin/schema", 15).await;
    bombard(Method::GET, "/dash/apps/APP/schema/pull", 16).await;
    bombard(Method::GET, "/dash/apps/APP/indexing-jobs/nope", 17).await;
}

#[tokio::test]
async fn queries() {
    for seed in 18..=21 {
        bombard(Method::POST, "/admin/query", seed).await;
    }
    bombard(Method::POST, "/admin/subscribe-query", 22).await;
}
