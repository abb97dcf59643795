//! The default permission rules, for apps without rules of their own.
//!
//! This version does not evaluate the rules of an app: requests that need them are refused earlier.

use instant_schema::{Direction, catalog};
use uuid::Uuid;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::store::ReadTx;

/// What a caller other than the administrator may see and change: all entities of the app, and of the system entities
/// only the caller's own user and the guests linked to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DefaultRules {
    /// The caller.
    pub(crate) caller: Caller,
}

impl DefaultRules {
    /// Whether the caller may see and change an entity.
    pub(crate) fn admit(self, tx: &ReadTx<'_>, entity_type: &str, id: Uuid) -> Result<bool, ApiError> {
        if !catalog::is_system_entity(entity_type) {
            return Ok(true);
        }
        match self.caller {
            Caller::Admin => Ok(true),
            Caller::User(caller) if entity_type == "$users" => {
                Ok(caller == id || is_guest_of(tx, id, caller)?)
            }
            Caller::User(_) | Caller::Guest => Ok(false),
        }
    }
}

fn is_guest_of(tx: &ReadTx<'_>, guest: Uuid, user: Uuid) -> Result<bool, ApiError> {
    match tx.catalog().forward("$users", "linkedPrimaryUser") {
        Some(primary) => Ok(tx.links(primary, Direction::Forward, guest)?.contains(&user)),
        None => Ok(false),
    }
}
