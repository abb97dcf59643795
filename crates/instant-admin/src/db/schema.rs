//! The schema a client knows: as the macros hand it over, or as it was read at run time.

use instant_schema::Schema;

use crate::Error;

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
    /// The schema that this text describes, in the format of `instant.schema.json`. It is read when a client is
    /// built with it, which also reports what is wrong with it.
    pub const fn new(json: &'static str) -> Self {
        Self { json }
    }

    /// The text.
    pub const fn as_json(&self) -> &'static str {
        self.json
    }
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
    pub(super) fn read(self) -> Result<Schema, Error> {
        let schema = match self.0 {
            Source::Static(schema) => Schema::from_json(schema.json),
            Source::Read(schema) => schema.check().map(|()| *schema),
        };
        schema.map_err(|errors| Error::config(format!("the schema is wrong: {errors}")).with_source(errors))
    }
}
