//! Random steps.

use serde_json::{Map, Value, json};

use crate::common::Random;
use crate::state::{BOXES, ITEMS, Id, LINKS, USERS};

/// One step of a transaction.
#[derive(Debug, Clone)]
pub enum Step {
    Write { action: &'static str, etype: &'static str, id: Id, n: Option<i64> },
    Link { label: &'static str, item: Id, target: Id, adds: bool, from_target: bool },
    Delete { etype: &'static str, id: Id },
    Params { etype: &'static str, id: Id, k: i64 },
}

impl Step {
    pub fn random(random: &mut Random) -> Self {
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

    pub fn to_json(&self) -> Value {
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
