//! Shared pieces of the workspace tests: schemas, an app on a backend and a client for it.
#![deny(warnings, missing_docs)]

mod backend;

pub use backend::{Backend, start, untyped};

/// A schema whose names collide with keywords, with the standard library and with each other.
pub mod cursed {
    instant_admin::include_schema!("schema/cursed.schema.json", in = crate::cursed);
}

/// A blog: users, posts, comments, tags, and a room to chat in.
pub mod blog {
    instant_admin::include_schema!("schema/blog.schema.json", in = crate::blog);
}

/// Blocks of the guide pages in `docs/` that are crates of their own; the others are in `tests/guides`.
#[cfg(doctest)]
#[doc = include_str!(concat!(env!("OUT_DIR"), "/guides.md"))]
pub struct Guides;
