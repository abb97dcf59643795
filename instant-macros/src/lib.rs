//! Procedural macros of the InstantDB SDK.
//!
//! Each is a plain function from tokens to tokens; this file only names them. Apps use them through
//! `instant-admin`, which their expansions rely on and whose documentation has examples that compile.

mod depth;
mod diagnostics;
mod fits;
mod literal;
mod names;
mod query;
mod root;
mod row;
mod schema;
mod serial_names;
mod tokens;
mod value_type;

use proc_macro::TokenStream;

/// Turns a schema file into the types an app reads and writes with.
///
/// ```text
/// // src/schema.rs
/// instant_admin::include_schema!("instant.schema.json");
/// ```
///
/// The path is relative to the folder of `Cargo.toml`; `$OUT_DIR` and other environment variables in it are
/// expanded. The file is the JSON of an Instant schema, as `JSON.stringify(schema)` prints it. Editing it makes
/// cargo compile the crate anew.
///
/// # Expansion
/// For an entity `posts`: the struct `Post` (all attributes, no links) with the alias `Posts`, `NewPost` (the values it
/// is created with), the module `posts` (attributes, links and lookups for filters and transactions) and the function
/// `tx::posts`. For a room `chat`: `rooms::chat`, `rooms::ChatPresence` and the topics in `rooms::chat`. Beside them
/// `SCHEMA`, and the macros `query!` and `fragment!` that know the schema.
///
/// Entity structs are the singular of the entity's name; attributes and links are `snake_case`, keywords raw
/// (`r#type`). `$users` is `users` and `User`, or `system_users` and `SystemUser` beside an entity `users`. Names
/// that would meet are numbered: `createdAt` beside `created_at` is `created_at_2`.
///
/// # Options
/// ```text
/// instant_admin::include_schema!(
///     "instant.schema.json",
///     in = crate::db::schema,                       // the module this is in; `crate::schema` if left out
///     types = { posts.meta: crate::Meta, posts.views: u64 },
///     rename = { $users: accounts, posts.type: kind },
///     derive = [serde::Serialize],
///     visibility = pub(crate),                      // of everything it makes; `pub` if left out
///     crate = instant,                              // the name of this SDK in the crate, if not `instant_admin`
/// );
/// ```
/// - `in`: `query!` needs to know where the types are.
/// - `types`: Rust types for attributes. They implement serde's `Serialize` and `Deserialize`, and `Debug`, `Clone`
///   and `PartialEq`: a json attribute can be a struct, a string an enum, a number a `u64`. Attributes of rooms are
///   named as in the JSON: `rooms.chat.presence.status`, `rooms.chat.topics.emoji.size`.
/// - `rename`: other names for entities, attributes and links, from which the Rust names are made.
/// - `derive`: more derives for the entity structs. With serde's, fields keep the names they have in the schema.
/// - `visibility`: `pub(crate)` or `pub(in crate::..)`. A type in `types` that is not `pub` needs it.
/// - `crate`: the path of this SDK where the crate calls it something else.
#[proc_macro]
pub fn include_schema(input: TokenStream) -> TokenStream {
    schema::include_schema(input.into()).into()
}

/// [`include_schema!`] with the JSON in place: `schema! { "entities": { .. }, "links": { .. } }`.
///
/// Only `entities` must be there. `links` and `rooms` are empty where they are left out, attributes optional and
/// without index. Options come before the JSON, which then is in braces of its own:
/// `schema!(in = crate::db, { "entities": { .. } })`.
#[proc_macro]
pub fn schema(input: TokenStream) -> TokenStream {
    schema::schema(input.into()).into()
}

/// Expands the `query!` of a schema.
#[doc(hidden)]
#[proc_macro]
pub fn query(tokens: TokenStream) -> TokenStream {
    query::query(tokens.into()).into()
}

/// Expands the `fragment!` of a schema.
#[doc(hidden)]
#[proc_macro]
pub fn fragment(tokens: TokenStream) -> TokenStream {
    query::fragment(tokens.into()).into()
}

/// Expands to the names that a schema offers to editors.
#[doc(hidden)]
#[proc_macro]
pub fn editor(tokens: TokenStream) -> TokenStream {
    query::editor(tokens.into()).into()
}
