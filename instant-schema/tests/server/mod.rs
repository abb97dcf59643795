//! A server, as far as plans need one: its attributes.

use instant_schema::Attr;
use instant_schema::plan::{Job, PlanStep};

/// What a server has after the steps.
pub fn applied(current: &[Attr], steps: &[PlanStep]) -> Vec<Attr> {
    let mut attrs = current.to_vec();
    for step in steps {
        match step {
            PlanStep::AddAttr(attr) => attrs.push(attr.clone()),
            PlanStep::UpdateAttr(update) => {
                attrs.iter_mut().find(|attr| attr.id == update.id).unwrap().update(update);
            }
            PlanStep::DeleteAttr(id) => attrs.retain(|attr| attr.id != *id),
            PlanStep::Job { job, attr_id, .. } => {
                let attr = attrs.iter_mut().find(|attr| attr.id == *attr_id).unwrap();
                match job {
                    Job::Index | Job::RemoveIndex => attr.indexed = *job == Job::Index,
                    Job::Unique | Job::RemoveUnique => attr.unique = *job == Job::Unique,
                    Job::Required | Job::RemoveRequired => attr.required = *job == Job::Required,
                    Job::CheckDataType(checked) => attr.checked_data_type = Some(*checked),
                    Job::RemoveDataType => attr.checked_data_type = None,
                }
            }
        }
    }
    attrs
}
