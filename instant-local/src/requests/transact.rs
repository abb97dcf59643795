//! Transactions.

use serde_json::Value;

use super::asker::Asker;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::instaml::AdminSteps;
use crate::store::{Store, WriteTx};

/// A transaction in the words of `POST /admin/transact`: steps by names.
pub(crate) struct TransactRequest {
    /// The steps as they came: a list.
    pub(crate) steps: Value,
    /// Whether to refuse steps that need attributes which the app does not have, instead of adding those.
    pub(crate) strict: bool,
}

impl TransactRequest {
    /// Runs the steps, all or nothing, and returns the transaction's id.
    ///
    /// # Errors
    ///
    /// Fails in this order: with `record-not-found` where the app, the token or the user is unknown, with
    /// `validation-failed` where a step is malformed, with `permission-denied` where rules would have to be
    /// evaluated, and as [`instaml::execute`](crate::instaml::execute) does.
    pub(crate) async fn run(self, store: &Store, asker: Asker) -> Result<i64, ApiError> {
        let Self { steps, strict } = self;
        // Read here and not on the writing thread. That a step is malformed is for those to know who may ask.
        let steps = AdminSteps::parse(steps);
        let write = move |tx: &mut WriteTx<'_>, caller: Caller| {
            let steps = steps?;
            caller.check_rules(tx.app())?;
            steps.run(tx, caller, strict)
        };
        asker.write(store, write).await
    }
}
