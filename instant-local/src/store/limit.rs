//! How long work on a connection may take.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::ApiError;
use crate::error::Work;

/// How long one read or write may take, as on the official server.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

/// Makes statements fail as interrupted from `deadline` on.
pub(crate) fn set(conn: &mut Connection, deadline: Option<Instant>) -> rusqlite::Result<()> {
    match deadline {
        Some(deadline) => watch(conn, move || Instant::now() > deadline),
        None => conn.progress_handler(0, None::<fn() -> bool>),
    }
}

/// Looks at statements while they run. They fail as interrupted when `look` says that they have to end.
pub(super) fn watch(
    conn: &mut Connection,
    look: impl FnMut() -> bool + Send + 'static,
) -> rusqlite::Result<()> {
    conn.progress_handler(STEPS_BETWEEN_LOOKS, Some(look))
}

/// Fails from `deadline` on. Many short statements can take long together, and SQLite looks at the clock within long
/// ones only.
pub(crate) fn check(deadline: Instant) -> Result<(), ApiError> {
    if Instant::now() > deadline { Err(ApiError::timeout(Work::Transaction)) } else { Ok(()) }
}

/// Virtual machine instructions between two looks at the clock: some tens of microseconds.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;
