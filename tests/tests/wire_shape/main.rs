//! The JSON that typed filters, fragments and transactions become on the wire. No server takes part.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod filters;
mod fragments;
mod queries;
mod transactions;
