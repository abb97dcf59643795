//! Brings the attributes of an app in line with a schema: plans it, applies the plan, and runs the jobs.
//!
//! [`instant_schema::plan`] makes the plan; this module runs it on the store.

mod job;

use instant_schema::plan::{self, Job, PlanOptions, PlanStep, RefKeys};
use instant_schema::{Attr, Schema};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::ApiError;
use crate::instaml::{self, NewAttr, TxStep};
use crate::store::{AttrCatalog, ReadTx, Store, WriteTx};
use crate::timestamp::whole_seconds;

pub(crate) use job::{JobRecord, Jobs};

/// The result of applying steps.
pub(crate) struct Applied {
    /// The transaction that added and changed attributes. An empty object if there were no such steps.
    transaction: Value,
    /// The steps in their JSON form. Steps that became jobs have a `job-id`.
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
        let steps = plan_steps(&schema, &current, options)?;
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
        let steps = plan_steps(&schema, &attrs(tx.catalog()), PlanOptions::default())?;
        run_attr_steps(tx, &steps)?;
        Ok(steps)
    };
    let steps = store.write(app, write).await?;
    let applied = run_jobs(store, app, steps, Value::Null).await?;
    match applied.jobs.iter().find_map(JobRecord::failure) {
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
    let list =
        steps.as_array().ok_or_else(|| ApiError::param_malformed(&["body", "steps"], steps.clone()))?;
    let mut parsed = Vec::with_capacity(list.len());
    for (index, step) in list.iter().enumerate() {
        parsed.push(PlanStep::from_json(step).map_err(|problem| {
            ApiError::validation(
                "tx-steps",
                steps.clone(),
                vec![json!({ "message": problem.message, "in": [index] })],
            )
        })?);
    }
    let write = move |tx: &mut WriteTx<'_>| {
        let transaction = run_attr_steps(tx, &parsed)?;
        Ok((parsed, transaction))
    };
    let (steps, transaction) = store.write(app, write).await?;
    let applied = run_jobs(store, app, steps, transaction).await?;
    Ok(applied.into_json(jobs).into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// Runs one job and returns it in the form that clients see. The form says whether the job failed.
pub(crate) async fn run_job(
    store: &Store,
    jobs: &Jobs,
    app: Uuid,
    job: Job,
    attr: Uuid,
) -> Result<Value, ApiError> {
    let known = move |tx: &ReadTx<'_>| Ok(tx.catalog().attr(attr).is_some());
    if !store.read(app, known).await? {
        return Err(ApiError::record_not_found("attr", vec![json!({ "app-id": app, "id": attr })]));
    }
    let record = job::run(store, app, Uuid::new_v4(), job, attr).await?;
    let answer = record.to_json();
    jobs.remember(vec![record]);
    Ok(answer)
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
                "jobs": self.jobs.iter().map(JobRecord::to_json).collect::<Vec<_>>(),
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
        ApiError::validation("schema", Value::Null, errors.collect())
    })
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
fn run_attr_steps(tx: &mut WriteTx<'_>, steps: &[PlanStep]) -> Result<Value, ApiError> {
    let tx_steps: Vec<TxStep> = steps
        .iter()
        .filter_map(|step| match step {
            PlanStep::AddAttr(attr) => Some(TxStep::AddAttr(Box::new(NewAttr::planned(attr.clone())))),
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
    steps: Vec<PlanStep>,
    transaction: Value,
) -> Result<Applied, ApiError> {
    let group = Uuid::new_v4();
    let mut applied = Applied { transaction, steps: Vec::with_capacity(steps.len()), jobs: Vec::new() };
    for step in steps {
        let mut json = step.to_json();
        if let PlanStep::Job { job, attr_id, .. } = step {
            let record = job::run(store, app, group, job, attr_id).await?;
            json[1]["job-id"] = json!(record.id);
            applied.jobs.push(record);
        }
        applied.steps.push(json);
    }
    Ok(applied)
}
