//! An app's attributes: reads them, plans and applies schemas, and runs indexing jobs.

use instant_schema::Rule;
use instant_schema::plan::{Job, PlanOptions, RefKeys};
use serde_json::{Value, json};

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::schema_push;
use crate::store::{App, ReadTx};

/// `GET /admin/schema`.
pub(super) async fn admin_schema(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::admin(&backend, &call).await?;
    read(&backend, &app, |tx| {
        Ok(json!({ "schema": schema_push::refs_and_blobs(tx.catalog(), RefKeys::Dashes) }))
    })
    .await
}

/// `GET /superadmin/apps/:app_id/schema`.
pub(super) async fn get_schema(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    read(&backend, &app, |tx| {
        Ok(json!({ "schema": schema_push::refs_and_blobs(tx.catalog(), RefKeys::Vector) }))
    })
    .await
}

/// `GET /dash/apps/:app_id/schema/pull`.
pub(super) async fn pull(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    read(&backend, &app, |tx| {
        Ok(json!({
            "schema": schema_push::refs_and_blobs(tx.catalog(), RefKeys::Vector),
            "attrs": schema_push::attrs(tx.catalog()),
            "app-title": tx.app().title,
        }))
    })
    .await
}

/// `POST ../schema/push/plan`.
pub(super) async fn plan(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let plan = schema_push::plan(&backend.store, app.id, &call.body()["schema"], options(&call)).await?;
    Ok(plan.into())
}

/// `POST ../schema/push/apply`.
pub(super) async fn apply(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let schema = &call.body()["schema"];
    let applied = schema_push::push(&backend.store, &backend.jobs, app.id, schema, options(&call)).await?;
    Ok(applied.into())
}

/// `POST /dash/apps/:app_id/schema/steps/apply`.
pub(super) async fn apply_steps(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let steps = call.required("steps")?;
    let applied = schema_push::apply_steps(&backend.store, &backend.jobs, app.id, steps).await?;
    Ok(applied.into())
}

/// `POST /dash/apps/:app_id/indexing-jobs`.
pub(super) async fn start_job(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let attr = call.uuid("attr-id")?;
    let name = call.text("job-type")?;
    let job = Job::from_name(&name, None);
    if job.as_ref().is_err_and(|problem| problem.rule == Rule::UnknownAction) {
        return Err(ApiError::invalid("job-type", &*name, format!("Invalid job type {name}.")));
    }
    schema_push::check_known(&backend.store, app.id, attr).await?;
    let job = if let Ok(job) = job {
        job
    } else {
        let checked = call.text("checked-data-type")?;
        Job::from_name(&name, Some(&checked))
            .map_err(|problem| ApiError::invalid("checked-data-type", &*checked, problem.message))?
    };
    let job = schema_push::run_job(&backend.store, &backend.jobs, app.id, job, attr).await?;
    Ok(json!({ "job": job }).into())
}

/// `GET /dash/apps/:app_id/indexing-jobs/:job_id`.
pub(super) async fn job(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let id = call.path_uuid("job_id")?;
    let job = schema_push::job(&backend.store, &backend.jobs, app.id, id).await?;
    Ok(json!({ "job": job }).into())
}

/// `GET /dash/apps/:app_id/indexing-jobs/group/:group_id`.
pub(super) async fn job_group(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let group = call.path_uuid("group_id")?;
    let jobs = schema_push::job_group(&backend.store, &backend.jobs, app.id, group).await?;
    Ok(json!({ "jobs": jobs }).into())
}

/// `GET /admin/soft_deleted_attrs`.
pub(super) async fn deleted_attrs(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::admin(&backend, &call).await?;
    read(&backend, &app, |tx| Ok(deleted(tx))).await
}

/// `GET /dash/apps/:app_id/soft_deleted_attrs`.
pub(super) async fn deleted_attrs_of_app(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    read(&backend, &app, |tx| Ok(deleted(tx))).await
}

const GRACE_PERIOD_DAYS: u32 = 2;

fn deleted(tx: &ReadTx<'_>) -> Value {
    let attrs: Vec<_> = tx.catalog().deleted().map(|stored| &*stored.attr).collect();
    json!({ "attrs": attrs, "grace-period-days": GRACE_PERIOD_DAYS })
}

fn options(call: &Call) -> PlanOptions {
    PlanOptions {
        check_types: call.flag("check_types"),
        background_updates: call.flag("supports_background_updates"),
    }
}

async fn read<F>(backend: &Backend, app: &App, work: F) -> Result<Reply, ApiError>
where
    F: FnOnce(&ReadTx<'_>) -> Result<Value, ApiError> + Send + 'static,
{
    Ok(backend.store.read(app.id, work).await?.into())
}
