//! Admin steps: the shape check of `POST /admin/transact` and its parse into typed steps.

use instant_schema::{Step, Target};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::http::parse_uuid;

/// One admin step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AdminStep {
    /// A step about an entity.
    Entity(Step),
    /// A new attribute, unchecked.
    AddAttr(Map<String, Value>),
    /// Soft deletion of an attribute.
    DeleteAttr(Uuid),
}

const ACTIONS: &str = "create, update, merge, link, unlink, delete, ruleParams, add-attr or delete-attr";

/// Reads the steps of a request. Shape errors come before any other, those about entity ids first of all.
pub(crate) fn parse(steps: &Value) -> Result<Vec<AdminStep>, ApiError> {
    let list =
        steps.as_array().ok_or_else(|| ApiError::param_malformed(&["body", "steps"], steps.clone()))?;
    let mut reader = Reader::default();
    let parsed: Result<Vec<_>, Shape> =
        list.iter().enumerate().map(|(index, step)| reader.step(index, step)).collect();
    match parsed {
        Ok(parsed) => match reader.problem {
            None => Ok(parsed),
            Some(problem) => Err(problem),
        },
        Err(shape) => {
            Err(ApiError::validation("steps", steps.clone(), vec![bad_id(list).unwrap_or(shape.0)]))
        }
    }
}

/// A shape error: `{expected, in}`.
struct Shape(Value);

/// Parses one step after the other, keeping the first error that is not about shape for later.
#[derive(Default)]
struct Reader {
    problem: Option<ApiError>,
}

impl Reader {
    fn step(&mut self, index: usize, step: &Value) -> Result<AdminStep, Shape> {
        let parts = step.as_array().ok_or_else(|| expected("coll?", json!([index])))?;
        let action = parts.first().and_then(Value::as_str).unwrap_or("");
        let at = Parts { index, parts };
        let step = match action {
            "create" => {
                at.at_most(4)?;
                let (entity, target) = self.head(at)?;
                Step::Create { entity, target, attributes: at.attributes()? }
            }
            "update" => {
                let (entity, target) = self.head(at)?;
                Step::Update { entity, target, attributes: at.attributes()?, upsert: at.upsert()? }
            }
            "merge" => {
                let (entity, target) = self.head(at)?;
                Step::Merge { entity, target, attributes: at.attributes()?, upsert: at.upsert()? }
            }
            "link" => {
                at.at_most(4)?;
                let (entity, target) = self.head(at)?;
                Step::Link { entity, target, links: self.links(at)? }
            }
            "unlink" => {
                at.at_most(4)?;
                let (entity, target) = self.head(at)?;
                Step::Unlink { entity, target, links: self.links(at)? }
            }
            "delete" => {
                let (entity, target) = self.head(at)?;
                Step::Delete { entity, target }
            }
            "ruleParams" => {
                at.at_most(4)?;
                let (entity, target) = self.head(at)?;
                Step::RuleParams { entity, target, params: at.attributes()? }
            }
            "add-attr" => {
                at.at_most(2)?;
                return Ok(AdminStep::AddAttr(at.map(1)?.clone()));
            }
            "delete-attr" => {
                at.at_most(2)?;
                let id = at.get(1).as_str().and_then(parse_uuid);
                return Ok(AdminStep::DeleteAttr(id.ok_or_else(|| at.expected("coercible-uuid?", 1))?));
            }
            "update-attr" => {
                at.at_most(2)?;
                let attr = at.map(1)?.clone();
                let error = json!({
                    "message": "Unsupported action update-attr", "hint": { "value": "update-attr" }
                });
                self.remember(ApiError::validation("action", "update-attr", vec![error]));
                return Ok(AdminStep::AddAttr(attr));
            }
            _ => return Err(at.expected(ACTIONS, 0)),
        };
        Ok(AdminStep::Entity(step))
    }

    /// The entity type and id that most steps begin with.
    fn head(&mut self, at: Parts<'_>) -> Result<(String, Target), Shape> {
        let entity = at.get(1).as_str().ok_or_else(|| at.expected("string?", 1))?;
        let target = self.entity_id(at.get(2)).map_err(|what| at.expected(what, 2))?;
        Ok((entity.to_owned(), target))
    }

