//! An embedded InstantDB backend over SQLite: Instant's own HTTP API, from a folder (or from memory), in one
//! process.
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
//! [`Server`] starts and stops it, [`Builder`] has all the ways to configure it. The same is a program:
//! `instant-local --help` lists its options.
//!
//! Requests on behalf of a user or a guest follow Instant's default rules. Rules of an app's own are kept, but
//! this version does not evaluate them: such requests to an app that has rules are refused.

mod caller;
mod default_rules;
mod error;
mod http;
mod instaml;
#[cfg(not(feature = "testing"))]
mod instaql;
#[cfg(feature = "testing")]
pub mod instaql;
mod requests;
mod schema_push;
mod server;
#[cfg(not(feature = "testing"))]
mod store;
#[cfg(feature = "testing")]
pub mod store;
mod timestamp;
mod users;

/// What each commit changed: see [`Server::changes`].
pub mod changes {
    pub use crate::store::changes::{Announcement, Change, Changes, Commit, Touched, TouchedTriple, Triples};
}

pub use error::ApiError;
pub use server::{Builder, Server, StartError};
pub use store::OpenError;
