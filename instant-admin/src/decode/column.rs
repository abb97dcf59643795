//! Columns: what the fields of a row are, so that a generated `Row` impl only names types and stays cheap to compile.

use std::fmt::Display;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, MapAccess};

use super::Linked;
use super::own::{own_date, own_type};
use super::row::{Columns, Fields, Record, Row, Slot};
use crate::page::Page;

/// The id of a row, and its other columns.
pub struct Identified<I, C>(pub I, pub C);

impl<I: DeserializeOwned + Display, C: Columns> Record for Identified<I, C> {
    #[inline]
    fn read<'de, A: MapAccess<'de>>(
        labels: &'static [&'static str],
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<Self>, A::Error> {
        Ok(fields.row(labels)?.map(|(id, columns)| Self(id, columns)))
    }
}

impl<C: Columns> Record for C {
    #[inline]
    fn read<'de, A: MapAccess<'de>>(
        labels: &'static [&'static str],
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<Self>, A::Error> {
        fields.columns(labels).map(Some)
    }
}

/// An attribute that the schema requires. `H` is how its values are read, as in the columns after it.
pub struct Required<T, H = Plain>(pub T, pub PhantomData<H>);

/// An attribute that may be missing.
pub struct Optional<T, H = Plain>(pub Option<T>, pub PhantomData<H>);

/// An optional attribute that the query marks with `!`.
pub struct Asserted<T, H = Plain>(pub T, pub PhantomData<H>);

/// How the values of an attribute are read.
pub trait Reading {
    /// Reads the current field; null is `None`.
    fn read<'de, T: DeserializeOwned, A: MapAccess<'de>>(
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<T>, A::Error>;
}

/// Values of the type that the attribute's value type has.
pub enum Plain {}

/// Values of a type that the app gave the attribute.
pub enum OwnType {}

/// Moments, of a type that the app gave the attribute.
pub enum OwnDate {}

impl Reading for Plain {
    #[inline]
    fn read<'de, T: DeserializeOwned, A: MapAccess<'de>>(
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<T>, A::Error> {
        fields.plain()
    }
}

impl Reading for OwnType {
    fn read<'de, T: DeserializeOwned, A: MapAccess<'de>>(
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<T>, A::Error> {
        fields.own(own_type)
    }
}

impl Reading for OwnDate {
    fn read<'de, T: DeserializeOwned, A: MapAccess<'de>>(
        fields: &mut Fields<'_, A>,
    ) -> Result<Option<T>, A::Error> {
        fields.own(own_date)
    }
}

/// A to-one link.
pub struct One<R>(pub Option<R>);

/// A to-one link that the schema requires and the query marks with `!`.
pub struct RequiredOne<R>(pub R);

/// A to-many link.
pub struct Many<R>(pub Vec<R>);

/// A root entity.
pub struct Root<R>(pub Page<R>);

/// The count of a root entity, whose rows are not sent.
pub struct Count(pub u64);

/// Implements [`Columns`] for one column: its slot, how it is read, how it is finished.
macro_rules! column {
    (
        [$($generics:tt)*] $column:ty: $slot:ty,
        |$taking:ident| $take:expr,
        |$value:ident, $label:ident, $id:ident, $finishing:ident| $finish:expr
    ) => {
        impl<$($generics)*> Columns for $column {
            const LEN: usize = 1;
            type Slots = $slot;

            #[inline]
            fn take<'de, A: MapAccess<'de>>(
                slot: &mut Self::Slots,
                _: usize,
                $taking: &mut Fields<'_, A>,
            ) -> Result<(), A::Error> {
                *slot = $take;
                Ok(())
            }

            #[inline]
            fn finish<'de, A: MapAccess<'de>>(
                $value: Self::Slots,
                labels: &'static [&'static str],
                $id: &dyn Display,
                $finishing: &mut Fields<'_, A>,
            ) -> Result<Self, A::Error> {
                let $label = labels[0];
                Ok($finish)
            }
        }
    };
}

column!([T: DeserializeOwned, H: Reading] Required<T, H>: Slot<T>, |fields| Some(H::read(fields)?), |value, label, id, fields| {
    Self(fields.required(value, label, id)?, PhantomData)
});
column!([T: DeserializeOwned, H: Reading] Optional<T, H>: Option<T>, |fields| H::read(fields)?, |value, _label, _id, _fields| {
    Self(value, PhantomData)
});
column!([T: DeserializeOwned, H: Reading] Asserted<T, H>: Slot<T>, |fields| Some(H::read(fields)?), |value, label, id, fields| {
    Self(fields.asserted(value, label, id)?, PhantomData)
});
column!([R: Row] One<R>: Linked<R>, |fields| fields.one()?, |linked, _label, _id, _fields| Self(linked.row()));
column!([R: Row] RequiredOne<R>: Linked<R>, |fields| fields.one()?, |linked, label, id, fields| {
    Self(fields.required_one(linked, label, id)?)
});
column!([R: Row] Many<R>: ManyRows<R>, |fields| ManyRows(fields.many()?), |rows, _label, _id, _fields| Self(rows.0));
column!([R: Row] Root<R>: Option<Page<R>>, |fields| Some(fields.page()?), |page, label, _id, fields| {
    Self(fields.answered(page, label)?)
});
column!([] Count: (), |fields| fields.skip()?, |_rows, label, _id, fields| Self(fields.count(label)?));

/// The slot of [`Many`]: empty by default, whatever the row type.
pub struct ManyRows<R>(Vec<R>);

impl<R> Default for ManyRows<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

macro_rules! tuples {
    ($($name:ident $index:tt)*) => {
        impl<$($name: Columns),*> Columns for ($($name,)*) {
            const LEN: usize = 0 $(+ $name::LEN)*;
            type Slots = ($($name::Slots,)*);

            #[allow(unused_variables, unused_assignments, unused_mut, reason = "the empty tuple reads nothing")]
            #[inline]
            fn take<'de, A: MapAccess<'de>>(
                slots: &mut Self::Slots,
                number: usize,
                fields: &mut Fields<'_, A>,
            ) -> Result<(), A::Error> {
                let mut number = number;
                $(
                    if number < $name::LEN {
                        return $name::take(&mut slots.$index, number, fields);
                    }
                    number -= $name::LEN;
                )*
                Ok(())
            }

            #[allow(unused_variables, unused_assignments, unused_mut, clippy::unused_unit, reason = "the empty tuple")]
            #[inline]
            fn finish<'de, A: MapAccess<'de>>(
                slots: Self::Slots,
                labels: &'static [&'static str],
                id: &dyn Display,
                fields: &mut Fields<'_, A>,
            ) -> Result<Self, A::Error> {
                let mut labels = labels;
                Ok(($({
                    let (mine, rest) = labels.split_at($name::LEN);
                    labels = rest;
                    $name::finish(slots.$index, mine, id, fields)?
                },)*))
            }
        }
    };
}

tuples!();
tuples!(A0 0);
tuples!(A0 0 A1 1);
tuples!(A0 0 A1 1 A2 2);
tuples!(A0 0 A1 1 A2 2 A3 3);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7 A8 8);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7 A8 8 A9 9);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7 A8 8 A9 9 A10 10);
tuples!(A0 0 A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7 A8 8 A9 9 A10 10 A11 11);
