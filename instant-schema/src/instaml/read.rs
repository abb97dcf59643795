//! Reading steps from the JSON of `POST /admin/transact`, with the place of each mistake.

use serde_json::{Map, Value};

use super::{Action, Step, Target};
use crate::id::{has_groups_of_an_id, parse_id};
use crate::path::Path;
use crate::rule::{self, Problem, Rule};

/// The names of the steps about entities.
pub const ACTIONS: [&str; 7] = ["create", "update", "merge", "link", "unlink", "delete", "ruleParams"];

impl Step {
    /// Reads a step about an entity. An `id` among the attributes is ignored, as the server does.
    ///
    /// # Errors
    /// The first mistake, with its path in the step. Mistakes of shape come before those of lookups, as a server reports
    /// them.
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
    /// # Ok::<(), instant_schema::Problem>(())
    /// ```
    pub fn from_json(step: &Value) -> Result<Self, Problem> {
        let root = Path::root();
        let Value::Array(parts) = step else { return Err(rule::not_a_step().at(&root)) };
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
    /// Reads the target of a step: a UUID, `[attribute, value]`, `{attribute: value}` or
    /// `lookup__attribute__json`.
    pub fn from_json(value: &Value) -> Result<Self, Problem> {
        match value {
            Value::Array(pair) => match pair.as_slice() {
                [Value::String(attribute), value] => Ok(lookup(attribute, value)),
                _ => Err(rule::not_a_pair()),
            },
            _ => Self::from_link_json(value),
        }
    }

    /// Reads the only target of a link: like the target of a step, but never a list, which would be several targets.
    pub fn from_link_json(value: &Value) -> Result<Self, Problem> {
        match value {
            Value::String(text) => match text.strip_prefix("lookup__") {
                Some(encoded) => encoded_lookup(encoded),
                None => parse_id(text).map(Self::Id).ok_or_else(rule::not_an_id),
            },
            Value::Object(map) => {
                let mut pairs = map.iter();
                match (pairs.next(), pairs.next()) {
                    (Some((attribute, value)), None) => Ok(lookup(attribute, value)),
                    _ => Err(rule::lookup_keys(map.len())),
                }
            }
            _ => Err(rule::not_an_id()),
        }
    }
}

/// Reads what follows `lookup__`. A lookup without a value is one of null.
fn encoded_lookup(encoded: &str) -> Result<Target, Problem> {
    let (attribute, json) = split_lookup(encoded);
    let value = if json.trim().is_empty() { Ok(Value::Null) } else { serde_json::from_str(json) };
    match value {
        Ok(value) if !encoded.is_empty() => Ok(Target::Lookup { attribute: attribute.to_owned(), value }),
        _ => Err(rule::lookup_value(attribute, json)),
    }
}

fn lookup(attribute: &str, value: &Value) -> Target {
    Target::Lookup { attribute: attribute.to_owned(), value: value.clone() }
}

/// Whether a list of targets has the shape of a lookup, `["handle", ..]`. It is two targets all the same.
fn could_be_lookup(targets: &[Value]) -> bool {
    matches!(targets, [Value::String(_), _])
}

/// Reads a target of such a list, whose elements nobody checks before they are used.
fn one_of_two(value: &Value) -> Result<Target, Problem> {
    match value {
        Value::String(text) if !text.starts_with("lookup__") => {
            Ok(parse_id(text).map_or_else(|| Target::Unreadable(text.clone()), Target::Id))
        }
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(attribute), rest @ ..] => {
                Ok(lookup(attribute, rest.first().unwrap_or(&Value::Null)))
            }
            _ => Err(rule::not_a_pair()),
        },
        Value::Null => Err(rule::lookup_keys(0)),
        other => Target::from_link_json(other),
    }
}

/// Splits the part of a lookup string after `lookup__` at its first `__`: into the attribute and the JSON of its value.
///
/// ```
/// use instant_schema::instaml::split_lookup;
///
/// assert_eq!(split_lookup("handle__\"a__b\""), ("handle", "\"a__b\""));
/// assert_eq!(split_lookup("handle"), ("handle", ""));
/// assert_eq!(split_lookup("handle__1__"), ("handle", "1"));
/// ```
pub fn split_lookup(encoded: &str) -> (&str, &str) {
    let end = encoded.trim_end_matches('_');
    // Separators at the end separate nothing.
    let encoded = if (encoded.len() - end.len()).is_multiple_of(2) { end } else { encoded };
    encoded.split_once("__").unwrap_or((encoded, ""))
}

