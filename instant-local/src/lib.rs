//! An embedded InstantDB backend over SQLite: serves Instant's own HTTP API from a folder or from memory, in one process.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use instant_local::Server;
//!
//! let schema = r#"{"entities": {"notes": {"attrs": {"text": {"valueType": "string"}}}}}"#;
//! let server = Server::builder().in_memory().schema(schema).start().await?;
//! // Any Instant client works with these three:
//! let (url, app, token) = (server.url(), server.app_id(), server.admin_token());
//! # let _ = (url, app, token);
//! server.stop().await;
//! # Ok::<(), instant_local::StartError>(())
//! # }).unwrap();
//! ```
//!
//! [`Server`] is a running backend, [`Builder`] configures it. The same backend is a program: `instant-local --help`
//! lists its options.
//!
//! Requests on behalf of a user or a guest follow the app's permission rules, and Instant's default rules where it has
//! none.

mod caller;
mod cel;
mod error;
mod http;
mod instaml;
#[cfg(not(feature = "testing"))]
mod instaql;
#[cfg(feature = "testing")]
pub mod instaql;
mod json;
mod requests;
mod rules;
mod schema_push;
mod server;
#[cfg(not(feature = "testing"))]
mod store;
#[cfg(feature = "testing")]
pub mod store;
mod timestamp;
mod users;
mod zones;

/// Announcements of commits; see [`Server::changes`].
pub mod changes {
    pub use crate::store::changes::{Announcement, Change, Changes, Commit, Touched, TouchedTriple, Triples};
}

pub use error::ApiError;
pub use server::{Builder, Server, StartError};
pub use store::OpenError;
