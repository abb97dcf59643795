//! Queries.

use serde_json::Value;

use super::asker::Asker;
use crate::caller::Caller;
use crate::default_rules::DefaultRules;
use crate::error::ApiError;
use crate::instaql::{self, Access, Answer, Options};
use crate::store::{ReadTx, Status, Store};

/// A query of an app.
pub(crate) struct QueryRequest {
    /// The InstaQL query.
    pub(crate) query: Value,
    /// Whether links that lead to one entity at most are an object or null, not a list.
    pub(crate) inference: bool,
}

/// The answer to a query, with the state of the data that it shows.
pub(crate) struct QueryAnswer {
    /// The tree, and what is known of its pages.
    pub(crate) answer: Answer,
    /// The latest transaction that the answer has seen.
    pub(crate) processed_tx_id: i64,
}

impl QueryRequest {
    /// Runs the query on one snapshot of the asker's app.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` where the app, the token or the user is unknown, with
    /// `app-disabled`, with `permission-denied` where rules would have to be evaluated, and with
    /// `validation-failed` where the query is wrong.
    pub(crate) async fn run(self, store: &Store, asker: Asker) -> Result<Answer, ApiError> {
        asker.read(store, move |tx, caller| self.answer(tx, caller)).await
    }

    /// As [`run`](Self::run), and says which transaction the snapshot has seen: for doors that go on from there.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) async fn run_with_tx_id(self, store: &Store, asker: Asker) -> Result<QueryAnswer, ApiError> {
        let read = move |tx: &ReadTx<'_>, caller: Caller| {
            Ok(QueryAnswer { answer: self.answer(tx, caller)?, processed_tx_id: tx.last_tx_id()? })
        };
        asker.read(store, read).await
    }

    fn answer(&self, tx: &ReadTx<'_>, caller: Caller) -> Result<Answer, ApiError> {
        if tx.app().status == Status::Disabled {
            return Err(ApiError::app_disabled());
        }
        caller.check_rules(tx.app())?;
        let rules = DefaultRules { caller };
        let access = if caller == Caller::Admin { Access::Admin } else { Access::Scoped(&rules) };
        let options = Options { inference: self.inference, access, ..Options::admin() };
        instaql::run(tx, &self.query, options)
    }
}
