//! What an app holds, as plain sets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub const ITEMS: [&str; 4] = [
    "00000000-0000-4000-8000-000000000010",
    "00000000-0000-4000-8000-000000000011",
    "00000000-0000-4000-8000-000000000012",
    "00000000-0000-4000-8000-000000000013",
];
pub const BOXES: [&str; 3] = [
    "00000000-0000-4000-8000-000000000020",
    "00000000-0000-4000-8000-000000000021",
    "00000000-0000-4000-8000-000000000022",
];
/// The caller, another user, and nobody.
pub const USERS: [&str; 3] = [
    "00000000-0000-4000-8000-0000000000ad",
    "00000000-0000-4000-8000-0000000000be",
    "00000000-0000-4000-8000-0000000000ff",
];

/// The links: label and target of those that items own, and the label on the target. `friends` leads to many.
pub const LINKS: [(&str, &str, &str); 3] =
    [("box", "boxes", "items"), ("owner", "$users", "items"), ("friends", "items", "friendOf")];

pub type Record = BTreeMap<String, Value>;
pub type Id = &'static str;

/// The triples of an app: who has an `id`, who an `n`, and the links between ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    pub ids: BTreeSet<(&'static str, Id)>,
    pub n: BTreeMap<(&'static str, Id), i64>,
    pub links: BTreeSet<(&'static str, Id, Id)>,
}

impl State {
    pub fn is_there(&self, etype: &'static str, id: Id) -> bool {
        self.ids.contains(&(etype, id))
    }

    /// What rules see of an entity.
    pub fn record(&self, etype: &'static str, id: Id) -> Option<Record> {
        let mut record = Record::new();
        if self.is_there(etype, id) {
            record.insert("id".to_owned(), json!(id));
        }
        record.extend(self.n.get(&(etype, id)).map(|n| ("n".to_owned(), json!(n))));
        if etype == "items" {
            let one = self.links.iter().filter(|(label, from, _)| *from == id && *label != "friends");
            record.extend(one.map(|(label, _, to)| ((*label).to_owned(), json!(to))));
        }
        Some(record).filter(|record| !record.is_empty())
    }
}
