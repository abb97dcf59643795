//! Dates as Instant keeps them: ISO strings or milliseconds since the epoch.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use instant_schema::date::{NoZones, Timestamp, from_milliseconds, parse, parse_stored};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment, to the microsecond, in UTC.
///
/// It is read from what any Instant client writes: a string in one of the server's spellings, or milliseconds
/// since the epoch. It is written the way JavaScript does, `2025-01-01T00:00:00.000Z`, so that both see the same
/// value; six digits where it has microseconds, and milliseconds since the epoch outside the years 0 to 9999.
///
/// ```
/// use instant_admin::Date;
/// let date: Date = "8/4/2025, 11:02:31 PM".parse().unwrap();
/// assert_eq!(date.to_string(), "2025-08-04T23:02:31.000Z");
/// assert_eq!(date, Date::from_millis(1_754_348_551_000));
/// ```
///
/// With the features `jiff`, `chrono` and `time` it converts from and to the moments of those crates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    micros: i64,
}

/// The error for a text that is not a date, and for a moment that the other type cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DateError {
    message: String,
}

const MICROS_PER_MILLI: i64 = 1000;
const NANOS_PER_MICRO: i128 = 1000;

impl DateError {
    fn outside(date: Date, whose: &str) -> Self {
        Self { message: format!("{date} is outside what {whose} can hold") }
    }
}

impl Date {
    /// This moment.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// From milliseconds since the epoch. What does not fit (beyond the year 290000) becomes the nearest that does.
    pub const fn from_millis(millis: i64) -> Self {
        Self { micros: millis.saturating_mul(MICROS_PER_MILLI) }
    }

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self { micros }
    }

    fn of(moment: Timestamp) -> Self {
        Self { micros: moment.unix_micros() }
    }

    /// From nanoseconds since the epoch, rounded down; what does not fit becomes the nearest that does.
    fn from_nanos(nanos: i128) -> Self {
        let micros = nanos.div_euclid(NANOS_PER_MICRO);
        Self { micros: i64::try_from(micros).unwrap_or(if micros < 0 { i64::MIN } else { i64::MAX }) }
    }

    /// Whole milliseconds since the epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.micros.div_euclid(MICROS_PER_MILLI)
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.micros
    }

    /// Year, month, day and time of day in UTC, inside the years 0 to 9999.
    pub(crate) fn civil(self) -> Option<jiff::civil::DateTime> {
        // Not by way of a timestamp: those of jiff end a day before the year 9999 does.
        let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
        let time = epoch.checked_add(jiff::SignedDuration::from_micros(self.micros)).ok()?;
        Some(time).filter(|time| time.year() >= 0)
    }

    /// The ISO spelling, inside the years 0 to 9999.
    fn iso(self) -> Option<String> {
        let digits = if self.micros % MICROS_PER_MILLI == 0 { 3 } else { 6 };
        self.civil().map(|time| format!("{time:.digits$}Z"))
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        match parse(text) {
            Ok(moment) => Ok(Self::of(moment)),
            Err(error) => Err(DateError { message: error.to_string() }),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.iso() {
            Some(iso) => f.write_str(&iso),
            None => write!(f, "{} ms since 1970", self.as_millis()),
        }
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Date({self})")
    }
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DateError {}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.iso() {
            Some(iso) => serializer.serialize_str(&iso),
            None => serializer.serialize_i64(self.as_millis()),
        }
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DateVisitor)
    }
}

struct DateVisitor;

