//! Users of an app: finds them for impersonation, and makes refresh tokens (and users) for administrators.

use instant_schema::Direction;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ApiError;
use crate::store::{ReadTx, Status, StoredAttr, Triple, WriteTx};
use crate::timestamp::whole_seconds;

/// The parameters of `POST /admin/refresh_tokens`.
#[derive(Debug)]
pub(crate) struct TokenRequest {
    /// Finds, or names, the user; wins over the id.
    pub(crate) email: Option<String>,
    /// Finds the user, or is the id of a new one.
    pub(crate) id: Option<Uuid>,
    /// Custom attributes of a new user; ignored for one that exists.
    pub(crate) extra_fields: Map<String, Value>,
}

/// Returns the user that a refresh token belongs to.
pub(crate) fn by_refresh_token(tx: &ReadTx<'_>, token: Uuid) -> Result<Option<Uuid>, ApiError> {
    let hash = json!(hash(token));
    let Some(holder) = tx.find(system(tx, "$userRefreshTokens", "hashedToken")?, &hash)? else {
        return Ok(None);
    };
    let user = tx.links(system(tx, "$userRefreshTokens", "$user")?, Direction::Forward, holder)?;
    Ok(user.into_iter().next())
}

/// Returns the user with this email. The email is compared as it is.
pub(crate) fn by_email(tx: &ReadTx<'_>, email: &str) -> Result<Option<Uuid>, ApiError> {
    tx.find(system(tx, "$users", "email")?, &json!(email))
}

/// Makes a refresh token for a user, and the user if it does not exist.
///
/// Returns `{user, created}`; `user` holds the token.
pub(crate) fn create_refresh_token(tx: &mut WriteTx<'_>, request: &TokenRequest) -> Result<Value, ApiError> {
    match tx.app().status {
        Status::Active => {}
        Status::ReadOnly => return Err(ApiError::app_read_only()),
        Status::Disabled => return Err(ApiError::app_disabled()),
    }
    let found = match (&request.email, request.id) {
        (Some(email), _) => tx.find(system(tx, "$users", "email")?, &json!(email))?,
        (None, id) => id,
    };
    let found = match found {
        Some(id) if tx.exists("$users", id)? => Some(id),
        _ => None,
    };
    tx.tx_id()?;
    let id = match found {
        Some(id) => id,
        None => create(tx, request)?,
    };
    let token = Uuid::new_v4();
    let holder = Uuid::new_v4();
    let attr = |label| system(tx, "$userRefreshTokens", label).map(|stored| stored.attr.id);
    let triples = vec![
        Triple { entity: holder, attr: attr("id")?, value: json!(holder) },
        Triple { entity: holder, attr: attr("hashedToken")?, value: json!(hash(token)) },
        Triple { entity: holder, attr: attr("$user")?, value: json!(id) },
    ];
    tx.add(triples)?;
    let mut user = user_json(tx, id)?;
    user.insert("refresh_token".to_owned(), json!(token));
    Ok(json!({ "user": user, "created": found.is_none() }))
}

/// Whose refresh tokens end.
#[derive(Debug)]
pub(crate) enum SignOut {
    /// All of a user, if there is one of this id.
    User(Uuid),
    /// All of the user with this email.
    Email(String),
    /// One token, if it is one.
    Token(Uuid),
}

/// Ends refresh tokens, whatever the status of the app is. Fails with `record-not-found` on an email that no user has.
pub(crate) fn sign_out(tx: &mut WriteTx<'_>, whom: &SignOut) -> Result<(), ApiError> {
    let holders = match whom {
        SignOut::User(id) => tokens_of(tx, *id)?,
        SignOut::Email(email) => {
            let unknown = || {
                let args = vec![json!({ "app-id": tx.app().id, "email": email })];
                ApiError::record_not_found("app-user", args)
            };
            tokens_of(tx, by_email(tx, email)?.ok_or_else(unknown)?)?
        }
        SignOut::Token(token) => {
            let hashed = system(tx, "$userRefreshTokens", "hashedToken")?;
            tx.find(hashed, &json!(hash(*token)))?.into_iter().collect()
        }
    };
    for holder in holders {
        tx.tx_id()?;
        tx.delete_entity("$userRefreshTokens", holder)?;
    }
    Ok(())
}

