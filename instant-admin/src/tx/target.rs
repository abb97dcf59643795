//! Which entity a transaction writes to: one by its id, or by the value of a unique attribute.

use std::fmt;
use std::marker::PhantomData;

use instant_schema::instaml;
use serde_json::Value;

use crate::by_fields::by_fields;
use crate::entity::Entity;
use crate::id::Id;
use crate::sealed::Sealed;
use crate::value::{Invalid, ValueError};

/// An entity of type `E` by the value of a unique attribute: `schema::users::by_handle("ada")`.
///
/// A write through a lookup makes the entity where there is none with that value.
pub struct Lookup<E> {
    attribute: &'static str,
    value: Result<Value, ValueError>,
    entity: PhantomData<fn() -> E>,
}

/// Which entity of type `E` a transaction means: an [`Id`] or a [`Lookup`].
pub struct Target<E> {
    inner: Result<instaml::Target, Invalid>,
    entity: PhantomData<fn() -> E>,
}

/// What can stand for an entity of type `E` in a transaction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an id of `{E}`",
    label = "expected `Id<{E}>`, or a lookup of one by a unique attribute",
    note = "a `Uuid` becomes an id with `Id::from(uuid)`, a string with `text.parse::<Id<_>>()?`"
)]
pub trait IntoTarget<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The entity that is meant.
    fn into_target(self) -> Target<E>;
}

/// What can stand for entities of type `E` where a link leads to many: one target, an array, a slice or a
/// vector of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold ids of `{E}`",
    label = "expected `Id<{E}>`, a lookup of one by a unique attribute, or an array, a slice or a `Vec` of them",
    note = "an iterator is collected first: `ids.collect::<Vec<_>>()`"
)]
pub trait IntoTargets<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The entities that are meant.
    fn into_targets(self) -> Vec<Target<E>>;
}

impl<E> Lookup<E> {
    /// The entity whose attribute `attribute` has that value. Generated code calls this for unique attributes.
    #[doc(hidden)]
    pub fn __new(attribute: &'static str, value: Result<Value, ValueError>) -> Self {
        Self { attribute, value, entity: PhantomData }
    }
}

impl<E> Target<E> {
    pub(crate) fn into_inner(self) -> Result<instaml::Target, Invalid> {
        self.inner
    }
}

impl<E> From<Id<E>> for Target<E> {
    fn from(id: Id<E>) -> Self {
        Self { inner: Ok(instaml::Target::Id(id.uuid())), entity: PhantomData }
    }
}

impl<E: Entity> From<Lookup<E>> for Target<E> {
    fn from(Lookup { attribute, value, .. }: Lookup<E>) -> Self {
        let inner = value
            .map(|value| instaml::Target::Lookup { attribute: attribute.to_owned(), value })
            .map_err(|error| error.at(E::NAME, attribute));
        Self { inner, entity: PhantomData }
    }
}

macro_rules! into_target {
    ($($type:ty: $($bound:ident)?),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<E $(: $bound)?> IntoTarget<E> for $type {
            const __SEALED: Sealed = Sealed;

            fn into_target(self) -> Target<E> {
                self.into()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<E $(: $bound)?> IntoTargets<E> for $type {
            const __SEALED: Sealed = Sealed;

            fn into_targets(self) -> Vec<Target<E>> {
                vec![self.into()]
            }
        }
    )*};
}

into_target!(Id<E>:, Lookup<E>: Entity, Target<E>:);

#[diagnostic::do_not_recommend]
impl<E> IntoTarget<E> for &Id<E> {
    const __SEALED: Sealed = Sealed;

    fn into_target(self) -> Target<E> {
        (*self).into()
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoTargets<E> for &Id<E> {
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        vec![(*self).into()]
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoTarget<E> for &Lookup<E> {
    const __SEALED: Sealed = Sealed;

    fn into_target(self) -> Target<E> {
        self.clone().into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> IntoTargets<E> for &Lookup<E> {
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        vec![self.clone().into()]
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: IntoTarget<E>> IntoTargets<E> for Vec<T> {
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        self.into_iter().map(T::into_target).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<E, T: IntoTarget<E>, const N: usize> IntoTargets<E> for [T; N] {
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        self.into_iter().map(T::into_target).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, E, T> IntoTargets<E> for &'a [T]
where
    &'a T: IntoTarget<E>,
{
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        self.iter().map(IntoTarget::into_target).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, E, T> IntoTargets<E> for &'a Vec<T>
where
    &'a T: IntoTarget<E>,
{
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        self.as_slice().into_targets()
    }
}

#[diagnostic::do_not_recommend]
impl<'a, E, T, const N: usize> IntoTargets<E> for &'a [T; N]
where
    &'a T: IntoTarget<E>,
{
    const __SEALED: Sealed = Sealed;

    fn into_targets(self) -> Vec<Target<E>> {
        self.as_slice().into_targets()
    }
}

by_fields!(Lookup[E] { attribute, value; entity }: Clone, PartialEq);
by_fields!(Target[E] { inner; entity }: Clone, PartialEq);

impl<E> fmt::Debug for Lookup<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup({} = ", self.attribute)?;
        match &self.value {
            Ok(value) => write!(f, "{value})"),
            Err(error) => write!(f, "{error})"),
        }
    }
}

impl<E> fmt::Debug for Target<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Ok(instaml::Target::Id(id)) => write!(f, "Id({id})"),
            Ok(instaml::Target::Lookup { attribute, value }) => write!(f, "Lookup({attribute} = {value})"),
            Ok(instaml::Target::Unreadable(text)) => write!(f, "Unreadable({text})"),
            Err(error) => write!(f, "Lookup({error})"),
        }
    }
}
