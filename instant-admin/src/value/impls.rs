//! Which Rust types are values of which attributes.

use std::borrow::Cow;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    BooleanFor, Custom, DateFor, IdOf, IntoValue, IntoValues, Json, JsonFor, Null, NumberFor, OrNull,
    RuleParams, StringFor, ValueError, ValueFor, not_finite, serialized,
};
use crate::date::Date;
use crate::id::Id;
use crate::sealed::Sealed;

macro_rules! compared {
    ($($kind:ty: $trait:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<A, V: $trait<A>> IntoValue<A, $kind> for V {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                $trait::<A>::into_value(self)
            }
        }
    )*};
}

compared!(String: StringFor, f64: NumberFor, bool: BooleanFor, Date: DateFor, Json: JsonFor);

#[diagnostic::do_not_recommend]
impl<A, E, V: IdOf<E>> IntoValue<A, Id<E>> for V {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        IdOf::<E>::into_value(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T, V: ValueFor<A, T>> IntoValue<A, Custom<T>> for V {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        ValueFor::<A, T>::into_value(self)
    }
}

// Borrowed too; and with one implementation alone the compiler would show it where an attribute is required.
macro_rules! or_null {
    ($($trait:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<A, V: $trait<A>> $trait<A, OrNull> for Option<V> {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                self.map_or(Ok(Value::Null), $trait::<A>::into_value)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a, A, V> $trait<A, OrNull> for &'a Option<V>
        where
            &'a V: $trait<A>,
        {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                self.as_ref().map_or(Ok(Value::Null), $trait::<A>::into_value)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<A> $trait<A, OrNull> for Null {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                Ok(Value::Null)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<A> $trait<A, OrNull> for &Null {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                Ok(Value::Null)
            }
        }
    )*};
}

or_null!(StringFor, NumberFor, BooleanFor, DateFor);

macro_rules! fits {
    ($trait:ident: $($type:ty => |$value:ident| $json:expr),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl<A, N> $trait<A, N> for $type {
            const __SEALED: Sealed = Sealed;

            fn into_value(self) -> Result<Value, ValueError> {
                let $value = self;
                $json
            }
        }
    )*};
}

fits!(StringFor:
    String => |text| Ok(Value::String(text)),
    &String => |text| Ok(Value::String(text.clone())),
    &str => |text| Ok(Value::String(text.to_owned())),
    &&str => |text| Ok(Value::String((*text).to_owned())),
    Cow<'_, str> => |text| Ok(Value::String(text.into_owned())),
    &Cow<'_, str> => |text| Ok(Value::String(text.to_string())),
    Box<str> => |text| Ok(Value::String(text.into())),
    &Box<str> => |text| Ok(Value::String(text.to_string())),
    Arc<str> => |text| Ok(Value::String(text.to_string())),
    &Arc<str> => |text| Ok(Value::String(text.to_string())),
    Rc<str> => |text| Ok(Value::String(text.to_string())),
    &Rc<str> => |text| Ok(Value::String(text.to_string())),
    char => |letter| Ok(Value::String(letter.into())),
    &char => |letter| Ok(Value::String((*letter).into())),
);

macro_rules! integers {
    ($($integer:ty),*) => {
        fits!(NumberFor: $($integer => |value| Ok(value.into()), &$integer => |value| Ok((*value).into())),*);
    };
}

integers!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);

// JSON numbers have no 128 bits here, as in most of its readers.
macro_rules! wide_integers {
    ($($integer:ty => $narrow:ty),*) => {
        fits!(NumberFor: $(
            $integer => |value| wide(<$narrow>::try_from(value).ok(), &value),
            &$integer => |value| wide(<$narrow>::try_from(*value).ok(), value)
        ),*);
    };
}

wide_integers!(i128 => i64, u128 => u64);

fn wide(narrow: Option<impl Into<Value>>, value: &dyn Display) -> Result<Value, ValueError> {
    narrow.map(Into::into).ok_or_else(|| {
        ValueError::new(format!("{value} does not fit into 64 bits: write it as a string or a float"))
    })
}

fits!(NumberFor:
    f64 => |value| float(value),
    f32 => |value| float(value.into()),
    &f64 => |value| float(*value),
    &f32 => |value| float((*value).into()),
);

fits!(BooleanFor:
    bool => |value| Ok(value.into()),
    &bool => |value| Ok((*value).into()),
);

/// The largest whole number up to which every whole number is an `f64` of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// As JavaScript writes it: a whole number without a fraction, so that readers with integer types can read it.
fn float(value: f64) -> Result<Value, ValueError> {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within what an i64 holds")]
        return Ok(Value::from(value as i64));
    }
    serde_json::Number::from_f64(value).map(Value::Number).ok_or_else(|| ValueError::new(not_finite(value)))
}

#[diagnostic::do_not_recommend]
impl<E> IdOf<E> for Id<E> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }
}

#[diagnostic::do_not_recommend]
impl<E> IdOf<E> for &Id<E> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }
}

#[diagnostic::do_not_recommend]
impl<A, N, T: Serialize> JsonFor<A, N> for T {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A> JsonFor<A, OrNull> for Null {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T: Serialize, N> ValueFor<A, T, N> for T {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T: Serialize, N> ValueFor<A, T, N> for &T {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T: Serialize> ValueFor<A, T, OrNull> for Option<T> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T: Serialize> ValueFor<A, T, OrNull> for Option<&T> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T: Serialize> ValueFor<A, T, OrNull> for &Option<T> {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<A, T> ValueFor<A, T, OrNull> for Null {
    const __SEALED: Sealed = Sealed;

    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
}

#[diagnostic::do_not_recommend]
impl<A, K, L: IntoIterator<Item: IntoValue<A, K>>> IntoValues<A, K> for L {
    const __SEALED: Sealed = Sealed;

    fn into_values(self) -> Result<Vec<Value>, ValueError> {
        self.into_iter().map(IntoValue::into_value).collect()
    }
}

#[diagnostic::do_not_recommend]
impl<P: Serialize> RuleParams for P {
    const __SEALED: Sealed = Sealed;

    fn rule_params(self) -> Result<Map<String, Value>, ValueError> {
        serialized(self).and_then(|params| match params {
            Value::Object(params) => Ok(params),
            other => Err(ValueError::new(format!(
                "rule params are an object, a struct, a map or `json!({{ .. }})`, not `{other}`"
            ))),
        })
    }
}
