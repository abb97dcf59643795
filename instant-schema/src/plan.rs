//! From a schema to a server: the steps that are missing to get there.

use std::collections::{HashMap, HashSet};
use std::fmt;

use uuid::Uuid;

use crate::attr::{Attr, AttrUpdate, Cardinality, Identity, StoredAs};
use crate::model::Schema;
use crate::records::{name, names, shown, with_ids};

pub use crate::records::{
    RefKeys, UnknownAttributes, attrs_for, from_refs_and_blobs, refs_and_blobs, wanted,
};

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

/// One step from what a server has to what a schema says.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanStep {
    /// Makes an attribute or link.
    AddAttr(Attr),
    /// Changes one.
    UpdateAttr(AttrUpdate),
    /// Soft-deletes one. No plan has this step; `steps/apply` takes it.
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
    /// Enforce a type: `string`, `number`, `boolean` or `date`.
    CheckDataType(String),
    /// Allow any type.
    RemoveDataType,
}

/// Why a schema cannot be put on a server that has the attributes it has.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.join(", "))]
pub struct PlanErrors(pub Vec<String>);

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
pub fn plan(schema: &Schema, current: &[Attr], options: PlanOptions) -> Result<Vec<PlanStep>, PlanErrors> {
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
    for attr in &wanted {
        match by_name.get(&names(attr)) {
            None => steps.push(PlanStep::AddAttr(renewed(attr, options))),
            Some(current) if attr.is_ref() => change_link(attr, current, options, &mut steps),
            Some(current) => change_value(attr, current, options, &mut steps),
        }
    }
    let errors = errors(current, &steps);
    if errors.is_empty() { Ok(steps) } else { Err(PlanErrors(errors)) }
}

fn renewed(attr: &Attr, options: PlanOptions) -> Attr {
    let checked_data_type = attr.checked_data_type.clone().filter(|_| options.check_types);
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
        let types = wanted.checked_data_type.clone().map_or(Job::RemoveDataType, Job::CheckDataType);
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

/// What the server says of steps that it cannot take, in its words.
fn errors(current: &[Attr], steps: &[PlanStep]) -> Vec<String> {
    let links: Vec<_> = current
        .iter()
        .filter(|attr| attr.is_ref())
        .filter_map(|attr| Some((name(&attr.forward_identity), name(attr.reverse_identity.as_ref()?))))
        .collect();
    let is_link = |name| links.iter().any(|(forward, reverse)| *forward == name || *reverse == name);
    let is_value =
        |wanted| current.iter().any(|attr| !attr.is_ref() && name(&attr.forward_identity) == wanted);
    let mut messages = Vec::new();
    for step in steps {
        let PlanStep::AddAttr(attr) = step else { continue };
        let (forward, reverse) = names(attr);
        let is_swapped = reverse.is_some_and(|reverse| links.contains(&(reverse, forward)));
        if is_swapped {
            messages.push(swapped(forward));
        } else if is_link(forward) || is_value(forward) {
            messages.push(duplicate(forward));
        } else if let Some(reverse) = reverse.filter(|reverse| is_link(*reverse) || is_value(*reverse)) {
            messages.push(duplicate(reverse));
        }
    }
    messages.extend(steps.iter().filter_map(cascade_error));
    messages
}

fn cascade_error(step: &PlanStep) -> Option<String> {
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
        Some(cascade(name(forward?)))
    } else if !unique && on_delete_reverse.is_some() {
        Some(cascade(name(reverse?)))
    } else {
        None
    }
}

// The texts are the server's: clients show them as they are.
const SCHEMA_PAGE: &str = "https://www.instantdb.com/dash?s=main&t=explorer";

fn duplicate((entity, label): (&str, &str)) -> String {
    format!(
        "{entity}->{label}: Duplicate entry found for attribute. Check your schema file for duplicate link \
         definitions. If it's not in the schema file, it may have been generated by the backend. Check your full \
         schema in the dashboard: {SCHEMA_PAGE}"
    )
}

fn swapped((entity, label): (&str, &str)) -> String {
    format!(
        "{entity}->{label}: Conflicting link found for attribute. It's possible that you already have a link with \
         the same label names, but in the reverse direction. We cannot automatically swap the direction of the \
         link. To fix this, can: a) swap the `forward` and `reverse` parameters for this link in your schema file, \
         or b) delete the existing link in the dashboard.Check your full schema in the dashboard for a link with \
         the same label names: {SCHEMA_PAGE}"
    )
}

fn cascade((entity, label): (&str, &str)) -> String {
    format!(
        "{entity}->{label}: Cascade delete is only possible on links with `has: 'one'`. Check your full schema in \
         the dashboard: {SCHEMA_PAGE}"
    )
}

impl fmt::Display for PlanStep {
    /// The step's name and the attribute's: `add-attr posts.title`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (identity, id) = match self {
            Self::AddAttr(attr) => (Some(&attr.forward_identity), attr.id),
            Self::UpdateAttr(update) => (update.forward_identity.as_ref(), update.id),
            Self::DeleteAttr(id) => (None, *id),
            Self::Job { attr_id, forward_identity, .. } => (forward_identity.as_ref(), *attr_id),
        };
        match identity {
            Some(Identity(_, entity, label)) => write!(f, "{} {entity}.{label}", self.name()),
            None => write!(f, "{} {id}", self.name()),
        }
    }
}
