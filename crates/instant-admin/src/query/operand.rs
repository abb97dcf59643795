//! Turning the values in a `query!` into JSON; what the macro calls for each.

use serde::Serialize;
use serde_json::Value;

use super::prepared::{Form, Fragment};
use super::template::{Filling, Hole};
use crate::page::Cursor;
use crate::value::{IntoValue, ValueError};
use crate::{Condition, Entity, Error, Where};

/// A number of rows: any integer type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of rows",
    label = "expected an integer",
    note = "write the option with `?`, as in `limit?: value`, to leave it out where an `Option` is `None`"
)]
pub trait RowCount {
    /// The count, or `None` where it is negative or does not fit.
    fn row_count(self) -> Option<u64>;
}

macro_rules! row_counts {
    ($($integer:ty),*) => { $(
        impl RowCount for $integer {
            fn row_count(self) -> Option<u64> {
                u64::try_from(self).ok()
            }
        }

        impl RowCount for &$integer {
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
    note = "write the option with `?`, as in `after?: value`, to leave it out where an `Option` is `None`"
)]
pub trait IntoCursor {
    /// The cursor.
    fn into_cursor(self) -> Cursor;
}

impl IntoCursor for Cursor {
    fn into_cursor(self) -> Cursor {
        self
    }
}

impl IntoCursor for &Cursor {
    fn into_cursor(self) -> Cursor {
        self.clone()
    }
}

/// Conditions on entities of type `E`: [`Where`] and [`Condition`], borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a filter on `{E}`",
    label = "expected a `Where<{E}>` or a condition on its attributes"
)]
pub trait IntoFilter<E> {
    /// The filter as the value of `where`.
    fn into_filter(self) -> Result<Value, Error>;
}

macro_rules! filters {
    ($($filter:ty),*) => { $(
        impl<E: Entity> IntoFilter<E> for $filter {
            fn into_filter(self) -> Result<Value, Error> {
                self.to_json()
            }
        }
    )* };
}

filters!(Where<E>, &Where<E>, &mut Where<E>, Condition<E>, &Condition<E>);

/// The value of a condition on an attribute of kind `K`.
pub fn operand<K, V: IntoValue<K>>(path: &'static str, value: V) -> Hole {
    scalar(path, value.into_value())
}

/// The value of a condition that is left out where there is none.
pub fn optional<K, V: IntoValue<K>>(path: &'static str, value: Option<V>) -> Hole {
    value.map_or(Hole { path, value: Filling::Omitted }, |value| operand(path, value))
}

/// The values of `$in`.
pub fn list<K, L: IntoIterator<Item: IntoValue<K>>>(path: &'static str, values: L) -> Hole {
    let values: Result<Vec<Value>, ValueError> = values.into_iter().map(IntoValue::into_value).collect();
    hole(path, values.map(Value::Array))
}

/// The values of a `$in` that is left out where there are none.
pub fn optional_list<K, L: IntoIterator<Item: IntoValue<K>>>(path: &'static str, values: Option<L>) -> Hole {
    values.map_or(Hole { path, value: Filling::Omitted }, |values| list(path, values))
}

/// A filter made at run time. One that lets everything through is left out.
pub fn filter<E: Entity, F: IntoFilter<E>>(path: &'static str, filter: F) -> Hole {
    let value = match filter.into_filter() {
        Ok(Value::Object(members)) if members.is_empty() => Filling::Omitted,
        Ok(value) => Filling::Value(value),
        Err(error) => Filling::Unsendable(error.to_string()),
    };
    Hole { path, value }
}

/// `limit`, `first`, `last`
pub fn page_size<N: RowCount>(path: &'static str, count: N) -> Hole {
    count_of(path, count, 1, "a page has at least one row: write a positive number")
}

/// A page size that may be left out.
pub fn optional_page_size<N: RowCount>(path: &'static str, count: Option<N>) -> Hole {
    count.map_or(Hole { path, value: Filling::Omitted }, |count| page_size(path, count))
}

/// `offset`
pub fn offset<N: RowCount>(path: &'static str, count: N) -> Hole {
    count_of(path, count, 0, "no rows can be skipped backwards: write zero or a positive number")
}

/// An offset that may be left out.
pub fn optional_offset<N: RowCount>(path: &'static str, count: Option<N>) -> Hole {
    count.map_or(Hole { path, value: Filling::Omitted }, |count| offset(path, count))
}

/// `after`, `before`
pub fn cursor<C: IntoCursor>(path: &'static str, cursor: C) -> Hole {
    hole(path, crate::value::serialized(cursor.into_cursor()))
}

/// A cursor that may be left out.
pub fn optional_cursor<C: IntoCursor>(path: &'static str, at: Option<C>) -> Hole {
    at.map_or(Hole { path, value: Filling::Omitted }, |at| cursor(path, at))
}

/// `$$ruleParams`
pub fn rule_params<P: Serialize>(path: &'static str, params: P) -> Hole {
    let params = crate::value::serialized(params).and_then(|params| match params {
        Value::Object(_) => Ok(params),
        _ => Err(ValueError::new("rule parameters are an object: a struct, a map or `json!({ .. })`")),
    });
    hole(path, params)
}

/// The form of a fragment on `E`.
pub fn fragment<E, F: Fragment<E>>(path: &'static str, (): ()) -> Hole {
    hole(path, serde_json::from_str(<F as Form>::FORM).map_err(|error| ValueError::new(error.to_string())))
}

fn scalar(path: &'static str, value: Result<Value, ValueError>) -> Hole {
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

fn count_of<N: RowCount>(path: &'static str, count: N, least: u64, otherwise: &'static str) -> Hole {
    let count = count.row_count().filter(|count| *count >= least);
    hole(path, count.map(Value::from).ok_or_else(|| ValueError::new(otherwise)))
}

fn hole(path: &'static str, value: Result<Value, ValueError>) -> Hole {
    let value = match value {
        Ok(value) => Filling::Value(value),
        Err(error) => Filling::Unsendable(error.to_string()),
    };
    Hole { path, value }
}
