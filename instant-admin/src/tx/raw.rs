//! Steps by name, for entities and attributes that are known only at run time.

use instant_schema::Step;
use instant_schema::instaml::{Action, Target};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{IntoSteps, Steps};
use crate::id::Id;
use crate::sealed::Generated;
use crate::value::{Invalid, RuleParams, ValueError, serialized};

/// Steps on the entity of that type and id, or of that type and [`lookup`].
///
/// `update` and `merge` make the entity where it does not exist, as in JavaScript; `strict` changes that. Values
/// are whatever serialises to an object: `json!({ .. })`, a map, a struct of your own. Links are objects too, from
/// label to an id, a list of ids, or `{ attribute: value }` for a lookup.
///
/// A client that has a schema checks these steps against it before it sends them: the names, the types of values,
/// and that lookups go by unique attributes.
///
/// ```
/// use instant_admin::tx::{self, Steps};
/// use serde_json::json;
/// let ada = tx::lookup("handle", "ada");
/// let step = tx::raw("users", ada).update(json!({ "name": "Ada" })).strict();
/// assert_eq!(
///     Steps::to_json(step)?,
///     json!([["update", "users", ["handle", "ada"], { "name": "Ada" }, { "upsert": false }]])
/// );
/// # Ok::<(), instant_admin::Error>(())
/// ```
pub fn raw(entity: impl Into<String>, target: impl Into<RawTarget>) -> Raw {
    let RawTarget(target) = target.into();
    let entity = entity.into();
    let (target, errors) = match target {
        Ok(target) => (target, Vec::new()),
        Err((attribute, error)) => (Target::Id(Uuid::nil()), vec![error.at(&entity, &attribute)]),
    };
    Raw { entity, target, steps: Vec::new(), errors }
}

/// The entity whose unique attribute has that value.
pub fn lookup(attribute: impl Into<String>, value: impl Serialize) -> RawTarget {
    let attribute = attribute.into();
    RawTarget(match serialized(value) {
        Ok(value) => Ok(Target::Lookup { attribute, value }),
        Err(error) => Err((attribute, error)),
    })
}

/// Steps on one entity, by name. See [`raw`].
#[derive(Debug, Clone)]
#[must_use = "steps do nothing until `transact` has them"]
pub struct Raw {
    entity: String,
    target: Target,
    steps: Vec<Step>,
    errors: Vec<Invalid>,
}

/// Which entity a [`raw`] step means: an id or a [`lookup`].
#[derive(Debug, Clone, PartialEq)]
pub struct RawTarget(Result<Target, (String, ValueError)>);

impl Raw {
    /// Makes the entity with those attributes; fails where it exists.
    pub fn create(self, attributes: impl Serialize) -> Self {
        self.with(attributes, Action::Create)
    }

    /// Writes those attributes, and makes the entity where it does not exist.
    pub fn update(self, attributes: impl Serialize) -> Self {
        self.with(attributes, |attributes| Action::Update { attributes, upsert: None })
    }

    /// Deep-merges those attributes, and makes the entity where it does not exist.
    pub fn merge(self, attributes: impl Serialize) -> Self {
        self.with(attributes, |attributes| Action::Merge { attributes, upsert: None })
    }

    /// Lets what was written so far with `update` and `merge` fail where the entity does not exist. Where nothing was,
    /// it is an error, which comes when the steps are sent.
    pub fn strict(mut self) -> Self {
        let mut applies = false;
        for step in &mut self.steps {
            if let Action::Update { upsert, .. } | Action::Merge { upsert, .. } = &mut step.action {
                *upsert = Some(false);
                applies = true;
            }
        }
        // A write that was refused added an error instead of a step.
        if !applies && self.errors.is_empty() {
            let message = "`strict()` is for the `update` or `merge` before it, and there is none: write \
                           `.update(json!({ .. })).strict()`";
            self.fail(ValueError::new(message).at(&self.entity, ""));
        }
        self
    }

    /// Adds links.
    pub fn link(self, links: impl Serialize) -> Self {
        self.with_links(links, Action::Link)
    }

    /// Removes links.
    pub fn unlink(self, links: impl Serialize) -> Self {
        self.with_links(links, Action::Unlink)
    }

    /// Deletes the entity, and what cascades from it.
    pub fn delete(mut self) -> Self {
        self.push(Action::Delete);
        self
    }

