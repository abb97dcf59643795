//! Attributes and links as values: `schema::posts::title()`, `schema::posts::author()`.
//!
//! `include_schema!` generates a type for each attribute and link, and implements the traits here for what it can be
//! used for. Dynamic filters ([`Where`](crate::Where)) and orders ([`Order`]) are built from them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use instant_schema::instaql::{Direction, Operator};

use super::condition::Condition;
use super::order::{IsEntity, Order};
use crate::by_fields::by_fields;
use crate::entity::Entity;
use crate::id::Id;
use crate::sealed::{Generated, Sealed};
use crate::value::{IdOf, IntoValue, IntoValues, StringFor};

/// An attribute of a schema, as a type. Implemented by generated code.
pub trait AttributeType {
    #[doc(hidden)]
    const __GENERATED: Generated;

    /// The entity that has it.
    type Entity: Entity;
    /// What it holds: `String`, `f64`, `bool`, [`Date`](crate::Date), [`Id`], [`Json`](crate::value::Json), or
    /// [`Custom`](crate::value::Custom) for a type given by `types = { .. }`.
    type Kind;
    /// The name in the schema: `createdAt`.
    const LABEL: &'static str;
}

/// A link of a schema as seen from one side, as a type. Implemented by generated code.
pub trait LinkType {
    #[doc(hidden)]
    const __GENERATED: Generated;

    /// The entity it is seen from.
    type Entity: Entity;
    /// The entity it leads to.
    type Target: Entity;
    /// The name on this side: `author`.
    const LABEL: &'static str;
}

/// Writes `text` so that a pattern of `$like` or `$ilike` takes all of it literally.
///
/// ```
/// use instant_admin::filter::escape_like;
///
/// assert_eq!(escape_like(r"50%_\"), r"50\%\_\\");
/// let pattern = format!("%{}%", escape_like("50%"));
/// # assert_eq!(pattern, r"%50\%%");
/// ```
///
/// In a query it is written at the value: `where: { title: { $ilike: format!("%{}%", escape_like(text)) } }`.
pub fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Attributes of which the server finds equal values: all but dates without an index.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared: it is a date without an index",
    label = "the server compares such dates as text, and misses the same moment in another spelling",
    note = "add `\"indexed\": true` to the attribute's `config` in the schema's JSON, or `.indexed()` in its TypeScript"
)]
pub trait Equatable: AttributeType {}

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
    pub fn dot<P: MemberOf<L::Target>>(self, part: P) -> P::From<R> {
        part.after(&self.path)
    }
}

