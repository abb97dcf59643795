//! Dates as Instant reads them: many spellings and epoch milliseconds, all to microseconds since 1970 UTC.
//!
//! The server stores what was sent; only comparisons, orders and checks read its meaning.

mod spelled;
mod zones;

use serde_json::Value;

/// `infinity` is later than every date.
pub const INFINITY: i64 = i64::MAX;
/// `-infinity` is earlier than every date.
pub const NEG_INFINITY: i64 = i64::MIN;

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;
/// The first and the last millisecond that a server stores.
const MILLISECONDS: std::ops::RangeInclusive<f64> = -210_866_803_200_000.0..=9_224_318_015_999_999.0;
/// The first and the last year of a date string.
const YEARS: std::ops::RangeInclusive<i64> = 1..=294_246;

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

/// Returns the microseconds since 1970 UTC of a date string. Without a zone it is UTC.
///
/// Words relative to now (`today`) are errors: a query must mean the same each time it runs.
///
/// ```
/// use instant_schema::date::parse;
///
/// assert_eq!(parse("1970-01-02")?, 86_400_000_000);
/// assert_eq!(parse("8/4/2025, 11:02:31 PM")?, parse("2025-08-04T23:02:31Z")?);
/// assert!(parse("2025-02-30").is_err());
/// # Ok::<(), instant_schema::date::DateError>(())
/// ```
pub fn parse(text: &str) -> Result<i64, DateError> {
    let error = || DateError::of(text);
    if let Some(micros) = read(text.trim()) {
        return Ok(micros);
    }
    // Some clients store the JSON of a date, which has a second pair of quotes.
    let unquoted: String = serde_json::from_str(text).map_err(|_| error())?;
    read(unquoted.trim()).ok_or_else(error)
}

/// Like [`parse`], and also reads the spellings that a server stores and refuses in queries: the words that it reads anew each time (`now`,
/// `today`, `tomorrow`, `yesterday`), and spellings of PostgreSQL's such as `20250131` and `January 31, 2025`. `now` is
/// in microseconds since 1970.
///
/// Some spellings of PostgreSQL are errors: years before Christ, Julian days, days of a year, and zones named after
/// places.
pub fn parse_stored(text: &str, now: i64) -> Result<i64, DateError> {
    let today = now.saturating_sub(now.rem_euclid(DAY));
    match text.trim().to_ascii_lowercase().as_str() {
        "now" => Ok(now),
        "today" => Ok(today),
        "tomorrow" => Ok(today.saturating_add(DAY)),
        "yesterday" => Ok(today.saturating_sub(DAY)),
        _ => parse(text).or_else(|error| read_with(text.trim(), Reader::spelled_date, true).ok_or(error)),
    }
}

/// Returns the microseconds of a number of milliseconds since 1970.
pub fn from_milliseconds(milliseconds: f64) -> Result<i64, DateError> {
    if !MILLISECONDS.contains(&milliseconds) {
        return Err(DateError::of(milliseconds));
    }
    // In range, so that the cast neither saturates nor loses a microsecond that a double can hold.
    #[allow(clippy::cast_possible_truncation)]
    Ok(((milliseconds * 1000.0).round() as i64).min(INFINITY - 1))
}

/// Returns the microseconds of a JSON value: a date string, or milliseconds since 1970.
pub fn from_value(value: &Value) -> Result<i64, DateError> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => from_milliseconds(number.as_f64().unwrap_or(f64::NAN)),
        _ => Err(DateError::of(format_args!("{value}"))),
    }
}

fn read(text: &str) -> Option<i64> {
    match text.to_ascii_lowercase().as_str() {
        "epoch" => return Some(0),
        "infinity" => return Some(INFINITY),
        "-infinity" => return Some(NEG_INFINITY),
        _ => {}
    }
    let is_worded = text.starts_with(|c: char| c.is_ascii_alphabetic());
    read_with(text, if is_worded { Reader::worded_date } else { Reader::numbered_date }, false)
}

/// Reads a date with the function that gives its days, and the time after it.
fn read_with<'a>(text: &'a str, date: fn(&mut Reader<'a>) -> Option<i64>, spelled: bool) -> Option<i64> {
    let mut reader = Reader { rest: text, spelled };
    let days = date(&mut reader)?;
    let micros = days.checked_mul(DAY)?.checked_add(reader.time_of_day()?)?;
    reader.rest.is_empty().then_some(micros)
}

/// Reads from the front of what is left of a date string.
struct Reader<'a> {
    rest: &'a str,
    /// Whether times too may have the spellings of PostgreSQL alone.
    spelled: bool,
}

