//! The rulebook: the rules of the apps that were asked last, and their rate limits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::limiter::Limiter;
use super::rules_of_app::Rules;
use crate::store::App;

/// The rules of the apps that were asked last, compiled, and the buckets of their rate limits. One for a server.
#[derive(Debug, Default)]
pub(crate) struct Rulebook {
    cached: Mutex<Cached>,
    pub(super) limiter: Limiter,
}

#[derive(Debug, Default)]
struct Cached {
    by_app: HashMap<Uuid, Entry>,
    /// Grows with every read; orders the entries by when they were read.
    reads: u64,
}

#[derive(Debug)]
struct Entry {
    /// The app's row, which another app of the same id does not have, and how often its rules were set.
    version: (i64, i64),
    rules: Arc<Rules>,
    last_read: u64,
}

/// The rules of how many apps are kept.
const MOST_APPS: usize = 512;

impl Rulebook {
    /// The rules of an app as a snapshot shows it.
    pub(crate) fn rules(&self, app: &App) -> Arc<Rules> {
        let version = (app.key, app.rules_version);
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.reads += 1;
        let now = cached.reads;
        if let Some(entry) = cached.by_app.get_mut(&app.id).filter(|entry| entry.version == version) {
            entry.last_read = now;
            return Arc::clone(&entry.rules);
        }
        let rules = Arc::new(Rules::of(app.rules()));
        // The snapshot may be older than what is cached; then others cannot use its rules.
        if cached.by_app.get(&app.id).is_none_or(|entry| entry.version < version) {
            cached.by_app.insert(app.id, Entry { version, rules: Arc::clone(&rules), last_read: now });
            if cached.by_app.len() > MOST_APPS {
                let oldest = cached.by_app.iter().min_by_key(|(_, entry)| entry.last_read).map(|(id, _)| *id);
                oldest.and_then(|id| cached.by_app.remove(&id));
            }
        }
        rules
    }
}
