//! Asks the rules of a phase, and reports what they said.

use std::rc::Rc;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Report;
use super::checks::{Check, Decides, Linked, Sees, Subject};
use super::copies::{Copies, weight, weight_of_map};
use super::entities::Entities;
use crate::error::ApiError;
use crate::instaml::tx_step::{EntityRef, TxStep};
use crate::rules::{Action, Case, Judge};

/// How many checks are prepared at once: what they bind is copied for as many.
const AT_ONCE: usize = 1_000;

/// What the checks of a phase are about.
#[derive(Clone, Copy)]
pub(super) struct Phase<'a> {
    pub(super) entities: &'a Entities,
    pub(super) steps: &'a [TxStep],
    /// Whether all checks are reported, and none fails.
    pub(super) reports: bool,
}

/// What a rule sees, where it is not a record of [`Entities`] as it is.
#[derive(Default)]
struct Bound {
    id: Uuid,
    /// `data`, of an attribute, an entity that does not exist, or the target of a link.
    data: Option<Rc<Map<String, Value>>>,
    rule_params: Option<Rc<Value>>,
    actions: Option<Map<String, Value>>,
    modified_fields: Rc<Vec<String>>,
}

impl<'a> Phase<'a> {
    /// Evaluates the checks.
    ///
    /// # Errors
    ///
    /// Fails where a rule cannot be evaluated, else with `permission-denied` at the first denial, unless it reports.
    pub(super) fn run(
        self,
        judge: &Judge<'_>,
        mut checks: Vec<Check>,
        report: &mut Report,
    ) -> Result<(), ApiError> {
        // Rules without a `ref` are evaluated first, as on the official server: their denials and errors are told first.
        checks.sort_by_key(Check::has_references);
        let mut denied = None;
        let mut copies = Copies::of(judge);
        for checks in checks.chunks(AT_ONCE) {
            let bound =
                checks.iter().map(|check| self.bind(check, &mut copies)).collect::<Result<Vec<_>, _>>()?;
            let cases: Vec<Case<'_>> =
                checks.iter().zip(&bound).filter_map(|(check, bound)| self.case(check, bound)).collect();
            let mut values = if self.reports {
                judge.values(&cases)?
            } else {
                judge.allowed(&cases)?.into_iter().map(|allowed| (Value::Bool(allowed), allowed)).collect()
            }
            .into_iter();
            for (check, bound) in checks.iter().zip(&bound) {
                let (value, allowed) = match check.decides {
                    Decides::Always(allowed) => (Value::Bool(allowed), allowed),
                    Decides::Rule(_) => values.next().expect("each rule has a value"),
                };
                if self.reports {
                    copies.charge(self.shown(check, bound))?;
                    report.checks.push(self.to_json(check, bound, &value, allowed));
                }
                if !allowed {
                    denied.get_or_insert_with(|| self.names(check));
                }
            }
        }
        report.denied |= denied.is_some();
        match denied {
            Some((etype, scope)) if !self.reports => {
                Err(ApiError::permission_denied(&[etype, scope], "perms-pass?"))
            }
            _ => Ok(()),
        }
    }

    fn bind(self, check: &Check, copies: &mut Copies<'_>) -> Result<Bound, ApiError> {
        let (place, sees, linked, params_of) = match check.subject {
            Subject::Attr(step) => return Ok(self.bind_attr(step)),
            Subject::Entity { place, sees, linked, params_of } => (place, sees, linked, params_of),
        };
        let entity = self.entities.get(place);
        let EntityRef::Id(id) = entity.named else {
            let message = "Could not find the entity for this lookup";
            return Err(ApiError::invalid("lookup", entity.named.to_json(), message));
        };
        let mut bound = Bound { id, ..Bound::default() };
        let others = params_of.map(|other| self.entities.get(other));
        bound.rule_params = copies.rule_params(others, entity)?;
        match check.action {
            Action::Create | Action::Update => {
                bound.modified_fields = copies.modified_fields(self.entities, place)?;
            }
            Action::Link => bound.actions = linked.map(|linked| self.actions(sees, linked)),
            Action::View | Action::Delete | Action::Unlink => {}
        }
        let of_target = linked.is_some_and(|linked| linked.from_target);
        if check.action == Action::Link && of_target && sees == Sees::Change {
            bound.data = Some(copies.with_action(place, entity)?);
        } else if check.action == Action::Delete && !entity.existed() {
            bound.data = Some(Rc::default());
        }
        Ok(bound)
    }

    fn bind_attr(self, step: usize) -> Bound {
        let TxStep::AddAttr(new) = &self.steps[step] else { return Bound::default() };
        Bound { id: new.attr.id, data: new.given.as_object().cloned().map(Rc::new), ..Bound::default() }
    }

