//! The permission rules of an app, and the versions before.

use rusqlite::{Connection, params};
use serde_json::Value;
use uuid::Uuid;

use super::Store;
use super::app::{App, now_millis};
use super::changes::Change;
use super::read::parse;
use crate::{ApiError, json};

/// A version of an app's rules, which replaced the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleVersion {
    /// Its number; the first version of all is 0.
    pub version: i64,
    /// The rules.
    pub rules: Value,
    /// The rules before.
    pub replaced: Value,
    /// When they were replaced, in milliseconds since the epoch.
    pub created: i64,
}

/// How many versions are kept.
const MOST_VERSIONS: i64 = 50;

impl Store {
    /// Replaces the app's permission rules; `None` removes them. Returns their version, which is 0 at first and grows by one
    /// each time they change, or `None` if they did not change.
    pub async fn set_rules(&self, app: Uuid, rules: Option<Value>) -> Result<Option<i64>, ApiError> {
        let set = move |conn: &Connection, app: &App| {
            let replaced = app.rules();
            if replaced == rules {
                return Ok((None, None));
            }
            // The row counts how often the rules were set.
            let version = app.rules_version;
            let sql = "UPDATE apps SET rules = ?2, rules_version = ?3 WHERE key = ?1";
            conn.execute(sql, params![app.key, rules.as_ref().map(json::write), version + 1])?;
            if let Some(replaced) = replaced {
                let sql =
                    "INSERT INTO rule_versions (app, version, replaced, created) VALUES (?1, ?2, ?3, ?4)";
                conn.execute(sql, params![app.key, version, json::write(&replaced), now_millis()])?;
                let sql = "DELETE FROM rule_versions WHERE app = ?1 AND version <= ?2";
                conn.execute(sql, params![app.key, version - MOST_VERSIONS])?;
            }
            Ok((Some(version), Some(Change::Rules)))
        };
        self.change_app(app, set).await
    }

    /// The last versions of the app's rules, the newest first, without the one that replaced nothing.
    pub async fn rule_versions(&self, app: Uuid) -> Result<Vec<RuleVersion>, ApiError> {
        let read = move |conn: &Connection| {
            let snapshot = conn.unchecked_transaction()?;
            let app = App::expect(&snapshot, app)?;
            let mut rules = app.rules().unwrap_or_default();
            let sql =
                "SELECT version, replaced, created FROM rule_versions WHERE app = ?1 ORDER BY version DESC";
            let mut select = snapshot.prepare_cached(sql)?;
            let mut rows = select.query([app.key])?;
            let mut versions = Vec::new();
            while let Some(row) = rows.next()? {
                let replaced = parse(row.get_ref(1)?.as_str()?)?;
                let rules = std::mem::replace(&mut rules, replaced.clone());
                versions.push(RuleVersion { version: row.get(0)?, rules, replaced, created: row.get(2)? });
            }
            Ok(versions)
        };
        self.0.readers.run(read).await
    }
}
