//! The steps of one entity as they are chained: what the generated builders are made of.

use instant_schema::Step;
use instant_schema::instaml::{Action, Target};
use serde_json::{Map, Value};

use super::target::{self, IntoTarget, IntoTargets};
use super::{IntoSteps, Steps};
use crate::entity::Entity;
use crate::schema::StaticSchema;
use crate::sealed::{Generated, Sealed};
use crate::value::{Invalid, RuleParams, ValueError};

/// A chain that has not created, updated or upserted its entity: it can do that, delete, merge and link.
#[derive(Debug, Clone, Copy)]
pub enum Started {}

/// A chain that has: attributes can be set.
#[derive(Debug, Clone, Copy)]
pub enum Written {}

// The bounds of the generated methods. A method that is not there for a state would only be called missing; a bound
// says what to write.

/// A chain that can still create, update, upsert or delete its entity: one that has [`Started`].
#[diagnostic::on_unimplemented(
    message = "this chain creates, updates or upserts its entity already",
    label = "a chain does this once",
    note = "write the other step beside it: `db.transact((tx::posts(one).update(), tx::posts(other).delete()))`"
)]
pub trait Undecided {
    #[doc(hidden)]
    const __SEALED: Sealed;
}

#[diagnostic::do_not_recommend]
impl Undecided for Started {
    const __SEALED: Sealed = Sealed;
}

/// A chain that sets attributes: one that has [`Written`].
#[diagnostic::on_unimplemented(
    message = "an attribute is set in a chain that creates, updates or upserts its entity",
    label = "nothing does so before this",
    note = "write `.update()`, `.create(New.. {{ .. }})` or `.upsert(New.. {{ .. }})` first"
)]
pub trait Writing {
    #[doc(hidden)]
    const __SEALED: Sealed;
}

#[diagnostic::do_not_recommend]
impl Writing for Written {
    const __SEALED: Sealed = Sealed;
}

/// A chain that takes away the required link `L`, which none can.
#[diagnostic::on_unimplemented(
    message = "`{L}` is required: an entity never goes without it",
    label = "a required link cannot be removed",
    note = "write `link_..` with another entity: it takes the place of the one that is linked now"
)]
pub trait Unlinks<L> {}

/// The deletion of an entity, as the last of its steps.
#[derive(Debug, Clone)]
#[must_use = "steps do nothing until `transact` has them"]
pub struct Deletion(Chain);

/// Steps on one entity. Generated builders wrap it; nothing else needs it.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Chain {
    entity: &'static str,
    schema: StaticSchema,
    target: Result<Target, Invalid>,
    steps: Vec<Step>,
    /// Which of the steps took the attributes that are set.
    written: Option<usize>,
    /// Whether merges may meet an entity that does not exist: in a chain that creates it they must.
    upsert: bool,
    errors: Vec<Invalid>,
}

impl Chain {
    /// A chain without steps.
    pub fn new<E: Entity>(target: impl IntoTarget<E>) -> Self {
        let target = target.into_target().into_inner();
        let errors = target.as_ref().err().cloned().into_iter().collect();
        Self {
            entity: E::NAME,
            schema: E::SCHEMA,
            target,
            steps: Vec::new(),
            written: None,
            upsert: false,
            errors,
        }
    }

    /// Makes the entity; the steps that follow may rely on it.
    pub fn create(mut self) -> Self {
        self.upsert = true;
        self.write(Action::Create(Map::new()))
    }

    /// Writes to an entity that exists.
    pub fn update(mut self) -> Self {
        self.upsert = false;
        self.write(Action::Update { attributes: Map::new(), upsert: Some(false) })
    }

    /// Writes to the entity, and makes it where it does not exist.
    pub fn upsert(mut self) -> Self {
        self.upsert = true;
        self.write(Action::Update { attributes: Map::new(), upsert: Some(true) })
    }

    /// Sets an attribute in the step begun with `create`, `update` or `upsert`.
    pub fn set(&mut self, label: &'static str, value: Result<Value, ValueError>) {
        let value = self.checked(label, value);
        let written = self.written.and_then(|at| self.steps.get_mut(at));
        let (Some(value), Some(Step { target, action, .. })) = (value, written) else { return };
        if let Action::Create(attributes) | Action::Update { attributes, .. } = action {
            // The server writes a lookup's value by itself, and refuses to write it twice to a new entity.
            if is_looked_up_by(target, label, &value) {
                attributes.shift_remove(label);
            } else {
                attributes.insert(label.to_owned(), value);
            }
        }
    }

