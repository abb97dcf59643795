//! What a [`Db`](crate::Db) does: each action is a value with options that runs when it is awaited.

mod pages;
mod push_schema;
mod query;
mod read;
mod refused;
mod transact;

use std::pin::Pin;

pub use crate::schema_sync::{PushedSchema, SchemaPlan};
pub use pages::Pages;
pub use push_schema::{PlanSchema, PushSchema};
pub use query::{QueryAs, QueryWithPageInfo, RunQuery};
pub use transact::{Committed, Transact};

use crate::error::Error;

/// The future of an action.
pub type ActionFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;
