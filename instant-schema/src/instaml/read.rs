//! From the JSON of `POST /admin/transact` to steps, with the place of what is wrong.

use serde_json::{Map, Value};

use super::{Action, Step, Target};
use crate::path::Path;
use crate::{parse_id, suggest};

/// The steps about entities.
pub const ACTIONS: [&str; 7] = ["create", "update", "merge", "link", "unlink", "delete", "ruleParams"];

/// A step that cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct StepError {
    /// Where in the step: `[2]` is the entity's id, `[3].posts[1]` the second target of a link.
    pub path: Path,
    /// What is wrong.
    pub problem: StepProblem,
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepProblem {
    /// There is no such step.
    #[error("there is no step `{0}`: {hint}", hint = suggest::hint(.0, "steps", ACTIONS))]
    UnknownAction(String),
    /// A step, or a part of it, is of another JSON type than its place needs.
    #[error("expected {0}")]
    Expected(Expected),
    /// What follows `lookup__attribute__` is not JSON.
    #[error("the value of the lookup by `{attribute}` is not JSON: {json}")]
    LookupJson {
        /// The attribute of the lookup.
        attribute: String,
        /// What should be JSON.
        json: String,
        /// The lookup as it was written.
        whole: String,
    },
    /// A lookup object that has not exactly one attribute.
    #[error("a lookup is an object with one unique attribute and its value, and this one has {}", .0.len())]
    LookupKeys(Map<String, Value>),
}

/// What a place in a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expected {
    /// A whole step.
    List,
    /// The name of an entity type.
    Text,
    /// Attributes, links, options.
    Object,
    /// A UUID, or a lookup as an object or a string.
    Id,
    /// A lookup as a list.
    Pair,
    /// The end of the step.
    Nothing,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::List => "a step: [\"update\", entity, id, {..}]",
            Self::Text => "the name of an entity in a string",
            Self::Object => "an object",
            Self::Id => "a UUID or a lookup { attribute: value }",
            Self::Pair => "a lookup [attribute, value]",
            Self::Nothing => "nothing more here",
        })
    }
}

impl Step {
    /// Reads a step about an entity. `id` among the attributes is the entity's own and dropped.
    ///
    /// Errors about lookups come after those about shapes, as a server reports them.
    ///
    /// ```
    /// use instant_schema::Step;
    /// use serde_json::json;
    ///
    /// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    /// let json = json!(["link", "posts", id, { "author": { "handle": "ada" } }]);
    /// assert_eq!(Step::from_json(&json)?.to_json(), json);
    ///
    /// let error = Step::from_json(&json!(["link", "posts", id, { "author": [id, 7] }])).unwrap_err();
    /// assert_eq!(error.to_string(), "[3].author[1]: expected a UUID or a lookup { attribute: value }");
    /// # Ok::<(), instant_schema::instaml::StepError>(())
    /// ```
    pub fn from_json(step: &Value) -> Result<Self, StepError> {
        let root = Path::root();
        let Value::Array(parts) = step else { return Err(expected(&root, Expected::List)) };
        let action = parts.first().and_then(Value::as_str).unwrap_or_default();
        let mut reader = Reader { parts, lookup: None };
        let step = reader.step(action)?;
        match reader.lookup {
            None => Ok(step),
            Some(error) => Err(error),
        }
    }
}

impl Target {
    /// Reads what stands in the place of an entity's id: a UUID, `[attribute, value]`, `{attribute: value}` or
    /// `lookup__attribute__json`.
    pub fn from_json(value: &Value) -> Result<Self, StepProblem> {
        match value {
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(attribute), value] => {
                    Ok(Self::Lookup { attribute: attribute.clone(), value: value.clone() })
                }
                _ => Err(StepProblem::Expected(Expected::Pair)),
            },
            _ => Self::from_link_json(value),
        }
    }

    /// Reads what stands in the place of a link's only target: as an entity's id, but a list would be several.
    pub fn from_link_json(value: &Value) -> Result<Self, StepProblem> {
        match value {
            Value::String(text) => match text.strip_prefix("lookup__") {
                Some(encoded) => encoded_lookup(text, encoded),
                None => parse_id(text).map(Self::Id).ok_or(StepProblem::Expected(Expected::Id)),
            },
            Value::Object(map) => {
                let mut pairs = map.iter();
                match (pairs.next(), pairs.next()) {
                    (Some((attribute, value)), None) => {
                        Ok(Self::Lookup { attribute: attribute.clone(), value: value.clone() })
                    }
                    _ => Err(StepProblem::LookupKeys(map.clone())),
                }
            }
            _ => Err(StepProblem::Expected(Expected::Id)),
        }
    }
}

