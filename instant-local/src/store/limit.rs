//! How long work on a connection may take.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::ApiError;
use crate::error::Work;

/// How long one read or write may take, as on the official server.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// Makes statements fail as interrupted from `deadline` on.
pub(crate) fn set(conn: &mut Connection, deadline: Option<Instant>) -> rusqlite::Result<()> {
    let watch = deadline.map(|deadline| move || Instant::now() > deadline);
    conn.progress_handler(STEPS_BETWEEN_LOOKS, watch)
}

/// Fails from `deadline` on. Many short statements can take long together, and SQLite looks at the clock within long
/// ones only.
pub(crate) fn check(deadline: Instant) -> Result<(), ApiError> {
    if Instant::now() > deadline { Err(ApiError::timeout(Work::Transaction)) } else { Ok(()) }
}

/// Virtual machine instructions between two looks at the clock: some tens of microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;
