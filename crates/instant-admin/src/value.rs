//! What Rust values can be the value of an attribute, and how they turn into JSON.
//!
//! Attributes have a *kind*: `String`, `f64` (number), `bool`, [`Date`](crate::Date), [`Json`], [`Id`], or [`Custom`] for a
//! type given by `types = { .. }`. The traits here say which Rust values fit which kind.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, Id};

/// No value: what an optional attribute can be set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Null;

/// The kind of json attributes: whatever serialises fits.
#[derive(Debug)]
pub enum Json {}

/// The kind of an attribute with a Rust type of its own, `T`, which serde turns into JSON.
#[derive(Debug)]
pub struct Custom<T>(std::convert::Infallible, std::marker::PhantomData<T>);

/// Types that the option `types` of `include_schema!` can give to an attribute: those that serde writes to JSON and reads
/// from it, and that have `Debug`, `Clone` and `PartialEq`, which the entity structs derive.
///
/// ```
/// #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
/// struct Meta {
///     minutes: u32,
/// }
///
/// fn takes<T: instant_admin::AttributeValue>() {}
/// takes::<Meta>();
/// takes::<Vec<u64>>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of an attribute",
    label = "this type lacks serde's `Serialize` or `Deserialize`, or `Debug`, `Clone` or `PartialEq`",
    note = "#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]"
)]
pub trait AttributeValue: Serialize + DeserializeOwned + fmt::Debug + Clone + PartialEq {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + fmt::Debug + Clone + PartialEq> AttributeValue for T {}

/// Generated code calls this to have the types that the user gave checked where they are written.
#[doc(hidden)]
pub fn is_attribute_type<T: AttributeValue>() {}

/// Values for attributes of kind `K`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an attribute of type `{K}`",
    label = "expected a value for a `{K}` attribute",
    note = "an `Option` goes with `name?: value` in a query; in a transaction, an `Option` or `Null` goes with an \
            optional attribute"
)]
pub trait IntoValue<K> {
    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for optional attributes of kind `K`: those of the kind, `Option`s of them, and [`Null`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an optional attribute of type `{K}`",
    label = "expected a value for a `{K}` attribute, an `Option` of one, or `Null`"
)]
pub trait IntoNullable<K> {
    /// The value as JSON; nothing is null.
    fn into_nullable(self) -> Result<Value, ValueError>;
}

/// A value that has no JSON form, such as NaN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    message: String,
}

/// A [`ValueError`] with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invalid {
    entity: String,
    attribute: String,
    error: ValueError,
}

impl ValueError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    pub(crate) fn at(self, entity: &str, attribute: &str) -> Invalid {
        Invalid { entity: entity.to_owned(), attribute: attribute.to_owned(), error: self }
    }
}

impl Invalid {
    /// As the error of a transaction.
    pub(crate) fn into_transaction_error(self) -> Error {
        Error::invalid_transaction(&self.entity, &self.attribute, self.error.message)
    }

    /// As the error of a presence or a message.
    pub(crate) fn into_payload_error(self) -> Error {
        Error::invalid_payload(format!("{}.{}", self.entity, self.attribute), self.error.message)
    }

    /// As the error of a query.
    pub(crate) fn into_query_error(self) -> Error {
        Error::invalid_query(format!("{}.{}", self.entity, self.attribute), self.error.message)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}: {}", self.entity, self.attribute, self.error)
    }
}

impl std::error::Error for ValueError {}

/// `value` as JSON, by its own `Serialize`.
pub(crate) fn serialized(value: impl Serialize) -> Result<Value, ValueError> {
    serde_json::to_value(value).map_err(|error| ValueError::new(format!("this has no JSON form: {error}")))
}

/// The largest whole number up to which every whole number is an `f64` of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// As JavaScript writes it: a whole number without a fraction, so that readers with integer types can read it.
fn number(value: f64) -> Result<Value, ValueError> {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and within what an i64 holds")]
        return Ok(Value::from(value as i64));
    }
    serde_json::Number::from_f64(value)
        .map(Value::Number)
        .ok_or_else(|| ValueError::new(format!("{value} is no JSON number: write a finite one")))
}

macro_rules! into_value {
    ($kind:ty: $($type:ty => |$value:ident| $json:expr),* $(,)?) => {
        $(#[diagnostic::do_not_recommend]
        impl IntoValue<$kind> for $type {
            fn into_value(self) -> Result<Value, ValueError> {
                let $value = self;
                $json
            }
        })*

        #[diagnostic::do_not_recommend]
        impl<T: IntoValue<$kind>> IntoNullable<$kind> for T {
            fn into_nullable(self) -> Result<Value, ValueError> {
                self.into_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: IntoValue<$kind>> IntoNullable<$kind> for Option<T> {
            fn into_nullable(self) -> Result<Value, ValueError> {
                self.map_or(Ok(Value::Null), T::into_value)
            }
        }
    };
}

into_value!(String:
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

into_value!(f64:
    f64 => |value| number(value),
    f32 => |value| number(value.into()),
    i8 => |value| Ok(value.into()),
    i16 => |value| Ok(value.into()),
    i32 => |value| Ok(value.into()),
    i64 => |value| Ok(value.into()),
    isize => |value| Ok(value.into()),
    u8 => |value| Ok(value.into()),
    u16 => |value| Ok(value.into()),
    u32 => |value| Ok(value.into()),
    u64 => |value| Ok(value.into()),
    usize => |value| Ok(value.into()),
    &f64 => |value| IntoValue::<f64>::into_value(*value),
    &f32 => |value| IntoValue::<f64>::into_value(*value),
    &i8 => |value| IntoValue::<f64>::into_value(*value),
    &i16 => |value| IntoValue::<f64>::into_value(*value),
    &i32 => |value| IntoValue::<f64>::into_value(*value),
    &i64 => |value| IntoValue::<f64>::into_value(*value),
    &isize => |value| IntoValue::<f64>::into_value(*value),
    &u8 => |value| IntoValue::<f64>::into_value(*value),
    &u16 => |value| IntoValue::<f64>::into_value(*value),
    &u32 => |value| IntoValue::<f64>::into_value(*value),
    &u64 => |value| IntoValue::<f64>::into_value(*value),
    &usize => |value| IntoValue::<f64>::into_value(*value),
);

into_value!(bool:
    bool => |value| Ok(value.into()),
    &bool => |value| Ok((*value).into()),
);

#[diagnostic::do_not_recommend]
impl<E> IntoValue<Id<E>> for Id<E> {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }
}

#[diagnostic::do_not_recommend]
impl<E> IntoValue<Id<E>> for &Id<E> {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoValue<Json> for T {
    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoNullable<Json> for T {
    fn into_nullable(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoValue<Custom<T>> for T {
    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoValue<Custom<T>> for &T {
    fn into_value(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoNullable<Custom<T>> for T {
    fn into_nullable(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoNullable<Custom<T>> for &T {
    fn into_nullable(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoNullable<Custom<T>> for Option<T> {
    fn into_nullable(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoNullable<Custom<T>> for Option<&T> {
    fn into_nullable(self) -> Result<Value, ValueError> {
        serialized(self)
    }
}

#[diagnostic::do_not_recommend]
impl<K> IntoNullable<K> for Null {
    fn into_nullable(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
}
