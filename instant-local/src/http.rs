//! The HTTP API: its routes, and the way from a request to its endpoint and back.

mod access;
mod admin;
mod apps;
mod call;
mod check;
mod conventions;
mod endpoint;
mod listen;
mod query;
mod schema;
mod subscribe;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use tokio::sync::watch;

use crate::error::ApiError;
use crate::rules::Rulebook;
use crate::schema_push::Jobs;
use crate::store::Store;

use endpoint::endpoint;
pub(crate) use listen::{HEAD_TIMEOUT, serve};

/// The state that all endpoints share.
#[derive(Debug, Clone)]
pub(crate) struct Backend {
    /// The data of all apps.
    pub(crate) store: Store,
    /// The last indexing jobs that ran.
    pub(crate) jobs: Arc<Jobs>,
    /// The rules of the apps, and the state of their rate limits.
    pub(crate) rulebook: Arc<Rulebook>,
    /// True once the server is stopping: open streams end then.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Every route of the backend.
pub(crate) fn router(backend: Backend) -> Router {
    Router::new()
        .route("/health", get(endpoint(apps::health)))
        .route("/health/system", get(endpoint(apps::health_system)))
        .merge(admin_routes())
        .merge(app_routes("/dash/apps/{app_id}"))
        .merge(app_routes("/superadmin/apps/{app_id}"))
        .route("/dash/apps/ephemeral", post(endpoint(apps::create_ephemeral)))
        .route("/dash/apps/ephemeral/{app_id}", get(endpoint(apps::get_ephemeral)))
        .route("/dash/apps/ephemeral/{app_id}/status", post(endpoint(apps::set_ephemeral_status)))
        .route("/dash/apps/{app_id}/schema/pull", get(endpoint(schema::pull)))
        .route("/dash/apps/{app_id}/schema/steps/apply", post(endpoint(schema::apply_steps)))
        .route("/dash/apps/{app_id}/perms/pull", get(endpoint(apps::get_rules)))
        .route("/dash/apps/{app_id}/rules", post(endpoint(apps::put_rules)))
        .route("/dash/apps/{app_id}/rule-versions", get(endpoint(apps::rule_versions)))
        .route("/dash/apps/{app_id}/indexing-jobs", post(endpoint(schema::start_job)))
        .route("/dash/apps/{app_id}/indexing-jobs/group/{group_id}", get(endpoint(schema::job_group)))
        .route("/dash/apps/{app_id}/indexing-jobs/{job_id}", get(endpoint(schema::job)))
        .route("/dash/apps/{app_id}/soft_deleted_attrs", get(endpoint(schema::deleted_attrs_of_app)))
        .route("/superadmin/apps", get(endpoint(apps::apps_of_account)))
        .route("/superadmin/apps/{app_id}", post(endpoint(apps::rename_app)))
        .route("/superadmin/apps/{app_id}/schema", get(endpoint(schema::get_schema)))
        .route(
            "/superadmin/apps/{app_id}/perms",
            get(endpoint(apps::get_rules)).post(endpoint(apps::put_rules)),
        )
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_route)
        .with_state(backend)
        .layer(middleware::from_fn(conventions::wrap))
}

fn admin_routes() -> Router<Backend> {
    Router::new()
        .route("/admin/query", post(endpoint(query::query)))
        .route("/admin/query_perms_check", post(endpoint(check::query_perms_check)))
        .route("/admin/subscribe-query", post(subscribe::subscribe_query))
        .route("/admin/transact", post(endpoint(admin::transact)))
        .route("/admin/transact_perms_check", post(endpoint(check::transact_perms_check)))
        .route("/admin/schema", get(endpoint(schema::admin_schema)))
        .route("/admin/soft_deleted_attrs", get(endpoint(schema::deleted_attrs)))
        .route("/admin/refresh_tokens", post(endpoint(admin::create_refresh_token)))
        .route("/admin/sign_out", post(endpoint(admin::sign_out)))
}

/// The routes that the dashboard and the platform API share.
fn app_routes(prefix: &str) -> Router<Backend> {
    Router::new()
        .route(prefix, get(endpoint(apps::get_app)))
        .route(&format!("{prefix}/schema/push/plan"), post(endpoint(schema::plan)))
        .route(&format!("{prefix}/schema/push/apply"), post(endpoint(schema::apply)))
}

async fn no_such_route() -> impl IntoResponse {
    ApiError::no_such_route()
}
