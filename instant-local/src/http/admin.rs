//! The administrator's data endpoints: transactions, refresh tokens and their end.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::requests::TransactRequest;
use crate::users::{self, SignOut, TokenRequest};

/// `POST /admin/transact`. Checks in the order of the official server: app id, `steps`, credentials.
pub(super) async fn transact(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    call.app_id()?;
    let steps = steps(&call)?;
    let asker = access::asker(&call)?;
    let request = TransactRequest { steps, strict: call.flag("throw-on-missing-attrs?") };
    Ok(json!({ "tx-id": request.run(&backend.store, &backend.rulebook, asker).await? }).into())
}

/// The steps of a transaction.
pub(super) fn steps(call: &Call) -> Result<Value, ApiError> {
    let steps = call.required("steps")?;
    // The official server reads any collection here, and finds the entries of an object not to be steps.
    if steps.is_array() || steps.is_object() {
        Ok(steps.clone())
    } else {
        Err(ApiError::param_malformed(&["body", "steps"], steps.clone()))
    }
}

/// `POST /admin/refresh_tokens`.
pub(super) async fn create_refresh_token(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::admin(&backend, &call).await?;
    let request =
        TokenRequest { email: email(&call)?, id: optional_id(&call, "id")?, extra_fields: extra(&call)? };
    if request.email.is_none() && request.id.is_none() {
        let message = "Please provide an `email` or `id`";
        return Err(ApiError::invalid("body", call.body().clone(), message));
    }
    let write = backend.store.write(app.id, move |tx| users::create_refresh_token(tx, &request));
    Ok(write.await?.into())
}

/// `POST /admin/sign_out`: ends one refresh token, or all those of a user.
pub(super) async fn sign_out(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let app = access::admin(&backend, &call).await?;
    let whom = if let Some(id) = optional_id(&call, "id")? {
        SignOut::User(id)
    } else if let Some(email) = email(&call)? {
        SignOut::Email(email)
    } else if let Some(token) = optional_id(&call, "refresh_token")? {
        SignOut::Token(token)
    } else {
        let message = "Please provide an `id`, `email`, or `refresh_token`";
        return Err(ApiError::invalid("body", call.body().clone(), message));
    };
    backend.store.write(app.id, move |tx| users::sign_out(tx, &whom)).await?;
    Ok(json!({ "ok": true }).into())
}

/// The email in the body, if there is one.
fn email(call: &Call) -> Result<Option<String>, ApiError> {
    let Some(value) = call.optional("email") else { return Ok(None) };
    let email = value.as_str().and_then(users::coerce_email);
    email.map(Some).ok_or_else(|| ApiError::param_malformed(&["body", "email"], value.clone()))
}

/// A uuid in the body, if it is there.
fn optional_id(call: &Call, key: &str) -> Result<Option<Uuid>, ApiError> {
    call.optional(key).map(|_| call.uuid(key)).transpose()
}

fn extra(call: &Call) -> Result<Map<String, Value>, ApiError> {
    match call.optional("extra-fields") {
        None => Ok(Map::new()),
        Some(value) => {
            let fields = value.as_object().cloned();
            fields.ok_or_else(|| ApiError::param_malformed(&["body", "extra-fields"], value.clone()))
        }
    }
}
