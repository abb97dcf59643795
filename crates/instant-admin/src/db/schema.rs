//! The schema as the macros hand it to a client.

/// An app's schema as a constant: what `include_schema!` calls `SCHEMA`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticSchema {
    json: &'static str,
}

impl StaticSchema {
    /// The schema that this text describes, in the format of `instant.schema.json`.
    pub const fn new(json: &'static str) -> Self {
        Self { json }
    }

    /// The text.
    pub const fn as_json(&self) -> &'static str {
        self.json
    }
}
