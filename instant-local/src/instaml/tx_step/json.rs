//! Tx-steps as they travel: `["add-triple", entity, attribute, value]`.

use std::sync::Arc;

use instant_schema::plan::PlanStep;
use instant_schema::{Attr, Identity, parse_id_value};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{BadStep, EntityRef, Kind, Lookup, Mode, NewAttr, TxStep};
use crate::json;

impl TxStep {
    /// Reads a step.
    pub(crate) fn from_json(step: &Value) -> Result<Self, BadStep> {
        let parts = step.as_array().ok_or_else(|| BadStep::expected("coll?", &[]))?;
        let name = parts.first().and_then(Value::as_str).unwrap_or("");
        let parts = Parts(parts);
        match name {
            "add-triple" => {
                let (entity, attr, value) = parts.triple()?;
                Ok(Self::AddTriple { entity, attr, value, mode: parts.mode()? })
            }
            "deep-merge-triple" => {
                let (entity, attr, value) = parts.triple()?;
                Ok(Self::DeepMerge { entity, attr, value, mode: parts.mode()? })
            }
            "retract-triple" => {
                let (entity, attr, value) = parts.triple()?;
                parts.end_at(4)?;
                Ok(Self::Retract { entity, attr, value })
            }
            "delete-entity" => {
                parts.end_at(3)?;
                let etype = match parts.get(2) {
                    Value::Null => None,
                    Value::String(etype) => Some(etype.clone()),
                    _ => return Err(BadStep::expected("string?", &[json!(2)])),
                };
                Ok(Self::DeleteEntity { entity: parts.entity()?, etype })
            }
            "rule-params" => {
                parts.end_at(4)?;
                let etype = parts.get(2).as_str().ok_or_else(|| BadStep::expected("string?", &[json!(2)]))?;
                let params =
                    parts.get(3).as_object().ok_or_else(|| BadStep::expected("map?", &[json!(3)]))?;
                Ok(Self::RuleParams {
                    entity: parts.entity()?,
                    etype: etype.to_owned(),
                    params: Arc::new(params.clone()),
                })
            }
            "add-attr" => {
                parts.end_at(2)?;
                let payload = parts.get(1).as_object();
                let payload = payload.ok_or_else(|| BadStep::expected("map?", &[json!(1)]))?;
                Ok(Self::AddAttr(Box::new(NewAttr::read(payload)?)))
            }
            "update-attr" | "delete-attr" => {
                parts.end_at(2)?;
                match PlanStep::from_json(step)
                    .map_err(|problem| BadStep::said(&problem.message, &[json!(1)]))?
                {
                    PlanStep::UpdateAttr(update) => Ok(Self::UpdateAttr(Box::new(update))),
                    PlanStep::DeleteAttr(id) => Ok(Self::DeleteAttr(id)),
                    PlanStep::AddAttr(_) | PlanStep::Job { .. } => Err(BadStep::expected(NAMES, &[json!(0)])),
                }
            }
            _ => Err(BadStep::expected(NAMES, &[json!(0)])),
        }
    }

    /// A write as errors about its mode show it. `attr` is the record of its attribute.
    pub(crate) fn to_described(&self, attr: Option<&Attr>) -> Value {
        let (op, entity, id, value, mode) = match self {
            Self::AddTriple { entity, attr, value, mode } => ("add-triple", entity, attr, value, mode),
            Self::DeepMerge { entity, attr, value, mode } => ("deep-merge-triple", entity, attr, value, mode),
            other => return other.to_json(),
        };
        let reverse = attr.and_then(|attr| attr.reverse_identity.as_ref());
        json!({
            "op": op,
            "eid": entity.to_json(),
            "etype": attr.map(|attr| attr.forward_identity.entity()),
            "aid": id,
            "value": value,
            "rev-etype": reverse.map(Identity::entity),
            "opts": { "mode": mode.name() },
        })
    }

    /// The step as errors about it show it: as it travels, with a place for the options of every triple.
    pub(crate) fn to_listed(&self) -> Value {
        let mut step = self.to_json();
        let is_triple = matches!(self.kind(), Kind::AddTriple | Kind::DeepMerge | Kind::Retract);
        if let Some(parts) = step.as_array_mut().filter(|parts| is_triple && parts.len() == 4) {
            parts.push(Value::Null);
        }
        step
    }

