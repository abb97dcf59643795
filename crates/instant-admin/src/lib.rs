//! The InstantDB SDK for Rust.

pub mod action;
mod attribute;
mod date;
mod db;
mod decode;
mod entity;
mod error;
mod filter;
mod http;
mod id;
mod page;
mod query;
mod room;
mod row;
mod schema_sync;
pub mod tx;
mod value;

pub use attribute::{Attribute, AttributeType, Comparable, Link, LinkType, Nullable, PathPart, Searchable};
pub use date::{Date, DateError};
pub use db::{
    Access, ActAs, Admin, ByEmail, Db, DbBuilder, Public, SchemaSource, Scoped, SelfMade, StaticSchema, User,
};
pub use entity::{Entity, IntoTarget, IntoTargets, Lookup, Target};
pub use error::{Error, ErrorKind};
pub use filter::{Condition, IntoCondition, Where};
pub use id::{Id, ParseIdError};
pub use instant_macros::{include_schema, schema};
pub use page::{AnswerMeta, Counts, Cursor, Page, PageInfo};
pub use query::{Fragment, IntoCursor, IntoFilter, Query, RowCount};
pub use room::{Payload, PayloadFields, RoomType, Topic};
pub use row::Row;
pub use schema_sync::{PushSchema, PushedSchema, SchemaSync};
pub use value::{Custom, IntoNullable, IntoValue, Json, Null, ValueError};

#[doc(hidden)]
pub use instant_macros::{__fragment, __query};

/// What expanded macros call. Not for use by hand; it may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::query::editor::{Operators, Options, shown};
    pub use crate::query::operand::*;
    pub use crate::query::{Filling, Form, Hole, Prepared};
    pub use crate::row::{Fields, Slot};
    pub use crate::tx::Chain;
    pub use serde::de::MapAccess;
    pub use serde_json::Value;
}
