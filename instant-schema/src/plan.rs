//! From a schema to a server: the steps that are missing to get there.

mod change;
mod changes;
mod undo;

use std::collections::{HashMap, HashSet};
use std::fmt;

use uuid::Uuid;

use crate::attr::{Attr, AttrUpdate, Cardinality, Identity, StoredAs};
use crate::model::Schema;
use crate::records::{name, names, shown, with_ids};
use crate::rule::{self, Problem, Problems};
use crate::value_type::CheckedType;

pub use change::{Beyond, Change, LinkShape};
pub use changes::Changes;
pub use undo::undo;

pub use crate::records::{RefKeys, attrs_for, from_refs_and_blobs, new_schema, refs_and_blobs, wanted};

/// How a plan is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// Whether value types are enforced; without it the plan leaves them alone.
    pub check_types: bool,
    /// Whether changes of existing attributes become jobs instead of `update-attr` steps.
    pub background_updates: bool,
}

impl Default for PlanOptions {
    /// What an app creation uses: types are enforced, and changes happen at once.
    fn default() -> Self {
        Self { check_types: true, background_updates: false }
    }
}

/// A plan with what it means.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The steps but for the deletions: renames first.
    pub steps: Vec<PlanStep>,
    /// The deletions. Nothing takes them back, so that they belong behind everything that can fail.
    pub deletions: Vec<PlanStep>,
    /// What both come to.
    pub changes: Vec<Change>,
    /// What the server has beyond the schema, and keeps.
    pub beyond: Vec<Beyond>,
}

/// One step from what a server has to what a schema says.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanStep {
    /// Makes an attribute or link.
    AddAttr(Attr),
    /// Changes one.
    UpdateAttr(AttrUpdate),
    /// Soft-deletes one. Only explicit [`Changes`] plan it.
    DeleteAttr(Uuid),
    /// Changes a constraint, which has to look at every value and can fail.
    Job {
        /// What to do.
        job: Job,
        /// To which attribute.
        attr_id: Uuid,
        /// Its name, for messages.
        forward_identity: Option<Identity>,
    },
}

/// A change of a constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Index the values.
    Index,
    /// Drop the index.
    RemoveIndex,
    /// Make values unique.
    Unique,
    /// Allow equal values.
    RemoveUnique,
    /// Require a value.
    Required,
    /// Allow entities without a value.
    RemoveRequired,
    /// Enforce a type.
    CheckDataType(CheckedType),
    /// Allow any type.
    RemoveDataType,
}

/// The steps that make a server whose attributes are `current` (system attributes included) agree with
/// the schema. Only adds and changes, never deletes or renames: `id` attributes of new entities first, then
/// attributes, then links.
///
/// ```
/// use instant_schema::{Schema, catalog, plan};
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string", "required": true}}}}}"#,
/// )?;
/// let steps = plan::plan(&schema, catalog::attrs(), plan::PlanOptions::default())?;
/// let names: Vec<_> = steps.iter().map(ToString::to_string).collect();
/// assert_eq!(names, ["add-attr posts.id", "add-attr posts.title"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan(schema: &Schema, current: &[Attr], options: PlanOptions) -> Result<Vec<PlanStep>, Problems> {
    let shown = shown(current);
    let by_name: HashMap<_, _> = shown.iter().map(|attr| (names(attr), attr)).collect();
    let entities: HashSet<&str> =
        shown.iter().filter(|attr| !attr.is_ref()).map(|attr| attr.forward_identity.entity()).collect();
    let wanted = wanted(schema);

    let mut new_entities = Vec::new();
    for attr in wanted.iter().filter(|attr| !attr.is_ref()) {
        let entity = attr.forward_identity.entity();
        if !entities.contains(entity) && !new_entities.contains(&entity) {
            new_entities.push(entity);
        }
    }
    let mut steps: Vec<_> =
        new_entities.into_iter().map(|entity| PlanStep::AddAttr(Attr::id_of(entity))).collect();
    for attr in wanted.iter().filter(|attr| attr.is_ref() || attr.forward_identity.label() != "id") {
        match by_name.get(&names(attr)) {
            None => steps.push(PlanStep::AddAttr(renewed(attr, options))),
            Some(current) if attr.is_ref() => change_link(attr, current, options, &mut steps),
            Some(current) => change_value(attr, current, options, &mut steps),
        }
    }
    Problems::check(conflicts(current, &steps)).map(|()| steps)
}

/// As [`plan`], after explicit renames and deletions.
///
/// # Errors
/// Everything that is wrong with the explicit changes, or else why the server would refuse the steps.
pub fn plan_with(
    schema: &Schema,
    current: &[Attr],
    options: PlanOptions,
    changes: &Changes,
) -> Result<Plan, Problems> {
    let resolved = changes.resolve(schema, current);
    Problems::check(resolved.problems)?;
    let mut steps = resolved.renames;
    steps.extend(plan(schema, &resolved.attrs, options)?);
    let mut all = steps.clone();
    all.extend(resolved.deletions.iter().cloned());
    Ok(Plan {
        steps,
        deletions: resolved.deletions,
        changes: change::changes(&all, current),
        beyond: change::beyond(schema, &resolved.attrs),
    })
}

fn renewed(attr: &Attr, options: PlanOptions) -> Attr {
    let checked_data_type = attr.checked_data_type.filter(|_| options.check_types);
    with_ids(Attr { checked_data_type, ..attr.clone() }, Uuid::new_v4)
}

