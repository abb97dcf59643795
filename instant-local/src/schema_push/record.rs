//! The records of indexing jobs, in the three forms that clients see.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use instant_schema::plan::Job;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{ReadTx, StoredAttr, is_of_type};
use crate::timestamp::whole_seconds;

/// A job that has run.
#[derive(Debug, Clone)]
pub(crate) struct JobRecord {
    pub(super) id: Uuid,
    /// The jobs that were asked for together; none for a job that was asked for by itself.
    pub(super) group_id: Option<Uuid>,
    pub(super) app: Uuid,
    pub(super) attr: Uuid,
    pub(super) job: Job,
    pub(super) time: i64,
    pub(super) error: Option<Box<JobError>>,
}

/// Why a job failed.
#[derive(Debug, Clone)]
pub(super) struct JobError {
    pub(super) code: &'static str,
    /// The stage that failed.
    pub(super) stage: &'static str,
    pub(super) message: String,
    /// The value that two entities have.
    pub(super) unique_value: Value,
    /// The entity whose value is too large.
    pub(super) entity: Option<Uuid>,
    /// The entities that lack a value, and what they lack.
    pub(super) data: Value,
}

/// The last jobs that ran, for clients that poll for them.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<VecDeque<JobRecord>>);

/// How many jobs are remembered.
const REMEMBERED: usize = 1000;
/// How many triples a record shows of those that made its job fail.
pub(super) const SHOWN: usize = 10;

impl Jobs {
    /// Keeps records for [`get`](Self::get) and [`group`](Self::group).
    pub(super) fn remember(&self, records: Vec<JobRecord>) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.extend(records);
        while jobs.len() > REMEMBERED {
            jobs.pop_front();
        }
    }

    /// A job of an app.
    pub(super) fn get(&self, app: Uuid, id: Uuid) -> Option<JobRecord> {
        self.find(app, |job| job.id == id).pop()
    }

    /// The jobs of an app that were asked for together.
    pub(super) fn group(&self, app: Uuid, group: Uuid) -> Vec<JobRecord> {
        self.find(app, |job| job.group_id == Some(group))
    }

    fn find(&self, app: Uuid, wanted: impl Fn(&JobRecord) -> bool) -> Vec<JobRecord> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().filter(|job| job.app == app && wanted(job)).cloned().collect()
    }
}

impl JobRecord {
    /// The row before the job began, as the answer that applies a schema has it. Clients poll then, also to learn the
    /// name of the attribute.
    pub(super) fn row(&self) -> Value {
        let mut row = self.waiting();
        for column in ["context", "error_detail", "invalid_entity_id", "job_dependency", "worker_id"] {
            row[column] = Value::Null;
        }
        row["job_serial_key"] = json!(serial_key(&self.job));
        row
    }

    /// The row before the job began, as the answer to a client that asks for the job has it.
    pub(super) fn waiting(&self) -> Value {
        let mut row = Self { error: None, ..self.clone() }.shown();
        row["job_status"] = json!("waiting");
        row["job_stage"] = json!(stages(&self.job)[0]);
        row["done_at"] = Value::Null;
        row
    }

    /// The record of a client that polls: with the name of the attribute, and triples that still make the job fail.
    pub(super) fn polled(&self, tx: &ReadTx<'_>) -> Result<Value, ApiError> {
        let attr = tx.catalog().attr(self.attr);
        let mut record = self.shown();
        record["attr_name"] = json!(attr.map(|attr| attr.name()));
        record["invalid_triples_sample"] = match (&self.error, attr) {
            (Some(error), Some(attr)) => self.sample(tx, error, attr)?,
            _ => Value::Null,
        };
        Ok(record)
    }

