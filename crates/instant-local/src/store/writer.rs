//! The one thread that writes.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::files::OpenError;
use crate::ApiError;

pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// Gives each transaction its time, in milliseconds since the epoch.
///
/// Times strictly grow, so that entities come out in the order in which transactions made them.
pub(crate) struct Clock {
    last: i64,
}

impl Writer {
    pub fn start(mut conn: Connection) -> Result<Self, OpenError> {
        let last = latest(&conn).map_err(|source| OpenError::Sqlite { path: path_of(&conn), source })?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let path = path_of(&conn);
        let thread = thread::Builder::new()
            .name("instant-writer".to_owned())
            .spawn(move || {
                let mut clock = Clock { last };
                for job in queue {
                    // A panic drops the transaction, which rolls it back; the next job starts clean.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&mut conn, &mut clock)));
                }
            })
            .map_err(|source: io::Error| OpenError::Io { path, source })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `work` on the writing thread, after all that was asked for before.
    pub async fn run<T, F>(&self, work: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection, &mut Clock) -> Result<T, ApiError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn, clock| {
            let result = work(conn, clock);
            // Nobody listens when the caller went away; the write stands all the same.
            let _ = reply.send(result);
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            return Err(ApiError::internal("the writer has stopped"));
        }
        answer.await.map_err(|_| ApiError::internal("a write panicked and was rolled back"))?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        // A job that held the last handle of the store drops it on this very thread.
        if let Some(thread) =
            self.thread.take().filter(|thread| thread.thread().id() != thread::current().id())
        {
            let _ = thread.join();
        }
    }
}

impl Clock {
    pub fn tick(&mut self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        self.last = i64::try_from(now).unwrap_or(i64::MAX).max(self.last + 1);
        self.last
    }
}

type Job = Box<dyn FnOnce(&mut Connection, &mut Clock) + Send>;

fn latest(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT coalesce(max(created), 0) FROM transactions", [], |row| row.get(0))
}

fn path_of(conn: &Connection) -> std::path::PathBuf {
    conn.path().unwrap_or_default().into()
}
