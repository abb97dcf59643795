//! The judge: evaluates rules on a snapshot, many cases at a time.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::allowance::Allowance;
use super::asked::Asked;
use super::reference::{self, Values};
use super::rule::Rule;
use super::rulebook::Rulebook;
use super::rules_of_app::Rules;
use crate::cel::{Bindings, Budget, Failure, Host, Request, Root, Value};
use crate::error::ApiError;
use crate::store::ReadTx;

/// Evaluates rules for one caller on one snapshot.
///
/// What `ref` reads is the state of the snapshot when [`each`](Self::each) is called: a judge made before a write reads the
/// old links, one made after it the new ones.
pub(crate) struct Judge<'a> {
    tx: &'a ReadTx<'a>,
    asked: &'a Asked,
    rules: &'a Rules,
    rulebook: &'a Rulebook,
    budget: RefCell<Budget>,
    /// How many more values may be read through `ref`.
    values_left: Cell<u64>,
}

/// One evaluation of a rule. What is `None` is unbound in the rule: using it is an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    /// The rule.
    pub(crate) rule: &'a Rule,
    /// The entity that `data.ref` starts from.
    pub(crate) entity: Uuid,
    /// `data`; with `id` if `ref` is to find something.
    pub(crate) data: Option<&'a Map<String, Json>>,
    /// `newData`
    pub(crate) new_data: Option<&'a Map<String, Json>>,
    /// The entity type and id that `linkedData.ref` starts from.
    pub(crate) linked: Option<(&'a str, Uuid)>,
    /// `linkedData`
    pub(crate) linked_data: Option<&'a Map<String, Json>>,
    /// `actions`
    pub(crate) actions: Option<&'a Map<String, Json>>,
    /// `ruleParams`
    pub(crate) rule_params: Option<&'a Json>,
    /// `request.modifiedFields`
    pub(crate) modified_fields: &'a [String],
}

impl<'a> Case<'a> {
    /// A case of a rule that sees only the entity: about viewing or deleting it.
    pub(crate) fn of(rule: &'a Rule, entity: Uuid, data: &'a Map<String, Json>) -> Self {
        Self {
            rule,
            entity,
            data: Some(data),
            new_data: None,
            linked: None,
            linked_data: None,
            actions: None,
            rule_params: None,
            modified_fields: &[],
        }
    }
}

impl<'a> Judge<'a> {
    /// A judge for the caller `asked`. `rules` are mostly [the app's](Rulebook::rules).
    pub(crate) fn new(
        tx: &'a ReadTx<'a>,
        rulebook: &'a Rulebook,
        rules: &'a Rules,
        asked: &'a Asked,
    ) -> Self {
        Self::within(tx, rulebook, rules, asked, Allowance::for_read())
    }

    /// A judge whose evaluations may cost no more than that.
    pub(crate) fn within(
        tx: &'a ReadTx<'a>,
        rulebook: &'a Rulebook,
        rules: &'a Rules,
        asked: &'a Asked,
        allowance: Allowance,
    ) -> Self {
        let Allowance { budget, values } = allowance;
        Self { tx, asked, rules, rulebook, budget: RefCell::new(budget), values_left: Cell::new(values) }
    }

    /// What is left for another judge of the same request.
    pub(crate) fn into_allowance(self) -> Allowance {
        Allowance { budget: self.budget.into_inner(), values: self.values_left.get() }
    }

    /// Counts bytes that are copied for rules to see.
    ///
    /// # Errors
    ///
    /// Fails with `permission-evaluation-failed` where the request has copied too much.
    pub(crate) fn charge(&self, bytes: usize) -> Result<(), ApiError> {
        self.budget.borrow_mut().produce(bytes).map_err(|failure| match failure {
            Failure::TooCostly(text) | Failure::Unsupported(text) | Failure::Evaluation { text, .. } => {
                ApiError::rule_too_costly(text)
            }
            Failure::Host(error) => error,
        })
    }

