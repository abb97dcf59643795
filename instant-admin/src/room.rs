//! Room types and topics of a schema, and the structs that travel in them.

use std::fmt;
use std::marker::PhantomData;

use serde_json::{Map, Value};

use crate::by_fields::by_fields;
use crate::decode::Row;
use crate::error::Error;
use crate::sealed::Generated;
use crate::value::ValueError;

/// A type of rooms whose peers announce a `P`: `schema::rooms::chat`.
pub struct RoomType<P> {
    name: &'static str,
    presence: PhantomData<fn() -> P>,
}

/// A topic, with messages `M`, of the rooms whose peers announce a `P`: `schema::rooms::chat::emoji`.
pub struct Topic<P, M> {
    name: &'static str,
    types: PhantomData<fn() -> (P, M)>,
}

/// A presence or a message. `include_schema!` implements it for the structs of `schema::rooms`.
pub trait Payload: Row {
    #[doc(hidden)]
    const __GENERATED: Generated;

    /// Writes every field.
    fn write(&self, fields: &mut PayloadFields);

    /// The payload as a JSON object; what is `None` is left out.
    ///
    /// # Errors
    /// A value that cannot be written as JSON, such as NaN. The error's path names it: `chat.weight`, the room or topic first.
    fn to_json(&self) -> Result<Value, Error> {
        let mut fields = PayloadFields::default();
        self.write(&mut fields);
        match fields.error {
            None => Ok(Value::Object(fields.values)),
            Some((label, error)) => Err(error.at(Self::SHAPE.0, label).into_payload_error()),
        }
    }
}

/// The fields of a payload, as they are written.
#[derive(Debug, Default)]
pub struct PayloadFields {
    values: Map<String, Value>,
    /// The first that could not be written.
    error: Option<(&'static str, ValueError)>,
}

impl PayloadFields {
    /// Writes one field; null is left out. The first value without JSON form is the error of the whole payload.
    pub fn set(&mut self, label: &'static str, value: Result<Value, ValueError>) {
        match value {
            Ok(Value::Null) => {}
            Ok(value) => {
                self.values.insert(label.to_owned(), value);
            }
            Err(error) => {
                self.error.get_or_insert((label, error));
            }
        }
    }
}

impl<P> RoomType<P> {
    /// Generated code calls this.
    #[doc(hidden)]
    pub const fn __new(name: &'static str) -> Self {
        Self { name, presence: PhantomData }
    }

    /// The name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<P, M> Topic<P, M> {
    /// Generated code calls this.
    #[doc(hidden)]
    pub const fn __new(name: &'static str) -> Self {
        Self { name, types: PhantomData }
    }

    /// The name in the schema.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

by_fields!(RoomType[P] { name; presence }: Copy);
by_fields!(Topic[P, M] { name; types }: Copy);

impl<P> fmt::Debug for RoomType<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoomType({})", self.name)
    }
}

impl<P, M> fmt::Debug for Topic<P, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({})", self.name)
    }
}
