//! The writing thread: the only one that changes the file.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::files::OpenError;
use super::limit;
use crate::ApiError;

pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    longest: Duration,
}

/// What a job can use of the writing thread while it runs.
pub(crate) struct Turn<'c> {
    pub conn: &'c mut Connection,
    pub clock: &'c mut Clock,
    /// When the job must be done.
    pub deadline: Instant,
}

/// Gives each transaction its time, in milliseconds since the epoch, and its id.
///
/// Times strictly grow, so that entities sort in the order in which transactions made them.
pub(crate) struct Clock {
    last: i64,
    /// The last id that a transaction had. One that was rolled back keeps its id: nobody else gets it while the store is
    /// open.
    pub last_tx_id: i64,
}

impl Writer {
    /// `longest` is how long one job may take.
    pub fn start(mut conn: Connection, longest: Duration) -> Result<Self, OpenError> {
        let mut clock = Clock::of(&conn).map_err(|source| OpenError::sqlite(&path_of(&conn), source))?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let path = path_of(&conn);
        let thread = thread::Builder::new()
            .name("instant-writer".to_owned())
            .spawn(move || {
                for job in queue {
                    // A panic drops the transaction, which rolls it back; the next job starts clean.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&mut conn, &mut clock)));
                }
            })
            .map_err(|source: io::Error| OpenError::Io { path, source })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), longest })
    }

    /// Runs `work` on the writing thread, after all earlier work. Interrupts a statement that runs longer than the time
    /// of the job.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<ApiError> + Send + 'static,
        F: FnOnce(&mut Turn<'_>) -> Result<T, E> + Send + 'static,
    {
        let longest = self.longest;
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |conn, clock| {
            let deadline = Instant::now() + longest;
            let result = limited(conn, deadline, |conn| work(&mut Turn { conn, clock, deadline }));
            // Nobody listens when the caller went away; the write stands all the same.
            let _ = reply.send(result);
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        if !sent {
            return Err(ApiError::internal("the writer has stopped").into());
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
    fn of(conn: &Connection) -> rusqlite::Result<Self> {
        let last =
            conn.query_row("SELECT coalesce(max(created), 0) FROM transactions", [], |row| row.get(0))?;
        let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'transactions'";
        Ok(Self { last, last_tx_id: conn.query_row(sql, [], |row| row.get(0))? })
    }

    pub fn tick(&mut self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        self.last = i64::try_from(now).unwrap_or(i64::MAX).max(self.last + 1);
        self.last
    }
}

/// Runs `work`, and interrupts its statements from `deadline` on. An error after the deadline becomes a `timeout`.
fn limited<T, E: From<ApiError>>(
    conn: &mut Connection,
    deadline: Instant,
    work: impl FnOnce(&mut Connection) -> Result<T, E>,
) -> Result<T, E> {
    limit::set(conn, Some(deadline)).map_err(ApiError::from)?;
    let result = work(conn);
    limit::set(conn, None).map_err(ApiError::from)?;
    result.map_err(|error| limit::check(deadline).err().map_or(error, E::from))
}

type Job = Box<dyn FnOnce(&mut Connection, &mut Clock) + Send>;

fn path_of(conn: &Connection) -> std::path::PathBuf {
    conn.path().unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRANSACTIONS: &str =
        "CREATE TABLE transactions (id INTEGER PRIMARY KEY AUTOINCREMENT, created INTEGER)";
    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    #[tokio::test]
    async fn a_statement_that_takes_too_long_is_cut_off_and_the_next_job_starts_clean() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(TRANSACTIONS).unwrap();
        let writer = Writer::start(conn, Duration::from_millis(1)).unwrap();
        let endless = writer.run(|turn| Ok(turn.conn.query_row(ENDLESS, [], |row| row.get::<_, i64>(0))?));
        let error: ApiError = endless.await.unwrap_err();
        assert_eq!((error.status(), error.kind()), (429, "timeout"));
        assert_eq!(error.message(), "The transaction took too long to complete.");
        let one = writer.run(|turn| Ok(turn.conn.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?));
        let one: Result<i64, ApiError> = one.await;
        assert_eq!(one.unwrap(), 1);
    }

    #[tokio::test]
    async fn short_statements_that_add_up_are_noticed() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(TRANSACTIONS).unwrap();
        let writer = Writer::start(conn, Duration::ZERO).unwrap();
        let checked = writer.run(|turn| -> Result<(), ApiError> {
            loop {
                turn.conn.execute_batch("INSERT INTO transactions (created) VALUES (1)")?;
                limit::check(turn.deadline)?;
            }
        });
        assert_eq!(checked.await.unwrap_err().kind(), "timeout");
    }
}
