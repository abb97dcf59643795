//! Typed requests about an app: a query, a transaction.
//!
//! A transport (today HTTP) reads a request from its wire and runs it here. The answer is data, which the transport
//! writes to its wire. The credentials are verified in the transaction of the store that answers the request, so the
//! app, the token or the user cannot be deleted in between.

mod asker;
mod query;
mod transact;
mod view;

pub(crate) use asker::{Asker, Credentials};
pub(crate) use query::{QueryAnswer, QueryRequest};
pub(crate) use transact::{TransactCheck, TransactRequest};
