//! An app to test with, and clients of it: on the server that `INSTANT_TEST_URL` names, else on an embedded backend.
//!
//! No test of this crate looks into the store: those that do are tests of `instant-local` alone, in its own folder.

use std::env;

use instant_admin::{Db, DbBuilder, access::Admin, schema::StaticSchema};
use instant_local::Server;
use serde_json::{Value, json};
use uuid::Uuid;

/// A new app. Dropping it stops the embedded backend, if there is one; a server by URL keeps the app.
pub struct Backend {
    url: String,
    app_id: Uuid,
    admin_token: Uuid,
    _embedded: Option<Server>,
}

impl Backend {
    /// An app without attributes.
    pub async fn empty() -> Self {
        Self::start(None).await
    }

    /// An app with the schema of an `instant.schema.json`, or without one.
    async fn start(schema: Option<&str>) -> Self {
        match env::var("INSTANT_TEST_URL") {
            Ok(url) => Self::on_server(url.trim_end_matches('/'), schema).await,
            Err(_) => Self::embedded(schema).await,
        }
    }

    async fn embedded(schema: Option<&str>) -> Self {
        let builder = Server::builder().in_memory();
        let builder = match schema {
            Some(schema) => builder.schema(schema),
            None => builder,
        };
        let server = builder.start().await.expect("an empty backend starts");
        Self {
            url: server.url(),
            app_id: server.app_id(),
            admin_token: server.admin_token(),
            _embedded: Some(server),
        }
    }

    /// An app as anybody may make one, without an account. The server deletes it after some days.
    async fn on_server(url: &str, schema: Option<&str>) -> Self {
        let schema: Option<Value> =
            schema.map(|schema| serde_json::from_str(schema).expect("the schema of a test is JSON"));
        let body = json!({ "title": "instant-tests", "schema": schema });
        let request = reqwest::Client::new().post(format!("{url}/dash/apps/ephemeral"));
        let request = request.header("content-type", "application/json").body(body.to_string());
        let answer = request.send().await.expect("INSTANT_TEST_URL names a server that runs");
        let status = answer.status();
        let text = answer.text().await.expect("the server answers as a whole");
        let made: Value = serde_json::from_str(&text).unwrap_or_default();
        let id = |key: &str| {
            let id = made["app"][key].as_str().and_then(|id| Uuid::parse_str(id).ok());
            id.unwrap_or_else(|| panic!("the server at INSTANT_TEST_URL made no app: {status} {text}"))
        };
        Self { url: url.to_owned(), app_id: id("id"), admin_token: id("admin-token"), _embedded: None }
    }

    /// The URL of the server.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The id of the app.
    pub fn app_id(&self) -> Uuid {
        self.app_id
    }

    /// The admin token of the app.
    pub fn admin_token(&self) -> Uuid {
        self.admin_token
    }

    /// A client of the app, to be configured further.
    pub fn client(&self) -> DbBuilder<Admin> {
        Db::builder().url(self.url()).app_id(self.app_id()).admin_token(self.admin_token())
    }
}

/// A new app with `schema`, and a client that knows it.
pub async fn start(schema: StaticSchema) -> (Backend, Db) {
    let backend = Backend::start(Some(schema.as_json())).await;
    let db = backend.client().schema(schema).build();
    (backend, db.expect("the server's own URL and app are well formed"))
}

/// A client of the app, without a schema.
pub fn untyped(backend: &Backend) -> Db {
    backend.client().build().expect("the server's own URL and app are well formed")
}
