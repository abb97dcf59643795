//! Ids of attributes are unique over all apps of a server: each run sends its own in place of the scenario's, and reads
//! them back.

use std::collections::HashMap;

use uuid::Uuid;

use crate::json::Json;
use crate::scan;
use crate::scenario::{Body, Scenario};

pub struct Fresh {
    sent: HashMap<String, String>,
    read: HashMap<String, String>,
}

impl Fresh {
    pub fn new(scenario: &Scenario) -> Self {
        let mut sent = HashMap::new();
        for step in &scenario.steps {
            if let Body::Json(body) = &step.body {
                collect(body, &mut sent);
            }
        }
        let read = sent.iter().map(|(given, made)| (made.clone(), given.clone())).collect();
        Self { sent, read }
    }

    /// A text of the scenario, as this run sends it.
    pub fn sent(&self, text: &str) -> String {
        swap(text, &self.sent)
    }

    /// A text of the server, as the scenario knows it.
    pub fn read(&self, text: &str) -> String {
        swap(text, &self.read)
    }
}

/// The ids in the payloads of `["add-attr", {id, forward-identity, reverse-identity}]`, wherever such a step stands.
fn collect(value: &Json, found: &mut HashMap<String, String>) {
    match value {
        Json::Object(members) => {
            for value in members.values() {
                collect(value, found);
            }
        }
        Json::List(items) => {
            if let [Json::Text(kind), attr @ Json::Object(_), ..] = items.as_slice()
                && kind == "add-attr"
            {
                for part in ["id", "forward-identity", "reverse-identity"] {
                    let part =
                        attr.get(part).map(|part| part.as_list().and_then(<[Json]>::first).unwrap_or(part));
                    if let Some(id) = part.and_then(Json::as_text).filter(|text| is_lower_uuid(text)) {
                        found.entry(id.to_owned()).or_insert_with(|| Uuid::new_v4().to_string());
                    }
                }
            }
            for item in items {
                collect(item, found);
            }
        }
        _ => {}
    }
}

fn is_lower_uuid(text: &str) -> bool {
    scan::uuids(text).first().is_some_and(|found| found.len() == text.len())
        && !text.contains(|c: char| c.is_ascii_uppercase())
}

fn swap(text: &str, pairs: &HashMap<String, String>) -> String {
    if pairs.is_empty() {
        return text.to_owned();
    }
    scan::replace(text, &scan::uuids(text), |uuid| pairs.get(uuid).map_or(uuid, String::as_str).to_owned())
}