    /// The rules that it judges by.
    pub(crate) fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// The snapshot that it judges on.
    pub(crate) fn tx(&self) -> &'a ReadTx<'a> {
        self.tx
    }

    /// Evaluates all cases in their order, and hands over the value of each with its index. Constant paths of `ref` are read
    /// once for all cases.
    ///
    /// # Errors
    ///
    /// Stops at the first case that cannot be evaluated, with `permission-evaluation-failed`, `rate-limited`, or what `ref`
    /// says of its path; and where `then` fails.
    pub(crate) fn each(
        &self,
        cases: &[Case<'_>],
        mut then: impl FnMut(usize, &Value<'_>) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let fetched = self.fetch(cases)?;
        let mut budget = self.budget.borrow_mut();
        // An error that the official server knows is told first.
        let mut unsupported = None;
        for (index, case) in cases.iter().enumerate() {
            let host = CaseHost { judge: self, fetched: &fetched, case, fatal: RefCell::new(None) };
            let client = &self.asked.client;
            let bindings = Bindings {
                data: case.data,
                new_data: case.new_data,
                linked_data: case.linked_data,
                auth: self.asked.auth.as_ref(),
                rule_params: case.rule_params,
                actions: case.actions,
                request: Request {
                    modified_fields: case.modified_fields,
                    ip: client.ip.as_deref(),
                    origin: client.origin.as_deref(),
                },
            };
            let value = case.rule.program().evaluate(&bindings, &host, &mut budget);
            // The expression may have gone on after the error, but the request may not.
            if let Some(error) = host.fatal.take() {
                return Err(error);
            }
            match value {
                Ok(value) if unsupported.is_none() => then(index, &value)?,
                Ok(_) => {}
                Err(failure @ Failure::Unsupported(_)) => {
                    unsupported.get_or_insert_with(|| self.failed(case.rule, failure));
                }
                Err(failure) => return Err(self.failed(case.rule, failure)),
            }
        }
        unsupported.map_or(Ok(()), Err)
    }

    /// Whether each case is allowed, in their order.
    ///
    /// # Errors
    ///
    /// As [`each`](Self::each).
    pub(crate) fn allowed(&self, cases: &[Case<'_>]) -> Result<Vec<bool>, ApiError> {
        let mut allowed = Vec::with_capacity(cases.len());
        self.each(cases, |_, value| {
            allowed.push(value.allows());
            Ok(())
        })?;
        Ok(allowed)
    }

    /// The value of each case as JSON, in their order, and whether it allows.
    ///
    /// # Errors
    ///
    /// As [`each`](Self::each), and where a value has no JSON form.
    pub(crate) fn values(&self, cases: &[Case<'_>]) -> Result<Vec<(Json, bool)>, ApiError> {
        let mut values = Vec::with_capacity(cases.len());
        self.each(cases, |index, value| {
            let json = value.to_json().map_err(|failure| self.failed(cases[index].rule, failure))?;
            values.push((json, value.allows()));
            Ok(())
        })?;
        Ok(values)
    }

    /// Reads the constant paths of all cases.
    fn fetch<'c>(&self, cases: &[Case<'c>]) -> Result<Vec<Fetched<'c>>, ApiError> {
        let mut fetched: Vec<Fetched<'c>> = Vec::new();
        for case in cases {
            for reference in case.rule.program().references() {
                let Some((etype, start)) = self.start(case, reference.root) else { continue };
                let path = reference.path.as_str();
                let place = fetched.iter().position(|known| known.is(etype, path)).unwrap_or(fetched.len());
                if place == fetched.len() {
                    fetched.push(Fetched { etype, path, starts: Vec::new(), values: Ok(Values::new()) });
                }
                let known = &mut fetched[place];
                if known.starts.last() != Some(&start) {
                    known.starts.push(start);
                }
            }
        }
        for one in &mut fetched {
            let mut starts = std::mem::take(&mut one.starts);
            starts.sort_unstable();
            starts.dedup();
            one.values = self.read(one.etype, one.path, &starts);
            if let Err(error) = &one.values
                && is_fatal(error)
            {
                return Err(error.clone());
            }
        }
        Ok(fetched)
    }

    /// Where a `ref` starts: an entity type and an entity.
    fn start<'c>(&self, case: &Case<'c>, root: Root) -> Option<(&'c str, Uuid)> {
        match root {
            Root::Data => Some((case.rule.etype.as_str(), case.entity)),
            Root::LinkedData => case.linked,
            Root::Auth => {
                let id = self.asked.auth.as_ref()?.get("id")?;
                Some(("$users", instant_schema::parse_id_value(id)?))
            }
        }
    }

