//! A backend on a real socket, and a client for it.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

pub mod program;

use std::collections::BTreeMap;

use instant_local::Server;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A server in memory, and an app on it.
pub struct Backend {
    pub server: Server,
    pub http: reqwest::Client,
    pub app: Uuid,
    pub token: Uuid,
}

/// The entities of an app: type, id, attributes. Links that go to many are lists.
pub type State = BTreeMap<(String, String), Map<String, Value>>;

impl Backend {
    /// A server whose app has this schema.
    pub async fn with_schema(schema: &Value) -> Self {
        let server = Server::builder().in_memory().schema(schema.to_string()).start().await.unwrap();
        Self::of(server)
    }

    pub fn of(server: Server) -> Self {
        let (app, token) = (server.app_id(), server.admin_token());
        Self { server, http: reqwest::Client::new(), app, token }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    /// A POST with no headers but the content type.
    pub fn bare_post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(self.url(path)).json(body)
    }

    /// A POST as the app's administrator.
    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.bare_post(path, body).header("app-id", self.app.to_string()).bearer_auth(self.token)
    }

    /// A GET as the app's administrator.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(self.url(path)).header("app-id", self.app.to_string()).bearer_auth(self.token)
    }

    pub async fn transact(&self, steps: Value) -> (StatusCode, Value) {
        answer(self.post("/admin/transact", &json!({ "steps": steps }))).await
    }

    /// Everything the app has under its own entity types.
    pub async fn state(&self) -> State {
        let read = |tx: &instant_local::store::ReadTx<'_>| {
            let mut state = State::new();
            let id_attrs = tx.catalog().iter().filter(|stored| stored.label() == "id" && !stored.is_system());
            for entity in id_attrs.map(|stored| stored.entity()) {
                for id in tx.entities(entity)? {
                    state.insert((entity.to_owned(), id.to_string()), attributes(tx, entity, id)?);
                }
            }
            Ok(state)
        };
        self.server.store().read(self.app, read).await.unwrap()
    }
}

/// What an entity has, links it owns included.
pub fn attributes(
    tx: &instant_local::store::ReadTx<'_>,
    entity: &str,
    id: Uuid,
) -> Result<Map<String, Value>, instant_local::ApiError> {
    let mut attributes = Map::new();
    for triple in tx.triples(entity, id)? {
        let stored = tx.catalog().attr(triple.attr).unwrap();
        if stored.is_one() {
            attributes.insert(stored.label().to_owned(), triple.value);
        } else {
            let list = attributes.entry(stored.label()).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(triple.value);
        }
    }
    Ok(attributes)
}

/// Sends a request and reads the JSON answer.
pub async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
    (status, body)
}

/// One attribute of a schema file.
pub fn attribute(value_type: &str, flags: &str) -> Value {
    let (indexed, unique) = (flags.contains("indexed"), flags.contains("unique"));
    json!({
        "valueType": value_type,
        "required": flags.contains("required"),
        "isIndexed": indexed,
        "config": { "indexed": indexed, "unique": unique },
        "metadata": {},
    })
}

/// A small generator, so that a failure comes again with the same seed.
pub struct Random(pub u64);

impl Random {
    /// A number below a bound.
    pub fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below
    }
}