    fn case<'c>(self, check: &'c Check, bound: &'c Bound) -> Option<Case<'c>>
    where
        'a: 'c,
    {
        let Decides::Rule(rule) = &check.decides else { return None };
        let linked = check.linked();
        let linked_data = linked.and_then(|linked| self.linked_data(linked));
        let start = linked.and_then(|linked| {
            let other = self.entities.get(linked.place);
            match other.named {
                EntityRef::Id(id) => Some((other.etype.as_str(), id)),
                EntityRef::Lookup(_) => None,
            }
        });
        Some(Case {
            rule,
            entity: bound.id,
            data: self.data(check, bound),
            new_data: self.new_data(check),
            linked: start.filter(|_| linked_data.is_some()),
            linked_data,
            actions: bound.actions.as_ref(),
            rule_params: bound.rule_params.as_deref(),
            modified_fields: &bound.modified_fields,
        })
    }

    fn data<'c>(self, check: &Check, bound: &'c Bound) -> Option<&'c Map<String, Value>>
    where
        'a: 'c,
    {
        let Subject::Entity { place, sees, .. } = check.subject else { return bound.data.as_deref() };
        let entity = self.entities.get(place);
        let record = if sees == Sees::After { entity.after() } else { entity.before.as_ref() };
        bound.data.as_deref().or(record)
    }

    fn new_data(self, check: &Check) -> Option<&'a Map<String, Value>> {
        match check.subject {
            Subject::Entity { place, sees: Sees::Change | Sees::After, .. } => {
                self.entities.get(place).after()
            }
            Subject::Entity { sees: Sees::Before, .. } | Subject::Attr(_) => None,
        }
    }

    fn linked_data(self, linked: Linked) -> Option<&'a Map<String, Value>> {
        let other = self.entities.get(linked.place);
        if linked.after { other.after() } else { other.before.as_ref() }
    }

    /// Which ends of a link are new.
    fn actions(self, sees: Sees, linked: Linked) -> Map<String, Value> {
        let name = |existed| json!(if existed { "update" } else { "create" });
        let ends = [
            ("data", name(sees == Sees::Change)),
            ("linkedData", name(self.entities.get(linked.place).existed())),
        ];
        ends.into_iter().map(|(end, action)| (end.to_owned(), action)).collect()
    }

    /// What a denial names: the entity type, and what of it.
    fn names(self, check: &Check) -> (&'a str, &'static str) {
        match check.subject {
            Subject::Attr(_) => ("attrs", "attr"),
            Subject::Entity { place, .. } => (self.entities.get(place).etype.as_str(), "object"),
        }
    }

    /// How many bytes the bindings of the check are.
    fn shown(self, check: &Check, bound: &Bound) -> usize {
        let linked = check.linked().and_then(|linked| self.linked_data(linked));
        let records = [self.data(check, bound), self.new_data(check), linked];
        let params = bound.rule_params.as_deref().map_or(0, weight);
        records.into_iter().flatten().map(weight_of_map).sum::<usize>() + params
    }

    /// The check as the check endpoint shows it.
    fn to_json(self, check: &Check, bound: &Bound, value: &Value, allowed: bool) -> Value {
        let (etype, scope) = self.names(check);
        let program = match &check.decides {
            Decides::Rule(rule) => rule.to_json(),
            Decides::Always(_) => json!({}),
        };
        let mut shown = json!({
            "scope": scope,
            "action": check.action.name(),
            "etype": etype,
            "program": program,
            "check-result": value,
            "check-pass?": allowed,
        });
        match check.subject {
            Subject::Entity { .. } => {
                shown["eid"] = json!(bound.id);
                shown["bindings"] = self.bindings(check, bound);
            }
            Subject::Attr(_) => {
                if let Some(data) = &bound.data {
                    shown["bindings"] = json!({ "data": **data });
                }
            }
        }
        shown
    }

    fn bindings(self, check: &Check, bound: &Bound) -> Value {
        let data = self.data(check, bound).filter(|data| !data.is_empty());
        let mut shown = json!({ "data": data, "rule-params": bound.rule_params.as_deref() });
        if check.action != Action::Delete {
            shown["new-data"] = json!(self.new_data(check));
        }
        if matches!(check.action, Action::Create | Action::Update) {
            shown["modified-fields"] = json!(*bound.modified_fields);
        }
        if let Some(linked) = check.linked() {
            shown["linked-data"] = json!(self.linked_data(linked));
            shown["linked-etype"] = json!(self.entities.get(linked.place).etype);
        }
        if let Some(actions) = &bound.actions {
            shown["actions"] = json!(actions);
        }
        shown
    }
}
