//! The checks of a transaction, as plain data: which rule is asked about which entity, and what the rule sees.

use std::collections::HashSet;

use instant_schema::Identity;

use super::entities::{Ends, Entities, Place};
use crate::cel::Program;
use crate::error::ApiError;
use crate::instaml::guards::refused;
use crate::instaml::known_attrs::KnownAttrs;
use crate::instaml::tx_step::TxStep;
use crate::rules::{Action, Rule, Rules};

/// One check. Two checks that ask the same are equal, and one of them is made.
#[derive(Debug)]
pub(super) struct Check {
    /// What is done.
    pub(super) action: Action,
    /// What it is done to.
    pub(super) subject: Subject,
    /// What decides it.
    pub(super) decides: Decides,
}

/// What decides a check.
#[derive(Debug)]
pub(super) enum Decides {
    /// A rule of the app, or a default rule.
    Rule(Rule),
    /// There is no rule: it is allowed to all, or to administrators only.
    Always(bool),
}

/// What a check is about, and what its rule sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// The attribute that a step adds, changes or deletes, by the place of the step.
    Attr(usize),
    /// An entity.
    Entity {
        /// The entity.
        place: Place,
        /// Which of its states are `data` and `newData`.
        sees: Sees,
        /// The entity at the other end of a link, for rules about links.
        linked: Option<Linked>,
        /// Another entity whose rule params count too. Those of the entity itself win.
        params_of: Option<Place>,
    },
}

/// Which states of an entity a rule sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sees {
    /// `data` is the entity as it was, and there is no `newData`.
    Before,
    /// `data` is the entity as it was, `newData` as the steps leave it.
    Change,
    /// Both are the entity as the steps leave it.
    After,
}

/// The other end of a link, as `linkedData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Linked {
    /// The entity.
    pub(super) place: Place,
    /// Whether the rule sees it as the steps leave it.
    pub(super) after: bool,
    /// Whether the checked entity is the target of the link, not its owner.
    pub(super) from_target: bool,
}

/// The checks of one phase, each once.
#[derive(Default)]
struct Checks {
    list: Vec<Check>,
    /// With the program of rules about links: the subject does not decide which it is.
    seen: HashSet<(Action, Subject, Option<*const Program>)>,
}

/// What the checks of a transaction are collected from.
#[derive(Clone, Copy)]
pub(super) struct Collector<'a> {
    pub(super) rules: &'a Rules,
    pub(super) known: &'a KnownAttrs,
    pub(super) entities: &'a Entities,
}

/// A step that adds or removes a link, with the rules of its ends.
struct LinkStep {
    ends: Ends,
    action: Action,
    owner_rule: Option<Rule>,
    target_rule: Option<Rule>,
}