fn change_value(wanted: &Attr, current: &Attr, options: PlanOptions, steps: &mut Vec<PlanStep>) {
    let flags = [
        (wanted.indexed, current.indexed, Job::Index, Job::RemoveIndex),
        (wanted.unique, current.unique, Job::Unique, Job::RemoveUnique),
        (wanted.required, current.required, Job::Required, Job::RemoveRequired),
    ];
    let changed = flags.into_iter().filter(|(wanted, current, ..)| wanted != current);
    if options.background_updates {
        steps.extend(changed.map(|(on, _, set, clear)| job(current, if on { set } else { clear })));
    } else if changed.count() > 0 {
        steps.push(PlanStep::UpdateAttr(update(wanted, current)));
    }
    if options.check_types
        && current.catalog != "system"
        && wanted.checked_data_type != current.checked_data_type
    {
        let types = wanted.checked_data_type.map_or(Job::RemoveDataType, Job::CheckDataType);
        steps.push(job(current, types));
    }
}

fn change_link(wanted: &Attr, current: &Attr, options: PlanOptions, steps: &mut Vec<PlanStep>) {
    let changed = wanted.cardinality != current.cardinality
        || wanted.unique != current.unique
        || wanted.on_delete != current.on_delete
        || wanted.on_delete_reverse != current.on_delete_reverse;
    let changed_required = wanted.required != current.required;
    if changed_required && options.background_updates {
        steps.push(job(current, if wanted.required { Job::Required } else { Job::RemoveRequired }));
    }
    if changed || (changed_required && !options.background_updates) {
        steps.push(PlanStep::UpdateAttr(update(wanted, current)));
    }
}

fn job(current: &Attr, job: Job) -> PlanStep {
    let forward_identity = Some(current.forward_identity.clone());
    PlanStep::Job { job, attr_id: current.id, forward_identity }
}

fn update(wanted: &Attr, current: &Attr) -> AttrUpdate {
    AttrUpdate {
        id: current.id,
        stored_as: Some(wanted.stored_as),
        cardinality: Some(wanted.cardinality),
        forward_identity: Some(current.forward_identity.clone()),
        reverse_identity: current.reverse_identity.clone(),
        unique: Some(wanted.unique),
        indexed: Some(wanted.indexed),
        required: Some(wanted.required),
        on_delete: wanted.on_delete.clone(),
        on_delete_reverse: wanted.on_delete_reverse.clone(),
    }
}

/// Why the server would refuse the steps, as far as it looks when it plans: it finds only while it applies them that two
/// of them have one name, or that a value has the name of a new link's reverse side.
fn conflicts(current: &[Attr], steps: &[PlanStep]) -> Vec<Problem> {
    let links: Vec<_> = current
        .iter()
        .filter(|attr| attr.is_ref())
        .filter_map(|attr| Some((name(&attr.forward_identity), name(attr.reverse_identity.as_ref()?))))
        .collect();
    let is_link = |name| links.iter().any(|(forward, reverse)| *forward == name || *reverse == name);
    let is_value =
        |wanted| current.iter().any(|attr| !attr.is_ref() && name(&attr.forward_identity) == wanted);
    let mut problems = Vec::new();
    for step in steps {
        let PlanStep::AddAttr(attr) = step else { continue };
        let (forward, reverse) = names(attr);
        let is_swapped = reverse.is_some_and(|reverse| links.contains(&(reverse, forward)));
        if is_swapped {
            problems.push(rule::swapped_link(forward));
        } else if is_link(forward) || is_value(forward) {
            problems.push(rule::duplicate_attribute(forward));
        } else if let Some(reverse) = reverse.filter(|reverse| is_link(*reverse)) {
            problems.push(rule::duplicate_attribute(reverse));
        }
    }
    problems.extend(steps.iter().filter_map(cascade_conflict));
    problems
}

fn cascade_conflict(step: &PlanStep) -> Option<Problem> {
    let (cardinality, unique, on_delete, on_delete_reverse, forward, reverse) = match step {
        PlanStep::AddAttr(attr) if attr.is_ref() => (
            attr.cardinality,
            attr.unique,
            &attr.on_delete,
            &attr.on_delete_reverse,
            Some(&attr.forward_identity),
            attr.reverse_identity.as_ref(),
        ),
        PlanStep::UpdateAttr(update) if update.stored_as == Some(StoredAs::Ref) => (
            update.cardinality?,
            update.unique?,
            &update.on_delete,
            &update.on_delete_reverse,
            update.forward_identity.as_ref(),
            update.reverse_identity.as_ref(),
        ),
        _ => return None,
    };
    if cardinality == Cardinality::Many && on_delete.is_some() {
        Some(rule::planned_cascade(name(forward?)))
    } else if !unique && on_delete_reverse.is_some() {
        Some(rule::planned_cascade(name(reverse?)))
    } else {
        None
    }
}

impl PlanStep {
    /// The name of the attribute or link, `posts.title`, or its id where the step does not name it.
    pub fn attribute(&self) -> String {
        let (identity, id) = match self {
            Self::AddAttr(attr) => (Some(&attr.forward_identity), attr.id),
            Self::UpdateAttr(update) => (update.forward_identity.as_ref(), update.id),
            Self::DeleteAttr(id) => (None, *id),
            Self::Job { attr_id, forward_identity, .. } => (forward_identity.as_ref(), *attr_id),
        };
        match identity {
            Some(Identity(_, entity, label)) => format!("{entity}.{label}"),
            None => id.to_string(),
        }
    }
}

impl fmt::Display for PlanStep {
    /// The step's name and the attribute's: `add-attr posts.title`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.attribute())
    }
}
