//! The value that a `query!` call evaluates to.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::Query;
use super::template::{self, Hole};
use crate::by_fields::by_fields;
use crate::decode::Row;
use crate::decode::decode;
use crate::error::Error;
use crate::page::AnswerMeta;
use crate::schema::StaticSchema;

/// What `query! { .. }` evaluates to: a query whose values are filled in and whose answer decodes to `R`.
///
/// It owns everything, so it can be kept, cloned, sent to other threads and run many times. Where it has to be named, as
/// in a struct or in what a function returns, the item form `query! { pub Feed() = { .. } }` makes a type with a name.
///
/// ```
/// # mod schema { instant_admin::schema!(in = crate::schema, {"entities": {"posts": {"attrs": {
/// #     "views": {"valueType": "number", "required": false, "config": {"indexed": true, "unique": false}}
/// # }}}}); }
/// # fn main() -> Result<(), instant_admin::Error> {
/// use schema::query;
///
/// let least = 100;
/// let popular = query! { posts: { $: { where: { views: { $gte: least } } } } };
/// assert_eq!(popular.instaql()?.to_string(), r#"{"posts":{"$":{"where":{"views":{"$gte":100}}}}}"#);
/// # Ok(())
/// # }
/// ```
#[must_use = "a query is not sent before `Db::query` takes it"]
pub struct Prepared<R> {
    template: &'static str,
    holes: Vec<Hole>,
    schema: StaticSchema,
    response: PhantomData<fn() -> R>,
}

impl<R: Row> Prepared<R> {
    /// The template is InstaQL in which a string of U+0001 and a number stands for the value of that number. Generated
    /// code calls this.
    #[doc(hidden)]
    pub fn __new<const N: usize>(template: &'static str, holes: [Hole; N], schema: StaticSchema) -> Self {
        Self { template, holes: holes.into(), schema, response: PhantomData }
    }

    /// As [`__new`](Self::__new), for a query without values, which can be a constant.
    #[doc(hidden)]
    pub const fn __constant(template: &'static str, schema: StaticSchema) -> Self {
        Self { template, holes: Vec::new(), schema, response: PhantomData }
    }

    /// The query as InstaQL. It fails where a value cannot be sent, such as a number that is not finite.
    ///
    /// Generic code, and queries made by the item form, have it from [`Query::instaql`].
    pub fn instaql(&self) -> Result<Value, Error> {
        template::fill(self.template, &self.holes)
    }
}

#[diagnostic::do_not_recommend]
impl<R: Row> Query for Prepared<R> {
    type Response = R;

    fn instaql(&self) -> Result<Value, Error> {
        self.instaql()
    }

    fn schema(&self) -> Option<StaticSchema> {
        Some(self.schema)
    }

    fn decode_with(body: &[u8], meta: AnswerMeta) -> Result<R, Error> {
        decode(body, meta)
    }
}

by_fields!(Prepared[R] { template, holes, schema; response }: Clone);

impl<R: Row> fmt::Debug for Prepared<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instaql() {
            Ok(query) => write!(f, "Query({query})"),
            Err(error) => write!(f, "Query({error})"),
        }
    }
}
