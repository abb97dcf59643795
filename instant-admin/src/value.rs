//! What Rust values can be the value of an attribute, and how they turn into JSON.
//!
//! | attributes of type | take | trait |
//! |---|---|---|
//! | string | `&str`, `String`, `Cow<str>` | [`StringFor`] |
//! | number | integers, floats | [`NumberFor`] |
//! | boolean | `bool` | [`BooleanFor`] |
//! | date | [`Date`](crate::Date), dates of other crates, ISO strings, milliseconds | [`DateFor`] |
//! | json | whatever serialises | [`JsonFor`] |
//! | with a Rust type of its own (`types = { .. }`) | that type | [`ValueFor`] |
//! | the `id`, and links | [`Id`](crate::Id) | [`IdOf`] |
//!
//! There is a trait for each, and it knows the attribute, so that the compiler's message about a value that does not
//! fit says what the attribute holds and what to write.

mod dates;
mod finite;
mod impls;

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::sealed::Sealed;

/// No value. Sets an optional attribute to null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Null;

/// What json attributes hold: whatever serialises.
#[derive(Debug)]
pub enum Json {}

/// What an attribute holds that has a Rust type of its own, `T`, which serde turns into JSON.
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
/// fn takes<T: instant_admin::value::AttributeValue>() {}
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

/// In place of a value, also an `Option` of one or [`Null`]: what an optional attribute is set to.
#[derive(Debug, Clone, Copy)]
pub enum OrNull {}

/// A value and nothing else: what a required attribute is set to, and what any attribute is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Always {}

/// Values for the attribute `A`, which holds strings; `N` is [`OrNull`] where it may be set to nothing.
#[diagnostic::on_unimplemented(
    message = "`{A}` holds strings, not `{Self}`",
    label = "expected a string: `&str`, `String` or `Cow<str>`",
    note = "an `Option` goes with `name?: value` in a query; in a transaction it goes with an optional attribute, and so \
            does `Null`"
)]
pub trait StringFor<A, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for the attribute `A`, which holds numbers; `N` as in [`StringFor`].
#[diagnostic::on_unimplemented(
    message = "`{A}` holds numbers, not `{Self}`",
    label = "expected a number: an integer or a float",
    note = "an `Option` goes with `name?: value` in a query; in a transaction it goes with an optional attribute, and so \
            does `Null`"
)]
pub trait NumberFor<A, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for the attribute `A`, which holds booleans; `N` as in [`StringFor`].
#[diagnostic::on_unimplemented(
    message = "`{A}` holds booleans, not `{Self}`",
    label = "expected a `bool`",
    note = "an `Option` goes with `name?: value` in a query; in a transaction it goes with an optional attribute, and so \
            does `Null`"
)]
pub trait BooleanFor<A, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for the attribute `A`, which holds dates; `N` as in [`StringFor`].
#[diagnostic::on_unimplemented(
    message = "`{A}` holds dates, not `{Self}`",
    label = "expected a `Date`, a date of `std`, jiff, chrono or time, an ISO string, or milliseconds since 1970 as `i64`",
    note = "an `Option` goes with `name?: value` in a query; in a transaction it goes with an optional attribute, and so \
            does `Null`"
)]
pub trait DateFor<A, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for lookups by the attribute `A`, a date without an index: no type is one.
#[diagnostic::on_unimplemented(
    message = "`{A}` cannot be looked up: it is a date without an index",
    label = "the server compares such dates as text, and misses the same moment in another spelling",
    note = "add `\"indexed\": true` to the attribute's `config` in the schema's JSON, or `.indexed()` in its TypeScript"
)]
pub trait LookupOfDate<A> {
    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for the attribute `A`, which holds json; `N` as in [`StringFor`].
#[diagnostic::on_unimplemented(
    message = "`{A}` holds json, and `{Self}` does not serialise to it",
    label = "expected `json!(..)` or another type that implements `serde::Serialize`",
    note = "a type of your own does with `#[derive(serde::Serialize)]`"
)]
pub trait JsonFor<A, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values for the attribute `A`, which holds the Rust type `T`; `N` as in [`StringFor`].
#[diagnostic::on_unimplemented(
    message = "`{A}` holds `{T}`, not `{Self}`",
    label = "expected a `{T}`",
    note = "an `Option` goes with `name?: value` in a query; in a transaction it goes with an optional attribute, and so \
            does `Null`"
)]
pub trait ValueFor<A, T, N = Always> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Ids of entities of type `E`, borrowed or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an id of `{E}`",
    label = "expected an `Id<{E}>`",
    note = "a `Uuid` becomes an id with `Id::from(uuid)`, a string with `text.parse::<Id<_>>()?`; an `Option` goes with \
            `name?: value` in a query"
)]
pub trait IdOf<E> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The id as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Values that the attribute `A` is compared with, which holds `K`: those of the trait for its type.
#[diagnostic::on_unimplemented(
    message = "`{A}` holds `{K}`, not `{Self}`",
    label = "expected a value of type `{K}`",
    note = "nothing equals null: `is_null(true)` finds where there is no value"
)]
pub trait IntoValue<A, K> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The value as JSON.
    fn into_value(self) -> Result<Value, ValueError>;
}

