//! What is copied for rules to see, each thing once, and counted: the entities of a transaction can be large and many.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::entities::{Entities, Entity, Place};
use crate::error::ApiError;
use crate::rules::Judge;

/// The copies that the checks of a phase share.
pub(super) struct Copies<'a> {
    judge: &'a Judge<'a>,
    /// By the objects that were merged, which the entities hold.
    rule_params: HashMap<Vec<*const Map<String, Value>>, Rc<Value>>,
    with_action: HashMap<Place, Rc<Map<String, Value>>>,
    modified_fields: HashMap<Place, Rc<Vec<String>>>,
}

impl<'a> Copies<'a> {
    /// None yet. The copies count as the work of the judge's rules.
    pub(super) fn of(judge: &'a Judge<'a>) -> Self {
        Self {
            judge,
            rule_params: HashMap::new(),
            with_action: HashMap::new(),
            modified_fields: HashMap::new(),
        }
    }

    /// Counts bytes that are about to be copied.
    pub(super) fn charge(&self, bytes: usize) -> Result<(), ApiError> {
        self.judge.charge(bytes)
    }

    /// The rule params of a check: those of the entity win over those of the other end of a link.
    pub(super) fn rule_params(
        &mut self,
        other: Option<&Entity>,
        own: &Entity,
    ) -> Result<Option<Rc<Value>>, ApiError> {
        let layers: Vec<&Arc<Map<String, Value>>> =
            other.into_iter().chain([own]).flat_map(|entity| &entity.rule_params).collect();
        if layers.is_empty() {
            return Ok(None);
        }
        let key = layers.iter().map(|layer| Arc::as_ptr(layer)).collect();
        if let Some(merged) = self.rule_params.get(&key) {
            return Ok(Some(Rc::clone(merged)));
        }
        let mut merged = Map::new();
        for layer in layers {
            self.charge(weight_of_map(layer))?;
            merged.extend((**layer).clone());
        }
        let merged = Rc::new(Value::Object(merged));
        self.rule_params.insert(key, Rc::clone(&merged));
        Ok(Some(merged))
    }

    /// The record of the target of a link, which says on the official server what is done to it.
    pub(super) fn with_action(
        &mut self,
        place: Place,
        entity: &Entity,
    ) -> Result<Rc<Map<String, Value>>, ApiError> {
        if let Some(record) = self.with_action.get(&place) {
            return Ok(Rc::clone(record));
        }
        let before = entity.before.as_ref();
        self.charge(before.map_or(0, weight_of_map))?;
        let mut record = before.cloned().unwrap_or_default();
        record.insert("$action".to_owned(), json!("update"));
        let record = Rc::new(record);
        self.with_action.insert(place, Rc::clone(&record));
        Ok(record)
    }

    /// The labels that steps set on an entity.
    pub(super) fn modified_fields(
        &mut self,
        entities: &Entities,
        place: Place,
    ) -> Result<Rc<Vec<String>>, ApiError> {
        if let Some(labels) = self.modified_fields.get(&place) {
            return Ok(Rc::clone(labels));
        }
        let labels = Rc::new(entities.modified_fields(place));
        self.charge(labels.iter().map(|label| EACH + label.len()).sum())?;
        self.modified_fields.insert(place, Rc::clone(&labels));
        Ok(labels)
    }
}

/// What a value takes beside its own bytes.
const EACH: usize = 16;

/// About how many bytes a value is in memory.
pub(super) fn weight(value: &Value) -> usize {
    EACH + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(weight).sum(),
        Value::Object(map) => weight_of_map(map),
    }
}

/// As [`weight`], for an object.
pub(super) fn weight_of_map(map: &Map<String, Value>) -> usize {
    map.iter().map(|(key, value)| key.len() + weight(value)).sum()
}
