//! A slow, plain reading of what the server does with a transaction under rules.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::rule::{Broken, Rule, Rules, Sight};
use crate::state::{Id, LINKS, Record, State};
use crate::step::Step;

/// What a transaction does to one triple, as the server sees it.
#[derive(Debug, Clone, Copy)]
enum Change {
    Id { etype: &'static str, id: Id, action: &'static str },
    Value { etype: &'static str, id: Id, n: i64, merges: bool },
    Link { label: &'static str, item: Id, target: Id },
    Unlink { label: &'static str, item: Id, target: Id },
    Delete { etype: &'static str, id: Id },
}

/// What is expected of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    Done(State),
    Denied(BTreeSet<&'static str>),
    Broken,
    Invalid,
}

/// A slow, plain reading of what the server does.
pub struct Reading<'r> {
    rules: &'r Rules,
    caller: Option<Id>,
    before: &'r State,
    changes: Vec<Change>,
    params: BTreeMap<(&'static str, Id), i64>,
}

/// One rule that is asked: by what name, about what.
pub type Asked = (&'static str, &'static str, Id, Result<bool, Broken>);

impl<'r> Reading<'r> {
    pub fn new(rules: &'r Rules, caller: Option<Id>, before: &'r State, steps: &[Step]) -> Self {
        let mut reading = Self { rules, caller, before, changes: Vec::new(), params: BTreeMap::new() };
        let mut deleted: Vec<(&'static str, Id)> = Vec::new();
        for step in steps {
            match step.clone() {
                Step::Write { action, etype, id, n } => {
                    reading.changes.push(Change::Id { etype, id, action });
                    let merges = action == "merge";
                    reading.changes.extend(n.map(|n| Change::Value { etype, id, n, merges }));
                }
                Step::Link { label, item, target, adds: true, .. } => {
                    reading.changes.push(Change::Link { label, item, target });
                }
                Step::Link { label, item, target, .. } => {
                    reading.changes.push(Change::Unlink { label, item, target });
                }
                Step::Delete { etype, id } => deleted.push((etype, id)),
                Step::Params { etype, id, k } => {
                    reading.params.insert((etype, id), k);
                }
            }
        }
        // A box takes its items with it; they get its params.
        for (etype, id) in deleted {
            reading.changes.push(Change::Delete { etype, id });
            let inside =
                before.links.iter().filter(|link| etype == "boxes" && link.0 == "box" && link.2 == id);
            for (_, item, _) in inside {
                reading.changes.push(Change::Delete { etype: "items", id: item });
                if let Some(k) = reading.params.get(&("boxes", id)).copied() {
                    reading.params.insert(("items", item), k);
                }
            }
        }
        reading
    }

    /// `newData`: the record with the changes applied in their order.
    fn new_data(&self, etype: &'static str, id: Id) -> Option<Record> {
        let mut record = self.before.record(etype, id);
        let is = |other: &'static str, one: Id| (other, one) == (etype, id);
        for change in &self.changes {
            match *change {
                Change::Id { etype, id, .. } if is(etype, id) => {
                    record.get_or_insert_default().insert("id".to_owned(), json!(id));
                }
                Change::Value { etype, id, n, .. } if is(etype, id) => {
                    record.get_or_insert_default().insert("n".to_owned(), json!(n));
                }
                Change::Link { label, item, target } if is("items", item) => {
                    record.get_or_insert_default().insert(label.to_owned(), json!(target));
                }
                Change::Unlink { label, item, .. } if is("items", item) => {
                    record.as_mut().map(|record| record.remove(label));
                }
                _ => {}
            }
        }
        if self.before.record(etype, id).is_none() {
            record.as_mut().map(|record| record.insert("id".to_owned(), json!(id)));
        }
        record
    }

    fn modified(&self, id: Id) -> Vec<&'static str> {
        let labels = self.changes.iter().filter_map(|change| match *change {
            Change::Value { id: one, .. } => (one == id).then_some("n"),
            Change::Link { label, item, .. } => (item == id).then_some(label),
            _ => None,
        });
        labels.collect()
    }

    /// The state after all changes, kind by kind in the order in which the kinds come.
    fn after(&self, steps: &[Step]) -> State {
        let kind = |step: &Step| match step {
            // A merge writes the `id` first, as an update does, and the values later.
            Step::Write { .. } | Step::Link { adds: true, .. } => Some(0),
            Step::Link { .. } => Some(1),
            Step::Delete { .. } => Some(2),
            Step::Params { .. } => None,
        };
        let mut order: Vec<u8> = Vec::new();
        for step in steps {
            let merge = matches!(step, Step::Write { action: "merge", n: Some(_), .. }).then_some(3);
            for kind in kind(step).into_iter().chain(merge) {
                if !order.contains(&kind) {
                    order.push(kind);
                }
            }
        }
        let mut state = self.before.clone();
        for kind in order {
            for change in &self.changes {
                match (kind, *change) {
                    (0, Change::Id { etype, id, .. }) => {
                        state.ids.insert((etype, id));
                    }
                    (0, Change::Value { etype, id, n, merges: false })
                    | (3, Change::Value { etype, id, n, merges: true }) => {
                        state.n.insert((etype, id), n);
                    }
                    (0, Change::Link { label, item, target }) => {
                        if label != "friends" {
                            state.links.retain(|link| (link.0, link.1) != (label, item));
                        }
                        state.links.insert((label, item, target));
                    }
                    (1, Change::Unlink { label, item, target }) => {
                        state.links.remove(&(label, item, target));
                    }
                    (2, Change::Delete { etype, id }) => {
                        state.ids.remove(&(etype, id));
                        state.n.remove(&(etype, id));
                        let target = |label: &str| LINKS.iter().find(|link| link.0 == label).unwrap().1;
                        state.links.retain(|(label, from, to)| {
                            (etype != "items" || *from != id) && (target(label) != etype || *to != id)
                        });
                    }
                    _ => {}
                }
            }
        }
        state
    }

    /// The rules that are asked before the writes, or after them on the state `after`.
    pub fn asked(&self, after: Option<&State>) -> Vec<Asked> {
        let mut asked = Vec::new();
        for change in &self.changes {
            match *change {
                Change::Id { etype, id, .. } | Change::Value { etype, id, .. } => {
                    let existed = self.before.record(etype, id).is_some();
                    match after {
                        None if existed => asked.push(self.object("update", etype, id, None, None)),
                        Some(after) if !existed => {
                            asked.push(self.object("create", etype, id, None, Some(after)));
                        }
                        _ => {}
                    }
                }
                Change::Link { label, item, target } => {
                    self.link(label, item, target, true, after, &mut asked);
                }
                Change::Unlink { label, item, target } => {
                    self.link(label, item, target, false, after, &mut asked);
                }
                Change::Delete { etype, id } => {
                    if after.is_none() {
                        asked.push(self.object("delete", etype, id, None, None));
                    }
                }
            }
        }
        asked
    }

    fn object(
        &self,
        action: &'static str,
        etype: &'static str,
        id: Id,
        params_of: Option<(&'static str, Id)>,
        after: Option<&State>,
    ) -> Asked {
        let new_data = self.new_data(etype, id);
        let sight = Sight {
            caller: self.caller,
            id,
            data: if after.is_some() { new_data.clone() } else { self.before.record(etype, id) },
            new_data,
            linked: None,
            is_new: after.is_some(),
            modified: self.modified(id),
            params: self.params_of(etype, id, params_of),
            state: after.unwrap_or(self.before),
        };
        let result = match self.rules.of(etype, action) {
            Some(rule) => rule.holds(&sight),
            None if etype == "$users" => Ok(self.caller == Some(id)),
            None => Ok(true),
        };
        (action, etype, id, result)
    }

    fn params_of(&self, etype: &'static str, id: Id, other: Option<(&'static str, Id)>) -> Option<i64> {
        self.params.get(&(etype, id)).or_else(|| self.params.get(&other?)).copied()
    }

    fn link(
        &self,
        label: &'static str,
        item: Id,
        target: Id,
        adds: bool,
        after: Option<&State>,
        asked: &mut Vec<Asked>,
    ) {
        let (_, etype, reverse) = LINKS.into_iter().find(|link| link.0 == label).unwrap();
        let action = if adds { "link" } else { "unlink" };
        let (old_item, old_target) = (self.before.record("items", item), self.before.record(etype, target));
        let (new_item, new_target) = (self.new_data("items", item), self.new_data(etype, target));
        let rules = [self.rules.of_link("items", action, label), self.rules.of_link(etype, action, reverse)];
        if after.is_some() && !adds {
            return;
        }
        if rules == [None, None] {
            if after.is_none() {
                if old_item.is_some() {
                    asked.push(self.object("update", "items", item, Some((etype, target)), None));
                }
                if old_target.is_some() {
                    asked.push(self.object("view", etype, target, Some(("items", item)), None));
                }
            } else {
                if old_item.is_none() {
                    asked.push(self.object("create", "items", item, Some((etype, target)), after));
                }
                if old_target.is_none() && new_target.is_some() {
                    asked.push(self.object("view", etype, target, Some(("items", item)), after));
                }
            }
            return;
        }
        let state = after.unwrap_or(self.before);
        let wants = |existed: bool| existed != after.is_some();
        let mut ask = |rule: Option<Rule>,
                       of: (&'static str, Id),
                       other: (&'static str, Id),
                       data: [&Option<Record>; 2],
                       linked: &Option<Record>| {
            let Some(rule) = rule else { return };
            let sight = Sight {
                caller: self.caller,
                id: of.1,
                data: data[0].clone(),
                new_data: data[1].clone(),
                linked: linked.clone().map(|record| (other.1, record)),
                is_new: after.is_some(),
                modified: Vec::new(),
                params: self.params_of(of.0, of.1, Some(other)),
                state,
            };
            asked.push((action, of.0, of.1, rule.holds(&sight)));
        };
        let (this, that) = (("items", item), (etype, target));
        if wants(old_item.is_some()) {
            let data = if after.is_some() { [&new_item, &new_item] } else { [&old_item, &new_item] };
            ask(rules[0], this, that, data, if after.is_some() { &new_target } else { &old_target });
        }
        if wants(old_target.is_some()) && new_target.is_some() {
            let data = if after.is_some() { [&new_target, &new_target] } else { [&old_target, &new_target] };
            ask(rules[1], that, this, data, if adds { &new_item } else { &old_item });
        }
    }

    pub fn expected(&self, steps: &[Step]) -> Expected {
        let verdict = |asked: Vec<Asked>| {
            if asked.iter().any(|asked| asked.3.is_err()) {
                return Some(Expected::Broken);
            }
            let denied = asked.into_iter().filter(|asked| asked.3 == Ok(false)).map(|asked| asked.1);
            let denied: BTreeSet<_> = denied.collect();
            (!denied.is_empty()).then_some(Expected::Denied(denied))
        };
        let mode = self.changes.iter().any(|change| match *change {
            Change::Id { etype, id, action: "create" } => {
                self.before.record(etype, id).is_some()
                    || self.before.links.iter().any(|link| etype == "items" && link.1 == id)
            }
            _ => false,
        });
        verdict(self.asked(None)).or_else(|| mode.then_some(Expected::Invalid)).unwrap_or_else(|| {
            let after = self.after(steps);
            verdict(self.asked(Some(&after))).unwrap_or(Expected::Done(after))
        })
    }
}