/// Reads one step, keeping the first error about a lookup for later.
struct Reader<'a> {
    parts: &'a [Value],
    lookup: Option<Problem>,
}

impl<'a> Reader<'a> {
    fn step(&mut self, action: &str) -> Result<Step, Problem> {
        // The server reports an unknown name before a wrong length.
        let most = match action {
            "update" | "merge" => 5,
            "create" | "link" | "unlink" | "ruleParams" => 4,
            // The official SDK sends a null after a deletion's id.
            "delete" => usize::MAX,
            _ => {
                return Err(rule::unknown_action(action, &ACTIONS).at(&Path::root().index(0)));
            }
        };
        if self.parts.len() > most {
            return Err(rule::step_too_long().at(&Path::root().index(most)));
        }
        let entity = self.part(1).as_str().map(str::to_owned);
        let entity = entity.ok_or_else(|| rule::not_a_name().at(&Path::root().index(1)))?;
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
        read: fn(&Value) -> Result<Target, Problem>,
    ) -> Result<Target, Problem> {
        read(value).or_else(|problem| match problem.rule {
            Rule::LookupValue | Rule::LookupKeys => {
                self.lookup.get_or_insert(problem.at(path));
                // Nobody sees this target: the error replaces the step.
                Ok(Target::Lookup { attribute: String::new(), value: Value::Null })
            }
            _ => match value.as_str().filter(|text| has_groups_of_an_id(text)) {
                Some(text) => Ok(Target::Unreadable(text.to_owned())),
                None => Err(problem.at(path)),
            },
        })
    }

    fn links(&mut self) -> Result<Vec<(String, Vec<Target>)>, Problem> {
        let mut links = Vec::new();
        for (label, value) in self.object(3)?.iter().filter(|(label, _)| *label != "id") {
            let path = Path::root().index(3).key(label);
            let targets = match value {
                Value::Array(list) => {
                    let read = if could_be_lookup(list) { one_of_two } else { Target::from_json };
                    list.iter()
                        .enumerate()
                        .map(|(place, one)| self.target(one, &path.index(place), read))
                        .collect::<Result<_, _>>()?
                }
                Value::Object(lookups) => {
                    lookups.iter().map(|(attribute, value)| lookup(attribute, value)).collect()
                }
                one => vec![self.target(one, &path, Target::from_link_json)?],
            };
            links.push((label.clone(), targets));
        }
        Ok(links)
    }

    fn attributes(&self) -> Result<Map<String, Value>, Problem> {
        let mut attributes = self.object(3)?.clone();
        attributes.shift_remove("id");
        Ok(attributes)
    }

    /// Any value except null and false means true.
    fn upsert(&self) -> Result<Option<bool>, Problem> {
        if self.part(4).is_null() {
            return Ok(None);
        }
        Ok(match self.object(4)?.get("upsert") {
            None | Some(Value::Null) => None,
            Some(value) => Some(*value != Value::Bool(false)),
        })
    }

    fn object(&self, part: usize) -> Result<&'a Map<String, Value>, Problem> {
        self.part(part).as_object().ok_or_else(|| rule::not_an_object().at(&Path::root().index(part)))
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