fn encoded_lookup(whole: &str, encoded: &str) -> Result<Target, StepProblem> {
    let (attribute, json) = encoded.split_once("__").unwrap_or((encoded, ""));
    match serde_json::from_str(json) {
        Ok(value) => Ok(Target::Lookup { attribute: attribute.to_owned(), value }),
        Err(_) => Err(StepProblem::LookupJson {
            attribute: attribute.to_owned(),
            json: json.to_owned(),
            whole: whole.to_owned(),
        }),
    }
}

fn expected(path: &Path, what: Expected) -> StepError {
    StepError { path: path.clone(), problem: StepProblem::Expected(what) }
}

/// Reads one step, keeping the first error about a lookup for later.
struct Reader<'a> {
    parts: &'a [Value],
    lookup: Option<StepError>,
}

impl<'a> Reader<'a> {
    fn step(&mut self, action: &str) -> Result<Step, StepError> {
        // The server looks for an unknown name first and at the length of a step second.
        let most = match action {
            "update" | "merge" => 5,
            "create" | "link" | "unlink" | "ruleParams" => 4,
            // The official SDK sends a null after a deletion's id.
            "delete" => usize::MAX,
            _ => {
                let problem = StepProblem::UnknownAction(action.to_owned());
                return Err(StepError { path: Path::root().index(0), problem });
            }
        };
        if self.parts.len() > most {
            return Err(expected(&Path::root().index(most), Expected::Nothing));
        }
        let entity = self.part(1).as_str().map(str::to_owned);
        let entity = entity.ok_or_else(|| expected(&Path::root().index(1), Expected::Text))?;
        let target = self.target(self.part(2), &Path::root().index(2), Target::from_json)?;
        let action = match action {
            "create" => Action::Create(self.attributes()?),
            "update" => Action::Update { attributes: self.attributes()?, upsert: self.upsert()? },
            "merge" => Action::Merge { attributes: self.attributes()?, upsert: self.upsert()? },
            "link" => Action::Link(self.links()?),
            "unlink" => Action::Unlink(self.links()?),
            "ruleParams" => Action::RuleParams(self.attributes()?),
            _ => Action::Delete,
        };
        Ok(Step::new(entity, target, action))
    }

    fn target(
        &mut self,
        value: &Value,
        path: &Path,
        read: fn(&Value) -> Result<Target, StepProblem>,
    ) -> Result<Target, StepError> {
        read(value).or_else(|problem| {
            let error = StepError { path: path.clone(), problem };
            if matches!(error.problem, StepProblem::Expected(_)) {
                return Err(error);
            }
            self.lookup.get_or_insert(error);
            // Never seen: the step is given up for the error.
            Ok(Target::Lookup { attribute: String::new(), value: Value::Null })
        })
    }

    fn links(&mut self) -> Result<Vec<(String, Vec<Target>)>, StepError> {
        let mut links = Vec::new();
        for (label, value) in self.object(3)?.iter().filter(|(label, _)| *label != "id") {
            let path = Path::root().index(3).key(label);
            let targets = match value {
                Value::Array(list) => list
                    .iter()
                    .enumerate()
                    .map(|(place, one)| self.target(one, &path.index(place), Target::from_json))
                    .collect::<Result<_, _>>()?,
                one => vec![self.target(one, &path, Target::from_link_json)?],
            };
            links.push((label.clone(), targets));
        }
        Ok(links)
    }

    fn attributes(&self) -> Result<Map<String, Value>, StepError> {
        let mut attributes = self.object(3)?.clone();
        attributes.shift_remove("id");
        Ok(attributes)
    }

    /// Any value but null and false means true.
    fn upsert(&self) -> Result<Option<bool>, StepError> {
        if self.part(4).is_null() {
            return Ok(None);
        }
        Ok(match self.object(4)?.get("upsert") {
            None | Some(Value::Null) => None,
            Some(value) => Some(*value != Value::Bool(false)),
        })
    }

