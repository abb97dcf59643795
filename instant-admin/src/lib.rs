//! The InstantDB SDK for Rust: queries and transactions that are checked against the app's schema when they
//! compile, and answers in exactly the shape that was asked for.
//!
//! ```no_run
//! mod schema {
//!     // In an app: instant_admin::include_schema!("instant.schema.json");
//!     instant_admin::schema! {
//!         "entities": {
//!             "authors": { "attrs": {
//!                 "handle": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } }
//!             } },
//!             "posts": { "attrs": {
//!                 "title": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": false } },
//!                 "views": { "valueType": "number", "required": false, "config": { "indexed": true, "unique": false } }
//!             } }
//!         },
//!         "links": { "postsAuthor": {
//!             "forward": { "on": "posts", "has": "one", "label": "author" },
//!             "reverse": { "on": "authors", "has": "many", "label": "posts" }
//!         } }
//!     }
//! }
//!
//! use instant_admin::{Db, Id};
//! use schema::{NewAuthor, NewPost, query, tx};
//!
//! async fn run() -> Result<(), instant_admin::Error> {
//!     let db = Db::builder_from_env()?.schema(schema::SCHEMA).build()?;
//!
//!     let (author, post) = (Id::new(), Id::new());
//!     db.transact((
//!         tx::authors(author).create(NewAuthor { handle: "ada".into() }),
//!         tx::posts(post).create(NewPost { title: "Hi".into() }).views(1).link_author(author),
//!     ))
//!     .await?;
//!
//!     let answer = db.query(query! { posts: { $: { where: { views: { $gt: 0 } } }, author: {} } }).await?;
//!     for post in &answer.posts {
//!         println!("{} by {:?}", post.title, post.author.as_ref().map(|author| &author.handle));
//!     }
//!     Ok(())
//! }
//! # fn main() {}
//! ```
//!
//! | to | use |
//! |---|---|
//! | set up a client | [`Db::builder`], [`Db::from_env`] |
//! | act on behalf of a user | [`Db::as_user`] with a [`User`] |
//! | read | [`Db::query`], [`Db::pages`]; by JSON [`Db::query_json`], [`Db::query_as`] |
//! | write | [`Db::transact`]; by JSON the steps of [`tx::raw`] |
//! | bring the schema to the server | by itself ([`SchemaSync`]), or [`Db::push_schema`] |
//! | tell errors apart | [`Error::kind`] and its `is_*` |

pub mod access;
pub mod action;
mod by_fields;
mod date;
mod db;
mod decode;
mod entity;
mod error;
pub mod filter;
mod http;
mod id;
pub mod page;
pub mod query;
pub mod room;
pub mod schema;
mod schema_sync;
mod sealed;
mod session;
pub mod tx;
pub mod value;

pub use access::User;
pub use date::{Date, DateError};
pub use db::{Db, DbBuilder};
pub use entity::Entity;
pub use error::{Error, ErrorKind};
pub use filter::{Condition, Order, Where};
pub use id::{Id, ParseIdError};
pub use instant_schema::Schema;
pub use instant_schema::instaql::{Direction, ParseDirectionError};
pub use page::{Cursor, Page, PageInfo, ParseCursorError};
pub use query::{Fragment, Query};
pub use schema::SchemaSync;
pub use tx::Lookup;
pub use value::Null;

/// ```
/// pub mod db {
///     pub mod schema {
///         instant_admin::include_schema!(
/// #           "../docs/instant.schema.json",
/// #           /*
///             "instant.schema.json",
/// #           */
///             in = crate::db::schema,
///             types = { posts.meta: crate::Meta, posts.views: u64 },
///             rename = { $users: accounts },
///             derive = [serde::Serialize],
///         );
///     }
/// }
///
/// #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
/// pub struct Meta {
///     pub minutes: u32,
/// }
///
/// use db::schema::{NewPost, Post, accounts, query, tx};
/// use instant_admin::{Db, Error, Id};
///
/// async fn publish(db: &Db, title: String, slug: String) -> Result<Vec<Post>, Error> {
///     let post = NewPost { title, slug, published: true, author: accounts::by_handle("ada").into() };
///     db.transact(tx::posts(Id::new()).create(post).views(0).meta(Meta { minutes: 4 })).await?;
///     Ok(db.query(query! { posts: { $: { order: { views: desc }, limit: 10 } } }).await?.posts.into())
/// }
/// # fn main() {}
/// ```
pub use instant_macros::include_schema;

/// ```
/// mod schema {
///     instant_admin::schema! {
///         "entities": {
///             "notes": { "attrs": { "text": { "valueType": "string", "required": true } } },
///             "tags": { "attrs": { "label": { "valueType": "string", "config": { "indexed": true, "unique": true } } } }
///         },
///         "links": {
///             "notesTags": {
///                 "forward": { "on": "notes", "has": "many", "label": "tags" },
///                 "reverse": { "on": "tags", "has": "many", "label": "notes" }
///             }
///         }
///     }
/// }
///
/// use instant_admin::Id;
/// use schema::{NewNote, query, tags, tx};
///
/// # fn main() -> Result<(), instant_admin::Error> {
/// let note = tx::notes(Id::new()).create(NewNote { text: "Hi".into() }).link_tags(tags::by_label("new"));
/// let query = query! { notes: { $: { where: { tags.label: "new" } }, tags: {} } };
/// # let _ = (note, query);
/// # Ok(())
/// # }
/// ```
pub use instant_macros::schema;

/// What expanded macros call. Not for use by hand; it may change in any release.
#[doc(hidden)]
pub mod __private {
    pub use crate::decode::{Row, Shape, column};
    pub use crate::page::AnswerMeta;
    pub use crate::query::operand::*;
    pub use crate::query::{Filling, Form, Hole, levels};
    pub use crate::schema::is_module;
    pub use crate::sealed::Generated;
    pub use crate::tx::Chain;
    pub use crate::value::is_attribute_type;
    pub use instant_macros::{editor, fragment, query};
    pub use serde_json::Value;
}