impl<A: AttributeType, R: Entity> Attribute<A, R> {
    /// Has that value.
    pub fn eq(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Equatable,
    {
        Condition::leaf(&self.path, None, value.into_value())
    }

    /// Has another value, or none.
    pub fn ne(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Equatable,
    {
        Condition::leaf(&self.path, Some(Operator::Not), value.into_value())
    }

    /// Has one of those values; with none of them, nothing is let through.
    pub fn is_in(self, values: impl IntoValues<A, A::Kind>) -> Condition<R>
    where
        A: Equatable,
    {
        Condition::list(&self.path, values.into_values())
    }

    /// Has no value (`true`), or has one (`false`).
    pub fn is_null(self, is_null: bool) -> Condition<R>
    where
        A: Nullable,
    {
        Condition::leaf(&self.path, Some(Operator::IsNull), Ok(is_null.into()))
    }

    /// Is greater.
    pub fn gt(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Comparable,
    {
        Condition::leaf(&self.path, Some(Operator::Gt), value.into_value())
    }

    /// Is greater or equal.
    pub fn gte(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Comparable,
    {
        Condition::leaf(&self.path, Some(Operator::Gte), value.into_value())
    }

    /// Is less. The server also lets strings through that are null.
    pub fn lt(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Comparable,
    {
        Condition::leaf(&self.path, Some(Operator::Lt), value.into_value())
    }

    /// Is less or equal. The server also lets strings through that are null.
    pub fn lte(self, value: impl IntoValue<A, A::Kind>) -> Condition<R>
    where
        A: Comparable,
    {
        Condition::leaf(&self.path, Some(Operator::Lte), value.into_value())
    }

    /// Contains `text`, whose `%`, `_` and backslashes are plain characters.
    pub fn contains(self, text: impl AsRef<str>) -> Condition<R>
    where
        A: Searchable,
    {
        self.matches(&format!("%{}%", escape_like(text.as_ref())))
    }

    /// Starts with `text`, whose `%`, `_` and backslashes are plain characters.
    pub fn starts_with(self, text: impl AsRef<str>) -> Condition<R>
    where
        A: Searchable,
    {
        self.matches(&format!("{}%", escape_like(text.as_ref())))
    }

    /// Ends with `text`, whose `%`, `_` and backslashes are plain characters.
    pub fn ends_with(self, text: impl AsRef<str>) -> Condition<R>
    where
        A: Searchable,
    {
        self.matches(&format!("%{}", escape_like(text.as_ref())))
    }

    fn matches(self, pattern: &str) -> Condition<R> {
        Condition::leaf(&self.path, Some(Operator::Like), Ok(pattern.into()))
    }

    /// Matches a pattern: `%` is any text, `_` any character, a backslash takes the next one literally. Text of a user
    /// goes in through [`escape_like`], or through [`contains`](Self::contains) and its likes.
    pub fn like(self, pattern: impl StringFor<A>) -> Condition<R>
    where
        A: Searchable,
    {
        Condition::leaf(&self.path, Some(Operator::Like), pattern.into_value())
    }

    /// Matches a pattern as [`like`](Self::like) does, whatever the case of the letters.
    pub fn ilike(self, pattern: impl StringFor<A>) -> Condition<R>
    where
        A: Searchable,
    {
        Condition::leaf(&self.path, Some(Operator::Ilike), pattern.into_value())
    }

    /// The order by this attribute, smallest or oldest first.
    pub fn asc(self) -> Order<R>
    where
        A: Comparable<Entity: IsEntity<R>>,
    {
        self.order(Direction::Asc)
    }

    /// The order by this attribute, greatest or newest first.
    pub fn desc(self) -> Order<R>
    where
        A: Comparable<Entity: IsEntity<R>>,
    {
        self.order(Direction::Desc)
    }

    /// The order by this attribute.
    pub fn order(self, direction: Direction) -> Order<R>
    where
        A: Comparable<Entity: IsEntity<R>>,
    {
        Order::by(A::LABEL, self.path, direction)
    }
}

impl<L: LinkType, R: Entity> Link<L, R> {
    /// Leads to that entity.
    pub fn eq(self, id: impl IdOf<L::Target>) -> Condition<R> {
        Condition::leaf(&self.path, None, id.into_value())
    }

    /// Leads to some other entity, or to none. Of a link to many this says that one of them is another.
    pub fn ne(self, id: impl IdOf<L::Target>) -> Condition<R> {
        Condition::leaf(&self.path, Some(Operator::Not), id.into_value())
    }

    /// Leads to one of those entities; with none of them, nothing is let through.
    pub fn is_in(self, ids: impl IntoValues<L, Id<L::Target>>) -> Condition<R> {
        Condition::list(&self.path, ids.into_values())
    }

    /// Leads nowhere (`true`), or somewhere (`false`).
    pub fn is_null(self, is_null: bool) -> Condition<R> {
        Condition::leaf(&self.path, Some(Operator::IsNull), Ok(is_null.into()))
    }
}

/// An attribute or link of entity `E`, which can follow a link to it.
#[diagnostic::on_unimplemented(
    message = "`{E}` has no such attribute or link",
    label = "the link before `.dot` leads to `{E}`",
    note = "take what follows the link from the module of that entity"
)]
pub trait MemberOf<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The path as seen from entity `R`.
    type From<R>;

    /// The path that begins with `path` and ends with this.
    fn after<R>(self, path: &str) -> Self::From<R>;
}

fn joined(path: &str, last: &str) -> Cow<'static, str> {
    Cow::Owned(format!("{path}.{last}"))
}

#[diagnostic::do_not_recommend]
impl<T, E> MemberOf<E> for Attribute<T, E> {
    const __SEALED: Sealed = Sealed;

    type From<R> = Attribute<T, R>;

    fn after<R>(self, path: &str) -> Attribute<T, R> {
        Attribute { path: joined(path, &self.path), types: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> MemberOf<E> for Link<T, E> {
    const __SEALED: Sealed = Sealed;

    type From<R> = Link<T, R>;

    fn after<R>(self, path: &str) -> Link<T, R> {
        Link { path: joined(path, &self.path), types: PhantomData }
    }
}

macro_rules! a_path {
    ($($type:ident),*) => {$(
        by_fields!($type[T, R] { path; types }: Clone);

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
