//! Orders chosen at run time, with the names and types of the schema.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use instant_schema::instaql::{Direction, SERVER_CREATED_AT};
use instant_schema::rule;
use serde_json::{Value, json};

use crate::by_fields::by_fields;
use crate::entity::Entity;
use crate::sealed::Sealed;
use crate::value::ValueError;

/// The order of entities of type `E`, as the value of `order`: `order: #order`.
///
/// It is made of an attribute that the server can order by, that is an indexed one of type string, number, boolean or
/// date; or of the moment at which entities were created, which is also the default.
///
/// ```
/// # mod schema { instant_admin::schema!(in = crate::schema, {"entities": {"posts": {"attrs": {
/// #     "title": {"valueType": "string", "required": true, "config": {"indexed": true, "unique": false}},
/// #     "views": {"valueType": "number", "required": false, "config": {"indexed": true, "unique": false}}
/// # }}}}); }
/// # fn main() {
/// use instant_admin::{Direction, Order};
/// use schema::{Post, posts, query};
///
/// fn order(by: &str, direction: Direction) -> Order<Post> {
///     match by {
///         "title" => posts::title().order(direction),
///         "views" => posts::views().order(direction),
///         _ => Order::server_created_at(direction),
///     }
/// }
///
/// let order = order("views", Direction::Desc);
/// let query = query! { posts: { $: { order: #order } } };
/// assert_eq!(query.instaql().unwrap().to_string(), r#"{"posts":{"$":{"order":{"views":"desc"}}}}"#);
/// # }
/// ```
pub struct Order<E> {
    /// A name, or the path that was given in place of one. Types keep out paths to other entities, but not those that
    /// come back to the same kind.
    by: Result<&'static str, String>,
    direction: Direction,
    entity: PhantomData<fn() -> E>,
}

impl<E> Order<E> {
    /// By the moment of creation.
    pub const fn server_created_at(direction: Direction) -> Self {
        Self { by: Ok(SERVER_CREATED_AT), direction, entity: PhantomData }
    }

    /// The same order from its other end.
    pub fn reversed(self) -> Self {
        Self { direction: self.direction.reversed(), ..self }
    }

    /// By the attribute called `label`, which is at the end of `path`.
    pub(super) fn by(label: &'static str, path: Cow<'static, str>, direction: Direction) -> Self {
        let by = if path == label { Ok(label) } else { Err(path.into_owned()) };
        Self { by, direction, entity: PhantomData }
    }

    /// The order as the value of `order`.
    pub(crate) fn to_json(&self) -> Result<Value, ValueError> {
        match &self.by {
            Ok(by) => Ok(json!({ *by: self.direction.name() })),
            Err(path) => Err(ValueError::new(rule::order_path(path).message)),
        }
    }
}

/// An entity that is the entity `E`: what the end of a path must be to order by it.
#[diagnostic::on_unimplemented(
    message = "an order of `{E}` goes by its own attributes, not by those of `{Self}`",
    label = "this is an attribute of `{Self}`"
)]
pub trait IsEntity<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;
}

#[diagnostic::do_not_recommend]
impl<E> IsEntity<E> for E {
    const __SEALED: Sealed = Sealed;
}

impl<E> Default for Order<E> {
    fn default() -> Self {
        Self::server_created_at(Direction::Asc)
    }
}

by_fields!(Order[E] { by, direction; entity }: Clone, PartialEq, Eq);

impl<E: Entity> fmt::Debug for Order<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = self.by.as_deref().unwrap_or_else(|path| path);
        write!(f, "Order({}.{by} {})", E::NAME, self.direction)
    }
}
