//! Typed queries: what `query!` makes and `Db::query` takes.

mod fragment;
pub mod levels;
pub mod operand;
mod prepared;
mod template;

use serde_json::Value;

pub use fragment::{Form, Fragment};
pub use prepared::Prepared;
pub use template::{Filling, Hole};

use crate::error::Error;
use crate::page::AnswerMeta;
use crate::schema::StaticSchema;

/// A query that knows the type of its answer. `query!` makes them; `Db::query` runs them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a typed query",
    label = "expected what `query!` makes",
    note = "for a query that is only known at run time use `query_json` or `query_as`"
)]
pub trait Query {
    /// What the answer decodes to.
    type Response;

    /// The query as InstaQL. It fails where a value cannot be sent, such as a number that is not finite.
    fn instaql(&self) -> Result<Value, Error>;

    /// The schema that the query was made from: [`Db::query`](crate::Db::query) uses it where the client was built
    /// without one.
    fn schema(&self) -> Option<StaticSchema> {
        None
    }

    /// Decodes an answer and what came beside it. Generated code writes this.
    #[doc(hidden)]
    fn decode_with(body: &[u8], meta: AnswerMeta) -> Result<Self::Response, Error>;

    /// Decodes an answer. An error names the place: `posts[3].author.handle: expected a string, got null`.
    fn decode(body: &[u8]) -> Result<Self::Response, Error> {
        Self::decode_with(body, AnswerMeta::default())
    }
}

#[diagnostic::do_not_recommend]
impl<Q: Query> Query for &Q {
    type Response = Q::Response;

    fn instaql(&self) -> Result<Value, Error> {
        (**self).instaql()
    }

    fn schema(&self) -> Option<StaticSchema> {
        (**self).schema()
    }

    fn decode_with(body: &[u8], meta: AnswerMeta) -> Result<Self::Response, Error> {
        Q::decode_with(body, meta)
    }
}
