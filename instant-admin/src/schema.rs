//! Schemas as a client gets them: from the macros, or read at run time.

mod known;

use std::sync::{Arc, Mutex, PoisonError};

pub use instant_schema::plan::{Beyond, Change, LinkShape};
// The model under names of its own: the compiler's messages call filters `Attribute` and `Link`.
pub use instant_schema::{
    Attribute as AttributeDefinition, CheckedType, Direction as LinkDirection, Entity as EntityDefinition,
    Has, Link as LinkDefinition, LinkRef, LinkSide, Path, Place, Position, Problem, Problems,
    Room as RoomDefinition, Rule, Schema, Segment, ValueType,
};

use crate::error::Error;

pub use known::SchemaSync;
pub(crate) use known::{Known, Schemas};

/// An app's schema as a constant: what `include_schema!` calls `SCHEMA`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticSchema {
    json: &'static str,
}

/// A schema to give to a client: a [`StaticSchema`], or a [`Schema`] that was read at run time.
#[derive(Debug, Clone)]
pub struct SchemaSource(Source);

#[derive(Debug, Clone)]
enum Source {
    Static(StaticSchema),
    Read(Box<Schema>),
}

impl StaticSchema {
    /// The schema that this text describes, in the format of `instant.schema.json`. It is read, and its mistakes are
    /// reported, when a client first uses it.
    pub const fn new(json: &'static str) -> Self {
        Self { json }
    }

    /// The text.
    pub const fn as_json(&self) -> &'static str {
        self.json
    }

    /// The schema, which is read once in the life of the program.
    pub(crate) fn read(self) -> Result<Arc<Schema>, Error> {
        static READ: Mutex<Vec<(&'static str, Arc<Schema>)>> = Mutex::new(Vec::new());
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        // One constant may have several addresses, so that a text is compared where its address is new.
        let known = read.iter().find(|(json, _)| std::ptr::eq(*json, self.json) || *json == self.json);
        if let Some((_, schema)) = known {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(Schema::from_json(self.json).map_err(wrong)?);
        read.push((self.json, Arc::clone(&schema)));
        Ok(schema)
    }
}

/// Whether the module that `module_path!` names is `module`, a path from the crate's root. Names count without `r#`.
pub const fn is_module(module_path: &str, module: &str) -> bool {
    let (here, there) = (module_path.as_bytes(), module.as_bytes());
    let mut at = 0;
    // The crate's own name comes first.
    while at < here.len() && here[at] != b':' {
        at += 1;
    }
    if at < here.len() {
        at += 2;
    }
    let mut other = 0;
    loop {
        at = after_raw(here, at);
        other = after_raw(there, other);
        if at == here.len() || other == there.len() {
            return at == here.len() && other == there.len();
        }
        if here[at] != there[other] {
            return false;
        }
        at += 1;
        other += 1;
    }
}

const fn after_raw(path: &[u8], at: usize) -> usize {
    let begins = at == 0 || path[at - 1] == b':';
    if begins && at + 1 < path.len() && path[at] == b'r' && path[at + 1] == b'#' { at + 2 } else { at }
}

impl From<StaticSchema> for SchemaSource {
    fn from(schema: StaticSchema) -> Self {
        Self(Source::Static(schema))
    }
}

impl From<Schema> for SchemaSource {
    fn from(schema: Schema) -> Self {
        Self(Source::Read(Box::new(schema)))
    }
}

impl SchemaSource {
    pub(crate) fn read(self) -> Result<Arc<Schema>, Error> {
        match self.0 {
            Source::Static(schema) => schema.read(),
            Source::Read(schema) => schema.check().map(|()| Arc::new(*schema)).map_err(wrong),
        }
    }
}

fn wrong(problems: Problems) -> Error {
    Error::config(format!("the schema is wrong: {problems}")).with_source(problems)
}

#[cfg(test)]
mod tests {
    use super::is_module;

    #[test]
    fn a_module_is_compared_without_its_crate() {
        assert!(is_module("app::db::schema", "db::schema") && is_module("app", ""));
        assert!(is_module("app::r#type", "type") && is_module("app::type", "r#type"));
        assert!(!is_module("app::db::schema", "schema") && !is_module("app", "schema"));
        assert!(!is_module("app::schema", "") && !is_module("app::sch", "schema"));
    }
}
