//! An embedded InstantDB backend over SQLite.

mod default_rules;
pub mod error;
mod http;
mod instaml;
pub mod instaql;
mod schema_push;
pub mod server;
pub mod store;
mod timestamp;
mod users;

pub use error::{ApiError, Work};
pub use server::{Builder, Server, StartError};
pub use store::Store;
