//! Rules on the transaction of a user or guest: what is checked before its writes, and what after them.
//!
//! Updates, deletes and links of what exists are checked before, and see the old links through `ref`; new entities,
//! attributes and their links are checked after, and see the new ones. [`Entities`] is what the steps touch,
//! [`Collector`] says what is checked, [`evaluate`] asks the rules. All checks of a phase are evaluated before the first
//! denial is told, so that an error in a rule is told before any denial.

mod checks;
mod copies;
mod entities;
mod evaluate;

use serde_json::Value;

use super::guards;
use super::known_attrs::KnownAttrs;
use super::tx_step::TxStep;
use crate::error::ApiError;
use crate::rules::{Allowance, Asked, Judge, Rulebook, Rules};
use crate::store::ReadTx;

use checks::Collector;
use entities::Entities;

/// The rules that a transaction is run under.
#[derive(Clone, Copy)]
pub(crate) struct Enforcement<'a> {
    /// Who asks.
    pub(crate) asked: &'a Asked,
    /// Where rate limits are counted.
    pub(crate) rulebook: &'a Rulebook,
    /// The rules.
    pub(crate) rules: &'a Rules,
    /// Whether the transaction goes on after a denial, and reports all checks.
    pub(crate) reports: bool,
}

/// What the checks of a transaction said.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The checks as the check endpoint shows them. Empty unless asked for.
    pub(crate) checks: Vec<Value>,
    /// Whether a check denied.
    pub(crate) denied: bool,
}

/// The checks of one transaction, under way.
pub(super) struct Permissions<'a> {
    enforcement: Enforcement<'a>,
    entities: Entities,
    /// What the rules may cost, before and after the writes together.
    allowance: Allowance,
    report: Report,
}

impl<'a> Permissions<'a> {
    /// Checks the steps before they are run.
    ///
    /// # Errors
    ///
    /// Fails with `permission-denied` where a rule denies (unless it reports), with `permission-evaluation-failed` where
    /// one cannot be evaluated, and with `validation-failed` where one does not compile or a lookup is wrong.
    pub(super) fn before(
        enforcement: Enforcement<'a>,
        tx: &ReadTx<'_>,
        known: &KnownAttrs,
        steps: &[TxStep],
    ) -> Result<Self, ApiError> {
        guards::check_names(known, steps)?;
        let entities = Entities::load(tx, known, steps)?;
        let mut permissions =
            Self { enforcement, entities, allowance: Allowance::for_write(), report: Report::default() };
        let checks = permissions.collector(known).before(steps)?;
        permissions.evaluate(tx, steps, checks)?;
        Ok(permissions)
    }

    /// Checks what the steps have made.
    ///
    /// # Errors
    ///
    /// As [`before`](Self::before).
    pub(super) fn after(
        mut self,
        tx: &ReadTx<'_>,
        known: &KnownAttrs,
        steps: &[TxStep],
    ) -> Result<Report, ApiError> {
        self.entities.resolve_new(tx)?;
        let checks = self.collector(known).after(steps)?;
        self.evaluate(tx, steps, checks)?;
        Ok(self.report)
    }

    fn collector<'s>(&'s self, known: &'s KnownAttrs) -> Collector<'s> {
        Collector { rules: self.enforcement.rules, known, entities: &self.entities }
    }

    fn evaluate(
        &mut self,
        tx: &ReadTx<'_>,
        steps: &[TxStep],
        checks: Vec<checks::Check>,
    ) -> Result<(), ApiError> {
        let Enforcement { asked, rulebook, rules, reports } = self.enforcement;
        let judge = Judge::within(tx, rulebook, rules, asked, self.allowance.clone());
        let phase = evaluate::Phase { entities: &self.entities, steps, reports };
        phase.run(&judge, checks, &mut self.report)?;
        self.allowance = judge.into_allowance();
        Ok(())
    }
}
