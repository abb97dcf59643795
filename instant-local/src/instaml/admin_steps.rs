//! Admin steps: the shape check of `POST /admin/transact` and its parse into typed steps.

use instant_schema::instaml::{self, split_lookup};
use instant_schema::{Path, Problem, Rule, Segment, Step, parse_id_value};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::json;

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

/// Reads the steps of a request. Reports errors about entity ids first, then other shape errors, then the rest.
pub(crate) fn parse(steps: &Value) -> Result<Vec<AdminStep>, ApiError> {
    let list = match steps {
        Value::Array(list) => list.as_slice(),
        Value::Object(entries) if entries.is_empty() => &[],
        _ => {
            let Shape(error) = expected(ACTIONS, json!([0, 0]));
            return Err(ApiError::validation("steps", steps.clone(), vec![error]));
        }
    };
    let mut reader = Reader::default();
    let parsed: Result<Vec<_>, Shape> =
        list.iter().enumerate().filter_map(|(index, step)| reader.step(index, step).transpose()).collect();
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
    /// `None` is a step whose error is kept.
    fn step(&mut self, index: usize, step: &Value) -> Result<Option<AdminStep>, Shape> {
        let parts = step.as_array().ok_or_else(|| expected("coll?", json!([index])))?;
        let action = parts.first().and_then(Value::as_str).unwrap_or("");
        let payload = parts.get(1).unwrap_or(&Value::Null);
        let is_about_attributes = matches!(action, "add-attr" | "delete-attr" | "update-attr");
        if is_about_attributes && parts.len() > 2 {
            return Err(expected("nothing more", json!([index, 2])));
        }
        let record = || payload.as_object().cloned().ok_or_else(|| expected("map?", json!([index, 1])));
        match action {
            "add-attr" => Ok(Some(AdminStep::AddAttr(record()?))),
            "delete-attr" => {
                let id = parse_id_value(payload);
                Ok(Some(AdminStep::DeleteAttr(
                    id.ok_or_else(|| expected("coercible-uuid?", json!([index, 1])))?,
                )))
            }
            "update-attr" => {
                record()?;
                let error = json!({
                    "message": "Unsupported action update-attr", "hint": { "value": "update-attr" }
                });
                self.remember(ApiError::validation("action", "update-attr", vec![error]));
                Ok(None)
            }
            _ => match Step::from_json(step) {
                Ok(step) => Ok(Some(AdminStep::Entity(step))),
                Err(problem) => self.entity_error(index, step, &problem).map(|()| None),
            },
        }
    }

    /// Reports a step that cannot be read as the server does. Errors about lookups are kept for later.
    fn entity_error(&mut self, index: usize, step: &Value, problem: &Problem) -> Result<(), Shape> {
        let path = problem.place.path().map(Path::segments).unwrap_or_default();
        let what = match problem.rule {
            Rule::LookupValue => {
                let whole = value_at(step, path);
                let encoded = whole.as_str().and_then(|whole| whole.strip_prefix("lookup__"));
                let (attribute, value) = split_lookup(encoded.unwrap_or_default());
                let hint = json!({ "attribute": attribute, "value": value });
                let error = json!({ "message": "lookup value is invalid", "hint": hint });
                self.remember(ApiError::validation("lookup", whole.clone(), vec![error]));
                return Ok(());
            }
            Rule::LookupKeys => {
                let message = "lookup must be an object with a single unique attr and value.";
                self.remember(ApiError::invalid("lookup", value_at(step, path).clone(), message));
                return Ok(());
            }
            Rule::NotAStep => "coll?",
            Rule::NotAName => "string?",
            Rule::NotAnObject => "map?",
            Rule::NotAnId => "coercible-uuid?",
            Rule::NotAPair => "[attribute, value]",
            Rule::StepTooLong => "nothing more",
            _ => ACTIONS,
        };
        let place = path.iter().map(|segment| match segment {
            Segment::Key(name) => json!(name),
            Segment::Index(part) => json!(part),
        });
        Err(expected(what, [json!(index)].into_iter().chain(place).collect()))
    }

    fn remember(&mut self, problem: ApiError) {
        self.problem.get_or_insert(problem);
    }
}

/// The part of a step at a path.
fn value_at<'v>(step: &'v Value, path: &[Segment]) -> &'v Value {
    path.iter().fold(step, |value, segment| match segment {
        Segment::Key(name) => &value[name.as_str()],
        Segment::Index(part) => &value[*part],
    })
}

fn expected(what: &str, place: Value) -> Shape {
    let mut error = json!({ "expected": what });
    error["in"] = place;
    Shape(error)
}

/// The error about the first step with an invalid entity id.
fn bad_id(steps: &[Value]) -> Option<Value> {
    steps.iter().enumerate().find_map(|(index, step)| {
        let parts = step.as_array().filter(|parts| parts.len() >= 3)?;
        parts[0].as_str().filter(|action| instaml::ACTIONS.contains(action))?;
        let printed = match &parts[2] {
            Value::Array(_) | Value::Object(_) => return None,
            number if json::is_number(number) => json::message(number),
            // Whatever else can be read as a target.
            Value::String(text) if Step::from_json(&json!(["delete", "", text])).is_ok() => return None,
            Value::String(text) if text.starts_with("lookup__") => return None,
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
    use instant_schema::Target;

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
            Some(AdminStep::Entity(step)) => step.target,
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
        let AdminStep::Entity(step) = &steps[0] else { panic!("{steps:?}") };
        assert_eq!(step.to_json()[3], json!({ "name": "n" }));
    }
}
