//! Indexing jobs: changes of a constraint, which look at every value and can fail on one.
//!
//! The official server runs them in the background. Here they run before the answer is sent, so a client that
//! polls for them finds them finished.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use instant_schema::plan::Job;
use instant_schema::{Attr, AttrUpdate};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{ReadTx, Store, StoredAttr, WriteTx};
use crate::timestamp::whole_seconds;

/// A job that has run.
#[derive(Debug, Clone)]
pub(crate) struct JobRecord {
    /// Its id.
    pub(crate) id: Uuid,
    /// The jobs that were asked for together.
    pub(crate) group_id: Uuid,
    app: Uuid,
    attr: Uuid,
    attr_name: String,
    job: Job,
    time: i64,
    error: Option<Box<JobError>>,
}

/// Why a job failed.
#[derive(Debug, Clone)]
struct JobError {
    code: &'static str,
    message: String,
    unique_value: Value,
    triples: Value,
    data: Value,
}

/// The last jobs that ran, for clients that poll for them.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<VecDeque<JobRecord>>);

/// How many jobs are remembered.
const REMEMBERED: usize = 1000;

impl Jobs {
    /// Keeps records for [`get`](Self::get) and [`group`](Self::group).
    pub(crate) fn remember(&self, records: Vec<JobRecord>) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.extend(records);
        while jobs.len() > REMEMBERED {
            jobs.pop_front();
        }
    }

    /// A job of an app.
    pub(crate) fn get(&self, app: Uuid, id: Uuid) -> Option<Value> {
        self.find(app, |job| job.id == id).pop()
    }

    /// The jobs of an app that were asked for together.
    pub(crate) fn group(&self, app: Uuid, group: Uuid) -> Vec<Value> {
        self.find(app, |job| job.group_id == group)
    }

    fn find(&self, app: Uuid, wanted: impl Fn(&JobRecord) -> bool) -> Vec<Value> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().filter(|job| job.app == app && wanted(job)).map(JobRecord::to_json).collect()
    }
}

impl JobRecord {
    /// The job as clients see it.
    pub(crate) fn to_json(&self) -> Value {
        let error = self.error.as_ref();
        let checked_data_type = match &self.job {
            Job::CheckDataType(checked) => json!(checked),
            _ => Value::Null,
        };
        let time = whole_seconds(self.time);
        json!({
            "id": self.id,
            "app_id": self.app,
            "group_id": self.group_id,
            "attr_id": self.attr,
            "attr_name": self.attr_name,
            "job_type": self.job.name(),
            "job_status": if error.is_some() { "errored" } else { "completed" },
            "job_stage": null,
            "work_estimate": null,
            "work_completed": null,
            "error": error.map(|error| error.code),
            "checked_data_type": checked_data_type,
            "created_at": &time,
            "updated_at": &time,
            "done_at": &time,
            "invalid_unique_value": error.map(|error| &error.unique_value),
            "invalid_triples_sample": error.map(|error| &error.triples),
            "error_data": error.map(|error| &error.data),
        })
    }

    /// What went wrong, in a sentence.
    pub(crate) fn failure(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        Some(format!(
            "`{}` of {} failed ({}): {}",
            self.job.name(),
            self.attr_name,
            error.code,
            error.message
        ))
    }
}

/// Runs a job. The record says whether the job failed; an error means that the server failed.
pub(super) async fn run(
    store: &Store,
    app: Uuid,
    group_id: Uuid,
    job: Job,
    attr: Uuid,
) -> Result<JobRecord, ApiError> {
    let name = move |tx: &ReadTx<'_>| {
        Ok(tx.catalog().attr(attr).map_or_else(|| attr.to_string(), |stored| stored.name()))
    };
    let attr_name = store.read(app, name).await?;
    let work = job.clone();
    let error = match store.write_if_known(app, move |tx| Ok(change(tx, &work, attr)?)).await {
        Ok(Some(())) => None,
        Ok(None) => return Err(ApiError::unknown_app(app)),
        Err(Failure::Job(error)) => Some(error),
        Err(Failure::Server(error)) => return Err(error),
    };
    let time = Timestamp::now().as_millisecond();
    Ok(JobRecord { id: Uuid::new_v4(), group_id, app, attr, attr_name, job, time, error })
}

/// Why the transaction of a job failed.
enum Failure {
    /// The job could not be done.
    Job(Box<JobError>),
    /// The store could not do its part.
    Server(ApiError),
}

