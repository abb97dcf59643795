//! Dates as Instant reads them: many spellings and epoch milliseconds, all to microseconds.
//!
//! The server stores what was sent; only comparisons, orders and checks read its meaning. It reads what is written with
//! PostgreSQL's reader ([`parse_stored`]), and what a query compares with another one ([`parse`]), which knows fewer
//! spellings and takes some of them in another sense.

mod calendar;
mod operand;
mod postgres;
mod zone;
mod zones;

use serde_json::Value;

pub use zone::{NoZones, Zones};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Days from 1970 to 2000.
const TO_2000: i64 = 10_957;

/// A moment, to the microsecond, or one of the two infinities.
///
/// It spans what PostgreSQL stores: the years from 4714 BC to 294276.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// `infinity` is later than every date.
    pub const INFINITY: Self = Self(i64::MAX);
    /// `-infinity` is earlier than every date.
    pub const NEG_INFINITY: Self = Self(i64::MIN);

    /// From microseconds since 1970. What does not fit becomes the nearest that does.
    pub const fn from_unix_micros(micros: i64) -> Self {
        Self(micros.saturating_sub(TO_2000 * DAY))
    }

    /// Microseconds since 1970. What does not fit (beyond the year 294246, and `infinity`) becomes the nearest that does.
    pub const fn unix_micros(self) -> i64 {
        self.0.saturating_add(TO_2000 * DAY)
    }

    /// Microseconds since 2000, by which dates are ordered; the infinities are the largest and the smallest number.
    pub const fn micros_since_2000(self) -> i64 {
        self.0
    }
}

/// The error of a value that is not a date; it says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unable to parse {0} as a date: write \"2025-01-31\", \"2025-01-31T20:15:00Z\" or milliseconds since 1970"
)]
pub struct DateError(String);

/// How many characters of a wrong value an error repeats.
const EXCERPT: usize = 64;

impl DateError {
    fn of(given: impl std::fmt::Debug) -> Self {
        let given = format!("{given:?}");
        Self(match given.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &given[..end]),
            None => given,
        })
    }
}

/// Reads a date string as a query compares it. Without a zone it is UTC.
///
/// Words relative to now (`today`) are errors: an equality must mean the same each time it runs.
///
/// ```
/// use instant_schema::date::parse;
///
/// assert_eq!(parse("1970-01-02")?.unix_micros(), 86_400_000_000);
/// assert_eq!(parse("8/4/2025, 11:02:31 PM")?, parse("2025-08-04T23:02:31Z")?);
/// // A day can be too large for its month, which a server refuses to store.
/// assert_eq!(parse("2025-02-30")?, parse("2025-02-28")?);
/// assert!(parse("2025-1-1").is_err());
/// # Ok::<(), instant_schema::date::DateError>(())
/// ```
pub fn parse(text: &str) -> Result<Timestamp, DateError> {
    // Some clients store the JSON of a date, which has a second pair of quotes.
    let unquoted = || operand::read(&serde_json::from_str::<String>(text).ok()?);
    let nanos = operand::read(text).or_else(unquoted).or_else(|| operand::read(text.trim()));
    match (nanos, text) {
        (Some(nanos), _) => {
            let micros = (nanos + 500).div_euclid(1000) - i128::from(TO_2000 * DAY);
            // What is beyond all that is stored compares as such.
            let range = i128::from(i64::MIN + 1)..=i128::from(i64::MAX - 1);
            let micros = micros.clamp(*range.start(), *range.end());
            Ok(Timestamp(i64::try_from(micros).unwrap_or_default()))
        }
        (None, "epoch") => Ok(Timestamp::from_unix_micros(0)),
        (None, "infinity") => Ok(Timestamp::INFINITY),
        (None, "-infinity") => Ok(Timestamp::NEG_INFINITY),
        _ => Err(DateError::of(text)),
    }
}

/// Like [`parse`], and also reads `now`, `today`, `tomorrow` and `yesterday`, as `$gt`, `$gte`, `$lt`, `$lte` and rules do.
///
/// ```
/// use instant_schema::date::{Timestamp, parse, parse_at};
///
/// let now = parse("2025-08-11T18:42:30Z")?;
/// assert_eq!(parse_at("tomorrow", now)?, parse("2025-08-12")?);
/// # Ok::<(), instant_schema::date::DateError>(())
/// ```
pub fn parse_at(text: &str, now: Timestamp) -> Result<Timestamp, DateError> {
    let day = |from_today: i64| Ok(Timestamp((now.0.div_euclid(DAY) + from_today).saturating_mul(DAY)));
    match text {
        "now" => Ok(now),
        "yesterday" => day(-1),
        "today" => day(0),
        "tomorrow" => day(1),
        _ => parse(text),
    }
}

/// Reads a date string as a server does that is to store it: as PostgreSQL reads a `timestamptz`, in UTC, with the month
/// before the day.
///
/// ```
/// use instant_schema::date::{NoZones, Timestamp, parse, parse_stored};
///
/// let now = Timestamp::from_unix_micros(0);
/// let stored = |text| parse_stored(text, now, &NoZones);
/// assert_eq!(stored("20250131"), parse("2025-01-31"));
/// assert_eq!(stored("January 31, 99 BC"), stored("0099-031 BC"));
/// assert!(stored("2025-02-29").is_err());
/// ```
pub fn parse_stored(text: &str, now: Timestamp, zones: &dyn Zones) -> Result<Timestamp, DateError> {
    postgres::read(text, now.0, zones).map(Timestamp).ok_or_else(|| DateError::of(text))
}

/// Reads a number of milliseconds since 1970 that is to be stored; fractions count.
pub fn from_milliseconds(milliseconds: f64) -> Result<Timestamp, DateError> {
    // In the steps of PostgreSQL's `to_timestamp(milliseconds / 1000)`, whose roundings decide at the bounds.
    let seconds = milliseconds / 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a whole number of days")]
    let first = (*postgres::RANGE.start() / SECOND + TO_2000 * 86_400) as f64;
    if !(first..9_224_318_016_000.0).contains(&seconds) {
        return Err(DateError::of(milliseconds));
    }
    #[expect(clippy::cast_precision_loss, reason = "a whole number of days")]
    let micros = ((seconds - (TO_2000 * 86_400) as f64) * 1e6).round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the range is checked")]
    let micros = micros as i64;
    if postgres::RANGE.contains(&micros) { Ok(Timestamp(micros)) } else { Err(DateError::of(milliseconds)) }
}

/// Returns the moment of a JSON value that a query compares with: a date string, or milliseconds since 1970, of which
/// fractions are cut.
pub fn from_value(value: &Value) -> Result<Timestamp, DateError> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => from_milliseconds(number.as_f64().unwrap_or(f64::NAN).trunc()),
        _ => Err(DateError::of(format_args!("{value}"))),
    }
}

/// Like [`from_value`], and reads strings as [`parse_at`] does.
pub fn from_value_at(value: &Value, now: Timestamp) -> Result<Timestamp, DateError> {
    match value {
        Value::String(text) => parse_at(text, now),
        other => from_value(other),
    }
}

#[cfg(test)]
mod tests;