    /// Deep-merges a json attribute.
    pub fn merge(&mut self, label: &'static str, value: Result<Value, ValueError>) {
        let Some(value) = self.checked(label, value) else { return };
        let upsert = self.upsert;
        match self.last() {
            Some(Action::Merge { attributes, .. }) if !attributes.contains_key(label) => {
                attributes.insert(label.to_owned(), value);
            }
            _ => {
                let attributes = Map::from_iter([(label.to_owned(), value)]);
                self.push(Action::Merge { attributes, upsert: Some(upsert) });
            }
        }
    }

    /// Adds links.
    pub fn link<E>(&mut self, label: &'static str, targets: impl IntoTargets<E>) {
        let Some(targets) = self.targets(targets) else { return };
        if let Some(Action::Link(links)) = self.last() {
            add_links(links, label, targets);
        } else {
            self.push(Action::Link(vec![(label.to_owned(), targets)]));
        }
    }

    /// Removes links.
    pub fn unlink<E>(&mut self, label: &'static str, targets: impl IntoTargets<E>) {
        let Some(targets) = self.targets(targets) else { return };
        if let Some(Action::Unlink(links)) = self.last() {
            add_links(links, label, targets);
        } else {
            self.push(Action::Unlink(vec![(label.to_owned(), targets)]));
        }
    }

    /// Deletes the entity.
    pub fn delete(mut self) -> Deletion {
        self.push(Action::Delete);
        Deletion(self)
    }

    /// Hands values to the permission rules. They are an object; anything else is an error.
    pub fn rule_params(&mut self, params: impl RuleParams) {
        match params.rule_params() {
            Ok(params) => self.push(Action::RuleParams(params)),
            Err(error) => self.fail(error.at(self.entity, "")),
        }
    }

    /// Adds the steps at the end of `steps`.
    pub fn append_to(self, steps: &mut Steps) {
        steps.extend(self.schema, self.steps, self.errors);
    }

    fn write(mut self, action: Action) -> Self {
        self.written = Some(self.steps.len());
        self.push(action);
        self
    }

    fn push(&mut self, action: Action) {
        // A target that is an error has been noted, and the whole chain will not be sent.
        if let Ok(target) = &self.target {
            self.steps.push(Step::new(self.entity, target.clone(), action));
        }
    }

    fn last(&mut self) -> Option<&mut Action> {
        self.steps.last_mut().map(|step| &mut step.action)
    }

    fn checked(&mut self, label: &str, value: Result<Value, ValueError>) -> Option<Value> {
        value.map_err(|error| self.fail(error.at(self.entity, label))).ok()
    }

    fn targets<E>(&mut self, targets: impl IntoTargets<E>) -> Option<Vec<Target>> {
        let targets = targets.into_targets().into_iter().map(target::Target::into_inner);
        let targets: Vec<_> =
            targets.filter_map(|target| target.map_err(|error| self.fail(error)).ok()).collect();
        // An empty list adds no step: the server would take it for a link to nothing.
        Some(targets).filter(|targets| !targets.is_empty())
    }

    fn fail(&mut self, error: Invalid) {
        self.errors.push(error);
    }
}

#[diagnostic::do_not_recommend]
impl IntoSteps for Deletion {
    const __GENERATED: Generated = Generated;

    fn append_to(self, steps: &mut Steps) {
        self.0.append_to(steps);
    }
}

fn is_looked_up_by(target: &Target, label: &str, value: &Value) -> bool {
    let Target::Lookup { attribute, value: known } = target else { return false };
    // Numbers may differ in their Rust type: 15 and 15.0 are one.
    let equal = known == value || (known.is_number() && known.as_f64() == value.as_f64());
    attribute == label && equal
}

fn add_links(links: &mut Vec<(String, Vec<Target>)>, label: &str, targets: Vec<Target>) {
    match links.iter_mut().find(|(known, _)| known == label) {
        Some((_, known)) => known.extend(targets),
        None => links.push((label.to_owned(), targets)),
    }
}
