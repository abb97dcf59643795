//! Apps: making ephemeral ones, reading them, and their permission rules.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use uuid::Uuid;

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::schema_push;
use crate::store::{App, NewApp};
use crate::timestamp::whole_seconds;

/// `GET /health`.
pub(super) async fn health(_: Backend, _: Call) -> Result<Reply, ApiError> {
    Ok(json!({ "status": "ok" }).into())
}

/// `GET /health/system`: the official server's own check.
pub(super) async fn health_system(_: Backend, _: Call) -> Result<Reply, ApiError> {
    Ok(json!({ "wal": "ok" }).into())
}

/// `POST /dash/apps/ephemeral`: an app that lives for 14 days, without any account.
pub(super) async fn create_ephemeral(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let title = call.text("title")?.to_owned();
    let rules = ephemeral_rules(&call)?;
    let expires = SystemTime::now() + LIFETIME;
    let expires = expires.duration_since(UNIX_EPOCH).map_err(ApiError::internal)?.as_millis();
    let expires = i64::try_from(expires).map_err(ApiError::internal)?;
    let new = NewApp { rules, expires: Some(expires), ..NewApp::new(title) };
    let token = new.admin_token;
    let app = backend.store.create_app(new).await?;
    if let Some(schema) = call.optional("schema")
        && let Err(error) = schema_push::apply(&backend.store, app.id, schema).await
    {
        // The answer is an error, so there must be no app either.
        backend.store.delete_app(app.id).await?;
        return Err(error);
    }
    let mut row = row(&app);
    row["admin-token"] = json!(token);
    Ok(json!({ "app": row, "expires_ms": expires }).into())
}

/// `GET /dash/apps/ephemeral/:app_id`.
pub(super) async fn get_ephemeral(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let id = call.path_uuid("app_id")?;
    let app = backend.store.app(id).await?.ok_or_else(|| unknown_app(id))?;
    match app.expires {
        Some(expires) => Ok(json!({ "app": row(&app), "expires_ms": expires }).into()),
        None => Err(ApiError::permission_denied(&[], "ephemeral-app?").with_hint("input", json!(id))),
    }
}

/// `GET /dash/apps/:app_id` and `GET /superadmin/apps/:app_id`.
pub(super) async fn get_app(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    Ok(json!({ "app": row(&app) }).into())
}

/// `GET /dash/apps/:app_id/perms/pull` and `GET /superadmin/apps/:app_id/perms`.
pub(super) async fn get_rules(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    Ok(json!({ "perms": app.rules() }).into())
}

/// `POST /dash/apps/:app_id/rules` and `POST /superadmin/apps/:app_id/perms`. Rules that are stored already
/// give `null`, as on the official server.
pub(super) async fn put_rules(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let code = call.required("code")?;
    if !code.is_object() {
        return Err(ApiError::param_malformed(&["body", "code"], code.clone()));
    }
    if app.rules().as_ref() == Some(code) {
        return Ok(json!({ "rules": null }).into());
    }
    backend.store.set_rules(app.id, Some(code.clone())).await?;
    Ok(json!({ "rules": { "app_id": app.id, "code": code } }).into())
}

const LIFETIME: Duration = Duration::from_hours(14 * 24);

fn ephemeral_rules(call: &Call) -> Result<Option<Value>, ApiError> {
    let code = call.optional("rules").and_then(|rules| rules.get("code"));
    match code {
        None | Some(Value::Null) => Ok(None),
        Some(code) if code.is_object() => Ok(Some(code.clone())),
        Some(code) => Err(ApiError::param_malformed(&["body", "rules", "code"], code.clone())),
    }
}

fn row(app: &App) -> Value {
    json!({
        "id": app.id,
        "title": app.title,
        "creator_id": null,
        "org_id": null,
        "created_at": whole_seconds(app.created),
        "deletion_marked_at": null,
        "connection_string": null,
        "subscription_id": null,
        "magic_code_expiry_minutes": null,
        "status": app.status.as_str(),
    })
}

fn unknown_app(id: Uuid) -> ApiError {
    ApiError::record_not_found("app", vec![json!({ "id": id })])
}
