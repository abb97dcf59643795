//! Steps by name, for entities and attributes that are known only at run time.

use instant_schema::Step;
use instant_schema::instaml::Target;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{IntoSteps, Steps};
use crate::Id;
use crate::value::{Invalid, ValueError, serialized};

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
    let (target, error) = match target {
        Ok(target) => (target, None),
        Err((attribute, error)) => (Target::Id(Uuid::nil()), Some(error.at(&entity, &attribute))),
    };
    Raw { entity, target, steps: Vec::new(), error }
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
    error: Option<Invalid>,
}

/// Which entity a [`raw`] step means: an id or a [`lookup`].
#[derive(Debug, Clone, PartialEq)]
pub struct RawTarget(Result<Target, (String, ValueError)>);

impl Raw {
    /// Makes the entity with those attributes; fails where it exists.
    pub fn create(self, attributes: impl Serialize) -> Self {
        self.with(attributes, |entity, target, attributes| Step::Create { entity, target, attributes })
    }

    /// Writes those attributes, and makes the entity where it does not exist.
    pub fn update(self, attributes: impl Serialize) -> Self {
        self.with(attributes, |entity, target, attributes| Step::Update {
            entity,
            target,
            attributes,
            upsert: None,
        })
    }

    /// Deep-merges those attributes, and makes the entity where it does not exist.
    pub fn merge(self, attributes: impl Serialize) -> Self {
        self.with(attributes, |entity, target, attributes| Step::Merge {
            entity,
            target,
            attributes,
            upsert: None,
        })
    }

    /// Lets the last `update` or `merge` fail where the entity does not exist.
    pub fn strict(mut self) -> Self {
        if let Some(Step::Update { upsert, .. } | Step::Merge { upsert, .. }) = self.steps.last_mut() {
            *upsert = Some(false);
        }
        self
    }

    /// Adds links.
    pub fn link(self, links: impl Serialize) -> Self {
        self.with_links(links, |entity, target, links| Step::Link { entity, target, links })
    }

    /// Removes links.
    pub fn unlink(self, links: impl Serialize) -> Self {
        self.with_links(links, |entity, target, links| Step::Unlink { entity, target, links })
    }

    /// Deletes the entity, and what cascades from it.
    pub fn delete(mut self) -> Self {
        self.steps.push(Step::Delete { entity: self.entity.clone(), target: self.target.clone() });
        self
    }

    /// Hands values to the permission rules.
    pub fn rule_params(self, params: impl Serialize) -> Self {
        self.with(params, |entity, target, params| Step::RuleParams { entity, target, params })
    }

    fn with(
        mut self,
        values: impl Serialize,
        step: impl FnOnce(String, Target, Map<String, Value>) -> Step,
    ) -> Self {
        if let Some(values) = self.object(values) {
            self.steps.push(step(self.entity.clone(), self.target.clone(), values));
        }
        self
    }

    fn with_links(
        mut self,
        links: impl Serialize,
        step: impl FnOnce(String, Target, Vec<(String, Vec<Target>)>) -> Step,
    ) -> Self {
        let Some(links) = self.object(links) else { return self };
        let links: Result<Vec<_>, Invalid> = links
            .into_iter()
            .map(|(label, targets)| match link_targets(&targets) {
                Some(targets) => Ok((label, targets)),
                None => Err(not_a_target(&targets).at(&self.entity, &label)),
            })
            .collect();
        match links {
            Ok(links) => self.steps.push(step(self.entity.clone(), self.target.clone(), links)),
            Err(error) => self.fail(error),
        }
        self
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
        self.error.get_or_insert(error);
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for Raw {
    fn append_to(self, steps: &mut Steps) {
        steps.extend_untyped(self.steps, self.error);
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
