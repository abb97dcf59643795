//! Who asks, as rules see it.

use serde_json::{Map, Value};

use crate::caller::Caller;
use crate::error::ApiError;
use crate::store::ReadTx;
use crate::users;

/// Who asks, as rules see it: `auth`, `request.ip`, `request.origin`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The caller's `$users` record; `None` for a guest.
    pub(crate) auth: Option<Map<String, Value>>,
    /// Where the request comes from.
    pub(crate) client: ClientInfo,
    /// Whether errors show why a rule cannot be evaluated: only to administrators.
    pub(crate) explains: bool,
}

/// Where a request comes from.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientInfo {
    /// The address of the client, where a proxy told it.
    pub(crate) ip: Option<String>,
    /// The `Origin` header.
    pub(crate) origin: Option<String>,
}

impl Asked {
    /// Reads the record of the caller, as it is now.
    pub(crate) fn by(tx: &ReadTx<'_>, caller: Caller, client: ClientInfo) -> Result<Self, ApiError> {
        let auth = match caller {
            Caller::User(id) => Some(users::user_json(tx, id)?),
            Caller::Admin | Caller::Guest => None,
        };
        Ok(Self { auth, client, explains: false })
    }
}
