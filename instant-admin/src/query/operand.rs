//! Turning the values in a `query!` into JSON; what the macro calls for each.

use instant_schema::instaql::Direction;
use serde_json::{Map, Value};

use super::template::{Filling, Hole};
use crate::entity::Entity;
use crate::error::Error;
use crate::filter::{Condition, Order, Where};
use crate::page::Cursor;
use crate::sealed::Sealed;
use crate::value::ValueError;

/// A number of rows: any integer type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of rows",
    label = "expected an integer",
    note = "write the option with `?`, as in `limit?: value`, to leave it out where an `Option` is `None`"
)]
pub trait RowCount {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The count, or `None` where it is negative or does not fit.
    fn row_count(self) -> Option<u64>;
}

macro_rules! row_counts {
    ($($integer:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl RowCount for $integer {
            const __SEALED: Sealed = Sealed;

            fn row_count(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }

        #[diagnostic::do_not_recommend]
        impl RowCount for &$integer {
            const __SEALED: Sealed = Sealed;

            fn row_count(self) -> Option<u64> {
                u64::try_from(*self).ok()
            }
        }
    )* };
}

row_counts!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

/// A place to page from: a [`Cursor`], borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cursor",
    label = "expected a `Cursor`, as `page_info()` gives them",
    note = "read a cursor from its text with `text.parse::<instant_admin::Cursor>()`",
    note = "write the option with `?`, as in `after?: value`, to leave it out where an `Option` is `None`"
)]
pub trait IntoCursor {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The cursor.
    fn into_cursor(self) -> Cursor;
}

#[diagnostic::do_not_recommend]
impl IntoCursor for Cursor {
    const __SEALED: Sealed = Sealed;

    fn into_cursor(self) -> Cursor {
        self
    }
}

#[diagnostic::do_not_recommend]
impl IntoCursor for &Cursor {
    const __SEALED: Sealed = Sealed;

    fn into_cursor(self) -> Cursor {
        self.clone()
    }
}

/// Conditions on entities of type `E`: [`Where`] and [`Condition`], borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter on `{E}`",
    label = "expected a `Where<{E}>` or a condition on its attributes",
    note = "an `Option` goes with `where?: #filter`, which leaves the filter out where the value is `None`"
)]
pub trait IntoFilter<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The filter as the value of `where`.
    fn into_filter(self) -> Result<Value, Error>;
}

macro_rules! filters {
    ($($filter:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<E: Entity> IntoFilter<E> for $filter {
            const __SEALED: Sealed = Sealed;

            fn into_filter(self) -> Result<Value, Error> {
                self.to_json()
            }
        }
    )* };
}

filters!(Where<E>, &Where<E>, &mut Where<E>, Condition<E>, &Condition<E>);

/// An order of entities of type `E`: an [`Order`], borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an order of `{E}`",
    label = "expected an `Order<{E}>`",
    note = "an indexed attribute makes one: `posts::title().asc()`, `posts::title().desc()`; an `Option` goes with \
            `order?: #order`"
)]
pub trait IntoOrder<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The order as the value of `order`.
    fn into_order(self) -> Result<Value, ValueError>;
}

#[diagnostic::do_not_recommend]
impl<E> IntoOrder<E> for Order<E> {
    const __SEALED: Sealed = Sealed;

    fn into_order(self) -> Result<Value, ValueError> {
        self.to_json()
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoOrder<E> for &Order<E> {
    const __SEALED: Sealed = Sealed;

    fn into_order(self) -> Result<Value, ValueError> {
        self.to_json()
    }
}

/// A way to order: a [`Direction`], borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a direction",
    label = "expected a `Direction`",
    note = "a text becomes one with `parse::<Direction>()`"
)]
pub trait IntoDirection {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The direction as a value of `order`.
    fn into_direction(self) -> Result<Value, ValueError>;
}

#[diagnostic::do_not_recommend]
impl IntoDirection for Direction {
    const __SEALED: Sealed = Sealed;

    fn into_direction(self) -> Result<Value, ValueError> {
        crate::value::serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoDirection for &Direction {
    const __SEALED: Sealed = Sealed;

    fn into_direction(self) -> Result<Value, ValueError> {
        crate::value::serialized(self)
    }
}

/// What `$isNull`, `afterInclusive` and `beforeInclusive` take: a `bool`, borrowed or not.
#[diagnostic::on_unimplemented(
    message = "expected `true` or `false`, found `{Self}`",
    label = "expected a `bool`",
    note = "write the name with `?`, as in `$isNull?: value`, to leave it out where an `Option` is `None`"
)]
pub trait Flag {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// Whether it is set.
    fn into_bool(self) -> bool;
}

