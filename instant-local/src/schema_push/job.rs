//! Runs indexing jobs: changes of a constraint, which look at every value and can fail on one.
//!
//! The official server runs them in the background. Here they run before the answer is sent: it says that they wait, as
//! there, and a client that polls for them finds them finished.

use instant_schema::plan::Job;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::{JobError, JobRecord, SHOWN, changing_stage};
use crate::error::ApiError;
use crate::store::{Constraint, Place, Store, StoredAttr, WriteTx};

/// Runs a job. The record says whether the job failed; an error means that there is no such attribute, or that the
/// server failed.
pub(super) async fn run(
    store: &Store,
    app: Uuid,
    group_id: Option<Uuid>,
    job: Job,
    attr: Uuid,
) -> Result<JobRecord, ApiError> {
    let work = job.clone();
    let error = match store.write_if_known(app, move |tx| change(tx, &work, attr)).await {
        Ok(Some(done)) => done.err(),
        Ok(None) => return Err(ApiError::unknown_app(app)),
        Err(Failure::Job(error)) => Some(error),
        Err(Failure::Server(error)) => return Err(error),
    };
    let time = Timestamp::now().as_millisecond();
    Ok(JobRecord { id: Uuid::new_v4(), group_id, app, attr, job, time, error })
}

/// Why the transaction of a job was taken back.
enum Failure {
    /// The job could not be done.
    Job(Box<JobError>),
    /// The store could not do its part.
    Server(ApiError),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Server(error)
    }
}

/// Changes the attribute as the job says. The inner error is that of a job whose changes stay.
fn change(tx: &mut WriteTx<'_>, job: &Job, attr: Uuid) -> Result<Result<(), Box<JobError>>, Failure> {
    let stored = tx.catalog().known(attr).cloned();
    let stored =
        stored.ok_or_else(|| ApiError::foreign_key_invalid("indexing_jobs", "indexing_jobs_attr_id_fkey"))?;
    let has_ids = tx.catalog().id_attr(stored.entity()).is_some();
    if !has_ids && let Some(stage) = stage_without_ids(job, &stored) {
        let message = format!("{} has no id attribute", stored.entity());
        return Err(Failure::Job(JobError::new("unexpected-error", stage, &message)));
    }
    if *job == Job::Required
        && let Some(error) = find_lacking(tx, &stored)?
    {
        // A job that fails leaves the attribute optional, even where it was required.
        if stored.attr.required && !stored.is_system() {
            tx.constrain(attr, Constraint::Required(false))?;
        }
        return Ok(Err(error));
    }
    let constraint = match job {
        Job::Index => Constraint::Indexed(true),
        Job::RemoveIndex => Constraint::Indexed(false),
        Job::Unique => Constraint::Unique(true),
        Job::RemoveUnique => Constraint::Unique(false),
        Job::Required => Constraint::Required(true),
        Job::RemoveRequired => Constraint::Required(false),
        Job::CheckDataType(checked) => Constraint::Type(Some(*checked)),
        Job::RemoveDataType => Constraint::Type(None),
    };
    tx.constrain(attr, constraint).map_err(|error| Failure::of(job, error))?;
    Ok(Ok(()))
}

/// The stage at which a job fails when no `id` attribute lists the entities.
fn stage_without_ids(job: &Job, stored: &StoredAttr) -> Option<&'static str> {
    match job {
        Job::Index if stored.place != Place::Refs => Some("estimate-work-with-undefineds"),
        Job::Required => Some("estimate-work"),
        _ => None,
    }
}

/// The error of a job where entities lack a value of the attribute.
fn find_lacking(tx: &WriteTx<'_>, stored: &StoredAttr) -> Result<Option<Box<JobError>>, ApiError> {
    let lacking = tx.entities_without(stored)?;
    if lacking.is_empty() {
        return Ok(None);
    }
    let message = format!("{} entities of {} have no value", lacking.len(), stored.entity());
    let data = json!({
        "count": lacking.len(),
        "etype": stored.entity(),
        "label": stored.label(),
        "entity-ids": &lacking[..lacking.len().min(SHOWN)],
    });
    let mut error = JobError::new("missing-required-error", "validate", &message);
    error.data = data;
    Ok(Some(error))
}

impl JobError {
    fn new(code: &'static str, stage: &'static str, message: &str) -> Box<Self> {
        let (unique_value, entity, data) = (Value::Null, None, Value::Null);
        Box::new(Self { code, stage, message: message.to_owned(), unique_value, entity, data })
    }
}

impl Failure {
    /// Translates an error of the store to the code and details that clients know.
    fn of(job: &Job, error: ApiError) -> Self {
        let hint = error.hint();
        let new = |code, stage| JobError::new(code, stage, error.message());
        let entity = instant_schema::parse_id_value(&hint["entity-id"]);
        let failed = match error.kind() {
            "record-not-unique" => {
                let value = hint["value"].as_str().and_then(|text| serde_json::from_str(text).ok());
                let mut failed = new("triple-not-unique-error", "update-triples");
                failed.unique_value = value.unwrap_or_default();
                failed
            }
            "validation-failed" if hint["value-too-large?"] == json!(true) => {
                let mut failed = new("triple-too-large-error", "update-triples");
                failed.entity = entity;
                failed
            }
            "validation-failed" if entity.is_some() => new("invalid-triple-error", "validate"),
            // No app can require an attribute of a system entity.
            "validation-failed" if hint.is_null() => new("unexpected-error", changing_stage(job)),
            "validation-failed" | "sql-raise" => new("invalid-attr-state-error", changing_stage(job)),
            _ => return Self::Server(error),
        };
        Self::Job(failed)
    }
}
