//! What every action runs on: the client that all clones share, and on whose behalf it acts.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;

use crate::http::{Http, Identity, Request};
use crate::schema::Schemas;

/// A client on behalf of somebody.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) shared: Arc<Shared>,
    pub(crate) identity: Identity,
}

/// What all clones of a client share.
pub(crate) struct Shared {
    pub(crate) http: Http,
    pub(crate) timeout: Duration,
    pub(crate) schemas: Schemas,
}

impl Session {
    /// A `POST` request to `path` under the server's URL. `operation` names it in traces.
    pub(crate) fn post(&self, operation: &'static str, path: impl Into<String>) -> Request<'_> {
        self.request(operation, Method::POST, path.into())
    }

    /// As [`post`](Self::post), with `GET`.
    pub(crate) fn get(&self, operation: &'static str, path: impl Into<String>) -> Request<'_> {
        self.request(operation, Method::GET, path.into())
    }

    /// The same client, on behalf of the app itself.
    pub(crate) fn as_app(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), identity: Identity::Admin }
    }

    fn request(&self, operation: &'static str, method: Method, path: String) -> Request<'_> {
        Request::new(&self.shared.http, &self.identity, operation, method, path, self.shared.timeout)
    }
}
