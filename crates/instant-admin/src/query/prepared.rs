//! The value that a `query!` call evaluates to.

use std::fmt;
use std::marker::PhantomData;

use serde_json::Value;

use super::Query;
use super::template::{self, Hole};
use crate::decode::decode;
use crate::error::Error;
use crate::page::AnswerMeta;
use crate::row::Row;

/// A query whose values are filled in and whose answer decodes to `R`.
///
/// It owns everything, so it can be kept, cloned, sent to other threads and run many times.
#[must_use = "a query is not sent before `Db::query` takes it"]
pub struct Prepared<R> {
    template: &'static str,
    holes: Vec<Hole>,
    response: PhantomData<fn() -> R>,
}

impl<R: Row> Prepared<R> {
    /// The template is InstaQL in which a string of U+0001 and a number stands for the value of that number.
    pub fn new<const N: usize>(template: &'static str, holes: [Hole; N]) -> Self {
        Self { template, holes: holes.into(), response: PhantomData }
    }
}

impl<R: Row> Query for Prepared<R> {
    type Response = R;

    fn instaql(&self) -> Result<Value, Error> {
        template::fill(self.template, &self.holes)
    }

    fn decode_with(body: &[u8], meta: AnswerMeta) -> Result<R, Error> {
        decode(body, meta)
    }
}

impl<R> Clone for Prepared<R> {
    fn clone(&self) -> Self {
        Self { template: self.template, holes: self.holes.clone(), response: PhantomData }
    }
}

impl<R: Row> fmt::Debug for Prepared<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.instaql() {
            Ok(query) => write!(f, "Query({query})"),
            Err(error) => write!(f, "Query({error})"),
        }
    }
}
