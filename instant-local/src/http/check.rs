//! What the rules say about a query or a transaction of someone else: for the administrator who writes them. Rules, address
//! and origin of the request may stand in for the real ones.

use serde_json::Value;

use super::Backend;
use super::access;
use super::call::Call;
use super::endpoint::Reply;
use super::{admin, query};
use crate::error::ApiError;
use crate::json;
use crate::requests::{Asker, TransactCheck, TransactRequest};
use crate::rules::{self, ClientInfo, Rules};

/// `POST /admin/query_perms_check`: a query with the result of each rule that applies to it.
pub(super) async fn query_perms_check(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let mut asker = checked_asker(&backend, &call).await?;
    let rules = rules_override(&call).await?;
    client_override(&call, &mut asker.client)?;
    let request = query::read_query(&call)?;
    let checked = request.check(&backend.store, &backend.rulebook, asker, rules).await?;
    let results = json::write(&Value::Array(checked.results));
    let tree = checked.answer.tree;
    Ok(Reply::written(format!(r#"{{"result":{tree},"check-results":{results},"rule-wheres":null}}"#)))
}

/// `POST /admin/transact_perms_check`: a transaction with the result of each rule that applies to it. Nothing is written, unless
/// that is asked for and all rules allow it.
pub(super) async fn transact_perms_check(backend: Backend, call: Call) -> Result<Reply, ApiError> {
    let mut asker = checked_asker(&backend, &call).await?;
    client_override(&call, &mut asker.client)?;
    let steps = admin::steps(&call)?;
    let check = TransactCheck {
        transaction: TransactRequest { steps, strict: call.flag("throw-on-missing-attrs?") },
        rules: rules_override(&call).await?,
        commit: call.flag("dangerously-commit-tx"),
    };
    Ok(check.run(&backend.store, &backend.rulebook, asker).await?.into())
}

/// Reads whose permissions are checked: an administrator must ask, for someone else.
async fn checked_asker(backend: &Backend, call: &Call) -> Result<Asker, ApiError> {
    access::admin(backend, call).await?;
    let asker = access::asker(call)?.verified(&backend.store).await?;
    if asker.is_admin() {
        return Err(ApiError::invalid("non-admin", "non-admin", "Cannot test perms as admin"));
    }
    Ok(asker)
}

/// Checks rules as at a push, on a thread where that may take long.
pub(super) async fn check_rules(code: &Value) -> Result<(), ApiError> {
    let code = code.clone();
    let checking = tokio::task::spawn_blocking(move || rules::validate(&code));
    checking.await.map_err(ApiError::internal)?
}

/// The rules of the body, which stand in for those of the app. They are checked as at a push.
async fn rules_override(call: &Call) -> Result<Option<Rules>, ApiError> {
    let Some(code) = call.optional("rules-override") else { return Ok(None) };
    check_rules(code).await?;
    Ok(Some(Rules::of(Some(code.clone()))))
}

/// The address and the origin of the body, which stand in for those of the request.
fn client_override(call: &Call, client: &mut ClientInfo) -> Result<(), ApiError> {
    for (key, place) in [("ip-override", &mut client.ip), ("origin-override", &mut client.origin)] {
        let Some(value) = call.optional(key) else { continue };
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        if text.is_empty() {
            return Err(ApiError::param_malformed(&["body", key], value.clone()));
        }
        *place = Some(text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::call::tests::call;
    use super::*;

    #[test]
    fn an_override_is_a_text_that_is_not_blank_or_a_number() {
        let read = |body: Value| {
            let mut client = ClientInfo { ip: Some("real".to_owned()), origin: None };
            client_override(&call(&[], &[], body), &mut client).map(|()| client)
        };
        let both = read(json!({ "ip-override": " 1.2.3.4 ", "origin-override": 5 })).unwrap();
        assert_eq!((both.ip.as_deref(), both.origin.as_deref()), (Some("1.2.3.4"), Some("5")));
        let none = read(json!({ "ip-override": null })).unwrap();
        assert_eq!((none.ip.as_deref(), none.origin), (Some("real"), None));
        for bad in [json!(" "), json!([]), json!(true)] {
            let error = read(json!({ "origin-override": bad })).unwrap_err();
            assert_eq!(error.message(), r#"Malformed parameter: ["body" "origin-override"]"#, "{bad}");
        }
    }
}
