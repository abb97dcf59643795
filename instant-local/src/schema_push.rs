//! Brings the attributes of an app in line with a schema: plans it, applies the plan, and runs the jobs.
//!
//! [`instant_schema::plan`] makes the plan; this module runs it on the store.

mod job;
mod record;

use instant_schema::plan::{self, Job, PlanOptions, PlanStep, RefKeys};
use instant_schema::{Attr, Rule, Schema};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::instaml::{self, NewAttr, TxStep};
use crate::store::{AttrCatalog, ReadTx, Store, WriteTx};
use crate::timestamp::whole_seconds;

use record::JobRecord;

pub(crate) use record::Jobs;

/// A step as it was asked for, and what it means.
struct Asked {
    json: Value,
    /// `None` for a step that no server knows: the official one passes over it, and so does this one.
    step: Option<PlanStep>,
}

/// The result of applying steps.
struct Applied {
    /// The transaction that added and changed attributes. An empty object if there were no such steps.
    transaction: Value,
    /// The steps as they were asked for. Steps that became jobs have a `job-id`.
    steps: Vec<Value>,
    /// The jobs, all of them done.
    jobs: Vec<JobRecord>,
}

/// Returns the plan from the app's attributes to `schema` (the JSON of an `instant.schema.json`) in its wire form.
pub(crate) async fn plan(
    store: &Store,
    app: Uuid,
    schema: &Value,
    options: PlanOptions,
) -> Result<Value, ApiError> {
    let schema = read_schema(schema)?;
    let read = move |tx: &ReadTx<'_>| {
        let current = attrs(tx.catalog());
        let steps = plan_steps(&schema, &current, options)?;
        Ok(plan_json(&schema, &current, steps.iter().map(PlanStep::to_json).collect()))
    };
    store.read(app, read).await
}

/// Plans and applies a schema. Returns the plan together with its result.
pub(crate) async fn push(
    store: &Store,
    jobs: &Jobs,
    app: Uuid,
    schema: &Value,
    options: PlanOptions,
) -> Result<Value, ApiError> {
    let schema = read_schema(schema)?;
    let write = move |tx: &mut WriteTx<'_>| {
        let current = attrs(tx.catalog());
        let steps = asked(plan_steps(&schema, &current, options)?);
        let transaction = run_attr_steps(tx, &steps)?;
        Ok((plan_json(&schema, &current, Vec::new()), steps, transaction))
    };
    let (mut answer, steps, transaction) = store.write(app, write).await?;
    let applied = run_jobs(store, app, steps, transaction).await?;
    for (key, value) in applied.into_json(jobs) {
        answer[key] = value;
    }
    Ok(answer)
}

/// Plans and applies a schema as the creation of an app does. Fails if a job fails.
pub(crate) async fn apply(store: &Store, app: Uuid, schema: Schema) -> Result<(), ApiError> {
    let write = move |tx: &mut WriteTx<'_>| {
        let steps = asked(plan_steps(&schema, &attrs(tx.catalog()), PlanOptions::default())?);
        run_attr_steps(tx, &steps)?;
        Ok(steps)
    };
    let steps = store.write(app, write).await?;
    let names: Vec<_> =
        steps.iter().filter_map(|asked| asked.step.as_ref()).map(PlanStep::attribute).collect();
    let applied = run_jobs(store, app, steps, Value::Null).await?;
    let failure = applied.jobs.iter().zip(&names).find_map(|(job, name)| job.failure(name));
    match failure {
        Some(failure) => Err(ApiError::invalid("schema", Value::Null, failure)),
        None => Ok(()),
    }
}

