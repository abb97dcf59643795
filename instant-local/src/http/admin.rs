//! The administrator's data endpoints: transactions and refresh tokens.

use serde_json::{Map, Value, json};

use super::Backend;
use super::access;
use super::call::{Call, parse_uuid};
use super::endpoint::Reply;
use crate::error::ApiError;
use crate::requests::TransactRequest;
use crate::users::{self, TokenRequest};

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
    let email = call.optional("email").map(|value| {
        let email = value.as_str().and_then(users::coerce_email);
        email.ok_or_else(|| ApiError::param_malformed(&["body", "email"], value.clone()))
    });
    let id = call.optional("id").map(|value| {
        let id = value.as_str().and_then(parse_uuid);
        id.ok_or_else(|| ApiError::param_malformed(&["body", "id"], value.clone()))
    });
    let request =
        TokenRequest { email: email.transpose()?, id: id.transpose()?, extra_fields: extra(&call)? };
    if request.email.is_none() && request.id.is_none() {
        let message = "Please provide an `email` or `id`";
        return Err(ApiError::invalid("body", call.body().clone(), message));
    }
    let write = backend.store.write(app.id, move |tx| users::create_refresh_token(tx, &request));
    Ok(write.await?.into())
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
