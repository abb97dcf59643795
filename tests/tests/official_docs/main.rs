//! The examples of the official documentation, written with `query!` and `tx` over a schema of our own, each run
//! against the embedded backend and compared with the documented answer.
//!
//! A module is a page of that documentation, or a chapter of it; its tests are in the page's order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod conditions;
mod data;
mod modeling;
mod reading;
mod writing;