    /// An id where an entity is named: a uuid or any form of lookup.
    fn entity_id(&mut self, value: &Value) -> Result<Target, &'static str> {
        match value {
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(attribute), value] => {
                    Ok(Target::Lookup { attribute: attribute.clone(), value: value.clone() })
                }
                _ => Err("[attribute, value]"),
            },
            _ => self.target(value),
        }
    }

    /// An id where a link points to: as an entity id, but a pair would be two ids.
    fn target(&mut self, value: &Value) -> Result<Target, &'static str> {
        match value {
            Value::String(text) => {
                if let Some(encoded) = text.strip_prefix("lookup__") {
                    return Ok(self.encoded_lookup(text, encoded));
                }
                parse_uuid(text).map(Target::Id).ok_or("coercible-uuid?")
            }
            Value::Object(map) => Ok(self.map_lookup(map)),
            _ => Err("coercible-uuid?"),
        }
    }

    /// `lookup__attribute__json`.
    fn encoded_lookup(&mut self, whole: &str, encoded: &str) -> Target {
        let (attribute, json) = encoded.split_once("__").unwrap_or((encoded, ""));
        let value = serde_json::from_str(json).unwrap_or_else(|_| {
            let hint = json!({ "attribute": attribute, "value": json });
            let error = json!({ "message": "lookup value is invalid", "hint": hint });
            self.remember(ApiError::validation("lookup", whole, vec![error]));
            Value::Null
        });
        Target::Lookup { attribute: attribute.to_owned(), value }
    }

    /// `{attribute: value}`.
    fn map_lookup(&mut self, map: &Map<String, Value>) -> Target {
        let mut pairs = map.iter();
        if let (Some((attribute, value)), None) = (pairs.next(), pairs.next()) {
            return Target::Lookup { attribute: attribute.clone(), value: value.clone() };
        }
        let message = "lookup must be an object with a single unique attr and value.";
        self.remember(ApiError::invalid("lookup", map.clone(), message));
        Target::Lookup { attribute: String::new(), value: Value::Null }
    }

    fn links(&mut self, at: Parts<'_>) -> Result<Vec<(String, Vec<Target>)>, Shape> {
        let map = at.map(3)?.iter().filter(|(label, _)| *label != "id");
        let links = map.map(|(label, value)| {
            let bad = |what: &str, place: Value| expected(what, place);
            let targets = match value {
                Value::Array(list) => list
                    .iter()
                    .enumerate()
                    .map(|(i, one)| {
                        let target = if one.is_array() { self.entity_id(one) } else { self.target(one) };
                        target.map_err(|what| bad(what, json!([at.index, 3, label, i])))
                    })
                    .collect::<Result<Vec<_>, _>>()?,
                one => vec![self.target(one).map_err(|what| bad(what, json!([at.index, 3, label])))?],
            };
            Ok((label.clone(), targets))
        });
        links.collect()
    }

    fn remember(&mut self, problem: ApiError) {
        self.problem.get_or_insert(problem);
    }
}

/// The elements of one step, with its place.
#[derive(Clone, Copy)]
struct Parts<'a> {
    index: usize,
    parts: &'a [Value],
}

impl<'a> Parts<'a> {
    fn get(self, part: usize) -> &'a Value {
        self.parts.get(part).unwrap_or(&Value::Null)
    }

    fn map(self, part: usize) -> Result<&'a Map<String, Value>, Shape> {
        self.get(part).as_object().ok_or_else(|| self.expected("map?", part))
    }

    /// The attributes of a write. `id` is the entity's own and dropped.
    fn attributes(self) -> Result<Map<String, Value>, Shape> {
        let mut attributes = self.map(3)?.clone();
        attributes.shift_remove("id");
        Ok(attributes)
    }

    /// The `upsert` option: any value but `null` and `false` is true.
    fn upsert(self) -> Result<Option<bool>, Shape> {
        self.at_most(5)?;
        if self.get(4).is_null() {
            return Ok(None);
        }
        Ok(match self.map(4)?.get("upsert") {
            None | Some(Value::Null) => None,
            Some(value) => Some(*value != Value::Bool(false)),
        })
    }

    fn at_most(self, length: usize) -> Result<(), Shape> {
        if self.parts.len() <= length { Ok(()) } else { Err(self.expected("nothing more", length)) }
    }

    fn expected(self, what: &str, part: usize) -> Shape {
        expected(what, json!([self.index, part]))
    }
}

fn expected(what: &str, place: Value) -> Shape {
    let mut error = json!({ "expected": what });
    error["in"] = place;
    Shape(error)
}