/// Applies steps that a client has planned. These can delete attributes.
pub(crate) async fn apply_steps(
    store: &Store,
    jobs: &Jobs,
    app: Uuid,
    steps: &Value,
) -> Result<Value, ApiError> {
    let steps = read_steps(steps)?;
    let write = move |tx: &mut WriteTx<'_>| {
        let transaction = run_attr_steps(tx, &steps)?;
        Ok((steps, transaction))
    };
    let (steps, transaction) = store.write(app, write).await?;
    let applied = run_jobs(store, app, steps, transaction).await?;
    Ok(applied.into_json(jobs).into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Fails where the app has no such attribute.
pub(crate) async fn check_known(store: &Store, app: Uuid, attr: Uuid) -> Result<(), ApiError> {
    let known = move |tx: &ReadTx<'_>| Ok(tx.catalog().attr(attr).is_some());
    if store.read(app, known).await? {
        return Ok(());
    }
    Err(ApiError::record_not_found("attrs", Vec::new()).with_hint("attr-id", json!(attr)))
}

/// Runs one job. Returns its record as it was before the job began, in the form that clients see; those who poll for it
/// see whether it failed.
pub(crate) async fn run_job(
    store: &Store,
    jobs: &Jobs,
    app: Uuid,
    job: Job,
    attr: Uuid,
) -> Result<Value, ApiError> {
    let record = job::run(store, app, None, job, attr).await?;
    let answer = record.waiting();
    jobs.remember(vec![record]);
    Ok(answer)
}

/// The record of a job; an empty object where there is none.
pub(crate) async fn job(store: &Store, jobs: &Jobs, app: Uuid, id: Uuid) -> Result<Value, ApiError> {
    let Some(record) = jobs.get(app, id) else { return Ok(json!({})) };
    store.read(app, move |tx| record.polled(tx)).await
}

/// The records of the jobs that were asked for together.
pub(crate) async fn job_group(store: &Store, jobs: &Jobs, app: Uuid, group: Uuid) -> Result<Value, ApiError> {
    let records = jobs.group(app, group);
    store.read(app, move |tx| records.iter().map(|record| record.polled(tx)).collect()).await
}

/// The app's attributes as `{refs, blobs}`.
pub(crate) fn refs_and_blobs(catalog: &AttrCatalog, keys: RefKeys) -> Value {
    plan::refs_and_blobs(&attrs(catalog), keys)
}

/// The app's attribute records, system ones included, deleted ones not.
pub(crate) fn attrs(catalog: &AttrCatalog) -> Vec<Attr> {
    catalog.iter().map(|stored| (*stored.attr).clone()).collect()
}

impl Applied {
    fn into_json(self, jobs: &Jobs) -> [(&'static str, Value); 3] {
        let started = match self.jobs.first() {
            None => Value::Null,
            Some(first) => json!({
                "group-id": first.group_id,
                "jobs": self.jobs.iter().map(JobRecord::row).collect::<Vec<_>>(),
            }),
        };
        jobs.remember(self.jobs);
        [("transaction", self.transaction), ("steps", Value::Array(self.steps)), ("indexing-jobs", started)]
    }
}

/// Reads the schema of a request as the official server does: null is a schema without entities.
pub(crate) fn read_schema(schema: &Value) -> Result<Schema, ApiError> {
    let empty = json!({ "entities": {} });
    let read = if schema.is_null() { &empty } else { schema };
    Schema::from_pushed(read).map_err(|problems| {
        let errors =
            problems.iter().map(|problem| json!({ "in": ["schema"], "message": problem.to_string() }));
        ApiError::validation("schema", schema.clone(), errors.collect())
    })
}

fn plan_steps(schema: &Schema, current: &[Attr], options: PlanOptions) -> Result<Vec<PlanStep>, ApiError> {
    plan::plan(schema, current, options).map_err(|problems| {
        let errors = problems.iter().map(|problem| json!({ "in": ["schema"], "message": problem.message }));
        ApiError::validation("schema", "plan", errors.collect())
    })
}

fn asked(steps: Vec<PlanStep>) -> Vec<Asked> {
    steps.into_iter().map(|step| Asked { json: step.to_json(), step: Some(step) }).collect()
}

/// Reads the steps of a client. An empty object is an empty list.
fn read_steps(steps: &Value) -> Result<Vec<Asked>, ApiError> {
    let list = match steps {
        Value::Array(list) => list.as_slice(),
        Value::Object(members) if members.is_empty() => &[],
        other => return Err(ApiError::param_malformed(&["body", "steps"], other.clone())),
    };
    let read = |(index, json): (usize, &Value)| match PlanStep::from_json(json) {
        Ok(step) => Ok(Asked { json: json.clone(), step: Some(step) }),
        Err(problem) if problem.rule == Rule::UnknownAction => Ok(Asked { json: json.clone(), step: None }),
        Err(problem) => {
            let error = json!({ "message": problem.message, "in": [index] });
            Err(ApiError::validation("tx-steps", steps.clone(), vec![error]))
        }
    };
    list.iter().enumerate().map(read).collect()
}

fn plan_json(schema: &Schema, current: &[Attr], steps: Vec<Value>) -> Value {
    let mut plan = json!({
        "new-schema": plan::new_schema(schema),
        "current-schema": plan::refs_and_blobs(current, RefKeys::Vector),
        "current-attrs": current,
    });
    plan["steps"] = Value::Array(steps);
    plan
}

/// Runs the steps that are not jobs in this transaction, and returns the transaction's description.
fn run_attr_steps(tx: &mut WriteTx<'_>, steps: &[Asked]) -> Result<Value, ApiError> {
    let tx_steps: Vec<TxStep> = steps
        .iter()
        .filter_map(|asked| match asked.step.as_ref()? {
            PlanStep::AddAttr(attr) => {
                let given = asked.json[1].clone();
                Some(TxStep::AddAttr(Box::new(NewAttr { attr: attr.clone(), given })))
            }
            PlanStep::UpdateAttr(update) => Some(TxStep::UpdateAttr(Box::new(update.clone()))),
            PlanStep::DeleteAttr(id) => Some(TxStep::DeleteAttr(*id)),
            PlanStep::Job { .. } => None,
        })
        .collect();
    if tx_steps.is_empty() {
        return Ok(json!({}));
    }
    let id = instaml::execute(tx, None, tx_steps)?.tx_id;
    Ok(json!({ "id": id, "app_id": tx.app().id, "created_at": whole_seconds(tx.now()) }))
}

/// Runs the steps that are jobs one after the other, each in its own transaction.
async fn run_jobs(
    store: &Store,
    app: Uuid,
    steps: Vec<Asked>,
    transaction: Value,
) -> Result<Applied, ApiError> {
    let group = Uuid::new_v4();
    let mut applied = Applied { transaction, steps: Vec::with_capacity(steps.len()), jobs: Vec::new() };
    for Asked { mut json, step } in steps {
        if let Some(PlanStep::Job { job, attr_id, .. }) = step {
            let record = job::run(store, app, Some(group), job, attr_id).await?;
            json[1]["job-id"] = json!(record.id);
            applied.jobs.push(record);
        }
        applied.steps.push(json);
    }
    Ok(applied)
}