    /// The step as it travels.
    pub(crate) fn to_json(&self) -> Value {
        let triple = |name: &str, entity: &EntityRef, attr: &Uuid, value: &Value, mode: Mode| {
            let mut step = vec![json!(name), entity.to_json(), json!(attr), value.clone()];
            if let Some(mode) = mode.name() {
                step.push(json!({ "mode": mode }));
            }
            Value::Array(step)
        };
        match self {
            Self::AddTriple { entity, attr, value, mode } => triple("add-triple", entity, attr, value, *mode),
            Self::DeepMerge { entity, attr, value, mode } => {
                triple("deep-merge-triple", entity, attr, value, *mode)
            }
            Self::Retract { entity, attr, value } => {
                triple("retract-triple", entity, attr, value, Mode::Upsert)
            }
            Self::DeleteEntity { entity, etype } => json!(["delete-entity", entity.to_json(), etype]),
            Self::RuleParams { entity, etype, params } => {
                json!(["rule-params", entity.to_json(), etype, **params])
            }
            Self::AddAttr(new) => json!(["add-attr", new.given]),
            Self::UpdateAttr(update) => PlanStep::UpdateAttr((**update).clone()).to_json(),
            Self::DeleteAttr(id) => json!(["delete-attr", id]),
        }
    }
}

impl EntityRef {
    /// The id, or `[attribute id, value]`.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Id(id) => json!(id),
            Self::Lookup(lookup) => lookup.to_json(),
        }
    }
}

impl Lookup {
    /// `[attribute id, value]`: also the form in the place of a value.
    pub(crate) fn to_json(&self) -> Value {
        json!([self.attr, self.value])
    }

    /// The lookup that a value spells, if it is a pair that begins with an attribute's id.
    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        match value.as_array()?.as_slice() {
            [attr, value] => Some(Self { attr: parse_id_value(attr)?, value: value.clone() }),
            _ => None,
        }
    }
}

impl Mode {
    const NAMED: [(Self, &'static str); 2] = [(Self::Create, "create"), (Self::Update, "update")];

    fn name(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(mode, _)| *mode == self).map(|(_, name)| *name)
    }
}

const NAMES: &str = "add-triple, deep-merge-triple, retract-triple, delete-entity, rule-params, add-attr, update-attr \
                     or delete-attr";

/// The parts of a step, its name included.
struct Parts<'s>(&'s [Value]);