impl Collector<'_> {
    /// The checks of what exists: updates, deletes, and links from and to existing entities.
    pub(super) fn before(self, steps: &[TxStep]) -> Result<Vec<Check>, ApiError> {
        let mut checks = Checks::default();
        for (index, step) in steps.iter().enumerate() {
            let action = match step {
                TxStep::UpdateAttr(_) => Some(Action::Update),
                TxStep::DeleteAttr(_) => Some(Action::Delete),
                _ => None,
            };
            if let Some(action) = action {
                checks.list.push(Check {
                    action,
                    subject: Subject::Attr(index),
                    decides: Decides::Always(false),
                });
            }
            let Some(ends) = self.entities.of_step(index) else { continue };
            if let Some(link) = self.link(step, ends)? {
                self.link_before(link, &mut checks)?;
                continue;
            }
            match step {
                TxStep::AddTriple { .. } | TxStep::DeepMerge { .. } if self.existed(ends.subject) => {
                    self.object(&mut checks, Action::Update, ends.subject, Sees::Change, None)?;
                }
                TxStep::DeleteEntity { .. } => {
                    self.object(&mut checks, Action::Delete, ends.subject, Sees::Before, None)?;
                }
                _ => {}
            }
        }
        Ok(checks.list)
    }

    /// The checks of what the steps make: new attributes, new entities, and links from and to those.
    pub(super) fn after(self, steps: &[TxStep]) -> Result<Vec<Check>, ApiError> {
        let mut checks = Checks::default();
        for (index, step) in steps.iter().enumerate() {
            if matches!(step, TxStep::AddAttr(_)) {
                let decides = self.decides("attrs", Action::Create)?;
                checks.list.push(Check { action: Action::Create, subject: Subject::Attr(index), decides });
            }
            let Some(ends) = self.entities.of_step(index) else { continue };
            if let Some(link) = self.link(step, ends)? {
                self.link_after(link, &mut checks)?;
                continue;
            }
            let writes = matches!(step, TxStep::AddTriple { .. } | TxStep::DeepMerge { .. });
            if writes && !self.existed(ends.subject) {
                if self.entities.get(ends.subject).etype == "$users" {
                    let message = "$users is a system entity. You aren't allowed to create this directly.";
                    return Err(refused(step, message));
                }
                self.object(&mut checks, Action::Create, ends.subject, Sees::After, None)?;
            }
        }
        Ok(checks.list)
    }

    /// The step as one about a link, unless it is one about a value.
    fn link(self, step: &TxStep, ends: Ends) -> Result<Option<LinkStep>, ApiError> {
        let (attr, action) = match step {
            TxStep::AddTriple { attr, .. } => (attr, Action::Link),
            TxStep::Retract { attr, .. } => (attr, Action::Unlink),
            _ => return Ok(None),
        };
        let Some(attr) = self.known.get(*attr) else { return Ok(None) };
        let Some(target) = &attr.reverse_identity else { return Ok(None) };
        let owner = &attr.forward_identity;
        let rule =
            |side: &Identity, action| self.rules.link(side.entity(), side.label(), action, owner.entity());
        // A rule that does not compile fails every step about the link, also where it would not be asked.
        let link = [rule(owner, Action::Link)?, rule(target, Action::Link)?];
        let unlink = [rule(owner, Action::Unlink)?, rule(target, Action::Unlink)?];
        let [owner_rule, target_rule] = if action == Action::Link { link } else { unlink };
        Ok(Some(LinkStep { ends, action, owner_rule, target_rule }))
    }

    fn link_before(self, link: LinkStep, checks: &mut Checks) -> Result<(), ApiError> {
        let Ends { subject, target } = link.ends;
        let target_before = target.filter(|target| self.existed(*target));
        if link.has_no_rule() {
            if self.existed(subject) {
                self.object(checks, Action::Update, subject, Sees::Change, target)?;
            }
            if let Some(target) = target_before {
                self.object(checks, Action::View, target, Sees::Change, Some(subject))?;
            }
            return Ok(());
        }
        if let Some(rule) = link.owner_rule.filter(|_| self.existed(subject)) {
            let linked = target.map(|place| Linked { place, after: false, from_target: false });
            self.end(checks, link.action, subject, Sees::Change, linked, rule);
        }
        if let (Some(target), Some(rule)) = (target_before, link.target_rule) {
            let after = link.action == Action::Link;
            let linked = Linked { place: subject, after, from_target: true };
            self.end(checks, link.action, target, Sees::Change, Some(linked), rule);
        }
        Ok(())
    }

    fn link_after(self, link: LinkStep, checks: &mut Checks) -> Result<(), ApiError> {
        if link.action == Action::Unlink {
            return Ok(());
        }
        let Ends { subject, target } = link.ends;
        let new_target = target.filter(|target| {
            let target = self.entities.get(*target);
            !target.existed() && target.after().is_some()
        });
        if link.has_no_rule() {
            if !self.existed(subject) {
                self.object(checks, Action::Create, subject, Sees::After, target)?;
            }
            if let Some(target) = new_target {
                self.object(checks, Action::View, target, Sees::After, Some(subject))?;
            }
            return Ok(());
        }
        if let Some(rule) = link.owner_rule.filter(|_| !self.existed(subject)) {
            let linked = target.map(|place| Linked { place, after: true, from_target: false });
            self.end(checks, Action::Link, subject, Sees::After, linked, rule);
        }
        if let (Some(target), Some(rule)) = (new_target, link.target_rule) {
            let linked = Linked { place: subject, after: true, from_target: true };
            self.end(checks, Action::Link, target, Sees::After, Some(linked), rule);
        }
        Ok(())
    }

    fn object(
        self,
        checks: &mut Checks,
        action: Action,
        place: Place,
        sees: Sees,
        params_of: Option<Place>,
    ) -> Result<(), ApiError> {
        let params_of = params_of.filter(|other| self.has_params(*other));
        let subject = Subject::Entity { place, sees, linked: None, params_of };
        if checks.seen.insert((action, subject, None)) {
            let decides = self.decides(&self.entities.get(place).etype, action)?;
            checks.list.push(Check { action, subject, decides });
        }
        Ok(())
    }

    fn end(
        self,
        checks: &mut Checks,
        action: Action,
        place: Place,
        sees: Sees,
        linked: Option<Linked>,
        rule: Rule,
    ) {
        let params_of = linked.map(|linked| linked.place).filter(|other| self.has_params(*other));
        let subject = Subject::Entity { place, sees, linked, params_of };
        if checks.seen.insert((action, subject, Some(std::ptr::from_ref(rule.program())))) {
            checks.list.push(Check { action, subject, decides: Decides::Rule(rule) });
        }
    }

    fn decides(self, etype: &str, action: Action) -> Result<Decides, ApiError> {
        Ok(self.rules.rule(etype, action)?.map_or(Decides::Always(true), Decides::Rule))
    }

    fn existed(self, place: Place) -> bool {
        self.entities.get(place).existed()
    }

    fn has_params(self, place: Place) -> bool {
        !self.entities.get(place).rule_params.is_empty()
    }
}

impl Check {
    /// The other end of the link that it is about.
    pub(super) fn linked(&self) -> Option<Linked> {
        match self.subject {
            Subject::Entity { linked, .. } => linked,
            Subject::Attr(_) => None,
        }
    }

    /// Whether its rule follows links.
    pub(super) fn has_references(&self) -> bool {
        match &self.decides {
            Decides::Rule(rule) => !rule.program().references().is_empty(),
            Decides::Always(_) => false,
        }
    }
}

impl LinkStep {
    fn has_no_rule(&self) -> bool {
        self.owner_rule.is_none() && self.target_rule.is_none()
    }
}
