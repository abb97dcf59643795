//! The pool of reading connections.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::connection;
use super::files::Files;
use super::limit;
use super::long_reads::{Limits, LongReads, Watch};
use crate::ApiError;

pub(crate) struct Readers {
    slots: Arc<Semaphore>,
    long: Arc<LongReads>,
    limits: Limits,
    pool: Arc<Pool>,
}

impl Readers {
    pub fn new(files: &Files) -> Self {
        Self::with_limits(files, Limits::default())
    }

    fn with_limits(files: &Files, limits: Limits) -> Self {
        let pool = Pool { path: files.database().to_owned(), idle: Mutex::new(Vec::new()) };
        let (slots, long) = (Arc::new(Semaphore::new(MOST)), Arc::default());
        Self { slots, long, limits, pool: Arc::new(pool) }
    }

    /// Runs `work` on a connection of the pool, on a thread that may block.
    pub async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, ApiError> + Send + 'static,
    {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(ApiError::internal)?;
        let (pool, long, limits) = (Arc::clone(&self.pool), Arc::clone(&self.long), self.limits);
        let reading = tokio::task::spawn_blocking(move || {
            let mut conn = pool.take()?;
            let mut watch = Watch::over(slot, long, limits);
            limit::watch(&mut conn, move || watch.look())?;
            let result = work(&conn);
            // This gives the slot back, too. A connection that cannot be reset is dropped, not reused.
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

/// How many short reads run at the same time; further ones wait.
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

    /// Keeps a connection for the next read. Each has a cache, so those that only long reads needed are closed.
    fn put(&self, conn: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST {
            idle.push(conn);
        }
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    connection::open_reader(path)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Counts without an end.
    fn endless(conn: &Connection) -> Result<i64, ApiError> {
        let sql = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";
        Ok(conn.query_row(sql, [], |row| row.get(0))?)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn endless_reads_end_with_an_error_and_keep_nobody_waiting() {
        let files = Files::temporary().unwrap();
        connection::open_writer(&files).unwrap();
        let readers =
            Arc::new(Readers::with_limits(&files, Limits { short: 10, longest: Duration::from_secs(3) }));
        let endless: Vec<_> = (0..3 * MOST)
            .map(|_| {
                let readers = Arc::clone(&readers);
                tokio::spawn(async move { readers.run(endless).await })
            })
            .collect();
        // While all of them run, short reads come and go.
        let mut short = 0;
        while !endless.iter().all(tokio::task::JoinHandle::is_finished) {
            let answer = readers.run(|conn| Ok(conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?));
            assert_eq!(answer.await.unwrap(), 1);
            short += 1;
        }
        for read in endless {
            let error = read.await.unwrap().unwrap_err();
            assert_eq!((error.status(), error.message()), (429, "The query took too long to complete."));
        }
        assert!(short > 50, "only {short} short reads were answered");
        assert_eq!(readers.slots.available_permits(), MOST);
    }
}
