//! Entity types of a schema.

use crate::schema::StaticSchema;
use crate::sealed::Generated;

/// An entity type of a schema. `include_schema!` implements it for the structs it generates.
pub trait Entity: Sized {
    #[doc(hidden)]
    const __GENERATED: Generated;

    /// The name in the schema: `posts`.
    const NAME: &'static str;

    /// The schema that the type was made from: [`Db::transact`](crate::Db::transact) uses it where the client was built
    /// without one.
    const SCHEMA: StaticSchema;
}
