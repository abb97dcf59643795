//! The schemas that the cases in `ui` use: those of `tests/schema`.
#![deny(warnings, missing_docs)]

/// A blog: users, posts, comments, tags, and a room to chat in.
pub mod blog {
    instant_admin::include_schema!("../schema/blog.schema.json", in = crate::blog);
}

/// A schema whose names collide with keywords, with the standard library and with each other.
pub mod cursed {
    instant_admin::include_schema!("../schema/cursed.schema.json", in = crate::cursed);
}
