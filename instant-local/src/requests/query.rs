//! Queries.

use std::sync::Arc;

use instant_schema::instaql::RULE_PARAMS;
use serde_json::Value;

use super::asker::Asker;
use super::view::RuleView;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::instaql::{self, Access, Answer, Options};
use crate::rules::{Asked, ClientInfo, Judge, Rulebook, Rules};
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

/// What rules make of a query.
pub(crate) struct CheckedQuery {
    /// The tree with what is visible.
    pub(crate) answer: Answer,
    /// The result of each check.
    pub(crate) results: Vec<Value>,
}

impl QueryRequest {
    /// Runs the query on one snapshot of the asker's app.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` where the app, the token or the user is unknown, with
    /// `app-disabled`, with `validation-failed` where the query is wrong, and with `permission-evaluation-failed` or
    /// `rate-limited` where the app's rules say nothing else.
    pub(crate) async fn run(
        self,
        store: &Store,
        rulebook: &Arc<Rulebook>,
        asker: Asker,
    ) -> Result<Answer, ApiError> {
        let (rulebook, client) = (Arc::clone(rulebook), asker.client.clone());
        asker.read(store, move |tx, caller| self.answer(tx, &rulebook, caller, client)).await
    }

    /// As [`run`](Self::run), and says which transaction the snapshot has seen: for doors that go on from there.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub(crate) async fn run_with_tx_id(
        self,
        store: &Store,
        rulebook: &Arc<Rulebook>,
        asker: Asker,
    ) -> Result<QueryAnswer, ApiError> {
        let (rulebook, client) = (Arc::clone(rulebook), asker.client.clone());
        let read = move |tx: &ReadTx<'_>, caller: Caller| {
            let answer = self.answer(tx, &rulebook, caller, client)?;
            Ok(QueryAnswer { answer, processed_tx_id: tx.last_tx_id()? })
        };
        asker.read(store, read).await
    }

    /// Runs the query by the app's rules, or by those of `instead`, and notes the result of each check.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), but says why a rule could not be evaluated.
    pub(crate) async fn check(
        self,
        store: &Store,
        rulebook: &Arc<Rulebook>,
        asker: Asker,
        instead: Option<Rules>,
    ) -> Result<CheckedQuery, ApiError> {
        let (rulebook, client) = (Arc::clone(rulebook), asker.client.clone());
        let read = move |tx: &ReadTx<'_>, caller: Caller| {
            check_status(tx)?;
            let explained = Asked { explains: true, ..Asked::by(tx, caller, client)? };
            let rules = instead.map_or_else(|| rulebook.rules(tx.app()), Arc::new);
            let judge = Judge::new(tx, &rulebook, &rules, &explained);
            let view = RuleView::reporting(&judge, self.rule_params());
            let answer = instaql::run(tx, &self.query, self.options(Access::Scoped(&view)))?;
            Ok(CheckedQuery { answer, results: view.into_report() })
        };
        asker.read(store, read).await
    }

    fn answer(
        &self,
        tx: &ReadTx<'_>,
        rulebook: &Rulebook,
        caller: Caller,
        client: ClientInfo,
    ) -> Result<Answer, ApiError> {
        check_status(tx)?;
        if caller == Caller::Admin {
            return instaql::run(tx, &self.query, self.options(Access::Admin));
        }
        let asked = Asked::by(tx, caller, client)?;
        let rules = rulebook.rules(tx.app());
        let judge = Judge::new(tx, rulebook, &rules, &asked);
        let view = RuleView::new(&judge, self.rule_params());
        instaql::run(tx, &self.query, self.options(Access::Scoped(&view)))
    }

    fn options<'a>(&self, access: Access<'a>) -> Options<'a> {
        Options { inference: self.inference, access, ..Options::admin() }
    }

    /// What the query passes to the rules. Empty ones are none.
    fn rule_params(&self) -> Option<&Value> {
        self.query.get(RULE_PARAMS).filter(|params| match params {
            Value::Null => false,
            Value::Object(params) => !params.is_empty(),
            Value::Array(params) => !params.is_empty(),
            _ => true,
        })
    }
}

fn check_status(tx: &ReadTx<'_>) -> Result<(), ApiError> {
    if tx.app().status == Status::Disabled { Err(ApiError::app_disabled()) } else { Ok(()) }
}