    fn broken(step: &Value) -> (String, Rule) {
        let problem = Step::from_json(step).unwrap_err();
        (problem.place.to_string(), problem.rule)
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
            Target::from_link_json(&json!(["handle", "x"])).unwrap_err().rule,
            Rule::NotAnId,
            "a pair would be two targets"
        );
    }

    #[test]
    fn a_lookup_without_a_value_is_one_of_null() {
        for text in ["lookup__handle", "lookup__handle__", "lookup__handle__ "] {
            let null = Target::Lookup { attribute: "handle".to_owned(), value: Value::Null };
            assert_eq!(Target::from_json(&json!(text)).unwrap(), null, "{text}");
        }
        assert_eq!(Target::from_json(&json!("lookup__")).unwrap_err().rule, Rule::LookupValue);
    }

    fn targets(of: &Value) -> Vec<Target> {
        match Step::from_json(&json!(["link", "posts", ID, { "author": of }])).unwrap().action {
            Action::Link(mut links) => links.remove(0).1,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_object_is_one_target_for_each_of_its_keys() {
        assert_eq!(
            targets(&json!({ "handle": "a", "age": 3 })),
            [
                Target::Lookup { attribute: "handle".to_owned(), value: json!("a") },
                Target::Lookup { attribute: "age".to_owned(), value: json!(3) },
            ]
        );
        assert_eq!(targets(&json!({})), []);
        assert_eq!(targets(&json!([])), []);
    }

    #[test]
    fn a_list_of_two_that_begins_with_a_text_is_two_targets_of_any_kind() {
        let unreadable = |text: &str| Target::Unreadable(text.to_owned());
        let id = Target::Id(ID.parse().unwrap());
        assert_eq!(targets(&json!(["handle", "bob"])), [unreadable("handle"), unreadable("bob")]);
        assert_eq!(targets(&json!(["bad", ID])), [unreadable("bad"), id.clone()]);
        let null = Target::Lookup { attribute: "handle".to_owned(), value: Value::Null };
        assert_eq!(targets(&json!([ID, ["handle"]])), [id, null]);
        let link = |targets: Value| json!(["link", "posts", ID, { "author": targets }]);
        assert_eq!(broken(&link(json!(["bad", null]))), ("[3].author[1]".to_owned(), Rule::LookupKeys));
        assert_eq!(broken(&link(json!(["bad", 7]))), ("[3].author[1]".to_owned(), Rule::NotAnId));
        assert_eq!(broken(&link(json!(["bad", "x", "y"]))), ("[3].author[0]".to_owned(), Rule::NotAnId));
    }

    #[test]
    fn a_text_with_the_groups_of_an_id_is_left_to_whoever_uses_it() {
        let step = Step::from_json(&json!(["delete", "posts", "1-1-1-1-1"])).unwrap();
        assert_eq!(step.target, Target::Unreadable("1-1-1-1-1".to_owned()));
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
    fn what_is_wrong_is_found_at_its_place() {
        let found =
            |step: Value, place: &str, rule: Rule| assert_eq!(broken(&step), (place.to_owned(), rule));
        found(json!(7), "", Rule::NotAStep);
        found(json!(["update", 1, ID, {}]), "[1]", Rule::NotAName);
        found(json!(["update", "users", "12345", {}]), "[2]", Rule::NotAnId);
        found(json!(["update", "users", [1, 2], {}]), "[2]", Rule::NotAPair);
        found(json!(["update", "users", ID, "x"]), "[3]", Rule::NotAnObject);
        found(json!(["update", "users", ID, {}, 1]), "[4]", Rule::NotAnObject);
        found(json!(["create", "users", ID, {}, null]), "[4]", Rule::StepTooLong);
        found(json!(["link", "users", ID, { "a b": [ID, 1] }]), "[3][\"a b\"][1]", Rule::NotAnId);
        found(json!(["link", "users", ID, { "posts": null }]), "[3].posts", Rule::NotAnId);
    }

    #[test]
    fn an_unknown_step_comes_with_what_was_meant() {
        let problem = Step::from_json(&json!(["updat", "users", ID, {}])).unwrap_err();
        assert!(problem.to_string().starts_with("[0]: there is no step `updat`: did you mean `update`?"));
        assert_eq!(broken(&json!([])), ("[0]".to_owned(), Rule::UnknownAction));
    }

    #[test]
    fn errors_about_lookups_come_after_those_about_shapes() {
        let problem = Step::from_json(&json!(["delete", "users", { "a": 1, "b": 2 }])).unwrap_err();
        assert_eq!((problem.place.to_string().as_str(), problem.rule), ("[2]", Rule::LookupKeys));
        assert!(problem.message.ends_with("this one has 2"));
        let whole = "lookup__handle__{";
        let problem = Step::from_json(&json!(["delete", "users", whole])).unwrap_err();
        assert_eq!(problem.rule, Rule::LookupValue);
        assert_eq!(problem.message, "the value of the lookup by `handle` is not JSON: {");
        assert_eq!(broken(&json!(["update", "users", whole, 1])), ("[3]".to_owned(), Rule::NotAnObject));
    }

    proptest! {
        #[test]
        fn no_text_in_an_id_makes_it_panic(text in r#"(lookup__)?[a-z_"{}0-9é]{0,12}"#) {
            let _ = Target::from_json(&json!(text));
        }
    }
}
