//! Caches the catalogs of the apps that were used last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::catalog::AttrCatalog;
use crate::ApiError;

/// How many attributes the cached catalogs have together, system attributes included: some 20 MB.
const MOST_ATTRS: usize = 20_000;

/// The newest catalogs of the apps that were used last, with their versions.
///
/// Holds up to `most` attributes, and drops the least recently used catalogs first. A catalog that exceeds the limit
/// alone stays until another one is used.
pub(super) struct CatalogCache {
    most: usize,
    cached: Mutex<Cached>,
}

#[derive(Default)]
struct Cached {
    by_app: HashMap<i64, Entry>,
    attrs: usize,
    /// Grows with every read; orders the entries by when they were read.
    reads: u64,
}

struct Entry {
    version: i64,
    catalog: Arc<AttrCatalog>,
    last_read: u64,
}

impl Default for CatalogCache {
    fn default() -> Self {
        Self { most: MOST_ATTRS, cached: Mutex::default() }
    }
}

impl CatalogCache {
    /// The catalog of the app with this key, at the version that the caller's snapshot has of it.
    pub fn get(&self, conn: &Connection, app: i64, version: i64) -> Result<Arc<AttrCatalog>, ApiError> {
        if let Some(catalog) = self.lock().find(app, version) {
            return Ok(catalog);
        }
        let catalog = Arc::new(AttrCatalog::load(conn, app)?);
        let mut cached = self.lock();
        // The snapshot may be older than the cached catalog; then others cannot use its catalog.
        if cached.by_app.get(&app).is_none_or(|entry| entry.version < version) {
            cached.put(app, version, Arc::clone(&catalog));
            cached.shrink(self.most, app);
        }
        Ok(catalog)
    }

    /// Drops the catalog of an app that was deleted.
    pub fn forget(&self, app: i64) {
        self.lock().remove(app);
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cached {
    fn find(&mut self, app: i64, version: i64) -> Option<Arc<AttrCatalog>> {
        self.reads += 1;
        let entry = self.by_app.get_mut(&app).filter(|entry| entry.version == version)?;
        entry.last_read = self.reads;
        Some(Arc::clone(&entry.catalog))
    }

    fn put(&mut self, app: i64, version: i64, catalog: Arc<AttrCatalog>) {
        self.remove(app);
        self.attrs += catalog.len();
        self.by_app.insert(app, Entry { version, catalog, last_read: self.reads });
    }

    fn remove(&mut self, app: i64) {
        if let Some(entry) = self.by_app.remove(&app) {
            self.attrs -= entry.catalog.len();
        }
    }

    /// Drops catalogs until at most `most` attributes are left, but never that of `newest`.
    fn shrink(&mut self, most: usize, newest: i64) {
        while self.attrs > most {
            let others = self.by_app.iter().filter(|(app, _)| **app != newest);
            let Some(oldest) = others.min_by_key(|(_, entry)| entry.last_read).map(|(app, _)| *app) else {
                return;
            };
            self.remove(oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{NewApp, Store};

    #[tokio::test]
    async fn only_the_catalogs_that_were_read_last_are_kept() {
        let store = Store::in_memory().unwrap();
        let mut apps = Vec::new();
        for number in 0..6 {
            apps.push(store.create_app(NewApp::new(number.to_string())).await.unwrap());
        }
        let attrs = store.read(apps[0].id, |tx| Ok(tx.catalog().len())).await.unwrap();
        let read = move |conn: &Connection| {
            let cache = CatalogCache { most: 3 * attrs, cached: Mutex::default() };
            for app in &apps {
                cache.get(conn, app.key, app.attr_version)?;
                // The first app is read all the time, so it stays.
                cache.get(conn, apps[0].key, apps[0].attr_version)?;
            }
            let cached = cache.lock();
            let kept: Vec<bool> = apps.iter().map(|app| cached.by_app.contains_key(&app.key)).collect();
            assert_eq!(kept, [true, false, false, false, true, true]);
            assert_eq!(cached.attrs, 3 * attrs);
            Ok(())
        };
        store.0.readers.run(read).await.unwrap();
    }

    #[tokio::test]
    async fn a_deleted_app_leaves_the_cache() {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp::new("short")).await.unwrap();
        store.read(app.id, |_| Ok(())).await.unwrap();
        assert_eq!(store.0.catalogs.lock().by_app.len(), 1);
        store.delete_app(app.id).await.unwrap();
        let cached = store.0.catalogs.lock();
        assert_eq!((cached.by_app.len(), cached.attrs), (0, 0));
    }
}
