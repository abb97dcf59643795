//! Apps: who may administer them, how long they live, and their permission rules.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

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

    pub(super) fn load(conn: &Connection, id: Uuid) -> Result<Option<Self>, ApiError> {
        let sql = "SELECT id, title, created, expires, status, key, attr_version, token_hash, rules
                   FROM apps WHERE id = ?1";
        Ok(conn.prepare_cached(sql)?.query_row([id.as_bytes()], Self::from_row).optional()?)
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
            status: Status::from_column(&row.get::<_, String>(4)?),
            key: row.get(5)?,
            attr_version: row.get(6)?,
            token: TokenHash(row.get(7)?),
            rules: row.get(8)?,
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

    // An unknown status can only come from a damaged file: then nothing is allowed.
    fn from_column(status: &str) -> Self {
        [Self::Active, Self::ReadOnly]
            .into_iter()
            .find(|known| known.as_str() == status)
            .unwrap_or(Self::Disabled)
    }
}

impl Store {
    /// Makes an app, with the attributes of the system catalog.
    ///
    /// Fails with `record-not-unique` when the id is taken.
    pub async fn create_app(&self, new: NewApp) -> Result<App, ApiError> {
        let create = move |conn: &mut Connection, created: i64| {
            let transaction = connection::begin(conn)?;
            if App::load(&transaction, new.id)?.is_some() {
                return Err(ApiError::record_not_unique("app"));
            }
            transaction.execute(
                "INSERT INTO apps (id, title, token_hash, created, expires, status, rules, attr_version)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
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
            let app = App::expect(&transaction, new.id)?;
            transaction.commit()?;
            Ok(app)
        };
        self.0.writer.run(move |conn, clock| create(conn, clock.tick())).await
    }

    /// The app of that id, if there is one.
    pub async fn app(&self, id: Uuid) -> Result<Option<App>, ApiError> {
        self.0.readers.run(move |conn| App::load(conn, id)).await
    }

    /// All apps, oldest first.
    pub async fn apps(&self) -> Result<Vec<App>, ApiError> {
        let load = |conn: &Connection| {
            let mut ids = conn.prepare("SELECT id FROM apps ORDER BY created, key")?;
            let ids = ids.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<[u8; 16]>>>()?;
            ids.into_iter().map(|id| App::expect(conn, Uuid::from_bytes(id))).collect()
        };
        self.0.readers.run(move |conn| load(&*conn.unchecked_transaction()?)).await
    }

    /// Replaces the app's permission rules; `None` removes them.
    pub async fn set_rules(&self, app: Uuid, rules: Option<Value>) -> Result<(), ApiError> {
        let rules = rules.map(|rules| rules.to_string());
        self.change_app(app, "UPDATE apps SET rules = ?2 WHERE id = ?1", rules).await
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
        let delete = move |conn: &mut Connection| {
            let transaction = connection::begin(conn)?;
            let key = App::expect(&transaction, app)?.key;
            for table in ["entities", "blobs", "refs"] {
                let sql = format!("DELETE FROM {table} WHERE attr IN (SELECT key FROM attrs WHERE app = ?1)");
                transaction.execute(&sql, [key])?;
            }
            transaction.execute("DELETE FROM transactions WHERE app = ?1", [key])?;
            transaction.execute("DELETE FROM attrs WHERE app = ?1", [key])?;
            transaction.execute("DELETE FROM apps WHERE key = ?1", [key])?;
            transaction.commit()?;
            Ok(key)
        };
        let key = self.0.writer.run(move |conn, _| delete(conn)).await?;
        self.0.catalogs.forget(key);
        Ok(())
    }

    async fn change_app<V>(&self, app: Uuid, sql: &'static str, value: V) -> Result<(), ApiError>
    where
        V: rusqlite::ToSql + Send + 'static,
    {
        let change = move |conn: &mut Connection| {
            let changed = conn.execute(sql, params![app.as_bytes(), value])?;
            if changed == 0 { App::expect(conn, app).map(|_| ()) } else { Ok(()) }
        };
        self.0.writer.run(move |conn, _| change(conn)).await
    }
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