    /// What went wrong, in a sentence.
    pub(super) fn failure(&self, name: &str) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!("`{}` of {name} failed ({}): {}", self.job.name(), error.code, error.message))
    }

    fn shown(&self) -> Value {
        let error = self.error.as_ref();
        let checked_data_type = match &self.job {
            Job::CheckDataType(checked) => json!(checked),
            _ => Value::Null,
        };
        let last = stages(&self.job).last();
        let time = whole_seconds(self.time);
        json!({
            "id": self.id,
            "app_id": self.app,
            "group_id": self.group_id,
            "attr_id": self.attr,
            "job_type": self.job.name(),
            "job_status": if error.is_some() { "errored" } else { "completed" },
            "job_stage": error.map(|error| error.stage).or(last.copied()),
            "work_estimate": null,
            "work_completed": null,
            "error": error.map(|error| error.code),
            "checked_data_type": checked_data_type,
            "created_at": &time,
            "updated_at": &time,
            "done_at": if error.is_some() { Value::Null } else { json!(&time) },
            "invalid_unique_value": error.map(|error| &error.unique_value),
            "error_data": error.map(|error| &error.data),
        })
    }

    /// Triples as they are now that make the job fail; null where there are none.
    fn sample(&self, tx: &ReadTx<'_>, error: &JobError, attr: &StoredAttr) -> Result<Value, ApiError> {
        let triples = match (error.code, &self.job) {
            ("invalid-triple-error", Job::CheckDataType(checked)) => {
                tx.triples_of(attr, SHOWN, |_, value| !is_of_type(value, *checked))?
            }
            ("triple-not-unique-error", _) => {
                tx.triples_of(attr, SHOWN, |_, value| *value == error.unique_value)?
            }
            ("triple-too-large-error", _) => {
                tx.triples_of(attr, SHOWN, |entity, _| Some(entity) == error.entity)?
            }
            ("missing-required-error", _) => lacking(tx, attr, &error.data)?,
            _ => Vec::new(),
        };
        let sample = triples.iter().map(
            |(entity, value)| json!({ "entity_id": entity, "value": value, "json_type": crate::json::type_name(value) }),
        );
        let sample: Vec<Value> = sample.collect();
        Ok(if sample.is_empty() { Value::Null } else { sample.into() })
    }
}

/// Those of the entities named in an error that still exist, each with a null.
fn lacking(tx: &ReadTx<'_>, attr: &StoredAttr, data: &Value) -> Result<Vec<(Uuid, Value)>, ApiError> {
    let Some(ids) = tx.catalog().id_attr(attr.entity()) else { return Ok(Vec::new()) };
    let named = data["entity-ids"].as_array().into_iter().flatten();
    let mut found = Vec::new();
    for entity in named.filter_map(instant_schema::parse_id_value) {
        if tx.has_value(ids, entity)? {
            found.push((entity, Value::Null));
        }
    }
    Ok(found)
}

/// The stages of the official server's jobs. Here they run at once, and only their names are seen.
fn stages(job: &Job) -> &'static [&'static str] {
    const START: &str = "update-attr-start";
    const DONE: &str = "update-attr-done";
    match job {
        Job::CheckDataType(_) => &["estimate-work", "validate", START, "revalidate", "update-triples", DONE],
        Job::Index => {
            &[START, "estimate-work", "estimate-work-with-undefineds", "update-triples", "insert-nulls", DONE]
        }
        Job::RemoveDataType | Job::RemoveIndex | Job::Unique | Job::RemoveUnique => {
            &[START, "estimate-work", "update-triples", DONE]
        }
        Job::Required => &["estimate-work", "validate", "update-attr", "revalidate"],
        Job::RemoveRequired => &["update-attr"],
    }
}

/// The stage in which a job first changes its attribute.
pub(super) fn changing_stage(job: &Job) -> &'static str {
    let mut stages = stages(job).iter();
    stages.find(|stage| stage.starts_with("update-attr")).expect("every job changes its attribute")
}

/// What jobs on one attribute do not run beside each other.
fn serial_key(job: &Job) -> &'static str {
    match job {
        Job::CheckDataType(_) | Job::RemoveDataType => "data-type",
        Job::Index | Job::RemoveIndex => "index",
        Job::Unique | Job::RemoveUnique => "unique",
        Job::Required | Job::RemoveRequired => "required",
    }
}