/// Several values that the attribute or link `A` is compared with, which holds `K`: a slice, a `Vec`, any iterator.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of values for `{A}`, which holds `{K}`",
    label = "expected a slice, a `Vec` or an iterator of `{K}`",
    note = "one value is compared without `$in`: `name: value`, or `.eq(value)`"
)]
pub trait IntoValues<A, K> {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The values as JSON.
    fn into_values(self) -> Result<Vec<Value>, ValueError>;
}

/// What permission rules are given: whatever serialises to an object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be given to permission rules",
    label = "expected a struct that implements `Serialize`, a map or `json!({{ .. }})`"
)]
pub trait RuleParams {
    #[doc(hidden)]
    const __SEALED: Sealed;

    /// The parameters as JSON.
    fn rule_params(self) -> Result<Map<String, Value>, ValueError>;
}

/// A value that cannot be written as JSON, such as NaN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// Where in the value: `weights[2].x`; empty for the value itself.
    path: String,
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
        Self { path: String::new(), message: message.into() }
    }

    pub(crate) fn at(self, entity: &str, attribute: &str) -> Invalid {
        let Self { path, message } = self;
        let dot = if attribute.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
        let attribute = format!("{attribute}{dot}{path}");
        Invalid { entity: entity.to_owned(), attribute, error: Self::new(message) }
    }
}

impl Invalid {
    /// Returns the error of a transaction, with one line for each; `None` if there are none.
    pub(crate) fn into_transaction_error(mut all: Vec<Self>) -> Option<Error> {
        if all.len() > 1 {
            let lines: Vec<String> = all.iter().map(ToString::to_string).collect();
            return Some(Error::new(ErrorKind::InvalidTransaction, lines.join("\n")));
        }
        let Self { entity, attribute, error } = all.pop()?;
        Some(Error::invalid_transaction(&entity, &attribute, error.message))
    }

    /// Returns the error of a presence or a message.
    pub(crate) fn into_payload_error(self) -> Error {
        Error::invalid_payload(format!("{}.{}", self.entity, self.attribute), self.error.message)
    }

    /// Returns the error of a query.
    pub(crate) fn into_query_error(self) -> Error {
        Error::invalid_query(format!("{}.{}", self.entity, self.attribute), self.error.message)
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.attribute.is_empty() { "" } else { "." };
        write!(f, "{}{dot}{}: {}", self.entity, self.attribute, self.error)
    }
}

impl std::error::Error for ValueError {}

/// `value` as JSON, by its own `Serialize`.
pub(crate) fn serialized(value: impl Serialize) -> Result<Value, ValueError> {
    let json = serde_json::to_value(&value)
        .map_err(|error| ValueError::new(format!("the value does not serialise to JSON: {error}")))?;
    // What JSON has no number for became null.
    match holds_null(&json).then(|| finite::find(&value)).flatten() {
        Some((path, number)) => Err(ValueError { path: at_itself(path), message: not_finite(&number) }),
        None => Ok(json),
    }
}

fn holds_null(json: &Value) -> bool {
    match json {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(members) => members.values().any(holds_null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A dot is how the path of the value itself is written.
fn at_itself(path: String) -> String {
    if path == "." { String::new() } else { path }
}

fn not_finite(number: impl fmt::Display) -> String {
    format!("{number} is not a JSON number: write a finite one")
}