    fn read(&self, etype: &str, path: &str, starts: &[Uuid]) -> Result<Values, ApiError> {
        let mut left = self.values_left.get();
        let values = reference::values(self.tx, etype, path, starts, &mut left);
        self.values_left.set(left);
        values
    }

    fn failed(&self, rule: &Rule, failure: Failure) -> ApiError {
        let name = (rule.etype.as_str(), rule.action.name());
        match failure {
            Failure::Evaluation { kind, text } => {
                let text = if self.asked.explains { text.as_str() } else { "You may have a typo" };
                ApiError::rule_failed(name, kind.code(), text)
            }
            Failure::Unsupported(text) => ApiError::rule_failed(name, "INVALID_ARGUMENT", &text),
            Failure::TooCostly(text) => ApiError::rule_failed(name, "ITERATION_BUDGET_EXCEEDED", &text),
            Failure::Host(error) => error,
        }
    }
}

/// The values of one path.
struct Fetched<'c> {
    etype: &'c str,
    path: &'c str,
    starts: Vec<Uuid>,
    /// Why the path cannot be followed is said only if the rule reaches it.
    values: Result<Values, ApiError>,
}

impl Fetched<'_> {
    fn is(&self, etype: &str, path: &str) -> bool {
        (self.etype, self.path) == (etype, path)
    }
}

/// Answers the calls of one case.
struct CaseHost<'h, 'a, 'c> {
    judge: &'h Judge<'a>,
    fetched: &'h [Fetched<'c>],
    case: &'h Case<'c>,
    /// An error that no `||` may pass over.
    fatal: RefCell<Option<ApiError>>,
}

impl Host for CaseHost<'_, '_, '_> {
    fn reference(&self, root: Root, path: &str) -> Result<Cow<'_, [Json]>, ApiError> {
        let Some((etype, start)) = self.judge.start(self.case, root) else { return Ok(Cow::Borrowed(&[])) };
        if let Some(fetched) = self.fetched.iter().find(|fetched| fetched.is(etype, path)) {
            let values = fetched.values.as_ref().map_err(Clone::clone)?;
            return Ok(Cow::Borrowed(values.get(&start).map_or(&[], Vec::as_slice)));
        }
        let values = self.judge.read(etype, path, &[start]).inspect_err(|error| {
            if is_fatal(error) {
                self.fatal.replace(Some(error.clone()));
            }
        });
        Ok(Cow::Owned(values?.remove(&start).unwrap_or_default()))
    }

    fn has_bucket(&self, bucket: &str) -> bool {
        self.judge.rules.bucket(bucket).is_some()
    }

    fn limit(&self, bucket: &str, key: &Json, tokens: i64) -> Result<(), ApiError> {
        let Some(config) = self.judge.rules.bucket(bucket) else {
            // Not asked for a bucket that is not there.
            return Ok(());
        };
        let app = self.judge.tx.app().id;
        self.judge.rulebook.limiter.take(app, bucket, config, key, tokens)
    }
}

/// Whether an error is about the request as a whole, not about a path.
fn is_fatal(error: &ApiError) -> bool {
    !matches!(error.kind(), "record-not-found" | "validation-failed")
}
