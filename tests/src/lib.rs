//! Shared pieces of the workspace tests: schemas, starting a backend and a client for it.
#![deny(warnings, missing_docs)]

/// A schema whose names collide with everything they can.
pub mod cursed {
    instant_admin::include_schema!("schema/cursed.schema.json", in = crate::cursed);
}

/// A blog: users, posts, comments, tags, and a room to chat in.
pub mod blog {
    instant_admin::include_schema!("schema/blog.schema.json", in = crate::blog);
}
