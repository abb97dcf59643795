//! New attributes: the shape of an `add-attr`, and the payload that errors show.

use instant_schema::plan::PlanStep;
use instant_schema::{Attr, CheckedType, Identity, parse_id_value};
use serde_json::{Map, Value, json};

use super::BadStep;

/// A new attribute, with the payload that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewAttr {
    /// Its record.
    pub(crate) attr: Attr,
    /// What was sent, which errors show.
    pub(crate) given: Value,
}

impl NewAttr {
    /// Reads the payload of an `add-attr`.
    pub(crate) fn read(payload: &Map<String, Value>) -> Result<Self, BadStep> {
        check(payload)?;
        let mut read = payload.clone();
        // Of a value, no reverse identity is one that is null.
        read.retain(|_, value| !value.is_null());
        let given = Value::Object(payload.clone());
        match PlanStep::from_json(&json!(["add-attr", read])) {
            Ok(PlanStep::AddAttr(attr)) => Ok(Self { attr, given }),
            Ok(_) => Err(BadStep::expected("map?", &[json!(1)])),
            Err(problem) => Err(BadStep::said(&problem.message, &[json!(1)])),
        }
    }

    /// An attribute that a write names and the app does not have. Its names must not be blank.
    pub(crate) fn invented(attr: Attr) -> Result<Self, BadStep> {
        let mut given = json!({
            "id": attr.id, "forward-identity": attr.forward_identity, "value-type": attr.stored_as,
            "cardinality": attr.cardinality, "unique?": attr.unique, "index?": attr.indexed,
        });
        if let Some(reverse) = &attr.reverse_identity {
            given["reverse-identity"] = json!(reverse);
        }
        names(&given)?;
        Ok(Self { attr, given })
    }
}

/// Checks what an `add-attr` must have, one member after the other.
fn check(payload: &Map<String, Value>) -> Result<(), BadStep> {
    let is_ref = match payload.get("value-type").and_then(Value::as_str) {
        Some("blob") => false,
        Some("ref") => true,
        _ => {
            let bad = BadStep::expected("instant.db.model.attr/value-type", &[json!(1)]);
            return Err(bad.saying("`value-type` must be \"blob\" or \"ref\""));
        }
    };
    for key in ["cardinality", "id", "forward-identity", "unique?", "index?"] {
        present(payload, key, "")?;
    }
    if is_ref {
        present(payload, "reverse-identity", ": a link needs a name on the entity that it leads to")?;
    }
    let place = |key: &str, holds: bool, expected: Value, said: &str| {
        let bad = || {
            BadStep::expected(expected, &[json!(1), json!(key)]).saying(&format!("`{key}` must be {said}"))
        };
        if holds { Ok(()) } else { Err(bad()) }
    };
    place("id", parse_id_value(&payload["id"]).is_some(), json!("uuid?"), "a UUID")?;
    let cardinality = matches!(payload["cardinality"].as_str(), Some("one" | "many"));
    place("cardinality", cardinality, json!(["one", "many"]), "\"one\" or \"many\"")?;
    for key in ["unique?", "index?", "required?"] {
        let holds = payload.get(key).is_none_or(Value::is_boolean);
        place(key, holds, json!("boolean?"), "true or false")?;
    }
    let is_type = |value: &Value| value.as_str().and_then(CheckedType::from_name).is_some();
    let holds = payload.get("checked-data-type").is_none_or(is_type);
    let types = json!("instant.db.model.attr/checked-data-types");
    place(
        "checked-data-type",
        holds,
        types,
        "\"string\", \"number\", \"boolean\" or \"date\"; leave it out for any json",
    )?;
    for key in ["on-delete", "on-delete-reverse"] {
        let setting = payload.get(key).unwrap_or(&Value::Null);
        place(key, setting.is_null() || setting == "cascade", json!(["cascade"]), "\"cascade\" or null")?;
    }
    for key in ["forward-identity", "reverse-identity"] {
        let identity = payload.get(key).filter(|value| !value.is_null());
        let holds = identity.is_none_or(|value| serde_json::from_value::<Identity>(value.clone()).is_ok());
        place(key, holds, json!("instant.db.model.attr/label"), "a list of a UUID, an entity and a label")?;
    }
    names(&Value::Object(payload.clone()))
}

