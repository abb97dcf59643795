//! Attributes and links as values: `schema::posts::title()`, `schema::posts::author()`.
//!
//! `include_schema!` makes a type for each attribute and link, and says with the traits here what it can be
//! used for. Dynamic filters ([`Where`](crate::Where)) are made of them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::Entity;

/// An attribute of a schema, as a type. Implemented by generated code.
pub trait AttributeType {
    /// The entity that has it.
    type Entity: Entity;
    /// What kind of value it holds; see [`IntoValue`](crate::IntoValue).
    type Kind;
    /// The name in the schema: `createdAt`.
    const LABEL: &'static str;
}

/// A link of a schema as seen from one side, as a type. Implemented by generated code.
pub trait LinkType {
    /// The entity it is seen from.
    type Entity: Entity;
    /// The entity it leads to.
    type Target: Entity;
    /// The name on this side: `author`.
    const LABEL: &'static str;
}

/// Attributes with an order the server can use: indexed, and of type string, number, boolean or date.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared or ordered by: it is not an indexed string, number, boolean or date",
    label = "the server compares and orders by indexed attributes of a checked type only",
    note = "add `\"indexed\": true` to the attribute's `config` in the schema's JSON, or `.indexed()` in its TypeScript; json attributes never compare"
)]
pub trait Comparable: AttributeType {}

/// Attributes that `like` and `ilike` can search: indexed strings.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be searched by pattern: it is not an indexed string",
    label = "`like` and `ilike` need an indexed string attribute",
    note = "add `\"indexed\": true` to the attribute's `config` in the schema's JSON, or `.indexed()` in its TypeScript"
)]
pub trait Searchable: AttributeType {}

/// Attributes that an entity may lack.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is required and never null",
    label = "`is_null` needs an optional attribute"
)]
pub trait Nullable: AttributeType {}

/// An attribute, possibly at the end of a path of links that begins at entity `R`.
pub struct Attribute<A, R> {
    pub(crate) path: Cow<'static, str>,
    types: PhantomData<fn() -> (A, R)>,
}

/// A link, possibly at the end of a path of links that begins at entity `R`.
pub struct Link<L, R> {
    pub(crate) path: Cow<'static, str>,
    types: PhantomData<fn() -> (L, R)>,
}

impl<A: AttributeType<Entity = R>, R> Attribute<A, R> {
    /// The attribute on its own entity. Generated code calls this.
    #[doc(hidden)]
    pub const fn __new() -> Self {
        Self { path: Cow::Borrowed(A::LABEL), types: PhantomData }
    }
}

impl<L: LinkType<Entity = R>, R> Link<L, R> {
    /// The link on its own entity. Generated code calls this.
    #[doc(hidden)]
    pub const fn __new() -> Self {
        Self { path: Cow::Borrowed(L::LABEL), types: PhantomData }
    }
}

impl<L: LinkType, R> Link<L, R> {
    /// The attribute or link of the entity this link leads to: `comments::post().dot(posts::author())` is
    /// `post.author`, and `posts::author().dot(users::handle())` is `author.handle`.
    pub fn dot<P: PathPart<L::Target>>(self, part: P) -> P::From<R> {
        part.after(&self.path)
    }
}

/// An attribute or link of entity `E`, which can follow a link to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no attribute or link of `{E}`",
    label = "the link before it leads to `{E}`"
)]
pub trait PathPart<E> {
    /// The path as seen from entity `R`.
    type From<R>;

    /// The path that begins with `path` and ends with this.
    fn after<R>(self, path: &str) -> Self::From<R>;
}

fn joined(path: &str, last: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{path}.{last}"))
}

// Not by the macro below, which messages would show.
impl<T, E> PathPart<E> for Attribute<T, E> {
    type From<R> = Attribute<T, R>;

    fn after<R>(self, path: &str) -> Attribute<T, R> {
        Attribute { path: joined(path, &self.path), types: PhantomData }
    }
}

impl<T, E> PathPart<E> for Link<T, E> {
    type From<R> = Link<T, R>;

    fn after<R>(self, path: &str) -> Link<T, R> {
        Link { path: joined(path, &self.path), types: PhantomData }
    }
}

macro_rules! a_path {
    ($($type:ident),*) => {$(
        // By hand, since a derive would ask the same of the parameters.
        impl<T, R> Clone for $type<T, R> {
            fn clone(&self) -> Self {
                Self { path: self.path.clone(), types: PhantomData }
            }
        }

        impl<T, R: Entity> fmt::Display for $type<T, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}.{}", R::NAME, self.path)
            }
        }

        impl<T, R: Entity> fmt::Debug for $type<T, R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self)
            }
        }
    )*};
}

a_path!(Attribute, Link);