#[diagnostic::do_not_recommend]
impl Flag for bool {
    const __SEALED: Sealed = Sealed;

    fn into_bool(self) -> bool {
        self
    }
}

#[diagnostic::do_not_recommend]
impl Flag for &bool {
    const __SEALED: Sealed = Sealed;

    fn into_bool(self) -> bool {
        *self
    }
}

/// What a name with a `?` takes: an `Option`, borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `Option`",
    label = "expected an `Option`, since the name has a `?`",
    note = "`name?: value` leaves the condition or option out where the value is `None`; a value that is always \
            there goes with `name: value`"
)]
pub trait Optional<T> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// As an `Option`.
    fn into_option(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T> Optional<T> for Option<T> {
    const __SEALED: Sealed = Sealed;

    fn into_option(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T> Optional<&'a T> for &'a Option<T> {
    const __SEALED: Sealed = Sealed;

    fn into_option(self) -> Option<&'a T> {
        self.as_ref()
    }
}

// The macros call the traits above themselves, at the user's value, and hand over what comes of it: a bound on these
// functions would show them in every message.

/// What is left out where it is `None`.
pub fn optional<T>(path: &'static str, value: Option<T>, there: impl FnOnce(T) -> Hole) -> Hole {
    value.map_or(Hole { path, value: Filling::Omitted }, there)
}

/// The value of a condition.
pub fn operand(path: &'static str, value: Result<Value, ValueError>) -> Hole {
    let value = value.and_then(|value| match value {
        Value::Null => {
            Err(ValueError::new("nothing equals null; use `$isNull` to find where there is no value"))
        }
        Value::Array(_) => Err(ValueError::new("a condition compares one value; use `$in` for several")),
        Value::Object(_) => {
            Err(ValueError::new("objects cannot be compared: only strings, numbers, booleans"))
        }
        scalar => Ok(scalar),
    });
    hole(path, value)
}

/// `$isNull`, `afterInclusive`, `beforeInclusive`
pub fn flag(path: &'static str, is_set: bool) -> Hole {
    hole(path, Ok(Value::Bool(is_set)))
}

/// The values of `$in`.
pub fn list(path: &'static str, values: Result<Vec<Value>, ValueError>) -> Hole {
    hole(path, values.map(Value::Array))
}

/// A filter made at run time. One that lets everything through is left out.
pub fn filter(path: &'static str, filter: Result<Value, Error>) -> Hole {
    let value = match filter {
        Ok(Value::Object(members)) if members.is_empty() => Filling::Omitted,
        Ok(value) => Filling::Value(value),
        Err(error) => Filling::Unsendable(error.to_string()),
    };
    Hole { path, value }
}

/// `limit`, `first`, `last`
pub fn page_size(path: &'static str, count: Option<u64>) -> Hole {
    let count = count.filter(|count| *count > 0);
    count_of(path, count, "a page has at least one row: write a positive number")
}

/// `offset`
pub fn offset(path: &'static str, count: Option<u64>) -> Hole {
    count_of(path, count, "no rows can be skipped backwards: write zero or a positive number")
}

/// `after`, `before`
pub fn cursor(path: &'static str, cursor: Cursor) -> Hole {
    hole(path, crate::value::serialized(cursor))
}

/// `$$ruleParams`
pub fn rule_params(path: &'static str, params: Result<Map<String, Value>, ValueError>) -> Hole {
    hole(path, params.map(Value::Object))
}

/// The form of a fragment, or an order made at run time
pub fn given(path: &'static str, value: Result<Value, ValueError>) -> Hole {
    hole(path, value)
}

fn count_of(path: &'static str, count: Option<u64>, otherwise: &'static str) -> Hole {
    hole(path, count.map(Value::from).ok_or_else(|| ValueError::new(otherwise)))
}

fn hole(path: &'static str, value: Result<Value, ValueError>) -> Hole {
    let value = match value {
        Ok(value) => Filling::Value(value),
        Err(error) => Filling::Unsendable(error.to_string()),
    };
    Hole { path, value }
}