impl Visitor<'_> for DateVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date: a string or milliseconds since the epoch")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
        // What only a server reads may be stored too; it keeps words such as `today`, and reads them anew each time.
        let stored = |_| parse_stored(text, Timestamp::from_unix_micros(Date::now().micros), &NoZones);
        parse(text).or_else(stored).map(Date::of).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Date, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "whether it is in range does not hang on its last digits"
        )]
        self.visit_f64(millis as f64).map(|_: Date| Date::from_millis(millis))
    }

    fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Date, E> {
        self.visit_i64(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Date, E> {
        from_milliseconds(millis).map(Date::of).map_err(E::custom)
    }
}

impl From<SystemTime> for Date {
    fn from(time: SystemTime) -> Self {
        let nanos = |span: Duration| i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
        let since_epoch = time.duration_since(UNIX_EPOCH);
        Self::from_nanos(since_epoch.map_or_else(|before| -nanos(before.duration()), nanos))
    }
}

impl TryFrom<Date> for SystemTime {
    type Error = DateError;

    fn try_from(date: Date) -> Result<Self, DateError> {
        let span = Duration::from_micros(date.micros.unsigned_abs());
        let time = if date.micros < 0 { UNIX_EPOCH.checked_sub(span) } else { UNIX_EPOCH.checked_add(span) };
        time.ok_or_else(|| DateError::outside(date, "the system's clock"))
    }
}

#[cfg(feature = "jiff")]
impl From<jiff::Timestamp> for Date {
    fn from(time: jiff::Timestamp) -> Self {
        Self::from_nanos(time.as_nanosecond())
    }
}

#[cfg(feature = "jiff")]
impl From<jiff::Zoned> for Date {
    fn from(time: jiff::Zoned) -> Self {
        time.timestamp().into()
    }
}

#[cfg(feature = "jiff")]
impl TryFrom<Date> for jiff::Timestamp {
    type Error = DateError;

    fn try_from(date: Date) -> Result<Self, DateError> {
        Self::from_nanosecond(i128::from(date.micros) * NANOS_PER_MICRO)
            .map_err(|_| DateError::outside(date, "jiff"))
    }
}

#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> From<chrono::DateTime<Tz>> for Date {
    fn from(time: chrono::DateTime<Tz>) -> Self {
        Self { micros: time.timestamp_micros() }
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<Date> for chrono::DateTime<chrono::Utc> {
    type Error = DateError;

    fn try_from(date: Date) -> Result<Self, DateError> {
        Self::from_timestamp_micros(date.micros).ok_or_else(|| DateError::outside(date, "chrono"))
    }
}

#[cfg(feature = "time")]
impl From<time::OffsetDateTime> for Date {
    fn from(time: time::OffsetDateTime) -> Self {
        Self::from_nanos(time.unix_timestamp_nanos())
    }
}

#[cfg(feature = "time")]
impl TryFrom<Date> for time::OffsetDateTime {
    type Error = DateError;

    fn try_from(date: Date) -> Result<Self, DateError> {
        Self::from_unix_timestamp_nanos(i128::from(date.micros) * NANOS_PER_MICRO)
            .map_err(|_| DateError::outside(date, "time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_read_from_strings_and_milliseconds() {
        let expected = Date::from_millis(1_735_689_600_000);
        for wire in [
            json!("2025-01-01"),
            json!("2025-01-01T00:00:00Z"),
            json!(1_735_689_600_000_i64),
            json!(1.735_689_6e12),
        ] {
            assert_eq!(serde_json::from_value::<Date>(wire.clone()).unwrap(), expected, "{wire}");
        }
    }

    #[test]
    fn dates_are_written_as_javascript_writes_them() {
        assert_eq!(json!(Date::from_millis(0)), json!("1970-01-01T00:00:00.000Z"));
        assert_eq!(json!(Date::from_micros(1_001)), json!("1970-01-01T00:00:00.001001Z"));
        let far = Date::from_millis(9_200_000_000_000_000);
        assert_eq!(json!(far), json!(9_200_000_000_000_000_i64));
        assert_eq!(serde_json::from_value::<Date>(json!(far)).unwrap(), far);
    }

    #[test]
    fn what_is_no_date_says_so() {
        assert!(
            serde_json::from_value::<Date>(json!(true)).unwrap_err().to_string().contains("expected a date")
        );
        assert!("2025-01-0".parse::<Date>().is_err());
    }

    #[test]
    fn times_before_the_epoch_keep_their_order() {
        let before = Date::from(UNIX_EPOCH - Duration::from_millis(1));
        assert_eq!(before.as_millis(), -1);
        assert!(before < Date::from_millis(0));
    }
}
