//! The view of a user or guest on an app's data: what the rules let them see.

use std::cell::RefCell;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::cel::{Keys, Variable};
use crate::error::ApiError;
use crate::instaql::View;
use crate::rules::{Action, Case, Judge, Rule, records};
use crate::store::StoredAttr;

/// What the rules let a caller see.
pub(super) struct RuleView<'a> {
    judge: &'a Judge<'a>,
    rule_params: Option<&'a Value>,
    /// Where a check endpoint wants them, all results.
    report: Option<RefCell<Vec<Value>>>,
}

/// For how many entities records are in memory at a time.
const BATCH: usize = 10_000;

impl<'a> RuleView<'a> {
    /// The view by these rules. `rule_params` are those of the query.
    pub(super) fn new(judge: &'a Judge<'a>, rule_params: Option<&'a Value>) -> Self {
        Self { judge, rule_params, report: None }
    }

    /// As [`new`](Self::new), and notes the result of each check.
    pub(super) fn reporting(judge: &'a Judge<'a>, rule_params: Option<&'a Value>) -> Self {
        Self { report: Some(RefCell::default()), ..Self::new(judge, rule_params) }
    }

    /// The results of the checks, as the check endpoint shows them.
    pub(super) fn into_report(self) -> Vec<Value> {
        self.report.map(RefCell::into_inner).unwrap_or_default()
    }

    /// Whether a rule allows each of these entities. `label` is the attribute that it is about.
    fn allowed(
        &self,
        rule: &Rule,
        etype: &str,
        label: Option<&str>,
        ids: &[Uuid],
    ) -> Result<Vec<bool>, ApiError> {
        let keys = match self.report {
            Some(_) => Keys::All,
            None => rule.program().keys(Variable::Data),
        };
        let mut allowed = Vec::with_capacity(ids.len());
        for ids in ids.chunks(BATCH) {
            let records = records(self.judge.tx(), etype, ids, &keys)?;
            let cases = ids.iter().zip(&records);
            let cases =
                cases.map(|(id, data)| Case { rule_params: self.rule_params, ..Case::of(rule, *id, data) });
            let cases: Vec<Case<'_>> = cases.collect();
            match &self.report {
                None => allowed.extend(self.judge.allowed(&cases)?),
                Some(report) => {
                    for ((value, allows), (id, record)) in
                        self.judge.values(&cases)?.into_iter().zip(ids.iter().zip(&records))
                    {
                        allowed.push(allows);
                        report.borrow_mut().push(result(etype, *id, label, record, &rule.to_json(), &value));
                    }
                }
            }
        }
        Ok(allowed)
    }
}

impl View for RuleView<'_> {
    fn judges(&self, etype: &str) -> bool {
        // A rule that does not compile fails where it is asked.
        self.report.is_some() || !matches!(self.judge.rules().rule(etype, Action::View), Ok(None))
    }

    fn entities(&self, etype: &str, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        if let Some(rule) = self.judge.rules().rule(etype, Action::View)? {
            return self.allowed(&rule, etype, None, ids);
        }
        if let Some(report) = &self.report {
            let records = records(self.judge.tx(), etype, ids, &Keys::All)?;
            let results = ids.iter().zip(&records);
            let results =
                results.map(|(id, record)| result(etype, *id, None, record, &json!({}), &json!(true)));
            report.borrow_mut().extend(results);
        }
        Ok(vec![true; ids.len()])
    }

    fn judges_values(&self, attr: &StoredAttr) -> bool {
        !matches!(self.judge.rules().field(attr.entity(), attr.label()), Ok(None))
    }

    fn values(&self, attr: &StoredAttr, ids: &[Uuid]) -> Result<Vec<bool>, ApiError> {
        match self.judge.rules().field(attr.entity(), attr.label())? {
            Some(rule) => self.allowed(&rule, attr.entity(), Some(attr.label()), ids),
            None => Ok(vec![true; ids.len()]),
        }
    }
}

fn result(
    etype: &str,
    id: Uuid,
    label: Option<&str>,
    record: &Map<String, Value>,
    program: &Value,
    check: &Value,
) -> Value {
    let record = if record.is_empty() { Value::Null } else { Value::Object(record.clone()) };
    json!({
        "id": id, "entity": etype, "label": label, "record": record, "program": program, "check": check,
    })
}
