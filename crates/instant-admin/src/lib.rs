//! The InstantDB SDK for Rust.

pub mod action;
mod db;
mod decode;
mod error;
mod http;
mod page;
mod query;
mod row;

pub use db::{Access, ActAs, Admin, ByEmail, Db, DbBuilder, Public, Scoped, SelfMade, StaticSchema, User};
pub use error::{Error, ErrorKind};
pub use page::{AnswerMeta, Counts, Cursor, Page, PageInfo};
pub use query::{Fragment, Prepared, Query};
pub use row::Row;

/// What expanded macros call. Not for use by hand; it may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::query::{Filling, Form, Hole};
    pub use crate::row::{Fields, Slot};
    pub use serde::de::MapAccess;
}
