//! Transactions: admin steps and tx-steps, and what they do to the store.
//!
//! The steps of `POST /admin/transact` use names: [`admin_steps`] reads them, and [`transform`] turns them into
//! tx-steps, which use attribute ids. [`execute()`] runs tx-steps.

mod admin_steps;
mod cascade;
mod edn;
mod execute;
mod guards;
mod known_attrs;
mod lookups;
mod modes;
mod permissions;
mod required;
mod transform;
mod tx_step;

use serde_json::Value;

use crate::error::ApiError;
use crate::store::WriteTx;

pub(crate) use admin_steps::AdminStep;
pub(crate) use execute::{Outcome, execute};
pub(crate) use permissions::Enforcement;
pub(crate) use tx_step::{NewAttr, TxStep};

/// The steps of a `POST /admin/transact`, with their shape checked.
pub(crate) struct AdminSteps {
    input: Value,
    steps: Vec<AdminStep>,
}

impl AdminSteps {
    /// Checks the shape of `steps` and reads them. No steps are an empty list, or an empty object.
    pub(crate) fn parse(steps: Value) -> Result<Self, ApiError> {
        Ok(Self { steps: admin_steps::parse(&steps)?, input: steps })
    }

    /// Runs the steps under the rules that are to be enforced, or as the administrator. `strict` refuses steps that need
    /// new attributes.
    pub(crate) fn run(
        self,
        tx: &mut WriteTx<'_>,
        enforcement: Option<Enforcement<'_>>,
        strict: bool,
    ) -> Result<Outcome, ApiError> {
        let catalog = tx.catalog().clone();
        let steps = transform::transform(&catalog, self.steps, &self.input, strict)?;
        execute(tx, enforcement, steps)
    }
}