impl<'s> Parts<'s> {
    fn get(&self, index: usize) -> &'s Value {
        self.0.get(index).unwrap_or(&Value::Null)
    }

    fn end_at(&self, length: usize) -> Result<(), BadStep> {
        if self.0.len() <= length { Ok(()) } else { Err(BadStep::expected("nothing more", &[json!(length)])) }
    }

    fn entity(&self) -> Result<EntityRef, BadStep> {
        let given = self.get(1);
        let lookup = || Lookup::from_value(given).map(EntityRef::Lookup);
        parse_id_value(given).map(EntityRef::Id).or_else(lookup).ok_or_else(|| {
            let printed = match given {
                Value::String(text) if json::is_text(given) => text.clone(),
                other => json::message(other),
            };
            let message = format!(
                "Invalid entity ID '{printed}'. Entity IDs must be UUIDs. Use id() or lookup() to generate a valid UUID."
            );
            BadStep::said(&message, &[json!(1)])
        })
    }

    fn triple(&self) -> Result<(EntityRef, Uuid, Value), BadStep> {
        let entity = self.entity()?;
        let attr = parse_id_value(self.get(2)).ok_or_else(|| BadStep::expected("uuid?", &[json!(2)]))?;
        let value = self.0.get(3).ok_or_else(|| BadStep::expected("a value", &[json!(3)]))?;
        Ok((entity, attr, value.clone()))
    }

    /// The mode in the options, which may be left out.
    fn mode(&self) -> Result<Mode, BadStep> {
        self.end_at(5)?;
        let mode = match self.get(4) {
            Value::Null => return Ok(Mode::Upsert),
            Value::Object(options) => options.get("mode").unwrap_or(&Value::Null),
            _ => return Err(BadStep::expected("map?", &[json!(4)])),
        };
        match mode.as_str() {
            Some("upsert") => Ok(Mode::Upsert),
            None if mode.is_null() => Ok(Mode::Upsert),
            name => {
                let named = Mode::NAMED.into_iter().find(|(_, known)| Some(*known) == name);
                let wrong = || BadStep::expected("create, update or upsert", &[json!(4), json!("mode")]);
                named.map(|(mode, _)| mode).ok_or_else(wrong)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    const ATTR: &str = "5f60a7e1-0000-4000-8000-0000000000e7";

    #[test]
    fn steps_are_written_as_they_were_read() {
        let attr = json!({
            "id": ATTR, "value-type": "blob", "cardinality": "one", "forward-identity": [ID, "posts", "title"],
            "unique?": false, "index?": true, "required?": false,
        });
        let steps = [
            json!(["add-triple", ID, ATTR, { "a": [1] }]),
            json!(["add-triple", ID, ATTR, "x", { "mode": "create" }]),
            json!(["add-triple", [ATTR, "a@b.c"], ATTR, null, { "mode": "update" }]),
            json!(["deep-merge-triple", ID, ATTR, {}, { "mode": "update" }]),
            json!(["retract-triple", ID, ATTR, [ATTR, 1]]),
            json!(["delete-entity", ID, "posts"]),
            json!(["delete-entity", ID, null]),
            json!(["rule-params", [ATTR, 1], "posts", { "secret": "s" }]),
            json!(["delete-attr", ATTR]),
        ];
        for step in steps {
            assert_eq!(TxStep::from_json(&step).unwrap().to_json(), step);
        }
        for step in [json!(["add-attr", attr]), json!(["update-attr", { "id": ATTR, "index?": true }])] {
            let read = TxStep::from_json(&step).unwrap();
            assert_eq!(TxStep::from_json(&read.to_json()).unwrap(), read);
        }
    }

    #[test]
    fn a_mode_may_be_left_out() {
        for options in [json!(null), json!({}), json!({ "mode": null }), json!({ "mode": "upsert" })] {
            let step = TxStep::from_json(&json!(["add-triple", ID, ATTR, 1, options])).unwrap();
            assert!(matches!(step, TxStep::AddTriple { mode: Mode::Upsert, .. }));
        }
    }

    #[test]
    fn a_step_that_cannot_be_read_says_where_and_what_was_expected() {
        let invalid =
            "Invalid entity ID 'x'. Entity IDs must be UUIDs. Use id() or lookup() to generate a valid UUID.";
        let cases = [
            (json!(7), json!({ "expected": "coll?" }), json!([])),
            (json!([]), json!({ "expected": NAMES }), json!([0])),
            (json!(["index", { "attr-id": ATTR }]), json!({ "expected": NAMES }), json!([0])),
            (json!(["add-triple", "x", ATTR, 1]), json!({ "message": invalid }), json!([1])),
            (json!(["add-triple", ID, "x", 1]), json!({ "expected": "uuid?" }), json!([2])),
            (json!(["add-triple", ID, ATTR]), json!({ "expected": "a value" }), json!([3])),
            (json!(["add-triple", ID, ATTR, 1, 2]), json!({ "expected": "map?" }), json!([4])),
            (
                json!(["add-triple", ID, ATTR, 1, { "mode": "x" }]),
                json!({ "expected": "create, update or upsert" }),
                json!([4, "mode"]),
            ),
            (json!(["retract-triple", ID, ATTR, 1, {}]), json!({ "expected": "nothing more" }), json!([4])),
            (json!(["delete-entity", ID, 1]), json!({ "expected": "string?" }), json!([2])),
            (json!(["delete-attr", ID, 1]), json!({ "expected": "nothing more" }), json!([2])),
        ];
        for (step, error, place) in cases {
            let bad = TxStep::from_json(&step).unwrap_err();
            assert_eq!(bad, BadStep { error, place: place.as_array().unwrap().clone() }, "{step}");
        }
        let bad = TxStep::from_json(&json!(["add-attr", { "id": ATTR }])).unwrap_err();
        let error = bad.into_error(&[json!(3)]);
        assert_eq!(
            (&error["expected"], &error["in"]),
            (&json!("instant.db.model.attr/value-type"), &json!([3, 1]))
        );
    }

    #[test]
    fn a_pair_spells_a_lookup_only_with_an_attribute_id() {
        assert!(Lookup::from_value(&json!([ATTR, 1])).is_some());
        assert!(Lookup::from_value(&json!(["handle", 1])).is_none());
        assert!(Lookup::from_value(&json!([ATTR, 1, 2])).is_none());
    }
}
