//! Apps: making ephemeral ones, reading them, and their permission rules.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::Backend;
use super::access;
use super::call::Call;
use super::check::check_rules;
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::rules;
use crate::schema_push;
use crate::store::{App, NewApp, RuleVersion, Status};
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
    let title = call.text("title")?.into_owned();
    let rules = call.optional("rules").and_then(|rules| rules.get("code")).filter(|code| !code.is_null());
    if let Some(code) = rules {
        check_rules(code).await?;
    }
    let rules = rules.cloned();
    let expires = SystemTime::now() + LIFETIME;
    let expires = expires.duration_since(UNIX_EPOCH).map_err(ApiError::internal)?.as_millis();
    let expires = i64::try_from(expires).map_err(ApiError::internal)?;
    let schema = call.optional("schema").map(schema_push::read_schema).transpose()?;
    let new = NewApp { rules, expires: Some(expires), ..NewApp::new(title) };
    let token = new.admin_token;
    let app = backend.store.create_app(new).await?;
    if let Some(schema) = schema
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
    let app = ephemeral(&backend, &call).await?;
    Ok(json!({ "app": row(&app), "expires_ms": app.expires }).into())
}

/// `GET /dash/apps/:app_id` and `GET /superadmin/apps/:app_id`.
pub(super) async fn get_app(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    Ok(json!({ "app": row(&app) }).into())
}

/// `POST /superadmin/apps/:app_id`: another title.
pub(super) async fn rename_app(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let mut app = access::app_in_path(&backend, &call).await?;
    app.title = call.text("title")?.into_owned();
    backend.store.set_title(app.id, &app.title).await?;
    Ok(json!({ "app": row(&app) }).into())
}

/// `GET /superadmin/apps`: the apps of an account. This backend has no accounts, and so no token of one.
pub(super) async fn apps_of_account(_: Backend, call: Call) -> Result<Reply, ApiError> {
    Err(access::no_account(&call))
}

/// `GET /dash/apps/:app_id/perms/pull` and `GET /superadmin/apps/:app_id/perms`.
pub(super) async fn get_rules(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    Ok(json!({ "perms": app.rules() }).into())
}

/// `POST /dash/apps/:app_id/rules` and `POST /superadmin/apps/:app_id/perms`. Answers
/// `null` where the rules are the same as before, as the official server does.
pub(super) async fn put_rules(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let code = call.required("code")?;
    check_rules(code).await?;
    let version = backend.store.set_rules(app.id, Some(code.clone())).await?;
    let rules = version.map(|version| json!({ "app_id": app.id, "code": code, "version": version }));
    Ok(json!({ "rules": rules }).into())
}

/// `GET /dash/apps/:app_id/rule-versions`: each with the edits that lead back to the one before.
pub(super) async fn rule_versions(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::app_in_path(&backend, &call).await?;
    let versions = backend.store.rule_versions(app.id).await?;
    let shown = versions.iter().map(|version: &RuleVersion| {
        json!({
            "version": version.version,
            "edits": rules::edits(&version.rules, &version.replaced),
            "created_at": whole_seconds(version.created),
        })
    });
    Ok(json!({ "versions": shown.collect::<Vec<_>>() }).into())
}

/// `POST /dash/apps/ephemeral/:app_id/status`: the admin token comes in the body.
pub(super) async fn set_ephemeral_status(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = ephemeral(&backend, &call).await?;
    let token = call.uuid("admin-token")?;
    if !app.admits(token) {
        return Err(ApiError::wrong_admin_token(app.id, token));
    }
    let name = call.text("status")?;
    let status =
        Status::from_name(&name).ok_or_else(|| ApiError::param_malformed(&["body", "status"], &*name))?;
    backend.store.set_status(app.id, status).await?;
    Ok(json!({ "status": status.as_str() }).into())
}

const LIFETIME: Duration = Duration::from_hours(14 * 24);

/// The ephemeral app in the path.
async fn ephemeral(backend: &Backend, call: &Call) -> Result<App, ApiError> {
    let id = call.path_uuid("app_id")?;
    let unknown = || ApiError::record_not_found("app", vec![json!({ "id": id })]);
    let app = backend.store.app(id).await?.ok_or_else(unknown)?;
    match app.expires {
        Some(_) => Ok(app),
        None => Err(ApiError::permission_denied(&[], "ephemeral-app?").with_hint("input", json!(id))),
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
