//! Transactions, and what the rules would say about them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::asker::Asker;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::instaml::{AdminSteps, Enforcement, Outcome};
use crate::rules::{Asked, Rulebook, Rules};
use crate::store::{Store, WriteTx};

/// A transaction of admin steps, which name entity types and attributes.
pub(crate) struct TransactRequest {
    /// The list of steps.
    pub(crate) steps: Value,
    /// Whether to refuse steps that name unknown attributes. Otherwise the attributes are added.
    pub(crate) strict: bool,
}

/// A transaction whose checks are reported.
pub(crate) struct TransactCheck {
    /// The transaction.
    pub(crate) transaction: TransactRequest,
    /// The rules to check by, if not those of the app.
    pub(crate) rules: Option<Rules>,
    /// Whether to commit where all checks pass. Else nothing is written.
    pub(crate) commit: bool,
}

impl TransactRequest {
    /// Runs the steps, all or nothing, and returns the transaction's id.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` when the app, the token or the user is unknown, with
    /// `validation-failed` when a step is malformed, and as [`instaml::execute`](crate::instaml::execute) does.
    pub(crate) async fn run(
        mut self,
        store: &Store,
        rulebook: &Arc<Rulebook>,
        asker: Asker,
    ) -> Result<i64, ApiError> {
        let (rulebook, client) = (Arc::clone(rulebook), asker.client.clone());
        let steps = self.parsed();
        let write = move |tx: &mut WriteTx<'_>, caller: Caller| {
            let outcome = if caller == Caller::Admin {
                steps?.run(tx, None, self.strict)?
            } else {
                let rules = rulebook.rules(tx.app());
                let who = Asked::by(tx, caller, client)?;
                let enforcement =
                    Enforcement { asked: &who, rulebook: &rulebook, rules: &rules, reports: false };
                steps?.run(tx, Some(enforcement), self.strict)?
            };
            Ok(outcome.tx_id)
        };
        asker.write(store, write).await
    }

    /// Reads the steps, off the writing thread. The error comes later, after the credentials were verified.
    fn parsed(&mut self) -> Result<AdminSteps, ApiError> {
        AdminSteps::parse(self.steps.take())
    }
}

impl TransactCheck {
    /// Runs the steps for a user or guest, reports what the rules say, and commits if that is asked for and all checks
    /// pass.
    ///
    /// # Errors
    ///
    /// As [`TransactRequest::run`], but not where a rule denies.
    pub(crate) async fn run(
        self,
        store: &Store,
        rulebook: &Arc<Rulebook>,
        asker: Asker,
    ) -> Result<Value, ApiError> {
        let Self { mut transaction, rules, commit } = self;
        let (rulebook, client) = (Arc::clone(rulebook), asker.client.clone());
        let steps = transaction.parsed();
        let write = move |tx: &mut WriteTx<'_>, caller: Caller| {
            let rules = rules.map_or_else(|| rulebook.rules(tx.app()), Arc::new);
            let who = Asked { explains: true, ..Asked::by(tx, caller, client)? };
            let enforcement = Enforcement { asked: &who, rulebook: &rulebook, rules: &rules, reports: true };
            let outcome = steps?.run(tx, Some(enforcement), transaction.strict)?;
            if commit && !outcome.report.denied { Ok(outcome) } else { Err(Undone::Checked(outcome)) }
        };
        let (outcome, committed) = match asker.write(store, write).await {
            Ok(outcome) => (outcome, true),
            Err(Undone::Checked(outcome)) => (outcome, false),
            Err(Undone::Failed(error)) => return Err(error),
        };
        Ok(json!({
            "tx-id": outcome.tx_id,
            "all-checks-ok?": !outcome.report.denied,
            "committed?": committed,
            "check-results": outcome.report.checks,
        }))
    }
}

/// Why a checked transaction is rolled back.
enum Undone {
    /// It is a trial, or a rule denied.
    Checked(Outcome),
    /// It could not be run.
    Failed(ApiError),
}

impl From<ApiError> for Undone {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}