/// Names must not be blank.
fn names(payload: &Value) -> Result<(), BadStep> {
    for key in ["forward-identity", "reverse-identity"] {
        for part in [1, 2] {
            if payload[key][part].as_str().is_some_and(|name| name.trim().is_empty()) {
                let place = [json!(1), json!(key), json!(part)];
                let bad = BadStep::expected(json!(["complement", "clojure.string/blank?"]), &place);
                return Err(bad.saying("names of entities, attributes and links must not be blank"));
            }
        }
    }
    Ok(())
}

fn present(payload: &Map<String, Value>, key: &str, why: &str) -> Result<(), BadStep> {
    if payload.contains_key(key) {
        return Ok(());
    }
    let bad = BadStep::expected(json!(["fn", ["%"], ["contains?", "%", key]]), &[json!(1)]);
    Err(bad.saying(&format!("`{key}` is missing{why}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

    fn payload(changes: &Value) -> Map<String, Value> {
        let mut payload = json!({
            "id": ID, "value-type": "blob", "cardinality": "one", "forward-identity": [ID, "posts", "title"],
            "unique?": false, "index?": true,
        });
        for (key, value) in changes.as_object().into_iter().flatten() {
            payload[key.as_str()] = value.clone();
        }
        payload.as_object().cloned().unwrap_or_default()
    }

    fn error(payload: &Map<String, Value>) -> (String, Value) {
        let mut error = NewAttr::read(payload).unwrap_err().into_error(&[]);
        (error["message"].take().as_str().unwrap().to_owned(), json!([error["expected"], error["in"]]))
    }

    #[test]
    fn a_payload_is_kept_as_it_was_sent() {
        let given = payload(&json!({ "zippy": 1, "reverse-identity": null }));
        let read = NewAttr::read(&given).unwrap();
        assert_eq!((read.given, read.attr.indexed), (Value::Object(given), true));
    }

    #[test]
    fn each_member_has_its_own_error() {
        for (changes, expected, place) in [
            (json!({ "value-type": "text" }), json!("instant.db.model.attr/value-type"), json!([1])),
            (json!({ "value-type": null }), json!("instant.db.model.attr/value-type"), json!([1])),
            (json!({ "id": "x" }), json!("uuid?"), json!([1, "id"])),
            (json!({ "cardinality": "two" }), json!(["one", "many"]), json!([1, "cardinality"])),
            (json!({ "unique?": null }), json!("boolean?"), json!([1, "unique?"])),
            (json!({ "required?": "yes" }), json!("boolean?"), json!([1, "required?"])),
            (
                json!({ "checked-data-type": null }),
                json!("instant.db.model.attr/checked-data-types"),
                json!([1, "checked-data-type"]),
            ),
            (json!({ "on-delete": "restrict" }), json!(["cascade"]), json!([1, "on-delete"])),
            (
                json!({ "forward-identity": [ID, "posts"] }),
                json!("instant.db.model.attr/label"),
                json!([1, "forward-identity"]),
            ),
            (
                json!({ "forward-identity": [ID, "posts", " "] }),
                json!(["complement", "clojure.string/blank?"]),
                json!([1, "forward-identity", 2]),
            ),
            (
                json!({ "value-type": "ref" }),
                json!(["fn", ["%"], ["contains?", "%", "reverse-identity"]]),
                json!([1]),
            ),
        ] {
            assert_eq!(error(&payload(&changes)).1, json!([expected, place]));
        }
        let mut without = payload(&json!({}));
        without.remove("index?");
        let expected = json!([["fn", ["%"], ["contains?", "%", "index?"]], [1]]);
        assert_eq!(error(&without), ("`index?` is missing".to_owned(), expected));
        let odd = payload(&json!({ "cardinality": "two" }));
        assert_eq!(error(&odd).0, "`cardinality` must be \"one\" or \"many\"");
    }
}