/// The entities that hold the refresh tokens of a user.
fn tokens_of(tx: &ReadTx<'_>, user: Uuid) -> Result<Vec<Uuid>, ApiError> {
    tx.links(system(tx, "$userRefreshTokens", "$user")?, Direction::Reverse, user)
}

/// Normalises an email as the official server does: trimmed, in lower case. `None` unless its domain has a dot.
pub(crate) fn coerce_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_graphic() && !"@,;<>()[]\"\\".contains(c))
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let dotted = labels.len() > 1 && labels.iter().all(|label| plain(label));
    (plain(local) && dotted).then_some(email)
}

fn create(tx: &mut WriteTx<'_>, request: &TokenRequest) -> Result<Uuid, ApiError> {
    let id = request.id.unwrap_or_else(Uuid::new_v4);
    let mut triples = vec![
        Triple { entity: id, attr: system(tx, "$users", "id")?.attr.id, value: json!(id) },
        Triple { entity: id, attr: system(tx, "$users", "email")?.attr.id, value: json!(request.email) },
    ];
    for (label, value) in &request.extra_fields {
        let attr = match tx.catalog().forward("$users", label) {
            Some(stored) if !stored.is_system() => stored.attr.id,
            Some(_) => return Err(extra_field(request, &format!("Cannot set system field: {label}"))),
            None => {
                let message = format!("Unknown field: {label}. It must be defined in your $users schema.");
                return Err(extra_field(request, &message));
            }
        };
        triples.push(Triple { entity: id, attr, value: value.clone() });
    }
    let written: Vec<_> = triples.iter().map(|triple| (triple.attr, triple.value.clone())).collect();
    tx.add(triples)?;
    tx.note_types(written.iter().map(|(attr, value)| (*attr, value)))?;
    Ok(id)
}

fn extra_field(request: &TokenRequest, message: &str) -> ApiError {
    ApiError::invalid("extra-fields", request.extra_fields.clone(), message)
}

/// Returns a user in the form of the auth endpoints.
pub(crate) fn user_json(tx: &ReadTx<'_>, id: Uuid) -> Result<Map<String, Value>, ApiError> {
    let mut user = Map::new();
    user.insert("app_id".to_owned(), json!(tx.app().id));
    for triple in tx.triples("$users", id)? {
        let Some(stored) = tx.catalog().attr(triple.attr) else { continue };
        if stored.label() == "id" {
            user.insert("created_at".to_owned(), json!(whole_seconds(triple.created)));
        }
        if stored.is_one() {
            user.insert(stored.label().to_owned(), triple.value);
        }
    }
    let is_guest = user.get("type").and_then(Value::as_str) == Some("guest");
    user.insert("isGuest".to_owned(), json!(is_guest));
    Ok(user)
}

fn system<'a>(tx: &'a ReadTx<'_>, etype: &str, label: &str) -> Result<&'a StoredAttr, ApiError> {
    let stored = tx.catalog().forward(etype, label).map(|stored| &**stored);
    stored.ok_or_else(|| ApiError::internal(format!("the system catalog has no {etype}.{label}")))
}

/// Returns the stored form of a token: the SHA-256 of its 16 bytes in lower-case hexadecimal.
fn hash(token: Uuid) -> String {
    use std::fmt::Write as _;
    Sha256::digest(token.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_stored_as_the_hash_of_its_bytes() {
        let token = Uuid::parse_str("00000000-0000-4000-8000-000000000001").unwrap();
        let expected = "86a427757a31f2dacd9e79abf88cb4440d4cd0d708e10763f296b25754db80a5";
        assert_eq!(hash(token), expected);
    }

    #[test]
    fn an_email_has_a_dotted_domain_and_is_kept_in_lower_case() {
        assert_eq!(coerce_email(" A@B.co "), Some("a@b.co".to_owned()));
        for bad in ["a", "a@b", "@b.c", "a@.c", "a b@c.d", "a@b@c.d", "a@b..c"] {
            assert_eq!(coerce_email(bad), None, "{bad}");
        }
    }
}
