//! What an evaluation works with besides its own variables.

use std::borrow::Cow;
use std::rc::Rc;

use serde_json::Value as Json;

use super::bindings::{Bindings, Host, Root};
use super::budget::Budget;
use super::failure::{ErrorKind, Failure, Fault};
use super::pattern::{self, Compiled, Pattern, Patterns};
use super::value::{StoredMap, Value, WeakInt};
use crate::json;

/// What an evaluation works with besides its own variables.
pub(super) struct Context<'a, 'e> {
    pub(super) bindings: &'e Bindings<'a>,
    pub(super) host: &'a dyn Host,
    pub(super) budget: &'e mut Budget,
    pub(super) patterns: &'a Patterns,
    pub(super) fetches: &'e mut Fetches,
}

/// Which results of `ref` are there.
///
/// The official server evaluates a rule first without them: what the rule asks for is fetched, and the rule evaluated
/// again. Only the calls of `limit` show it, as they take tokens each time.
#[derive(Debug, Default)]
pub(super) struct Fetches {
    /// Whether fetches are followed: only where a program has both `ref` and `limit`.
    are_followed: bool,
    done: Vec<(Root, String)>,
    wanted: Vec<(Root, String)>,
}

impl Fetches {
    pub(super) fn of(are_followed: bool) -> Self {
        Self { are_followed, ..Self::default() }
    }

    /// Fetches what was asked for since. Says whether there was anything.
    pub(super) fn advance(&mut self) -> bool {
        let has_news = !self.wanted.is_empty();
        self.done.append(&mut self.wanted);
        has_news
    }

    fn has(&mut self, root: Root, path: &str) -> bool {
        let is_done = !self.are_followed || self.done.iter().any(|(at, done)| *at == root && done == path);
        if !is_done {
            self.wanted.push((root, path.to_owned()));
        }
        is_done
    }
}

impl<'a> Context<'a, '_> {
    /// The values of a `ref`.
    pub(super) fn reference(&mut self, map: StoredMap<'a>, path: &str) -> Result<Value<'a>, Fault> {
        let Some(root) = map.root else { return Err(Fault::Overload) };
        if matches!(map.get("id"), Value::Null) {
            return Ok(Value::list(Vec::new()));
        }
        let path = match root {
            Root::Auth => path.strip_prefix("$user.").unwrap_or(path),
            Root::Data | Root::LinkedData => path,
        };
        if !self.fetches.has(root, path) {
            return Ok(Value::Unknown);
        }
        let values = self.host.reference(root, path).map_err(Failure::Host)?;
        self.budget.spend(1)?;
        Ok(match values {
            Cow::Borrowed(values) => Value::JsonList(values),
            Cow::Owned(values) => {
                self.budget.spend(values.len())?;
                Value::list(values.into_iter().map(owned).collect())
            }
        })
    }

    /// Whether `pattern` matches somewhere in `text`.
    pub(super) fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Fault> {
        if let Some(compiled) = self.patterns.get(pattern) {
            return self.search(compiled, text);
        }
        self.budget.spend(COMPILING * (1 + pattern.len() / 16))?;
        self.search(&pattern::compile(pattern), text)
    }

    fn search(&mut self, pattern: &Pattern, text: &str) -> Result<bool, Fault> {
        match pattern {
            Ok(Compiled { regex, weight }) => {
                self.budget.spend(text.len().saturating_mul(*weight))?;
                Ok(regex.is_match(text))
            }
            Err(cause) => Err(Fault::Error(ErrorKind::InvalidArgument, cause.clone())),
        }
    }
}

/// What compiling 16 bytes of a pattern costs at most.
const COMPILING: usize = 2_000;

/// A value of `ref` that is not lent.
fn owned<'a>(json: Json) -> Value<'a> {
    match json {
        Json::Array(elements) => Value::list(elements.into_iter().map(owned).collect()),
        Json::Object(entries) => Value::Map(Rc::new(
            entries.into_iter().map(|(key, value)| (Value::made(key), owned(value))).collect(),
        )),
        number if json::is_number(&number) => match Value::number(&number) {
            Value::Int(value) => Value::WeakInt(WeakInt::Small(value)),
            other => other,
        },
        Json::String(text) => Value::made(json::plain_text(&text)),
        Json::Bool(value) => Value::Bool(value),
        // Numbers were above.
        Json::Null | Json::Number(_) => Value::Null,
    }
}
