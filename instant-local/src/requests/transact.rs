//! Transactions.

use serde_json::Value;

use super::asker::Asker;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::instaml::AdminSteps;
use crate::store::{Store, WriteTx};

/// A transaction of admin steps, which name entity types and attributes.
pub(crate) struct TransactRequest {
    /// The list of steps.
    pub(crate) steps: Value,
    /// Whether to refuse steps that name unknown attributes. Otherwise the attributes are added.
    pub(crate) strict: bool,
}

impl TransactRequest {
    /// Runs the steps, all or nothing, and returns the transaction's id.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` when the app, the token or the user is unknown, with
    /// `validation-failed` when a step is malformed, with `permission-denied` when rules would have to be
    /// evaluated, and as [`instaml::execute`](crate::instaml::execute) does.
    pub(crate) async fn run(self, store: &Store, asker: Asker) -> Result<i64, ApiError> {
        let Self { steps, strict } = self;
        // Parsed here, off the writing thread. The error comes later, after the credentials were verified.
        let steps = AdminSteps::parse(steps);
        let write = move |tx: &mut WriteTx<'_>, caller: Caller| {
            let steps = steps?;
            caller.check_rules(tx.app())?;
            steps.run(tx, caller, strict)
        };
        asker.write(store, write).await
    }
}