    fn object(&self, part: usize) -> Result<&'a Map<String, Value>, StepError> {
        self.part(part).as_object().ok_or_else(|| expected(&Path::root().index(part), Expected::Object))
    }

    fn part(&self, part: usize) -> &'a Value {
        self.parts.get(part).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

    fn place(step: &Value) -> (String, StepProblem) {
        let StepError { path, problem } = Step::from_json(step).unwrap_err();
        (path.to_string(), problem)
    }

    #[test]
    fn every_step_is_read_and_written_back() {
        for step in [
            json!(["create", "users", ID, {}]),
            json!(["update", "users", ["handle", "a"], { "name": null }]),
            json!(["update", "users", ID, { "name": 1 }, { "upsert": false }]),
            json!(["merge", "users", ID, { "meta": { "a": [1] } }, { "upsert": true }]),
            json!(["link", "users", ID, { "posts": [ID, { "slug": "x" }], "profile": ID }]),
            json!(["unlink", "users", ID, { "posts": { "slug": "x" } }]),
            json!(["delete", "users", ID]),
            json!(["ruleParams", "users", ID, { "secret": "s" }]),
        ] {
            assert_eq!(Step::from_json(&step).unwrap().to_json(), step);
        }
    }

    #[test]
    fn every_form_of_lookup_is_read() {
        let lookup = Target::Lookup { attribute: "handle".to_owned(), value: json!("a__b") };
        for form in
            [json!(["handle", "a__b"]), json!({ "handle": "a__b" }), json!("lookup__handle__\"a__b\"")]
        {
            assert_eq!(Target::from_json(&form).unwrap(), lookup);
        }
        assert_eq!(
            Target::from_link_json(&json!(["handle", "x"])),
            Err(StepProblem::Expected(Expected::Id)),
            "a pair would be two targets"
        );
    }

    #[test]
    fn what_official_tools_send_besides_is_passed_over() {
        let step = Step::from_json(&json!(["delete", "users", ID, null])).unwrap();
        assert_eq!(step.to_json(), json!(["delete", "users", ID]));
        let step =
            Step::from_json(&json!(["update", "users", ID, { "id": "x", "name": "n" }, null])).unwrap();
        assert_eq!(step.to_json(), json!(["update", "users", ID, { "name": "n" }]));
        let upsert = Step::from_json(&json!(["update", "users", ID, {}, { "upsert": 1 }])).unwrap();
        assert_eq!(upsert.to_json()[4], json!({ "upsert": true }));
    }

    #[test]
    fn what_is_wrong_is_found_where_it_stands() {
        let expected = |step: Value| match place(&step) {
            (path, StepProblem::Expected(what)) => (path, what),
            other => panic!("{other:?}"),
        };
        assert_eq!(expected(json!(7)), (String::new(), Expected::List));
        assert_eq!(expected(json!(["update", 1, ID, {}])), ("[1]".into(), Expected::Text));
        assert_eq!(expected(json!(["update", "users", "12345", {}])), ("[2]".into(), Expected::Id));
        assert_eq!(expected(json!(["update", "users", [1, 2], {}])), ("[2]".into(), Expected::Pair));
        assert_eq!(expected(json!(["update", "users", ID, "x"])), ("[3]".into(), Expected::Object));
        assert_eq!(expected(json!(["update", "users", ID, {}, 1])), ("[4]".into(), Expected::Object));
        assert_eq!(expected(json!(["create", "users", ID, {}, null])), ("[4]".into(), Expected::Nothing));
        assert_eq!(
            expected(json!(["link", "users", ID, { "a b": [ID, 1] }])),
            ("[3][\"a b\"][1]".into(), Expected::Id)
        );
        assert_eq!(
            expected(json!(["link", "users", ID, { "posts": null }])),
            ("[3].posts".into(), Expected::Id)
        );
    }

    #[test]
    fn an_unknown_step_is_told_with_what_was_meant() {
        let error = Step::from_json(&json!(["updat", "users", ID, {}])).unwrap_err();
        assert!(error.to_string().starts_with("[0]: there is no step `updat`: did you mean `update`?"));
        assert_eq!(place(&json!([])).1, StepProblem::UnknownAction(String::new()));
    }

    #[test]
    fn errors_about_lookups_come_after_those_about_shapes() {
        let two = json!({ "a": 1, "b": 2 });
        let (path, problem) = place(&json!(["delete", "users", two]));
        assert_eq!(
            (path.as_str(), &problem),
            ("[2]", &StepProblem::LookupKeys(two.as_object().unwrap().clone()))
        );
        assert!(problem.to_string().ends_with("and this one has 2"));
        let whole = "lookup__handle__{";
        let (attribute, json) = ("handle".to_owned(), "{".to_owned());
        assert_eq!(
            place(&json!(["delete", "users", whole])).1,
            StepProblem::LookupJson { attribute, json, whole: whole.to_owned() }
        );
        assert_eq!(place(&json!(["update", "users", whole, 1])).0, "[3]");
    }

    proptest! {
        #[test]
        fn no_text_in_an_id_makes_it_panic(text in r#"(lookup__)?[a-z_"{}0-9é]{0,12}"#) {
            let _ = Target::from_json(&json!(text));
        }
    }
}
