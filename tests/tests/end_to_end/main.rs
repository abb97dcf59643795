//! Typed queries and transactions against the embedded backend, over real sockets: what is written, what is found and
//! what it decodes to.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod access;
mod admin;
mod concurrency;
mod conditions;
mod data;
mod date_types;
mod dates;
mod doors;
mod filters;
mod forms;
mod items;
mod orders;
mod own_types;
mod pages;
mod paging;
mod paths;
mod rows;
mod schema_sync;
mod steps;
mod without_schema;

/// Users who befriend each other, what they write, and tags on it. Nearly all of it is optional.
mod forum {
    instant_admin::include_schema!("schema/forum.schema.json", in = crate::forum);
}
