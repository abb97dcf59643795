//! Sending again: only what is safe, only while there is time, and no sooner than the server asks.

use std::future::Future;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::request::{Request, Sending};
use crate::error::{Error, ErrorKind};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// Runs `send` until it succeeds, fails for good, or may not be tried again.
pub(super) async fn with_retries<T, F>(
    retries: usize,
    request: &Request<'_>,
    mut send: impl FnMut() -> F,
) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let backoff = ExponentialBuilder::default()
        .with_min_delay(FIRST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .with_max_times(retries)
        .with_jitter();
    let mut attempt = 0_u32;
    let tried = || {
        attempt += 1;
        tracing::debug!(attempt, "sending");
        send()
    };
    tried
        .retry(backoff)
        .when(|error| may_repeat(error, request.sending))
        .adjust(|error, delay| {
            let delay = delay?.max(error.retry_after().unwrap_or_default());
            (delay < request.deadline.remaining()).then_some(delay)
        })
        .notify(|error, delay| tracing::warn!(kind = ?error.kind(), ?delay, "trying again"))
        .await
}

fn may_repeat(error: &Error, sending: Sending) -> bool {
    match error.kind() {
        ErrorKind::Unreachable => true,
        // A query that took the server's whole time limit would do so again, so `ServerTimeout` is not here.
        ErrorKind::Interrupted | ErrorKind::RateLimited | ErrorKind::Server => sending == Sending::Repeatable,
        _ => false,
    }
}
