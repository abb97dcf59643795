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

/// The answer to a query.
pub(crate) struct QueryAnswer {
    /// The tree, its page info and its aggregates.
    pub(crate) answer: Answer,
    /// The id of the latest transaction that the answer includes.
    pub(crate) processed_tx_id: i64,
}

impl QueryRequest {
    /// Runs the query on one snapshot of the asker's app.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` when the app, the token or the user is unknown, with
    /// `app-disabled`, with `permission-denied` when rules would have to be evaluated, and with
    /// `validation-failed` when the query is wrong.
    pub(crate) async fn run(self, store: &Store, asker: Asker) -> Result<QueryAnswer, ApiError> {
        let read = move |tx: &ReadTx<'_>, caller: Caller| {
            if tx.app().status == Status::Disabled {
                return Err(ApiError::app_disabled());
            }
            caller.check_rules(tx.app())?;
            let rules = DefaultRules { caller };
            let access = if caller == Caller::Admin { Access::Admin } else { Access::Scoped(&rules) };
            let options = Options { inference: self.inference, access, ..Options::admin() };
            let answer = instaql::run(tx, &self.query, options)?;
            Ok(QueryAnswer { answer, processed_tx_id: tx.last_tx_id()? })
        };
        asker.read(store, read).await
    }
}
