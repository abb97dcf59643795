//! What can be asked of an app, as typed requests: a query, a transaction.
//!
//! A door (HTTP today) reads a request from its wire and runs it here; the answer is data, which the door writes to
//! its wire. Who asks is found out in the same transaction of the store in which the request runs, so an app, a
//! token or a user that is deleted meanwhile cannot slip through.

mod asker;
mod query;
mod transact;

pub(crate) use asker::{Asker, Credentials};
pub(crate) use query::{QueryAnswer, QueryRequest};
pub(crate) use transact::TransactRequest;
