//! Filters and orders that are put together at run time, with the names and types of the schema.
//!
//! `schema::posts::title()` is an [`Attribute`], `schema::posts::author()` a [`Link`]. Compared with a value they
//! become a [`Condition`]; conditions are collected in a [`Where`]. [`Attribute::asc`] and [`Attribute::desc`] make an
//! [`Order`].
//!
//! The traits say what an attribute or link can be used for. `include_schema!` implements them.

mod attribute;
mod condition;
mod order;

pub use attribute::{
    Attribute, AttributeType, Comparable, Equatable, Link, LinkType, MemberOf, Nullable, Searchable,
    escape_like,
};
pub use condition::{Condition, IntoCondition, Where};
pub use order::{IsEntity, Order};
