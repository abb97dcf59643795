//! Decoding of answers: straight from bytes into rows, with the path in every error.

pub mod column;
mod culprit;
mod describe;
mod own;
mod row;

use std::fmt::{self, Write as _};
use std::marker::PhantomData;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Unexpected, Visitor,
};

pub(crate) use describe::describe;
use describe::refused;
use row::{Fields, Record};
pub use row::{Row, Shape};

use crate::error::Error;
use crate::page::AnswerMeta;

/// Decodes a whole answer. `meta` is what came beside it: cursors and counts by root entity.
pub(crate) fn decode<R: Row>(body: &[u8], meta: AnswerMeta) -> Result<R, Error> {
    let mut context = Context { path: Vec::new(), entity: "", meta };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let row = Object::new(&mut context).deserialize(&mut deserializer);
    match row.and_then(|row| deserializer.end().map(|()| row)) {
        Ok(Some(row)) => Ok(row),
        Ok(None) => Err(Error::decode("", "expected an object, got an empty one")),
        Err(error) => {
            let entity = Some(context.entity).filter(|entity| !entity.is_empty() && error.is_data());
            let culprit = entity.and_then(|entity| Some((entity, culprit::id(body, &context.path)?)));
            let refusal = describe(&error);
            let message = match culprit {
                Some((entity, id)) => format!("{refusal} (`{entity}` {id})"),
                None => refusal,
            };
            Err(refused(context.rendered_path(), message, error))
        }
    }
}

/// Decodes JSON that is not the rows of a typed query. On failure, reads it again, more slowly, to find the path.
pub(crate) fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error: serde_json::Error| {
        let again = &mut serde_json::Deserializer::from_slice(body);
        let path = serde_path_to_error::deserialize::<_, T>(again).map_err(|error| error.path().to_string());
        refused(path.err().filter(|path| path != ".").unwrap_or_default(), describe(&error), error)
    })
}

/// What the readers of one answer share.
pub(crate) struct Context {
    /// Where an error happened, innermost segment first: filled while the error travels up.
    pub(crate) path: Vec<Segment>,
    /// The type of the entity that has the value which was refused; empty before, and where the error says it.
    pub(crate) entity: &'static str,
    pub(crate) meta: AnswerMeta,
}

/// One step of a path in an answer.
pub(crate) enum Segment {
    Field(&'static str),
    Index(usize),
    /// The way within one value, as it is written: `.minutes[3]`.
    Within(String),
}

impl Context {
    fn rendered_path(&self) -> String {
        let mut path = String::new();
        for segment in self.path.iter().rev() {
            let written = match segment {
                Segment::Field(name) if path.is_empty() => write!(path, "{name}"),
                Segment::Field(name) => write!(path, ".{name}"),
                Segment::Index(index) => write!(path, "[{index}]"),
                Segment::Within(way) => write!(path, "{way}"),
            };
            debug_assert!(written.is_ok(), "writing to a String cannot fail");
        }
        path
    }
}

/// Recognises a key without allocating: which of `names` it is, if any.
pub(crate) struct KeyIn {
    pub(crate) names: &'static [&'static str],
    pub(crate) guess: usize,
}

impl<'de> DeserializeSeed<'de> for KeyIn {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeyIn {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        if self.names.get(self.guess).is_some_and(|name| *name == key) {
            return Ok(Some(self.guess));
        }
        Ok(self.names.iter().position(|name| *name == key))
    }
}

/// One object; `None` where it has no id and a row needs one.
struct Object<'a, R> {
    context: &'a mut Context,
    row: PhantomData<R>,
}

/// A to-one link: an object, a list of at most one, or null.
pub(crate) struct One<'a, R> {
    context: &'a mut Context,
    row: PhantomData<R>,
}

/// What a to-one link leads to.
#[derive(Default)]
pub enum Linked<R> {
    /// Nothing.
    #[default]
    None,
    /// An entity that does not exist: one without an id.
    Dangling,
    Row(R),
}

impl<R> Linked<R> {
    pub(crate) fn row(self) -> Option<R> {
        match self {
            Self::Row(row) => Some(row),
            Self::None | Self::Dangling => None,
        }
    }

    fn of(row: Option<R>) -> Self {
        row.map_or(Self::Dangling, Self::Row)
    }
}

/// A to-many link, or the rows of a root entity, which are always a list.
pub(crate) struct Many<'a, R> {
    context: &'a mut Context,
    row: PhantomData<R>,
    root: bool,
}

impl<'a, R> Many<'a, R> {
    pub(crate) fn linked(context: &'a mut Context) -> Self {
        Self { context, row: PhantomData, root: false }
    }

    pub(crate) fn root(context: &'a mut Context) -> Self {
        Self { context, row: PhantomData, root: true }
    }
}

impl<'a, R> Object<'a, R> {
    fn new(context: &'a mut Context) -> Self {
        Self { context, row: PhantomData }
    }
}

impl<'a, R> One<'a, R> {
    pub(crate) fn new(context: &'a mut Context) -> Self {
        Self { context, row: PhantomData }
    }
}

macro_rules! seeds {
    ($($seed:ident -> $value:ty),*) => { $(
        impl<'de, R: Row> DeserializeSeed<'de> for $seed<'_, R> {
            type Value = $value;

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.deserialize_any(self)
            }
        }
    )* };
}

seeds!(Object -> Option<R>, One -> Linked<R>, Many -> Vec<R>);

impl<'de, R: Row> Visitor<'de> for Object<'_, R> {
    type Value = Option<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (entity, labels) = R::SHAPE;
        let columns = R::Columns::read(labels, &mut Fields::new(&mut access, self.context, entity))?;
        Ok(columns.map(R::build))
    }
}

impl<'de, R: Row> Visitor<'de> for One<'_, R> {
    type Value = Linked<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list of at most one object or null")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Linked::None)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        Object::new(self.context).visit_map(access).map(Linked::of)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut linked = Linked::None;
        while let Some(row) = access.next_element_seed(Object::new(self.context))? {
            linked = match (linked, Linked::of(row)) {
                (Linked::Row(_), Linked::Row(_)) => {
                    return Err(A::Error::custom(
                        "expected at most one entity, got several: the schema says that this link has one, the server \
                         says many",
                    ));
                }
                (Linked::Row(row), _) => Linked::Row(row),
                (_, next) => next,
            };
        }
        Ok(linked)
    }
}

impl<'de, R: Row> Visitor<'de> for Many<'_, R> {
    type Value = Vec<R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        if self.root { Err(E::invalid_type(Unexpected::Unit, &self)) } else { Ok(Vec::new()) }
    }

    /// A lone object: the server takes the link for one that has one.
    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<Self::Value, A::Error> {
        if self.root {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        Ok(Object::new(self.context).visit_map(access)?.into_iter().collect())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        for index in 0.. {
            match access.next_element_seed(Object::new(self.context)) {
                Ok(Some(row)) => rows.extend(row),
                Ok(None) => break,
                Err(error) => {
                    self.context.path.push(Segment::Index(index));
                    return Err(error);
                }
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests;
