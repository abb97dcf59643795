//! What the server refuses in a transaction, in terms of the transaction's own steps.

use std::fmt::Write;

use instant_schema::instaml::{Action, Step, Target};
use instant_schema::parse_id_value;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind};

/// How many entities a message lists.
const LISTED: usize = 5;

/// Says which entity is missing or already there. The server lists the writes it made of the steps, one for each
/// attribute, and the ids of its own records.
pub(super) fn explain(refused: Error, steps: &[Step]) -> Error {
    let Some(hint) = refused.hint() else { return refused };
    let message = hint["errors"][0]["message"].as_str().unwrap_or_default();
    let explained = if message.starts_with("Updating entities that don't exist") {
        entities(&hint["input"], steps, is_strict).map(|entities| {
            let message = format!(
                "there is no {} to write to; where it may not exist yet, write `upsert` or `create`",
                list(&entities, ", and no ")
            );
            (ErrorKind::NotFound, entities[0].path(), message)
        })
    } else if message.starts_with("Creating entities that exist") {
        let is_creation = |action: &Action| matches!(action, Action::Create(_));
        entities(&hint["input"], steps, is_creation).map(|entities| {
            let message = format!(
                "there is already a {}; where it may exist, write `upsert` or `update`",
                list(&entities, ", and a ")
            );
            (ErrorKind::NotUnique, entities[0].path(), message)
        })
    } else if message == "The entity for the lookup does not exist." {
        looked_up(&hint["input"]).map(|entity| {
            let message = format!(
                "there is no {} to link to; create it before, or in the same transaction",
                entity.shown()
            );
            (ErrorKind::NotFound, entity.path(), message)
        })
    } else {
        None
    };
    match explained {
        Some((kind, path, message)) => refused.explained(kind, path, message),
        None => refused,
    }
}

/// Whether an action fails where its entity does not exist.
fn is_strict(action: &Action) -> bool {
    matches!(action, Action::Update { upsert: Some(false), .. } | Action::Merge { upsert: Some(false), .. })
}

/// An entity, by id or by a unique attribute.
#[derive(PartialEq)]
struct Named {
    entity: String,
    attribute: String,
    value: Value,
}

impl Named {
    fn path(&self) -> String {
        format!("{}.{}", self.entity, self.attribute)
    }

    /// `` `posts` with the id 8aa6..`` or `` `users` with the `handle` "ada" ``.
    fn shown(&self) -> String {
        match (self.attribute.as_str(), self.value.as_str()) {
            ("id", Some(id)) => format!("`{}` with the id {id}", self.entity),
            (attribute, _) => format!("`{}` with the `{attribute}` {}", self.entity, self.value),
        }
    }
}

fn list(entities: &[Named], between: &str) -> String {
    let mut shown = entities.iter().take(LISTED).map(Named::shown).collect::<Vec<_>>().join(between);
    if let Some(more) = entities.len().checked_sub(LISTED).filter(|more| *more > 0) {
        let _ = write!(shown, ", and {more} more");
    }
    shown
}

/// The entities of the writes that a hint lists, each once; nothing where there are none.
fn entities(writes: &Value, steps: &[Step], is_refused: fn(&Action) -> bool) -> Option<Vec<Named>> {
    let mut found = Vec::new();
    for write in writes.as_array()? {
        let named = entity(write, steps, is_refused)?;
        if !found.contains(&named) {
            found.push(named);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The entity of a write: `{"eid", "etype", ..}`, or `["add-triple", eid, ..]`. The id is a text, or for a lookup
/// `[attribute's id, value]`, so that only the steps know the attribute's name.
fn entity(write: &Value, steps: &[Step], is_refused: fn(&Action) -> bool) -> Option<Named> {
    let (id, entity) = match write {
        Value::Array(parts) => (parts.get(1)?, None),
        _ => (&write["eid"], write["etype"].as_str()),
    };
    let is_meant = |target: &Target| match target {
        Target::Id(uuid) => parse_id_value(id) == Some(*uuid),
        Target::Lookup { value, .. } => id.as_array().and_then(|lookup| lookup.get(1)) == Some(value),
        Target::Unreadable(text) => id.as_str() == Some(text),
    };
    let step = steps.iter().find(|step| {
        entity.is_none_or(|entity| entity == step.entity)
            && is_refused(&step.action)
            && is_meant(&step.target)
    })?;
    let (attribute, value) = match &step.target {
        Target::Id(uuid) => ("id", json!(uuid)),
        Target::Lookup { attribute, value } => (attribute.as_str(), value.clone()),
        Target::Unreadable(text) => ("id", json!(text)),
    };
    Some(Named { entity: step.entity.clone(), attribute: attribute.to_owned(), value })
}

fn looked_up(lookup: &Value) -> Option<Named> {
    let text = |key: &str| lookup[key].as_str().map(str::to_owned);
    Some(Named { entity: text("namespace")?, attribute: text("label")?, value: lookup["value"].clone() })
}
