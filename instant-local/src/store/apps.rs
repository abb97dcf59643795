//! Makes, finds, changes and deletes apps.

use std::sync::Arc;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::app::{App, NewApp, Status, TokenHash, now_millis};
use super::changes::Change;
use super::writer::Turn;
use super::{Store, app_data, attrs, connection};
use crate::{ApiError, json};

impl Store {
    /// Makes an app with the attributes of the system catalog. Also deletes the apps that have expired.
    ///
    /// Fails with `record-not-unique` when the id is taken.
    pub async fn create_app(&self, new: NewApp) -> Result<App, ApiError> {
        let catalogs = Arc::clone(&self.0.catalogs);
        let announcer = Arc::clone(&self.0.announcer);
        let create = move |turn: &mut Turn<'_>| {
            let created = turn.clock.tick();
            let transaction = connection::begin(turn.conn)?;
            let expired = delete_expired(&transaction)?;
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
                    new.rules.as_ref().map(json::write),
                ],
            )?;
            attrs::install_system(&transaction, transaction.last_insert_rowid())?;
            let app = App::find(&transaction, new.id)?
                .ok_or_else(|| ApiError::internal("the app that was just inserted is not there"))?;
            transaction.commit()?;
            for (key, id) in expired {
                catalogs.forget(key);
                announcer.announce(id, None, Change::Deleted);
            }
            announcer.announce(app.id, None, Change::Created);
            Ok(app)
        };
        self.0.writer.run(create).await
    }

    /// Returns the app with an id, if there is one.
    pub async fn app(&self, id: Uuid) -> Result<Option<App>, ApiError> {
        self.0.readers.run(move |conn| App::load(conn, id)).await
    }

    /// Whether this token administers any app.
    pub(crate) async fn has_app_with(&self, admin_token: Uuid) -> Result<bool, ApiError> {
        let sql = "SELECT 1 FROM apps WHERE token_hash = ?1 AND (expires IS NULL OR expires > ?2)";
        let hash = TokenHash::of(admin_token).0;
        self.0
            .readers
            .run(move |conn| Ok(conn.prepare_cached(sql)?.exists(params![hash, now_millis()])?))
            .await
    }

    /// Gives the app another title.
    pub async fn set_title(&self, app: Uuid, title: &str) -> Result<(), ApiError> {
        let title = title.to_owned();
        let set = move |conn: &Connection, app: &App| {
            conn.execute("UPDATE apps SET title = ?2 WHERE key = ?1", params![app.key, title])?;
            Ok(((), None))
        };
        self.change_app(app, set).await
    }

    /// Sets which requests the app answers.
    pub async fn set_status(&self, app: Uuid, status: Status) -> Result<(), ApiError> {
        let set = move |conn: &Connection, app: &App| {
            let sql = "UPDATE apps SET status = ?2 WHERE key = ?1";
            conn.execute(sql, params![app.key, status.as_str()])?;
            Ok(((), Some(Change::Status)))
        };
        self.change_app(app, set).await
    }

    /// Deletes the app and everything in it. Fails with `record-not-found` when there is none.
    pub async fn delete_app(&self, app: Uuid) -> Result<(), ApiError> {
        let delete = |conn: &Connection, app: &App| {
            app_data::delete(conn, app.key)?;
            Ok((app.key, Some(Change::Deleted)))
        };
        let key = self.change_app(app, delete).await?;
        self.0.catalogs.forget(key);
        Ok(())
    }

    /// Runs `change` on an app, in a transaction of its own, and announces what it says that it changed. Fails with
    /// `record-not-found` when there is no such app.
    pub(super) async fn change_app<T, F>(&self, app: Uuid, change: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, &App) -> Result<(T, Option<Change>), ApiError> + Send + 'static,
    {
        let announcer = Arc::clone(&self.0.announcer);
        let change = move |turn: &mut Turn<'_>| {
            let transaction = connection::begin(turn.conn)?;
            let (result, changed) = change(&transaction, &App::expect(&transaction, app)?)?;
            transaction.commit()?;
            if let Some(changed) = changed {
                announcer.announce(app, None, changed);
            }
            Ok(result)
        };
        self.0.writer.run(change).await
    }
}

/// Deletes the apps that have expired, and returns their keys and ids.
fn delete_expired(conn: &Connection) -> rusqlite::Result<Vec<(i64, Uuid)>> {
    let mut select = conn.prepare_cached("SELECT key, id FROM apps WHERE expires <= ?1")?;
    let apps = select.query_map([now_millis()], |row| Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?))))?;
    let apps = apps.collect::<Result<Vec<(i64, Uuid)>, _>>()?;
    apps.iter().try_for_each(|(key, _)| app_data::delete(conn, *key))?;
    Ok(apps)
}
