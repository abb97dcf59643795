//! The way back: the steps that take back what steps have done.

use uuid::Uuid;

use super::{Job, PlanStep};
use crate::attr::{Attr, AttrUpdate};

/// The steps that take `done` back on a server that had the attributes `before`. A deletion cannot be taken back.
///
/// ```
/// use instant_schema::plan::{PlanStep, undo};
/// use instant_schema::Attr;
///
/// let attr = Attr::blob("posts", "title");
/// assert_eq!(undo(&[PlanStep::AddAttr(attr.clone())], &[]), [PlanStep::DeleteAttr(attr.id)]);
/// ```
pub fn undo(done: &[PlanStep], before: &[Attr]) -> Vec<PlanStep> {
    let known = |id: &Uuid| before.iter().find(|attr| attr.id == *id);
    let mut restored: Vec<Uuid> = Vec::new();
    done.iter()
        .rev()
        .filter_map(|step| match step {
            PlanStep::AddAttr(attr) => Some(PlanStep::DeleteAttr(attr.id)),
            // One step restores all, however many changed it.
            PlanStep::UpdateAttr(update) if restored.contains(&update.id) => None,
            PlanStep::UpdateAttr(update) => {
                restored.push(update.id);
                known(&update.id).map(|attr| PlanStep::UpdateAttr(restore(attr)))
            }
            PlanStep::DeleteAttr(_) => None,
            PlanStep::Job { job, attr_id, .. } => {
                let attr = known(attr_id)?;
                let forward_identity = Some(attr.forward_identity.clone());
                Some(PlanStep::Job { job: opposite(job, attr), attr_id: *attr_id, forward_identity })
            }
        })
        .collect()
}

fn restore(attr: &Attr) -> AttrUpdate {
    AttrUpdate {
        id: attr.id,
        stored_as: None,
        cardinality: Some(attr.cardinality),
        forward_identity: Some(attr.forward_identity.clone()),
        reverse_identity: attr.reverse_identity.clone(),
        unique: attr.is_ref().then_some(attr.unique),
        indexed: None,
        required: None,
        on_delete: attr.on_delete.clone(),
        on_delete_reverse: attr.on_delete_reverse.clone(),
    }
}

fn opposite(job: &Job, before: &Attr) -> Job {
    match job {
        Job::Index => Job::RemoveIndex,
        Job::RemoveIndex => Job::Index,
        Job::Unique => Job::RemoveUnique,
        Job::RemoveUnique => Job::Unique,
        Job::Required => Job::RemoveRequired,
        Job::RemoveRequired => Job::Required,
        Job::CheckDataType(_) | Job::RemoveDataType => {
            before.checked_data_type.map_or(Job::RemoveDataType, Job::CheckDataType)
        }
    }
}
