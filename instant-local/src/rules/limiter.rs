//! Token buckets: how often rules may still be passed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::limit::{Bucket, Limit};
use crate::error::ApiError;

/// The buckets that are not full. They live as long as the server.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<Buckets>);

#[derive(Debug, Default)]
struct Buckets {
    by_key: HashMap<Key, Vec<Level>>,
    /// How many there may be before full ones are looked for and dropped.
    most: usize,
}

/// A bucket: app, name, configuration, and what the rule limits by.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key(Uuid, String, String, String);

/// How full a limit is.
#[derive(Debug, Clone, Copy)]
struct Level {
    /// The tokens in it, in parts: each token is as many parts as the period has nanoseconds, so that no part is lost.
    parts: u128,
    /// When it was filled last.
    at: Instant,
}

/// Why tokens were not taken.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    /// When they will be there.
    wait: Duration,
    /// How many are there now.
    remaining: u64,
}

/// Buckets that are full are as good as new ones, so there is no need to keep them.
const FIRST_SWEEP: usize = 10_000;

impl Limiter {
    /// Takes tokens from the bucket for `key`.
    ///
    /// # Errors
    ///
    /// Fails with `rate-limited` where they are not there; then none is taken.
    pub(super) fn take(
        &self,
        app: Uuid,
        name: &str,
        bucket: &Bucket,
        key: &Value,
        tokens: i64,
    ) -> Result<(), ApiError> {
        let key = Key(app, name.to_owned(), bucket.config.clone(), key.to_string());
        let tokens = u64::try_from(tokens).unwrap_or(0);
        let taken = self.lock().take(key, &bucket.limits, tokens, Instant::now());
        taken.map_err(|refused| {
            let at = Timestamp::now().checked_add(refused.wait).unwrap_or(Timestamp::MAX);
            let seconds = refused.wait.as_secs() + u64::from(refused.wait.subsec_nanos() > 0);
            ApiError::rate_limited(&at.to_string(), seconds, refused.remaining)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    fn take(&mut self, key: Key, limits: &[Limit], tokens: u64, now: Instant) -> Result<(), Refused> {
        if self.by_key.len() >= self.most.max(FIRST_SWEEP) {
            self.drop_old(now);
        }
        let levels = self
            .by_key
            .entry(key)
            .or_insert_with(|| limits.iter().map(|limit| Level { parts: limit.full(), at: now }).collect());
        for (level, limit) in levels.iter_mut().zip(limits) {
            level.fill(limit, now);
        }
        let wait =
            levels.iter().zip(limits).filter_map(|(level, limit)| level.wait(limit, tokens, now)).max();
        if let Some(wait) = wait {
            let left = levels.iter().zip(limits).map(|(level, limit)| level.parts / u128::from(limit.period));
            let remaining = left.min().unwrap_or(0);
            return Err(Refused { wait, remaining: u64::try_from(remaining).unwrap_or(u64::MAX) });
        }
        for (level, limit) in levels.iter_mut().zip(limits) {
            level.parts -= limit.parts(tokens);
        }
        Ok(())
    }

    /// Drops what was not used for so long that it is full again: no period is longer than a day.
    fn drop_old(&mut self, now: Instant) {
        const FULL_AFTER: Duration = Duration::from_hours(48);
        self.by_key.retain(|_, levels| levels.iter().any(|level| now.duration_since(level.at) < FULL_AFTER));
        self.most = self.by_key.len() * 2;
    }
}

impl Limit {
    fn parts(&self, tokens: u64) -> u128 {
        u128::from(tokens) * u128::from(self.period)
    }

    fn full(&self) -> u128 {
        self.parts(self.capacity)
    }
}

impl Level {
    /// Adds the tokens that have come since it was filled last.
    fn fill(&mut self, limit: &Limit, now: Instant) {
        let elapsed = now.saturating_duration_since(self.at).as_nanos();
        let period = u128::from(limit.period);
        let (new, used) = if limit.at_once {
            let periods = elapsed / period;
            (periods.saturating_mul(limit.parts(limit.amount)), periods * period)
        } else {
            (elapsed.saturating_mul(u128::from(limit.amount)), elapsed)
        };
        self.parts = self.parts.saturating_add(new).min(limit.full());
        self.at += Duration::from_nanos(u64::try_from(used).unwrap_or(u64::MAX));
    }

    /// How long until there are as many tokens; `None` if there are. Never, if the bucket holds fewer.
    fn wait(&self, limit: &Limit, tokens: u64, now: Instant) -> Option<Duration> {
        const NEVER: Duration = Duration::from_nanos(i64::MAX as u64);
        let wanted = limit.parts(tokens);
        let lacking = wanted.checked_sub(self.parts).filter(|lacking| *lacking > 0)?;
        if tokens > limit.capacity {
            return Some(NEVER);
        }
        let nanoseconds = if limit.at_once {
            let periods = lacking.div_ceil(limit.parts(limit.amount));
            let since = now.saturating_duration_since(self.at).as_nanos();
            (periods * u128::from(limit.period)).saturating_sub(since)
        } else {
            lacking.div_ceil(u128::from(limit.amount))
        };
        Some(u64::try_from(nanoseconds).map_or(NEVER, Duration::from_nanos).min(NEVER))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> Key {
        Key(Uuid::nil(), "b".to_owned(), String::new(), "null".to_owned())
    }

    fn limits(config: &Value) -> Vec<Limit> {
        Bucket::parse(config).unwrap().limits
    }

    #[test]
    fn a_greedy_bucket_fills_token_by_token() {
        let limits = limits(&json!({ "limits": [{ "capacity": 4, "refill": { "period": "4 seconds" } }] }));
        let (mut buckets, start) = (Buckets::default(), Instant::now());
        for _ in 0..4 {
            buckets.take(key(), &limits, 1, start).unwrap();
        }
        let after = |millis| start + Duration::from_millis(millis);
        let refused = buckets.take(key(), &limits, 2, after(500)).unwrap_err();
        assert_eq!(refused, Refused { wait: Duration::from_millis(1500), remaining: 0 });
        buckets.take(key(), &limits, 1, after(1000)).unwrap();
        assert_eq!(buckets.take(key(), &limits, 1, after(1999)).unwrap_err().wait, Duration::from_millis(1));
        buckets.take(key(), &limits, 4, after(60_000)).unwrap();
    }

    #[test]
    fn an_interval_bucket_fills_at_the_end_of_a_period() {
        let refill = json!({ "type": "interval", "period": "10 seconds", "amount": 1 });
        let limits = limits(&json!({ "limits": [{ "capacity": 2, "refill": refill }] }));
        let (mut buckets, start) = (Buckets::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        buckets.take(key(), &limits, 2, start).unwrap();
        let refused = buckets.take(key(), &limits, 2, after(9)).unwrap_err();
        assert_eq!(refused, Refused { wait: Duration::from_secs(11), remaining: 0 });
        buckets.take(key(), &limits, 1, after(10)).unwrap();
        assert_eq!(buckets.take(key(), &limits, 1, after(19)).unwrap_err().wait, Duration::from_secs(1));
    }

    #[test]
    fn all_limits_of_a_bucket_must_have_the_tokens() {
        let second = json!({ "capacity": 1, "refill": { "period": "1 second" } });
        let limits = limits(&json!({ "limits": [{ "capacity": 2 }, second] }));
        let (mut buckets, start) = (Buckets::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        buckets.take(key(), &limits, 1, start).unwrap();
        assert_eq!(buckets.take(key(), &limits, 1, start).unwrap_err().remaining, 0);
        buckets.take(key(), &limits, 1, after(1)).unwrap();
        assert_eq!(buckets.take(key(), &limits, 1, after(2)).unwrap_err().wait, Duration::from_secs(1798));
    }

    #[test]
    fn more_than_a_bucket_holds_is_never_there() {
        let limits = limits(&json!({ "limits": [{ "capacity": 3 }] }));
        let refused = Buckets::default().take(key(), &limits, 5, Instant::now()).unwrap_err();
        assert_eq!(refused, Refused { wait: Duration::from_nanos(i64::MAX as u64), remaining: 3 });
    }

    #[test]
    fn buckets_that_are_full_again_are_dropped() {
        let limits = limits(&json!({ "limits": [{ "capacity": 3 }] }));
        let (mut buckets, start) = (Buckets::default(), Instant::now());
        let take = |buckets: &mut Buckets, name: usize, now| {
            let key = Key(Uuid::nil(), name.to_string(), String::new(), String::new());
            buckets.take(key, &limits, 1, now).unwrap();
        };
        (0..FIRST_SWEEP).for_each(|name| take(&mut buckets, name, start));
        take(&mut buckets, FIRST_SWEEP, start + Duration::from_hours(50));
        assert_eq!(buckets.by_key.len(), 1);
    }
}
