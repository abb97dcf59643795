//! Reads who makes an HTTP request: the app id, bearer tokens, and the three headers that act for a user.

use serde_json::json;
use uuid::Uuid;

use super::Backend;
use super::call::{Call, parse_uuid};
use crate::error::ApiError;
use crate::requests::{Asker, Credentials};
use crate::rules::ClientInfo;
use crate::store::App;

/// The kinds of token in an `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bearer {
    /// An app's admin token (or another token that is a uuid).
    Uuid(Uuid),
    /// A personal access token; this backend has none.
    Personal,
    /// An access token of a platform; this backend has none.
    Platform,
}

impl Call {
    /// The app that an `/admin` request is about: the header if there is one, else the query parameter.
    pub(super) fn app_id(&self) -> Result<Uuid, ApiError> {
        let also = json!([["query-params", "app_id"]]);
        let Some(text) = self.header("app-id").or_else(|| self.query("app_id")) else {
            return Err(ApiError::param_missing(&["headers", "app-id"]).with_hint("possible-ins", also));
        };
        parse_uuid(text).ok_or_else(|| {
            let both = json!([["headers", "app-id"], ["query-params", "app_id"]]);
            ApiError::param_malformed(&["headers", "app-id"], text).with_hint("possible-ins", both)
        })
    }

    /// The token of the `Authorization` header; the word `Bearer` before it may be left out.
    fn bearer(&self) -> Result<Bearer, ApiError> {
        let path = ["headers", "authorization"];
        let header = self.header("authorization").ok_or_else(|| ApiError::param_missing(&path))?;
        let token = header.rsplit("Bearer ").next().unwrap_or("").trim();
        if token.starts_with("per_") {
            return Ok(Bearer::Personal);
        }
        if token.starts_with("pat_") {
            return Ok(Bearer::Platform);
        }
        let uuid = parse_uuid(token).map(Bearer::Uuid);
        uuid.ok_or_else(|| ApiError::param_malformed(&path, header))
    }

    /// The token of the `Authorization` header, which must be a uuid.
    fn admin_token(&self) -> Result<Uuid, ApiError> {
        match self.bearer()? {
            Bearer::Uuid(token) => Ok(token),
            Bearer::Personal => Err(ApiError::record_not_found("instant-user", Vec::new())),
            Bearer::Platform => Err(ApiError::record_not_found("oauth-access-token", Vec::new())),
        }
    }
}

/// Checks the admin token of an `/admin` request.
pub(super) async fn admin(backend: &Backend, call: &Call) -> Result<App, ApiError> {
    let app_id = call.app_id()?;
    let token = call.admin_token()?;
    let app = backend.store.app(app_id).await?.filter(|app| app.admits(token));
    app.ok_or_else(|| ApiError::wrong_admin_token(app_id, token))
}

/// The error about the token of a request that only the owner of an account may make: here is no account.
pub(super) fn no_account(call: &Call) -> ApiError {
    match call.admin_token() {
        Ok(_) => ApiError::record_not_found("instant-user", Vec::new()),
        Err(error) => error,
    }
}

/// Reads who makes an `/admin` request: `as-token`, `as-email` and `as-guest` in that order, else the administrator.
pub(super) fn asker(call: &Call) -> Result<Asker, ApiError> {
    let app = call.app_id()?;
    let credentials = if let Some(text) = call.header("as-token") {
        let path = ["asUser", "token"];
        let token = parse_uuid(text).ok_or_else(|| ApiError::param_malformed(&path, text))?;
        Credentials::RefreshToken(token)
    } else if let Some(email) = call.header("as-email") {
        Credentials::Email { admin_token: call.admin_token()?, email: email.to_owned() }
    } else if call.header("as-guest").is_some() {
        Credentials::Guest
    } else {
        Credentials::Admin(call.admin_token()?)
    };
    Ok(Asker { app, credentials, client: client(call) })
}

/// Reads where a request comes from, as rules see it. The last proxy is the server's own, and what it says of the one
/// before it is the last address that a client cannot make up.
fn client(call: &Call) -> ClientInfo {
    let forwarded = call.header("x-forwarded-for").unwrap_or("");
    let ip = forwarded.rsplit(',').nth(1).map(|ip| ip.trim().to_owned());
    ClientInfo { ip, origin: call.header("origin").map(str::to_owned) }
}

/// Checks the token of a `/dash/apps/:app_id` or `/superadmin/apps/:app_id` request.
pub(super) async fn app_in_path(backend: &Backend, call: &Call) -> Result<App, ApiError> {
    let token = call.admin_token()?;
    let app_id = call.path_uuid("app_id")?;
    if let Some(app) = backend.store.app(app_id).await?.filter(|app| app.admits(token)) {
        return Ok(app);
    }
    if backend.store.has_app_with(token).await? {
        let message = format!(
            "This admin token does not belong to app {app_id}. Admin tokens are bound to a single app. Use a \
             personal access token to manage other apps."
        );
        return Err(ApiError::validation_with_hint(message, json!({ "reason": "admin-token-mismatch" })));
    }
    Err(ApiError::record_not_found("instant-user", vec![json!({ "auth?": true })]).with_status(401))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::call::tests::call;
    use super::*;

    const ID: &str = "5f60a7e1-0000-4000-8000-0000000000e7";

    #[test]
    fn the_app_id_of_the_header_wins_even_when_it_is_bad() {
        let good = ("app_id", ID);
        let bad = call(&[("app-id", "nope")], &[good], Value::Null).app_id().unwrap_err();
        assert_eq!(bad.message(), r#"Malformed parameter: ["headers" "app-id"]"#);
        let hint = json!({
            "in": ["headers", "app-id"], "original-input": "nope",
            "possible-ins": [["headers", "app-id"], ["query-params", "app_id"]],
        });
        assert_eq!(bad.hint(), &hint);
        let empty = call(&[("app-id", "")], &[good], Value::Null).app_id().unwrap_err();
        assert_eq!(empty.kind(), "param-malformed");
        assert_eq!(call(&[], &[good], Value::Null).app_id().unwrap().to_string(), ID);
    }

    #[test]
    fn a_missing_app_id_names_both_places() {
        let missing = call(&[], &[], json!({ "app-id": ID })).app_id().unwrap_err();
        assert_eq!(missing.message(), r#"Missing parameter: ["headers" "app-id"]"#);
        let hint = json!({ "in": ["headers", "app-id"], "possible-ins": [["query-params", "app_id"]] });
        assert_eq!(missing.hint(), &hint);
    }

    #[test]
    fn a_bearer_token_may_come_without_its_prefix_but_not_in_lower_case() {
        let read = |header: &str| call(&[("authorization", header)], &[], Value::Null).bearer();
        let token = Bearer::Uuid(parse_uuid(ID).unwrap());
        assert_eq!(read(&format!("Bearer {ID}")).unwrap(), token);
        assert_eq!(read(&format!("  {ID} ")).unwrap(), token);
        assert_eq!(read("Bearer per_00").unwrap(), Bearer::Personal);
        assert_eq!(read("Bearer pat_00").unwrap(), Bearer::Platform);
        let lower = read(&format!("bearer {ID}")).unwrap_err();
        assert_eq!(lower.message(), r#"Malformed parameter: ["headers" "authorization"]"#);
        assert_eq!(lower.hint()["original-input"], format!("bearer {ID}"));
    }
}