impl<'a> Reader<'a> {
    /// `Wed Jul 09 2025` or `Sat, 05 Apr 2025`, as days since 1970.
    fn worded_date(&mut self) -> Option<i64> {
        const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        place(&WEEKDAYS, self.word()?)?;
        self.eat(",");
        self.spaces();
        let (month, day) = if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let day = self.number(2)?;
            self.spaces();
            (self.month()?, day)
        } else {
            let month = self.month()?;
            self.spaces();
            (month, self.number(2)?)
        };
        self.spaces();
        days(self.year()?, month, day)
    }

    /// `2025-01-31`, `01-31-2025` or `1/31/2025`, as days since 1970.
    fn numbered_date(&mut self) -> Option<i64> {
        let first = self.digits();
        if first.len() > 2 {
            let year = year(first)?;
            self.eat("-").then_some(())?;
            let month = self.number(2)?;
            self.eat("-").then_some(())?;
            return days(year, month, self.number(2)?);
        }
        let month = first.parse().ok()?;
        let separator = if self.eat("-") { "-" } else { "/" };
        if separator == "/" {
            self.eat("/").then_some(())?;
        }
        let day = self.number(2)?;
        self.eat(separator).then_some(())?;
        days(self.year()?, month, day)
    }

    /// Microseconds to add to midnight UTC: the time less the offset of its zone. Nothing left is midnight.
    fn time_of_day(&mut self) -> Option<i64> {
        if self.rest.is_empty() {
            return Some(0);
        }
        if self.spelled && self.rest.trim_start().starts_with(['+', 'Z', 'z']) {
            self.spaces();
            return Some(-self.zone()? * SECOND);
        }
        if !self.eat("T") && !self.eat("t") {
            let comma = self.eat(",");
            (self.spaces() || comma).then_some(())?;
        }
        let [hour, minute, second] = self.clock()?;
        let fraction = if self.eat(".") { self.fraction()? } else { 0 };
        self.spaces();
        let hour = match self.half_day() {
            Some(afternoon) if (i64::from(!self.spelled)..=12).contains(&hour) => {
                hour % 12 + if afternoon { 12 } else { 0 }
            }
            Some(_) => return None,
            None => hour,
        };
        let ends_the_day = self.spelled && [hour, minute, second, fraction] == [24, 0, 0, 0];
        let last_second = if self.spelled { 60 } else { 59 };
        if !ends_the_day && (hour > 23 || minute > 59 || second > last_second) {
            return None;
        }
        self.spaces();
        let local = (hour * 60 + minute) * 60 + second;
        Some((local - self.zone()?) * SECOND + fraction)
    }

    /// Hour, minute and second: `20:15:00`, `20:15`; where `spelled` also `201500` and `2015`.
    fn clock(&mut self) -> Option<[i64; 3]> {
        let digits = self.digits();
        if self.spelled && [4, 6].contains(&digits.len()) {
            let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), |two| two.parse().ok());
            return Some([two(0)?, two(2)?, two(4)?]);
        }
        if digits.len() > 2 || !self.eat(":") {
            return None;
        }
        let minute = self.number(2)?;
        let second = if self.eat(":") { self.number(2)? } else { 0 };
        Some([digits.parse().ok()?, minute, second])
    }

    /// Seconds east of Greenwich: `Z`, `+05:30`, `-08`, `+0530`, `EST`, `GMT+0100`; nothing is UTC.
    fn zone(&mut self) -> Option<i64> {
        let named = self.word().map(zones::offset_minutes);
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return named.map_or(Some(0), |minutes| Some(i64::from(minutes?) * 60)),
        };
        // Only Greenwich itself can have an offset added: `GMT+0100`.
        if named.is_some_and(|minutes| minutes != Some(0)) {
            return None;
        }
        self.rest = &self.rest[1..];
        let digits = self.digits();
        let (hours, minutes) = match digits.len() {
            1 | 2 if self.eat(":") => (digits, self.digits()),
            1 | 2 => (digits, "0"),
            4 => digits.split_at(2),
            _ => return None,
        };
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        (hours < 16 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60)
    }

    /// Up to nine digits after the point, rounded to microseconds.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.digits();
        if digits.is_empty() || digits.len() > 9 {
            return None;
        }
        let nanos: i64 = format!("{digits:0<9}").parse().ok()?;
        Some((nanos + 500) / 1000)
    }

    /// Whether it is `PM`, where there is either.
    fn half_day(&mut self) -> Option<bool> {
        let word = self.rest.get(..2)?;
        let afternoon = word.eq_ignore_ascii_case("pm");
        if !afternoon && !word.eq_ignore_ascii_case("am") {
            return None;
        }
        // A zone such as `AMT` begins with these letters.
        if self.rest[2..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        self.rest = &self.rest[2..];
        Some(afternoon)
    }

    fn month(&mut self) -> Option<i64> {
        const MONTHS: [&str; 12] =
            ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        i64::try_from(place(&MONTHS, self.word()?)? + 1).ok()
    }

    fn year(&mut self) -> Option<i64> {
        let digits = self.digits();
        // Two digits would be read as this century by some and as the first by others.
        if digits.len() < 3 { None } else { year(digits) }
    }

    fn number(&mut self, most: usize) -> Option<i64> {
        let digits = self.digits();
        if digits.len() > most { None } else { digits.parse().ok() }
    }

    fn digits(&mut self) -> &'a str {
        self.take(|c| c.is_ascii_digit())
    }

    fn word(&mut self) -> Option<&'a str> {
        Some(self.take(|c| c.is_ascii_alphabetic())).filter(|word| !word.is_empty())
    }

    fn spaces(&mut self) -> bool {
        !self.take(|c| c == ' ').is_empty()
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !accept(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn eat(&mut self, text: &str) -> bool {
        let stripped = self.rest.strip_prefix(text);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }
}

fn place(names: &[&str], word: &str) -> Option<usize> {
    names.iter().position(|name| name.eq_ignore_ascii_case(word))
}

fn year(digits: &str) -> Option<i64> {
    digits.parse().ok().filter(|year| YEARS.contains(year))
}

/// Days since 1970 of a date that exists.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day, so that days before a month are a straight line.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * month + 2) / 5 + day - 1;
    let before_year = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(before_year + in_year - 719_468)
}

#[cfg(test)]
mod tests;
