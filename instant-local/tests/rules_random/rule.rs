//! Rules that this test reads as well as the backend.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::common::Random;
use crate::state::{BOXES, Id, Record, State};

/// An expression that this test can read as well as the backend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
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
pub struct Sight<'s> {
    pub caller: Option<Id>,
    pub id: Id,
    pub data: Option<Record>,
    pub new_data: Option<Record>,
    pub linked: Option<(Id, Record)>,
    pub is_new: bool,
    pub modified: Vec<&'static str>,
    pub params: Option<i64>,
    pub state: &'s State,
}

/// Why a rule has no value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Broken;

impl Rule {
    pub fn text(self) -> String {
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

    pub fn holds(self, sight: &Sight<'_>) -> Result<bool, Broken> {
        let n = |record: &Option<Record>| record.as_ref().and_then(|record| record.get("n")?.as_i64());
        let owns = |item: Id| match sight.caller {
            Some(caller) => {
                sight.state.links.contains(&("owner", item, caller)) && sight.state.is_there("$users", caller)
            }
            None => false,
        };
        // `ref` starts from the `id` of the record: one that has only a link leads nowhere.
        let starts = |record: Option<&Record>| record.is_some_and(|record| record.contains_key("id"));
        Ok(match self {
            Self::Always(value) => value,
            Self::Data(wanted) => n(&sight.data) == Some(wanted),
            Self::NewData(wanted) => n(&sight.new_data) == Some(wanted),
            Self::OnlyN => sight.modified.iter().all(|label| *label == "n"),
            Self::Param => sight.params == Some(1),
            Self::Own => starts(sight.data.as_ref()) && owns(sight.id),
            Self::InBox(_) if !starts(sight.data.as_ref()) => false,
            Self::InBox(wanted) => BOXES.iter().any(|one| {
                let holds = sight.state.n.get(&("boxes", *one)) == Some(&wanted);
                holds && sight.state.links.contains(&("box", sight.id, *one))
            }),
            Self::Linked(wanted) => {
                let (_, linked) = sight.linked.as_ref().ok_or(Broken)?;
                linked.get("n").and_then(Value::as_i64) == Some(wanted)
            }
            Self::LinkedOwn => {
                let (id, linked) = sight.linked.as_ref().ok_or(Broken)?;
                starts(Some(linked)) && owns(id)
            }
            Self::New => sight.is_new,
            // A comparison of a number with a text is an error, which `||` passes over if the other side decides.
            Self::NotNumber => n(&sight.data) == Some(0) || return Err(Broken),
        })
    }
}

/// The rules of an app, by the path in their document.
pub struct Rules(BTreeMap<String, Rule>);

impl Rules {
    pub fn random(random: &mut Random) -> Self {
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

    pub fn to_json(&self) -> Value {
        let mut code = json!({});
        for (path, rule) in &self.0 {
            let place = path.split('/').fold(&mut code, |place, key| &mut place[key]);
            *place = json!(rule.text());
        }
        code
    }

    pub fn of(&self, etype: &str, action: &str) -> Option<Rule> {
        let default = format!("{etype}/allow/$default");
        let paths = [format!("{etype}/allow/{action}"), default, format!("$default/allow/{action}")];
        let mut paths = paths.iter().map(String::as_str).chain(["$default/allow/$default"]);
        paths.find_map(|path| self.0.get(path).copied())
    }

    pub fn of_link(&self, etype: &str, action: &str, label: &str) -> Option<Rule> {
        let path = |label: &str| self.0.get(&format!("{etype}/allow/{action}/{label}")).copied();
        path(label).or_else(|| path("$default"))
    }
}