/// The error about the first step whose entity id cannot be one.
fn bad_id(steps: &[Value]) -> Option<Value> {
    const WITH_ID: [&str; 7] = ["create", "update", "merge", "link", "unlink", "delete", "ruleParams"];
    steps.iter().enumerate().find_map(|(index, step)| {
        let parts = step.as_array().filter(|parts| parts.len() >= 3)?;
        parts[0].as_str().filter(|action| WITH_ID.contains(action))?;
        let printed = match &parts[2] {
            Value::Array(_) | Value::Object(_) => return None,
            Value::String(text) if text.starts_with("lookup__") || parse_uuid(text).is_some() => return None,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let message =
            format!("Invalid entity ID '{printed}'. Entity IDs must be UUIDs or lookup references.");
        Some(json!({ "message": message, "in": [index, 2] }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

    fn error(steps: &Value) -> ApiError {
        parse(steps).unwrap_err()
    }

    fn first_problem(steps: &Value) -> Value {
        let error = error(steps);
        assert_eq!(error.message().split(':').next(), Some("Validation failed for steps"));
        error.hint()["errors"][0].clone()
    }

    fn target(eid: &Value) -> Target {
        let steps = parse(&json!([["delete", "users", eid]])).unwrap();
        match steps.into_iter().next() {
            Some(AdminStep::Entity(Step::Delete { target, .. })) => target,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bad_id_is_named_with_its_place() {
        let problem = first_problem(&json!([["update", "users", ID, {}], ["update", "users", "12345", {}]]));
        let message = "Invalid entity ID '12345'. Entity IDs must be UUIDs or lookup references.";
        assert_eq!(problem, json!({ "message": message, "in": [1, 2] }));
    }

    #[test]
    fn a_bad_id_in_a_later_step_is_reported_before_an_earlier_shape_error() {
        let problem = first_problem(&json!([["update", "users", ID, 1], ["update", "users", 7, {}]]));
        assert_eq!(problem["in"], json!([1, 2]));
    }

    #[test]
    fn shape_errors_say_what_was_expected_where() {
        let cases = [
            (json!([["update", 1, ID, {}]]), "string?", json!([0, 1])),
            (json!([["update", "users", ID, "x"]]), "map?", json!([0, 3])),
            (json!([["update", "users", ID, {}, 1]]), "map?", json!([0, 4])),
            (json!([["create", "users", ID, {}, null]]), "nothing more", json!([0, 4])),
            (json!([["link", "users", ID, { "posts": null }]]), "coercible-uuid?", json!([0, 3, "posts"])),
            (
                json!([["link", "users", ID, { "posts": [ID, 1] }]]),
                "coercible-uuid?",
                json!([0, 3, "posts", 1]),
            ),
            (json!([["frob", "users", ID, {}]]), ACTIONS, json!([0, 0])),
            (json!([["update", "users", [1, 2], {}]]), "[attribute, value]", json!([0, 2])),
            (json!([7]), "coll?", json!([0])),
            (json!([[]]), ACTIONS, json!([0, 0])),
        ];
        for (steps, what, place) in cases {
            assert_eq!(first_problem(&steps), json!({ "expected": what, "in": place }), "{steps}");
        }
    }

    #[test]
    fn every_form_of_lookup_is_read() {
        let lookup = Target::Lookup { attribute: "handle".to_owned(), value: json!("a__b") };
        assert_eq!(target(&json!(["handle", "a__b"])), lookup);
        assert_eq!(target(&json!({ "handle": "a__b" })), lookup);
        assert_eq!(target(&json!("lookup__handle__\"a__b\"")), lookup);
    }

    #[test]
    fn lookups_that_cannot_be_read_are_refused() {
        let bad = error(&json!([["delete", "users", "lookup__handle__{"]]));
        assert_eq!(bad.message(), "Validation failed for lookup: lookup value is invalid");
        assert_eq!(bad.hint()["errors"][0]["hint"], json!({ "attribute": "handle", "value": "{" }));
        let two = error(&json!([["delete", "users", { "a": 1, "b": 2 }]]));
        let said =
            "Validation failed for lookup: lookup must be an object with a single unique attr and value.";
        assert_eq!(two.message(), said);
    }

    #[test]
    fn update_attr_is_known_but_not_supported() {
        let error = error(&json!([["update-attr", {}]]));
        assert_eq!(error.message(), "Validation failed for action: Unsupported action update-attr");
    }

    #[test]
    fn an_id_among_the_attributes_is_dropped() {
        let steps = parse(&json!([["create", "users", ID, { "id": "x", "name": "n" }]])).unwrap();
        let AdminStep::Entity(Step::Create { attributes, .. }) = &steps[0] else { panic!("{steps:?}") };
        assert_eq!(Value::Object(attributes.clone()), json!({ "name": "n" }));
    }
}
