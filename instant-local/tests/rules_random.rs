//! Random rules, data and transactions: the backend allows, denies and writes what a slow, plain reading of the rules says.
//!
//! `INSTANT_SEEDS=5000-6000` tries other seeds than those of every run. A failure names its seed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use common::{Backend, Random, answer, attribute};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

/// Seeds of every run.
const SEEDS: std::ops::Range<u64> = 1..40;
/// Transactions on the app of one seed.
const TRANSACTIONS: usize = 25;

const ITEMS: [&str; 4] = [
    "00000000-0000-4000-8000-000000000010",
    "00000000-0000-4000-8000-000000000011",
    "00000000-0000-4000-8000-000000000012",
    "00000000-0000-4000-8000-000000000013",
];
const BOXES: [&str; 3] = [
    "00000000-0000-4000-8000-000000000020",
    "00000000-0000-4000-8000-000000000021",
    "00000000-0000-4000-8000-000000000022",
];
/// The caller, another user, and nobody.
const USERS: [&str; 3] = [
    "00000000-0000-4000-8000-0000000000ad",
    "00000000-0000-4000-8000-0000000000be",
    "00000000-0000-4000-8000-0000000000ff",
];

/// The links: label and target of those that items own, and the label on the target. `friends` leads to many.
const LINKS: [(&str, &str, &str); 3] =
    [("box", "boxes", "items"), ("owner", "$users", "items"), ("friends", "items", "friendOf")];

type Record = BTreeMap<String, Value>;
type Id = &'static str;

/// An expression that this test can read as well as the backend.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rule {
    Always(bool),
    Data(i64),
    NewData(i64),
    OnlyN,
    Param,
    Own,
    InBox(i64),
    Linked(i64),
    LinkedOwn,
    New,
    NotNumber,
}

/// What a rule sees.
struct Sight<'s> {
    caller: Option<Id>,
    id: Id,
    data: Option<Record>,
    new_data: Option<Record>,
    linked: Option<(Id, Record)>,
    is_new: bool,
    modified: Vec<&'static str>,
    params: Option<i64>,
    state: &'s State,
}

/// Why a rule has no value.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Broken;

impl Rule {
    fn text(self) -> String {
        match self {
            Self::Always(value) => value.to_string(),
            Self::Data(n) => format!("data.n == {n}"),
            Self::NewData(n) => format!("newData.n == {n}"),
            Self::OnlyN => "request.modifiedFields.all(f, f == 'n')".to_owned(),
            Self::Param => "ruleParams.k == 1".to_owned(),
            Self::Own => "auth.id in data.ref('owner.id')".to_owned(),
            Self::InBox(n) => format!("data.ref('box.n').exists(n, n == {n})"),
            Self::Linked(n) => format!("linkedData.n == {n}"),
            Self::LinkedOwn => "auth.id in linkedData.ref('owner.id')".to_owned(),
            Self::New => "actions.data == 'create'".to_owned(),
            Self::NotNumber => "data.n > 'a' || data.n == 0".to_owned(),
        }
    }

    fn holds(self, sight: &Sight<'_>) -> Result<bool, Broken> {
        let n = |record: &Option<Record>| record.as_ref().and_then(|record| record.get("n")?.as_i64());
        let owns = |item: Id| match sight.caller {
            Some(caller) => {
                sight.state.links.contains(&("owner", item, caller)) && sight.state.is_there("$users", caller)
            }
            None => false,
        };
        Ok(match self {
            Self::Always(value) => value,
            Self::Data(wanted) => n(&sight.data) == Some(wanted),
            Self::NewData(wanted) => n(&sight.new_data) == Some(wanted),
            Self::OnlyN => sight.modified.iter().all(|label| *label == "n"),
            Self::Param => sight.params == Some(1),
            Self::Own => owns(sight.id),
            Self::InBox(wanted) => BOXES.iter().any(|one| {
                let holds = sight.state.entities.get(&("boxes", *one)).is_some_and(|n| *n == Some(wanted));
                holds && sight.state.links.contains(&("box", sight.id, *one))
            }),
            Self::Linked(wanted) => {
                let (_, linked) = sight.linked.as_ref().ok_or(Broken)?;
                linked.get("n").and_then(Value::as_i64) == Some(wanted)
            }
            Self::LinkedOwn => owns(sight.linked.as_ref().ok_or(Broken)?.0),
            Self::New => sight.is_new,
            // A comparison of a number with a text is an error, which `||` passes over if the other side decides.
            Self::NotNumber => n(&sight.data) == Some(0) || return Err(Broken),
        })
    }
}

