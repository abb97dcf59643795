//! The buckets of `$rateLimits` as they are configured.

use serde_json::Value;

use super::interval;

/// A bucket: all of its limits must have the tokens that are taken.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    pub(super) limits: Vec<Limit>,
    /// The configuration as text: a bucket that is configured anew starts full.
    pub(super) config: String,
}

/// How many tokens a bucket holds, and how it is filled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit {
    pub(super) capacity: u64,
    /// How many tokens come in each period.
    pub(super) amount: u64,
    /// In nanoseconds.
    pub(super) period: u64,
    /// Whether they come all at once at the end of the period; else they come one after the other.
    pub(super) at_once: bool,
}

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 24 * 3600 * SECOND;

impl Bucket {
    /// Reads the configuration of a bucket. Fails with the message of the push.
    pub(super) fn parse(config: &Value) -> Result<Self, String> {
        let no_limit = || {
            let message = "The rate limit config must have at least one limit in the `limits` array.";
            format!("Validation failed for rules: {message}")
        };
        let limits = match &config["limits"] {
            Value::Null => return Err(missing("[\"limits\"]")),
            Value::Array(limits) => limits.iter().map(Limit::parse).collect::<Result<Vec<_>, _>>()?,
            Value::Object(limits) if limits.is_empty() => Vec::new(),
            _ => return Err(malformed("[\"limits\"]")),
        };
        if limits.is_empty() {
            return Err(no_limit());
        }
        Ok(Self { limits, config: config.to_string() })
    }
}

impl Limit {
    fn parse(limit: &Value) -> Result<Self, String> {
        let capacity = match &limit["capacity"] {
            Value::Null => return Err(missing("[\"capacity\"]")),
            capacity => positive(capacity).ok_or_else(|| malformed("[\"capacity\"]"))?,
        };
        let refill = &limit["refill"];
        let amount = match &refill["amount"] {
            Value::Null => capacity,
            amount => positive(amount).ok_or_else(|| malformed("[\"refill\" \"amount\"]"))?,
        };
        let at_once = match &refill["type"] {
            Value::Null => false,
            kind if kind == "greedy" => false,
            kind if kind == "interval" => true,
            _ => return Err(malformed("[\"refill\" \"type\"]")),
        };
        let period = match &refill["period"] {
            Value::Null => 3600 * SECOND,
            Value::String(text) => interval::nanoseconds(text).unwrap_or(0),
            _ => 0,
        };
        if period < SECOND {
            return Err(
                "Validation failed for rules: The refill period must be longer than a second.".to_owned()
            );
        }
        if period > DAY {
            return Err(
                "Validation failed for rules: The refill period can't be longer than a day.".to_owned()
            );
        }
        Ok(Self { capacity, amount, period, at_once })
    }
}

fn positive(value: &Value) -> Option<u64> {
    value.as_i64().and_then(|value| u64::try_from(value).ok()).filter(|value| *value > 0)
}

fn missing(path: &str) -> String {
    format!("Missing parameter: {path}")
}

fn malformed(path: &str) -> String {
    format!("Malformed parameter: {path}")
}
