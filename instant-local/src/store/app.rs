//! Apps: who may administer them, how long they live, and their permission rules.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::writer::Turn;
use super::{Store, attrs, connection};
use crate::ApiError;

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
    /// What may be done with it.
    pub status: Status,
    pub(crate) key: i64,
    pub(crate) attr_version: i64,
    token: TokenHash,
    rules: Option<String>,
    /// How often the rules were set to something else.
    pub(crate) rules_version: i64,
}

/// What may be done with an app.
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
        Some(serde_json::from_str(rules).expect("rules are stored as valid JSON"))
    }

    /// The app of that id, unless it has expired.
    pub(super) fn load(conn: &Connection, id: Uuid) -> Result<Option<Self>, ApiError> {
        let app = Self::find(conn, id)?;
        Ok(app.filter(|app| app.expires.is_none_or(|expires| expires > now_millis())))
    }

    /// The app of that id, expired or not.
    fn find(conn: &Connection, id: Uuid) -> Result<Option<Self>, ApiError> {
        let sql =
            "SELECT id, title, created, expires, status, key, attr_version, token_hash, rules, rules_version
                   FROM apps WHERE id = ?1";
        Ok(conn.prepare_cached(sql)?.query_row([id.as_bytes()], Self::from_row).optional()?)
    }

    /// Deletes all that is in the app, and the app.
    fn delete(conn: &Connection, key: i64) -> rusqlite::Result<()> {
        for table in ["entities", "blobs", "refs"] {
            let sql = format!("DELETE FROM {table} WHERE attr IN (SELECT key FROM attrs WHERE app = ?1)");
            conn.execute(&sql, [key])?;
        }
        conn.execute("DELETE FROM transactions WHERE app = ?1", [key])?;
        conn.execute("DELETE FROM attrs WHERE app = ?1", [key])?;
        conn.execute("DELETE FROM apps WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Deletes the apps that have expired.
    fn delete_expired(conn: &Connection) -> rusqlite::Result<Vec<i64>> {
        let mut select = conn.prepare_cached("SELECT key FROM apps WHERE expires <= ?1")?;
        let keys = select.query_map([now_millis()], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
        keys.iter().try_for_each(|key| Self::delete(conn, *key))?;
        Ok(keys)
    }

    pub(super) fn expect(conn: &Connection, id: Uuid) -> Result<Self, ApiError> {
        Self::load(conn, id)?
            .ok_or_else(|| ApiError::record_not_found("app", vec![serde_json::json!({ "app-id": id })]))
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
    /// The name the wire has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read-only",
            Self::Disabled => "disabled",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Active, Self::ReadOnly, Self::Disabled].into_iter().find(|known| known.as_str() == name)
    }
}

impl Store {
    /// Makes an app, with the attributes of the system catalog. Apps that have expired are deleted on the way.
    ///
    /// Fails with `record-not-unique` when the id is taken.
    pub async fn create_app(&self, new: NewApp) -> Result<App, ApiError> {
        let create = move |turn: &mut Turn<'_>| {
            let created = turn.clock.tick();
            let transaction = connection::begin(turn.conn)?;
            let expired = App::delete_expired(&transaction)?;
            if App::load(&transaction, new.id)?.is_some() {
                return Err(ApiError::record_not_unique("app"));
            }
            transaction.execute(
                "INSERT INTO apps (id, title, token_hash, created, expires, status, rules, rules_version, attr_version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 IS NOT NULL, 0)",
                params![
                    new.id.as_bytes(),
                    new.title,
                    TokenHash::of(new.admin_token).0,
                    created,
                    new.expires,
                    Status::Active.as_str(),
                    new.rules.map(|rules| rules.to_string()),
                ],
            )?;
            attrs::install_system(&transaction, transaction.last_insert_rowid())?;
            let app = App::find(&transaction, new.id)?
                .ok_or_else(|| ApiError::internal("the app that was just inserted is not there"))?;
            transaction.commit()?;
            Ok((app, expired))
        };
        let (app, expired) = self.0.writer.run(create).await?;
        for key in expired {
            self.0.catalogs.forget(key);
        }
        Ok(app)
    }

    /// The app of that id, if there is one.
    pub async fn app(&self, id: Uuid) -> Result<Option<App>, ApiError> {
        self.0.readers.run(move |conn| App::load(conn, id)).await
    }

    /// All apps, oldest first.
    pub async fn apps(&self) -> Result<Vec<App>, ApiError> {
        let load = |conn: &Connection| {
            let sql = "SELECT id FROM apps WHERE expires IS NULL OR expires > ?1 ORDER BY created, key";
            let mut ids = conn.prepare(sql)?;
            let ids = ids
                .query_map([now_millis()], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<[u8; 16]>>>()?;
            ids.into_iter().map(|id| App::expect(conn, Uuid::from_bytes(id))).collect()
        };
        self.0.readers.run(move |conn| load(&*conn.unchecked_transaction()?)).await
    }

    /// Replaces the app's permission rules; `None` removes them. Returns their version, which grows by one each
    /// time they change; `None` where they are what they were.
    pub async fn set_rules(&self, app: Uuid, rules: Option<Value>) -> Result<Option<i64>, ApiError> {
        let set = move |turn: &mut Turn<'_>| {
            let transaction = connection::begin(turn.conn)?;
            let known = App::expect(&transaction, app)?;
            if known.rules() == rules {
                return Ok(None);
            }
            let version = known.rules_version + 1;
            let sql = "UPDATE apps SET rules = ?2, rules_version = ?3 WHERE key = ?1";
            transaction.execute(sql, params![known.key, rules.map(|rules| rules.to_string()), version])?;
            transaction.commit()?;
            Ok(Some(version))
        };
        self.0.writer.run(set).await
    }

    /// Sets what may be done with the app.
    pub async fn set_status(&self, app: Uuid, status: Status) -> Result<(), ApiError> {
        self.change_app(app, "UPDATE apps SET status = ?2 WHERE id = ?1", status.as_str()).await
    }

    /// Renames the app.
    pub async fn set_title(&self, app: Uuid, title: String) -> Result<(), ApiError> {
        self.change_app(app, "UPDATE apps SET title = ?2 WHERE id = ?1", title).await
    }

    /// Gives the app another admin token; the old one is void at once.
    pub async fn set_admin_token(&self, app: Uuid, token: Uuid) -> Result<(), ApiError> {
        self.change_app(app, "UPDATE apps SET token_hash = ?2 WHERE id = ?1", TokenHash::of(token).0).await
    }

    /// Deletes the app and all that is in it. Fails with `record-not-found` when there is none.
    pub async fn delete_app(&self, app: Uuid) -> Result<(), ApiError> {
        let delete = move |turn: &mut Turn<'_>| {
            let transaction = connection::begin(turn.conn)?;
            let key = App::expect(&transaction, app)?.key;
            App::delete(&transaction, key)?;
            transaction.commit()?;
            Ok(key)
        };
        let key = self.0.writer.run(delete).await?;
        self.0.catalogs.forget(key);
        Ok(())
    }

    async fn change_app<V>(&self, app: Uuid, sql: &'static str, value: V) -> Result<(), ApiError>
    where
        V: rusqlite::ToSql + Send + 'static,
    {
        let change = move |turn: &mut Turn<'_>| {
            App::expect(turn.conn, app)?;
            turn.conn.execute(sql, params![app.as_bytes(), value])?;
            Ok(())
        };
        self.0.writer.run(change).await
    }
}

/// The time that expiry is judged by, in milliseconds since the epoch.
fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[derive(Clone, PartialEq, Eq)]
struct TokenHash([u8; 32]);

impl TokenHash {
    fn of(token: Uuid) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}