/// The entities of an app: those with an `id` and their `n`, and the links between ids.
#[derive(Debug, Clone, Default, PartialEq)]
struct State {
    entities: BTreeMap<(&'static str, Id), Option<i64>>,
    links: BTreeSet<(&'static str, Id, Id)>,
}

impl State {
    fn is_there(&self, etype: &'static str, id: Id) -> bool {
        self.entities.contains_key(&(etype, id))
    }

    /// What rules see of an entity.
    fn record(&self, etype: &'static str, id: Id) -> Option<Record> {
        let mut record = Record::new();
        if let Some(n) = self.entities.get(&(etype, id)) {
            record.insert("id".to_owned(), json!(id));
            record.extend(n.map(|n| ("n".to_owned(), json!(n))));
        }
        if etype == "items" {
            let one = self.links.iter().filter(|(label, from, _)| *from == id && *label != "friends");
            record.extend(one.map(|(label, _, to)| ((*label).to_owned(), json!(to))));
        }
        Some(record).filter(|record| !record.is_empty())
    }
}

/// One step of a transaction.
#[derive(Debug, Clone)]
enum Step {
    Write { action: &'static str, etype: &'static str, id: Id, n: Option<i64> },
    Link { label: &'static str, item: Id, target: Id, adds: bool, from_target: bool },
    Delete { etype: &'static str, id: Id },
    Params { etype: &'static str, id: Id, k: i64 },
}

impl Step {
    fn random(random: &mut Random) -> Self {
        let (etype, id) = if random.next(3) == 0 {
            ("boxes", BOXES[random.next(BOXES.len())])
        } else {
            ("items", ITEMS[random.next(ITEMS.len())])
        };
        match random.next(10) {
            0..=3 => {
                let action = ["create", "update", "update", "merge"][random.next(4)];
                let n = (random.next(3) > 0).then(|| i64::try_from(random.next(3)).unwrap());
                Self::Write { action, etype, id, n }
            }
            4..=7 => {
                let (label, target, _) = LINKS[random.next(LINKS.len())];
                let ids: &[Id] = match target {
                    "boxes" => &BOXES,
                    "items" => &ITEMS,
                    _ => &USERS,
                };
                let (item, target) = (ITEMS[random.next(ITEMS.len())], ids[random.next(ids.len())]);
                Self::Link { label, item, target, adds: random.next(3) > 0, from_target: random.next(2) == 0 }
            }
            8 => Self::Delete { etype, id },
            _ => Self::Params { etype, id, k: i64::try_from(random.next(2)).unwrap() },
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Write { action, etype, id, n } => {
                let values: Map<String, Value> = n.iter().map(|n| ("n".to_owned(), json!(n))).collect();
                json!([action, etype, id, values])
            }
            Self::Link { label, item, target, adds, from_target } => {
                let action = if *adds { "link" } else { "unlink" };
                let (_, etype, reverse) = LINKS.iter().find(|link| link.0 == *label).unwrap();
                if *from_target {
                    json!([action, etype, target, { *reverse: item }])
                } else {
                    json!([action, "items", item, { *label: target }])
                }
            }
            Self::Delete { etype, id } => json!(["delete", etype, id]),
            Self::Params { etype, id, k } => json!(["ruleParams", etype, id, { "k": k }]),
        }
    }
}

/// The rules of an app, by the path in their document.
struct Rules(BTreeMap<String, Rule>);

impl Rules {
    fn random(random: &mut Random) -> Self {
        let n = |random: &mut Random| i64::try_from(random.next(3)).unwrap();
        let mut rules = BTreeMap::new();
        for etype in ["items", "boxes", "$default"] {
            for action in ["view", "create", "update", "delete", "$default"] {
                if random.next(if etype == "$default" { 6 } else { 3 }) > 0 {
                    continue;
                }
                let writes = matches!(action, "create" | "update");
                let rule = match random.next(9) {
                    0 => Rule::Always(false),
                    1 | 2 => Rule::Data(n(random)),
                    3 if writes => Rule::NewData(n(random)),
                    4 if writes => Rule::OnlyN,
                    5 => Rule::Param,
                    6 if etype == "items" => Rule::Own,
                    7 if etype == "items" => Rule::InBox(n(random)),
                    8 => Rule::NotNumber,
                    _ => Rule::Always(true),
                };
                rules.insert(format!("{etype}/allow/{action}"), rule);
            }
        }
        for (etype, labels) in
            [("items", ["box", "friends", "friendOf", "$default"]), ("boxes", ["items"; 4])]
        {
            for (label, action) in labels.into_iter().flat_map(|label| [(label, "link"), (label, "unlink")]) {
                if random.next(4) > 0 {
                    continue;
                }
                let rule = match random.next(7) {
                    0 => Rule::Data(n(random)),
                    1 => Rule::NewData(n(random)),
                    2 => Rule::Linked(n(random)),
                    3 if action == "link" => Rule::New,
                    4 if etype == "boxes" => Rule::LinkedOwn,
                    5 => Rule::Own,
                    _ => Rule::Always(true),
                };
                rules.insert(format!("{etype}/allow/{action}/{label}"), rule);
            }
        }
        Self(rules)
    }

    fn to_json(&self) -> Value {
        let mut code = json!({});
        for (path, rule) in &self.0 {
            let place = path.split('/').fold(&mut code, |place, key| &mut place[key]);
            *place = json!(rule.text());
        }
        code
    }

    fn of(&self, etype: &str, action: &str) -> Option<Rule> {
        let default = format!("{etype}/allow/$default");
        let paths = [format!("{etype}/allow/{action}"), default, format!("$default/allow/{action}")];
        let paths = paths.iter().map(String::as_str).chain(["$default/allow/$default"]);
        paths.filter_map(|path| self.0.get(path).copied()).next()
    }

    fn of_link(&self, etype: &str, action: &str, label: &str) -> Option<Rule> {
        let path = |label: &str| self.0.get(&format!("{etype}/allow/{action}/{label}")).copied();
        path(label).or_else(|| path("$default"))
    }
}

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
enum Expected {
    Done(State),
    Denied(BTreeSet<&'static str>),
    Broken,
    Invalid,
}

/// A slow, plain reading of what the server does.
struct Reading<'r> {
    rules: &'r Rules,
    caller: Option<Id>,
    before: &'r State,
    changes: Vec<Change>,
    params: BTreeMap<(&'static str, Id), i64>,
}

/// One rule that is asked: by what name, about what.
type Asked = (&'static str, &'static str, Id, Result<bool, Broken>);

impl<'r> Reading<'r> {
    fn new(rules: &'r Rules, caller: Option<Id>, before: &'r State, steps: &[Step]) -> Self {
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
                        state.entities.entry((etype, id)).or_insert(None);
                    }
                    (0, Change::Value { etype, id, n, merges: false })
                    | (3, Change::Value { etype, id, n, merges: true }) => {
                        state.entities.insert((etype, id), Some(n));
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
                        state.entities.remove(&(etype, id));
                        let target = |label: &str| LINKS.iter().find(|link| link.0 == label).unwrap().1;
                        state.links.retain(|(label, from, to)| {
                            !(etype == "items" && *from == id) && !(target(label) == etype && *to == id)
                        });
                    }
                    _ => {}
                }
            }
        }
        state
    }

    /// The rules that are asked before the writes, or after them on the state `after`.
    fn asked(&self, after: Option<&State>) -> Vec<Asked> {
        let mut asked = Vec::new();
        for change in &self.changes {
            match *change {
                Change::Id { etype, id, .. } | Change::Value { etype, id, .. } => {
                    let existed = self.before.record(etype, id).is_some();
                    match after {
                        None if existed => asked.push(self.object("update", etype, id, None, None)),
                        Some(after) if !existed => {
                            asked.push(self.object("create", etype, id, None, Some(after)))
                        }
                        _ => {}
                    }
                }
                Change::Link { label, item, target } => {
                    self.link(label, item, target, true, after, &mut asked)
                }
                Change::Unlink { label, item, target } => {
                    self.link(label, item, target, false, after, &mut asked)
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
            match after {
                None => {
                    if old_item.is_some() {
                        asked.push(self.object("update", "items", item, Some((etype, target)), None));
                    }
                    if old_target.is_some() {
                        asked.push(self.object("view", etype, target, Some(("items", item)), None));
                    }
                }
                Some(_) => {
                    if old_item.is_none() {
                        asked.push(self.object("create", "items", item, Some((etype, target)), after));
                    }
                    if old_target.is_none() && new_target.is_some() {
                        asked.push(self.object("view", etype, target, Some(("items", item)), after));
                    }
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

    fn expected(&self, steps: &[Step]) -> Expected {
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

async fn backend(rules: &Value) -> Backend {
    let number = || json!({ "attrs": { "n": attribute("number", "") }, "links": {} });
    let link = |label: &str, has: &str, target: &str, reverse: &str, on_delete: Value| {
        let mut forward = json!({ "on": "items", "has": has, "label": label });
        forward.as_object_mut().unwrap().extend(on_delete.as_object().unwrap().clone());
        json!({ "forward": forward, "reverse": { "on": target, "has": "many", "label": reverse } })
    };
    let schema = json!({
        "entities": { "items": number(), "boxes": number(), "$users": { "attrs": {}, "links": {} } },
        "links": {
            "box": link("box", "one", "boxes", "items", json!({ "onDelete": "cascade" })),
            "owner": link("owner", "one", "$users", "items", json!({})),
            "friends": link("friends", "many", "items", "friendOf", json!({})),
        },
        "rooms": {},
    });
    let backend = Backend::with_schema(&schema).await;
    let users = json!([
        ["create", "$users", USERS[0], { "email": "ada@b.co" }],
        ["create", "$users", USERS[1], { "email": "bea@b.co" }],
    ]);
    assert_eq!(backend.transact(users).await.0, StatusCode::OK);
    let path = format!("/dash/apps/{}/rules", backend.app);
    let (status, body) = answer(backend.post(&path, &json!({ "code": rules }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    backend
}

/// What the backend has, as the plain reading keeps it.
async fn stored(backend: &Backend) -> State {
    let mut state = State::default();
    let id = |text: &str| ITEMS.iter().chain(&BOXES).chain(&USERS).copied().find(|id| *id == text).unwrap();
    for ((etype, entity), record) in backend.state().await {
        let etype = if etype == "items" { "items" } else { "boxes" };
        state.entities.insert((etype, id(&entity)), record.get("n").and_then(Value::as_i64));
    }
    let read = |tx: &instant_local::store::ReadTx<'_>| {
        let mut links = Vec::new();
        for (label, ..) in LINKS {
            let stored = tx.catalog().forward("items", label).unwrap();
            for item in ITEMS {
                let from = uuid::Uuid::parse_str(item).unwrap();
                let to = tx.links(stored, instant_schema::Direction::Forward, from)?;
                links.extend(to.into_iter().map(|to| (label, item, to.to_string())));
            }
        }
        Ok(links)
    };
    let links = backend.server.store().read(backend.app, read).await.unwrap();
    state.links = links.into_iter().map(|(label, item, to)| (label, item, id(&to))).collect();
    for user in &USERS[..2] {
        state.entities.insert(("$users", user), None);
    }
    state
}

/// Runs random transactions on an app with random rules, and returns what went how often.
async fn compare(seed: u64) -> [usize; 4] {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let rules = Rules::random(&mut random);
    let backend = backend(&rules.to_json()).await;
    let mut state = stored(&backend).await;
    let mut seen = [0; 4];
    for number in 0..TRANSACTIONS {
        let steps: Vec<Step> = (0..=random.next(4)).map(|_| Step::random(&mut random)).collect();
        let json: Value = steps.iter().map(Step::to_json).collect();
        // The administrator brings variety into what the rules see.
        if random.next(4) == 0 {
            backend.transact(json).await;
            state = stored(&backend).await;
            continue;
        }
        let caller = (random.next(3) > 0).then_some(USERS[0]);
        let send = |path: &str, body: Value| {
            let request = backend.post(path, &body);
            answer(match caller {
                Some(_) => request.header("as-email", "ada@b.co"),
                None => request.header("as-guest", "true"),
            })
        };
        let reading = Reading::new(&rules, caller, &state, &steps);
        let expected = reading.expected(&steps);
        let mut what =
            format!("seed {seed}, transaction {number} of {caller:?}: {json}\non {state:#?}\nunder ");
        let _ = write!(what, "{:#}\nexpected {expected:?}", rules.to_json());
        let (_, checked) = send("/admin/transact_perms_check", json!({ "steps": json })).await;
        if let Expected::Done(after) = &expected {
            let asked = reading.asked(None).into_iter().chain(reading.asked(Some(after)));
            let asked: BTreeSet<String> =
                asked.map(|(action, etype, id, _)| format!("{action} {etype} {id}")).collect();
            let results = checked["check-results"].as_array().unwrap_or_else(|| panic!("{what}\n{checked}"));
            let shown = |one: &Value| {
                let text = |key: &str| one[key].as_str().unwrap().to_owned();
                format!("{} {} {}", text("action"), text("etype"), text("eid"))
            };
            assert_eq!(results.iter().map(shown).collect::<BTreeSet<_>>(), asked, "{what}\n{checked:#}");
            assert_eq!(checked["all-checks-ok?"], true, "{what}\n{checked:#}");
        }
        assert_eq!(stored(&backend).await, state, "a trial wrote something: {what}");
        let (status, body) = send("/admin/transact", json!({ "steps": json })).await;
        let what = format!("{what}\ngot {body}");
        match &expected {
            Expected::Done(after) => {
                assert_eq!(status, StatusCode::OK, "{what}");
                assert_eq!(stored(&backend).await, *after, "{what}");
                state = after.clone();
                seen[0] += 1;
            }
            Expected::Denied(etypes) => {
                assert_eq!(body["type"], "permission-denied", "{what}");
                assert!(etypes.contains(body["hint"]["input"][0].as_str().unwrap()), "{what}");
                seen[1] += 1;
            }
            Expected::Broken => {
                assert_eq!(body["type"], "permission-evaluation-failed", "{what}");
                seen[2] += 1;
            }
            Expected::Invalid => {
                assert_eq!(body["type"], "validation-failed", "{what}");
                seen[3] += 1;
            }
        }
        assert_eq!(stored(&backend).await, state, "{what}");
    }
    seen
}

#[tokio::test]
async fn transactions_are_allowed_denied_and_written_as_the_rules_read() {
    let seeds = std::env::var("INSTANT_SEEDS").ok().map_or(SEEDS, |seeds| {
        let (from, to) = seeds.split_once('-').unwrap();
        from.parse().unwrap()..to.parse().unwrap()
    });
    let mut seen = [0; 4];
    for seed in seeds {
        let more = compare(seed).await;
        seen.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    println!("done {}, denied {}, broken {}, invalid {}", seen[0], seen[1], seen[2], seen[3]);
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
