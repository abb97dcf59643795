//! What a push refuses in a rules document.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::bind::Binds;
use super::limit::Bucket;
use super::rule::Action;
use super::rules_of_app::compile;
use crate::error::ApiError;

/// Checks a rules document as the official server does at a push: binds, the rules of the four actions, field rules and
/// rate limits. Link rules and `$default`s of an entity type are checked when they are first used.
///
/// # Errors
///
/// Fails with `validation-failed`, and all that is wrong in the order of the official server.
pub(crate) fn validate(code: &Value) -> Result<(), ApiError> {
    let Value::Object(namespaces) = code else {
        let message =
            "The rules must be an object of namespaces, for example {\"posts\": {\"allow\": {..}}}.";
        return Err(ApiError::invalid("rule", code.clone(), message));
    };
    let mut problems = Problems { code, errors: Vec::new(), length: 0 };
    problems.binds(namespaces);
    for etype in namespaces.keys().filter(|etype| *etype != "$rateLimits") {
        problems.actions(etype)?;
    }
    for etype in namespaces.keys().filter(|etype| *etype != "$rateLimits") {
        problems.fields(etype)?;
    }
    problems.rate_limits();
    if problems.errors.is_empty() {
        return Ok(());
    }
    Err(ApiError::validation("rule", code.clone(), problems.errors))
}

struct Problems<'c> {
    code: &'c Value,
    errors: Vec<Value>,
    /// How long the expressions were, with their binds.
    length: usize,
}

/// How long the expressions of a document may be together, with their binds, in bytes: checking them takes a second or so.
const LONGEST: usize = 1024 * 1024;

impl Problems<'_> {
    fn add(&mut self, at: &[&str], message: impl Into<String>) {
        self.errors.push(json!({ "message": message.into(), "in": at }));
    }

    fn binds(&mut self, namespaces: &Map<String, Value>) {
        for (etype, namespace) in namespaces {
            let items = match &namespace["bind"] {
                Value::Array(items) => items.as_slice(),
                // A text is taken for a list of its characters.
                Value::String(text) if text.chars().count() % 2 == 1 => {
                    self.add(&[etype, "bind"], ODD);
                    continue;
                }
                _ => continue,
            };
            if items.len() % 2 == 1 {
                self.add(&[etype, "bind"], ODD);
                continue;
            }
            let mut seen = HashSet::new();
            let names = items.iter().step_by(2);
            if let Some(repeated) = names.filter_map(Value::as_str).find(|name| !seen.insert(*name)) {
                self.add(&[etype, "bind", repeated], "bind should only contain a given variable name once");
            }
        }
    }

    fn actions(&mut self, etype: &str) -> Result<(), ApiError> {
        let binds = Binds::of(self.code, etype);
        for action in [Action::View, Action::Create, Action::Update, Action::Delete] {
            let path = [etype, "allow", action.name()];
            let written = &self.code[etype]["allow"][action.name()];
            if etype == "$users" && action == Action::Delete && !written.is_null() && written != "false" {
                self.add(
                    &path,
                    "The $users namespace doesn't support permissions for delete. Set `$users.allow.delete` to `\"false\"`.",
                );
            } else if etype.starts_with('$') && !WITH_RULES.contains(&etype) {
                let message = format!(
                    "The {etype} namespace is a reserved internal namespace that does not yet support rules."
                );
                self.add(&path, message);
            } else {
                self.expression(&binds, written, action, &path)?;
            }
        }
        Ok(())
    }

    fn fields(&mut self, etype: &str) -> Result<(), ApiError> {
        let Some(fields) = self.code[etype]["fields"].as_object() else { return Ok(()) };
        let binds = Binds::of(self.code, etype);
        for (label, written) in fields {
            if label == "id" {
                let message =
                    format!("You cannot set field rules for `id`. Use {etype} -> allow -> view instead");
                self.add(&[etype, "fields"], message);
            } else {
                self.expression(&binds, written, Action::View, &[etype, "fields", label])?;
            }
        }
        Ok(())
    }

    fn expression(
        &mut self,
        binds: &Binds<'_>,
        written: &Value,
        action: Action,
        path: &[&str],
    ) -> Result<(), ApiError> {
        if written.is_null() {
            return Ok(());
        }
        // Counted before it is compiled, which takes longer than expanding it.
        let text = written.as_str().unwrap_or_default();
        self.length += binds.expand(text).map_or(text.len(), |code| code.len());
        if self.length > LONGEST {
            let message = format!(
                "The expressions of the rules, with their binds, are longer than {LONGEST} bytes together. Write shorter \
                 ones."
            );
            return Err(ApiError::invalid("rule", Value::Null, message));
        }
        let buckets = &self.code["$rateLimits"];
        let has_bucket = |name: &str| buckets.get(name).is_some();
        let messages = match compile(written, binds, action) {
            Ok(compiled) => compiled.program.push_errors(&has_bucket),
            Err(messages) => messages,
        };
        for message in messages {
            self.add(path, message);
        }
        Ok(())
    }

    fn rate_limits(&mut self) {
        match &self.code["$rateLimits"] {
            Value::Null => {}
            Value::Object(buckets) => {
                for (name, bucket) in buckets {
                    if let Err(message) = Bucket::parse(bucket) {
                        self.add(&["$rateLimits", name], message);
                    }
                }
            }
            _ => self.add(&["$rateLimits"], "$rateLimits must be an object"),
        }
    }
}

const ODD: &str = "bind should have an even number of elements";

/// The namespaces with a `$` that can have rules.
const WITH_RULES: [&str; 4] = ["$users", "$files", "$streams", "$default"];
