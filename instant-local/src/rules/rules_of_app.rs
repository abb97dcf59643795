//! The rules of one app: which expression applies to an action.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use instant_schema::catalog;
use serde_json::{Map, Value, json};

use super::bind::{Binds, UNREADABLE};
use super::limit::Bucket;
use super::rule::{Action, Compiled, Rule};
use crate::cel::Program;
use crate::error::ApiError;

/// The rules of one app. Expressions are compiled when they are first used.
#[derive(Debug)]
pub(crate) struct Rules {
    code: Value,
    buckets: HashMap<String, Bucket>,
    compiled: Mutex<HashMap<Place, Result<Arc<Compiled>, ApiError>>>,
}

/// Where an expression is in the document, and what its text is compiled for.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Place {
    path: Vec<String>,
    /// The entity type whose binds it has; `$default` where an entity type has none of its own.
    binds: String,
    action: Action,
}

impl Rules {
    /// The rules of a document that [was checked](super::validate); `None` where there is none.
    pub(crate) fn of(code: Option<Value>) -> Self {
        let code = code.unwrap_or_else(|| Value::Object(Map::new()));
        let buckets = code["$rateLimits"].as_object().into_iter().flatten();
        let buckets = buckets.filter_map(|(name, bucket)| Some((name.clone(), Bucket::parse(bucket).ok()?)));
        Self { buckets: buckets.collect(), compiled: Mutex::default(), code }
    }

    /// The rule about an action on the entities of a type: the entity type's own, then its `$default`, then those of the
    /// namespace `$default`, then what is fixed for system entities. `None` allows everything. The entity type of
    /// attributes is `attrs`.
    ///
    /// # Errors
    ///
    /// Fails with `validation-failed` where the rule does not compile.
    pub(crate) fn rule(&self, etype: &str, action: Action) -> Result<Option<Rule>, ApiError> {
        let name = action.name();
        let own = [[etype, "allow", name], [etype, "allow", "$default"]];
        let default = [["$default", "allow", name], ["$default", "allow", "$default"]];
        for path in own.iter().chain(&default) {
            if let Some(rule) = self.at(path, etype, action)? {
                return Ok(Some(rule));
            }
        }
        if catalog::is_system_entity(etype) { fallback(etype, action).map(Some) } else { Ok(None) }
    }

    /// The rule about seeing one attribute of the entities of a type.
    ///
    /// # Errors
    ///
    /// As [`rule`](Self::rule).
    pub(crate) fn field(&self, etype: &str, label: &str) -> Result<Option<Rule>, ApiError> {
        self.at(&[etype, "fields", label], etype, Action::View)
    }

    /// The rule about [linking](Action::Link) or [unlinking](Action::Unlink) through `etype.label`. `forward` is the entity
    /// type that owns the link: its binds apply and `data.ref` starts there, whichever side the rule is on.
    ///
    /// # Errors
    ///
    /// As [`rule`](Self::rule).
    pub(crate) fn link(
        &self,
        etype: &str,
        label: &str,
        action: Action,
        forward: &str,
    ) -> Result<Option<Rule>, ApiError> {
        for label in [label, "$default"] {
            if let Some(rule) = self.at(&[etype, "allow", action.name(), label], forward, action)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// The rule about the sign-up of a user, which has no fallback.
    ///
    /// # Errors
    ///
    /// As [`rule`](Self::rule).
    pub(crate) fn sign_up(&self) -> Result<Option<Rule>, ApiError> {
        self.at(&["$users", "allow", "create"], "$users", Action::Create)
    }

    /// A bucket of `$rateLimits`.
    pub(super) fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// The rule at a path, for an entity type.
    fn at(&self, path: &[&str], etype: &str, action: Action) -> Result<Option<Rule>, ApiError> {
        let Some(written) = get(&self.code, path) else { return Ok(None) };
        let binds = if self.code[etype]["bind"].is_null() { "$default" } else { etype };
        let place = Place {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            binds: binds.to_owned(),
            action,
        };
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = compiled.entry(place).or_insert_with(|| {
            compile(written, &Binds::of(&self.code, binds), action).map(Arc::new).map_err(|messages| {
                let errors = messages.into_iter().map(|message| json!({ "message": message }));
                ApiError::validation("permission", json!(path), errors.collect())
            })
        });
        let compiled = Arc::clone(compiled.as_ref().map_err(Clone::clone)?);
        Ok(Some(Rule { etype: etype.to_owned(), action, compiled }))
    }
}

/// Compiles an expression as it is written in a document. Fails with messages.
pub(super) fn compile(written: &Value, binds: &Binds<'_>, action: Action) -> Result<Compiled, Vec<String>> {
    let code = match written {
        Value::String(code) => binds.expand(code),
        Value::Bool(code) => binds.expand(if *code { "true" } else { "false" }),
        _ => Err(UNREADABLE.to_owned()),
    };
    let code = code.map_err(|message| vec![message])?;
    let program = Program::compile(&code, action.kind())?;
    Ok(Compiled { code, written: written.clone(), program })
}

/// What stands at a path; nothing where that is null.
pub(super) fn get<'v>(code: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(code, |value, key| value.get(*key)).filter(|value| !value.is_null())
}

/// The rule on a system entity type that the document says nothing about.
fn fallback(etype: &str, action: Action) -> Result<Rule, ApiError> {
    const OWN: &str =
        "auth.id == data.id || (data.linkedPrimaryUser != null && auth.id == data.linkedPrimaryUser)";
    let (code, shown) = match (etype, action) {
        ("$users", Action::View | Action::Update) => (OWN, OWN.to_owned()),
        ("$files", _) => ("false", "false".to_owned()),
        ("$users", Action::Create) => ("true", "true".to_owned()),
        _ => ("false", format!("disallow_{}_on_system_tables", action.name())),
    };
    let program = Program::compile(code, action.kind())
        .map_err(|messages| ApiError::internal(format!("a fixed rule does not compile: {messages:?}")))?;
    let compiled = Compiled { code: code.to_owned(), written: Value::from(shown), program };
    Ok(Rule { etype: etype.to_owned(), action, compiled: Arc::new(compiled) })
}