    /// Gives the permission rules values, which they see as `ruleParams`: a struct, a map or `json!({ .. })`.
    pub fn rule_params(mut self, params: impl RuleParams) -> Self {
        match params.rule_params() {
            Ok(params) => self.push(Action::RuleParams(params)),
            Err(error) => self.fail(error.at(&self.entity, "")),
        }
        self
    }

    fn with(mut self, values: impl Serialize, action: impl FnOnce(Map<String, Value>) -> Action) -> Self {
        if let Some(values) = self.object(values) {
            self.push(action(values));
        }
        self
    }

    fn with_links(
        mut self,
        links: impl Serialize,
        action: impl FnOnce(Vec<(String, Vec<Target>)>) -> Action,
    ) -> Self {
        let Some(links) = self.object(links) else { return self };
        let (mut read, before) = (Vec::new(), self.errors.len());
        for (label, targets) in links {
            match link_targets(&targets) {
                Some(targets) => read.push((label, targets)),
                None => self.fail(not_a_target(&targets).at(&self.entity, &label)),
            }
        }
        if self.errors.len() == before {
            self.push(action(read));
        }
        self
    }

    fn push(&mut self, action: Action) {
        self.steps.push(Step::new(self.entity.clone(), self.target.clone(), action));
    }

    fn object(&mut self, values: impl Serialize) -> Option<Map<String, Value>> {
        let error = match serialized(values) {
            Ok(Value::Object(values)) => return Some(values),
            Ok(other) => {
                ValueError::new(format!("expected an object such as `json!({{ .. }})`, not `{other}`"))
            }
            Err(error) => error,
        };
        self.fail(error.at(&self.entity, ""));
        None
    }

    fn fail(&mut self, error: Invalid) {
        self.errors.push(error);
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for Raw {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        steps.extend_untyped(self.steps, self.errors);
    }
}

impl From<Uuid> for RawTarget {
    fn from(id: Uuid) -> Self {
        Self(Ok(Target::Id(id)))
    }
}

impl<E> From<Id<E>> for RawTarget {
    fn from(id: Id<E>) -> Self {
        id.uuid().into()
    }
}

fn link_targets(targets: &Value) -> Option<Vec<Target>> {
    match targets {
        Value::Array(targets) => targets.iter().map(|one| Target::from_link_json(one).ok()).collect(),
        one => Some(vec![Target::from_link_json(one).ok()?]),
    }
}

fn not_a_target(given: &Value) -> ValueError {
    ValueError::new(format!("expected an id, `{{ attribute: value }}` or a list of those, not `{given}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strict_is_for_all_writes_before_it_whatever_comes_between() {
        let id = Uuid::nil();
        let steps =
            raw("posts", id).update(json!({ "a": 1 })).merge(json!({ "b": {} })).link(json!({ "tags": id }));
        assert_eq!(
            Steps::to_json(steps.strict().update(json!({ "c": 2 }))).unwrap(),
            json!([
                ["update", "posts", id, { "a": 1 }, { "upsert": false }],
                ["merge", "posts", id, { "b": {} }, { "upsert": false }],
                ["link", "posts", id, { "tags": id }],
                ["update", "posts", id, { "c": 2 }],
            ])
        );
    }

    #[test]
    fn strict_without_a_write_before_it_is_an_error() {
        let message = "posts: `strict()` is for the `update` or `merge` before it, and there is none: write \
                       `.update(json!({ .. })).strict()`";
        let begun = || raw("posts", Uuid::nil());
        for steps in [
            begun().strict().update(json!({})),
            begun().delete().strict(),
            begun().create(json!({})).strict(),
        ] {
            assert_eq!(Steps::collect(steps).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn everything_that_is_wrong_with_values_is_reported() {
        let first = raw("posts", lookup("slug", "a")).update(json!(3)).strict();
        let second =
            raw("tags", Uuid::nil()).link(json!({ "posts": "x", "users": [1], "notes": Uuid::nil() }));
        let steps = Steps::collect((raw("users", Uuid::nil()).delete(), first, vec![second])).unwrap_err();
        assert_eq!(
            steps.to_string(),
            "posts: expected an object such as `json!({ .. })`, not `3`\n\
             tags.posts: expected an id, `{ attribute: value }` or a list of those, not `\"x\"`\n\
             tags.users: expected an id, `{ attribute: value }` or a list of those, not `[1]`"
        );
        assert!(steps.is_invalid_transaction() && steps.path().is_none());
    }
}