impl From<Box<JobError>> for Failure {
    fn from(error: Box<JobError>) -> Self {
        Self::Job(error)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Server(error)
    }
}

fn change(tx: &mut WriteTx<'_>, job: &Job, attr: Uuid) -> Result<(), Box<JobError>> {
    let Some(stored) = tx.catalog().attr(attr).cloned() else {
        return Err(JobError::new("invalid-attr-state-error", "there is no such attribute"));
    };
    let changed = match job {
        Job::Index => tx.update_attr(&AttrUpdate { indexed: Some(true), ..unchanged(&stored.attr) }),
        Job::RemoveIndex => tx.update_attr(&AttrUpdate { indexed: Some(false), ..unchanged(&stored.attr) }),
        Job::Unique => tx.update_attr(&AttrUpdate { unique: Some(true), ..unchanged(&stored.attr) }),
        Job::RemoveUnique => tx.update_attr(&AttrUpdate { unique: Some(false), ..unchanged(&stored.attr) }),
        Job::Required => {
            find_lacking(tx, &stored)?;
            tx.update_attr(&AttrUpdate { required: Some(true), ..unchanged(&stored.attr) })
        }
        Job::RemoveRequired => {
            tx.update_attr(&AttrUpdate { required: Some(false), ..unchanged(&stored.attr) })
        }
        Job::CheckDataType(checked) => tx.set_checked_type(attr, Some(*checked)),
        Job::RemoveDataType => tx.set_checked_type(attr, None),
    };
    changed.map_err(|error| JobError::of(job, &error))
}

/// An update that changes nothing. The cascades have no "unchanged", so they are given as they are.
fn unchanged(attr: &Attr) -> AttrUpdate {
    AttrUpdate {
        id: attr.id,
        stored_as: None,
        cardinality: None,
        forward_identity: None,
        reverse_identity: None,
        unique: None,
        indexed: None,
        required: None,
        on_delete: attr.on_delete.clone(),
        on_delete_reverse: attr.on_delete_reverse.clone(),
    }
}

/// Fails when an entity lacks a value of the attribute.
fn find_lacking(tx: &WriteTx<'_>, stored: &StoredAttr) -> Result<(), Box<JobError>> {
    const SHOWN: usize = 10;
    let failed = |error: ApiError| JobError::new("unexpected-error", error.message());
    let mut lacking = Vec::new();
    for entity in tx.entities(stored.entity()).map_err(failed)? {
        if !tx.has_value(stored, entity).map_err(failed)? {
            lacking.push(entity);
        }
    }
    if lacking.is_empty() && tx.catalog().id_attr(stored.entity()).is_some() {
        return Ok(());
    }
    let message = format!("{} entities of {} have no value", lacking.len(), stored.entity());
    let data = json!({
        "count": lacking.len(),
        "etype": stored.entity(),
        "label": stored.label(),
        "entity-ids": &lacking[..lacking.len().min(SHOWN)],
    });
    let mut failed = JobError::new("missing-required-error", &message);
    failed.data = data;
    Err(failed)
}

impl JobError {
    fn new(code: &'static str, message: &str) -> Box<Self> {
        let (unique_value, triples, data) = (Value::Null, Value::Null, Value::Null);
        Box::new(Self { code, message: message.to_owned(), unique_value, triples, data })
    }

    /// Translates an error of the store to the code and details that clients know.
    fn of(job: &Job, error: &ApiError) -> Box<Self> {
        let hint = error.hint();
        let sample = || {
            let value = &hint["value"];
            json!([{ "entity_id": hint["entity-id"], "value": value, "json_type": crate::store::json_type(value) }])
        };
        let new = |code| Self::new(code, error.message());
        let with_sample = |code| {
            let mut failed = new(code);
            failed.triples = sample();
            failed
        };
        match (error.kind(), job) {
            ("record-not-unique", _) => {
                let value = hint["value"].as_str().and_then(|text| serde_json::from_str(text).ok());
                let mut failed = new("triple-not-unique-error");
                failed.unique_value = value.unwrap_or_default();
                failed
            }
            _ if hint["value-too-large?"] == json!(true) => with_sample("triple-too-large-error"),
            ("validation-failed", Job::CheckDataType(_)) if !hint["entity-id"].is_null() => {
                with_sample("invalid-triple-error")
            }
            ("validation-failed" | "sql-raise", _) => new("invalid-attr-state-error"),
            _ => new("unexpected-error"),
        }
    }
}
