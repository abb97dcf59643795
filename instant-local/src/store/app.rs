//! Apps: who may administer them, how long they live, and their permission rules.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{ApiError, json};

/// An app as stored.
#[derive(Debug, Clone)]
pub struct App {
    /// Its id.
    pub id: Uuid,
    /// Its name, for people.
    pub title: String,
    /// When it was made, in milliseconds since the epoch.
    pub created: i64,
    /// When it ends, in milliseconds since the epoch; `None` for never.
    pub expires: Option<i64>,
    /// Which requests it answers.
    pub status: Status,
    pub(crate) key: i64,
    pub(crate) attr_version: i64,
    token: TokenHash,
    rules: Option<String>,
    /// How often the rules were set to something else.
    pub(crate) rules_version: i64,
}

/// Which requests an app answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything.
    Active,
    /// Reading only.
    ReadOnly,
    /// Nothing.
    Disabled,
}

/// An app to make.
#[derive(Clone)]
pub struct NewApp {
    /// Its id.
    pub id: Uuid,
    /// Its name, for people.
    pub title: String,
    /// The token that administers it. The store keeps a hash only.
    pub admin_token: Uuid,
    /// When it ends, in milliseconds since the epoch; `None` for never.
    pub expires: Option<i64>,
    /// Its permission rules.
    pub rules: Option<Value>,
}

impl NewApp {
    /// An app with a random id and token that does not end.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            id: Uuid::new_v4(),
            title: title.into(),
            admin_token: Uuid::new_v4(),
            expires: None,
            rules: None,
        }
    }
}

impl fmt::Debug for NewApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApp").field("id", &self.id).field("title", &self.title).finish_non_exhaustive()
    }
}

impl App {
    /// Whether `token` administers this app.
    ///
    /// Compares hashes, so that the time it takes says nothing about the token.
    pub fn admits(&self, token: Uuid) -> bool {
        self.token == TokenHash::of(token)
    }

    /// The permission rules, if the app has any.
    pub fn rules(&self) -> Option<Value> {
        let rules = self.rules.as_deref()?;
        Some(json::read(rules.as_bytes()).expect("rules are stored as valid JSON"))
    }

    /// Returns the app with an id, unless it has expired.
    pub(super) fn load(conn: &Connection, id: Uuid) -> Result<Option<Self>, ApiError> {
        let app = Self::find(conn, id)?;
        Ok(app.filter(|app| app.expires.is_none_or(|expires| expires > now_millis())))
    }

    /// Returns the app with an id, expired or not.
    pub(super) fn find(conn: &Connection, id: Uuid) -> Result<Option<Self>, ApiError> {
        let sql =
            "SELECT id, title, created, expires, status, key, attr_version, token_hash, rules, rules_version
                   FROM apps WHERE id = ?1";
        Ok(conn.prepare_cached(sql)?.query_row([id.as_bytes()], Self::from_row).optional()?)
    }

    /// Returns the app with an id, unless it has expired. Fails with `record-not-found` when there is none.
    pub(super) fn expect(conn: &Connection, id: Uuid) -> Result<Self, ApiError> {
        Self::load(conn, id)?.ok_or_else(|| ApiError::unknown_app(id))
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: Uuid::from_bytes(row.get(0)?),
            title: row.get(1)?,
            created: row.get(2)?,
            expires: row.get(3)?,
            // An unknown status can only come from a damaged file: then nothing is allowed.
            status: Status::from_name(&row.get::<_, String>(4)?).unwrap_or(Status::Disabled),
            key: row.get(5)?,
            attr_version: row.get(6)?,
            token: TokenHash(row.get(7)?),
            rules: row.get(8)?,
            rules_version: row.get(9)?,
        })
    }
}

impl Status {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read-only",
            Self::Disabled => "disabled",
        }
    }

    /// Returns the status with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::ReadOnly, Self::Disabled].into_iter().find(|known| known.as_str() == name)
    }
}

/// The time that expiry is judged by, in milliseconds since the epoch.
pub(super) fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenHash(pub(super) [u8; 32]);

impl TokenHash {
    pub(super) fn of(token: Uuid) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}
