//! The pool of reading connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection;
use super::files::Files;
use super::limit::{self, LONGEST};
use crate::ApiError;

pub(crate) struct Readers {
    slots: Arc<Semaphore>,
    pool: Arc<Pool>,
}

impl Readers {
    pub fn new(files: &Files) -> Self {
        let pool = Pool { path: files.database().to_owned(), idle: Mutex::new(Vec::new()) };
        Self { slots: Arc::new(Semaphore::new(MOST)), pool: Arc::new(pool) }
    }

    /// Runs `work` on a connection of the pool, on a thread that may block.
    pub async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(ApiError::internal)?;
        let pool = Arc::clone(&self.pool);
        let reading = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            let mut conn = pool.take()?;
            limit::set(&mut conn, Some(Instant::now() + LONGEST))?;
            let result = work(&conn);
            // A connection that cannot be reset is dropped, not reused.
            if limit::set(&mut conn, None).is_ok() && conn.is_autocommit() {
                pool.put(conn);
            }
            result
        });
        reading.await.map_err(ApiError::internal)?
    }
}

#[cfg(test)]
impl Readers {
    /// Runs `work` on a connection of its own, and counts the instructions of SQLite's virtual machine. They tell how
    /// much a plan reads, however busy the machine is.
    pub fn counting<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, ApiError>,
    ) -> Result<(T, u64), ApiError> {
        use std::sync::atomic::{AtomicU64, Ordering};

        let mut conn = open(&self.pool.path)?;
        let steps = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&steps);
        let count = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        };
        conn.progress_handler(1, Some(count))?;
        let result = work(&conn)?;
        Ok((result, steps.load(Ordering::Relaxed)))
    }
}

/// How many reads run at the same time; further ones wait.
const MOST: usize = 8;

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open(&self.path), Ok)
    }

    fn put(&self, conn: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    connection::open_reader(path)
}
