//! Room types and topics of a schema, and the structs that travel in them.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Row;

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
    /// Writes every field.
    fn write(&self, fields: &mut PayloadFields);

    /// The payload as a JSON object; what is `None` is left out.
    fn to_json(&self) -> Value {
        let mut fields = PayloadFields(Map::new());
        self.write(&mut fields);
        Value::Object(fields.0)
    }
}

/// The fields of a payload, as they are written.
#[derive(Debug)]
pub struct PayloadFields(Map<String, Value>);

impl PayloadFields {
    /// Writes one field. What is `None`, or has no JSON form, is left out.
    pub fn set(&mut self, label: &str, value: &impl Serialize) {
        if let Ok(value) = serde_json::to_value(value)
            && !value.is_null()
        {
            self.0.insert(label.to_owned(), value);
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

// By hand, since a derive would ask the same of the parameters.
impl<P> Clone for RoomType<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for RoomType<P> {}

impl<P, M> Clone for Topic<P, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, M> Copy for Topic<P, M> {}

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
