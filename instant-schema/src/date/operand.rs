//! Dates as the official server reads them in a query: a fixed list of spellings, each of its own strictness.
//!
//! They are those of Java's formatters, so a day can be too large for its month (it is then the last one) in all but the
//! ISO spellings, and years can have any number of digits.

use std::ops::RangeInclusive;

use super::calendar::{days, month_length};
use super::zones;

/// Nanoseconds since 1970 UTC.
type Nanos = i128;

const SECOND: Nanos = 1_000_000_000;
const YEARS: RangeInclusive<i64> = -999_999_999..=999_999_999;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Reads a date in one of the spellings.
pub(super) fn read<'a>(text: &'a str) -> Option<Nanos> {
    let spellings: [fn(&mut Reader<'a>) -> Option<Nanos>; 14] = [
        Reader::iso,
        Reader::local,
        Reader::internet,
        Reader::american,
        Reader::minutes,
        Reader::javascript,
        Reader::zoned,
        Reader::milliseconds,
        Reader::spaced,
        Reader::abbreviated,
        Reader::worded_date,
        Reader::month_first,
        Reader::year_first,
        Reader::slashed,
    ];
    spellings.iter().find_map(|spelling| {
        let mut reader = Reader { rest: text };
        spelling(&mut reader).filter(|_| reader.rest.is_empty())
    })
}

struct Reader<'a> {
    rest: &'a str,
}

#[derive(Clone, Copy)]
struct Time {
    hour: i64,
    minute: i64,
    second: i64,
    nanos: i64,
}

impl Reader<'_> {
    /// `2025-01-31`, `2025-01-31T20:15:00`, `2025-01-31T20:15+01:00[Europe/Paris]`: exact days, hours up to 23.
    fn iso(&mut self) -> Option<Nanos> {
        let signed = self.eat_any(&["+", "-"]);
        let digits = self.digits(4..=10)?;
        if (signed == Some("+")) != (digits.len() > 4) && signed != Some("-") {
            return None;
        }
        let year = year(digits, signed == Some("-"))?;
        let month = self.eat("-")?.number(2..=2)?;
        let day = self.eat("-")?.number(2..=2)?;
        let midnight = Nanos::from(days(year, month, day)?) * 86_400 * SECOND;
        if self.rest.is_empty() {
            return Some(midnight);
        }
        self.eat_any(&["T", "t"])?;
        let hour = self.number(2..=2)?;
        let minute = self.eat(":")?.number(2..=2)?;
        let mut time = Time { hour, minute, second: 0, nanos: 0 };
        if self.eat(":").is_some() {
            time.second = self.number(2..=2)?;
            time.nanos = self.fraction()?;
        }
        let local = midnight + time.since_midnight(23)?;
        if self.rest.is_empty() {
            return Some(local);
        }
        let offset = match self.eat_any(&["Z", "z"]) {
            Some(_) => 0,
            None => self.offset(1..=3, ":")?,
        };
        if self.eat("[").is_some() {
            let end = self.rest.find(']')?;
            let is_name = |c: char| c.is_ascii_alphanumeric() || "/_+-.:~".contains(c);
            if end == 0 || !self.rest[..end].chars().all(is_name) {
                return None;
            }
            self.rest = &self.rest[end + 1..];
        }
        Some(local - offset)
    }

    /// `Sat, 05 Apr 2025 18:00:31 GMT`. The official server reads the offset and forgets it.
    fn internet(&mut self) -> Option<Nanos> {
        let weekday = self.word_of(&WEEKDAYS, str::eq_ignore_ascii_case);
        if weekday.is_some() {
            self.eat(", ")?;
        }
        let day = self.number(1..=9)?;
        self.eat(" ")?;
        let month = match self.word_of(&MONTHS, str::eq_ignore_ascii_case) {
            Some(month) => month + 1,
            None => self.number(1..=9)?,
        };
        self.eat(" ")?;
        let year = self.number(1..=9)?;
        self.eat(" ")?;
        let hour = self.number(1..=9)?;
        let minute = self.eat(":")?.number(1..=9)?;
        let second = if self.eat(":").is_some() { self.number(1..=9)? } else { 0 };
        self.eat(" ")?;
        if self.rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("GMT")) {
            self.rest = &self.rest[3..];
        } else {
            self.offset(1..=3, "")?;
        }
        let midnight = midnight(year, month, day)?;
        if weekday.is_some_and(|weekday| weekday != weekday_of(midnight)) {
            return None;
        }
        Some(midnight + Time { hour, minute, second, nanos: 0 }.since_midnight(24)?)
    }

    /// `8/4/2025, 11:02:31 PM`.
    fn american(&mut self) -> Option<Nanos> {
        let month = self.number(1..=19)?;
        let day = self.eat("/")?.number(1..=19)?;
        let year = self.eat("/")?.padded_year()?;
        self.eat(", ")?;
        let hour = self.number(1..=19)?;
        let minute = self.eat(":")?.number(2..=2)?;
        let second = self.eat(":")?.number(2..=2)?;
        let half = self.eat_any(&[" AM", " PM"])?;
        if !(1..=12).contains(&hour) {
            return None;
        }
        let hour = hour % 12 + if half == " PM" { 12 } else { 0 };
        Some(midnight(year, month, day)? + Time { hour, minute, second, nanos: 0 }.since_midnight(23)?)
    }

    /// `2025-12-31 21:11`.
    fn minutes(&mut self) -> Option<Nanos> {
        let year = self.padded_year()?;
        let month = self.eat("-")?.number(2..=2)?;
        let day = self.eat("-")?.number(2..=2)?;
        let hour = self.eat(" ")?.number(2..=2)?;
        let minute = self.eat(":")?.number(2..=2)?;
        Some(midnight(year, month, day)? + Time { hour, minute, second: 0, nanos: 0 }.since_midnight(24)?)
    }

    /// `Mon Feb 24 2025 22:37:27 GMT+0000`.
    fn javascript(&mut self) -> Option<Nanos> {
        let midnight = self.worded_date()?;
        let hour = self.eat(" ")?.number(2..=2)?;
        let minute = self.eat(":")?.number(2..=2)?;
        let second = self.eat(":")?.number(2..=2)?;
        self.eat(" ")?;
        let zone = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        zones::offset_minutes(&self.rest[..zone])?;
        self.rest = &self.rest[zone..];
        let offset = self.offset(2..=2, "")?;
        Some(midnight + Time { hour, minute, second, nanos: 0 }.since_midnight(24)? - offset)
    }

    /// `2025-01-31 8:5:00.25`.
    fn local(&mut self) -> Option<Nanos> {
        let (midnight, clock) = self.date_and_clock(' ', 2..=2)?;
        Some(midnight + self.with_fraction(clock)?)
    }

    /// `2025-1-31T8:5:00.25+0530`.
    fn zoned(&mut self) -> Option<Nanos> {
        let (midnight, clock) = self.date_and_clock('T', 1..=19)?;
        let time = self.with_fraction(clock)?;
        let text = self.rest;
        let Some(offset) = self.offset(2..=2, "") else {
            self.rest = text;
            return Some(midnight + time - self.offset_or_z()?);
        };
        // The offset may stand there twice.
        if !self.rest.is_empty() && self.offset_or_z()? != offset {
            return None;
        }
        Some(midnight + time - offset)
    }

    /// `2025-1-31 8:5:00.25+05`.
    fn spaced(&mut self) -> Option<Nanos> {
        let (midnight, clock) = self.date_and_clock(' ', 1..=19)?;
        Some(midnight + self.with_fraction(clock)? - self.offset_or_z()?)
    }

    /// `2025-06-05T17:00:00EST`.
    fn abbreviated(&mut self) -> Option<Nanos> {
        let (midnight, clock) = self.date_and_clock('T', 1..=19)?;
        let mut offset = None;
        // From the last name to the first, so that `CETDST` is not taken for `CET`; each may follow, the first counts.
        for (name, minutes) in zones::abbreviations().rev() {
            if self.eat(name).is_some() {
                offset.get_or_insert(Nanos::from(minutes) * 60 * SECOND);
            }
        }
        Some(midnight + clock.since_midnight(24)? - offset?)
    }

    /// `2025-9-7T4:7:7.250Z`.
    fn milliseconds(&mut self) -> Option<Nanos> {
        let year = self.signed_year()?;
        let month = self.eat("-")?.number(1..=19)?;
        let day = self.eat("-")?.number(1..=19)?;
        let mut time = self.eat("T")?.clock()?;
        time.nanos = self.eat(".")?.number(3..=3)? * 1_000_000;
        let offset = self.offset_or_z()?;
        Some(midnight(year, month, day)? + time.since_midnight(24)? - offset)
    }

    /// `Wed Jul 09 2025`.
    fn worded_date(&mut self) -> Option<Nanos> {
        let weekday = self.word_of(&WEEKDAYS, |a, b| a == b)?;
        let month = self.eat(" ")?.word_of(&MONTHS, |a, b| a == b)? + 1;
        let day = self.eat(" ")?.number(2..=2)?;
        let year = self.eat(" ")?.signed_year()?;
        let midnight = midnight(year, month, day)?;
        (weekday == weekday_of(midnight)).then_some(midnight)
    }

    /// `01-31-2025`.
    fn month_first(&mut self) -> Option<Nanos> {
        let month = self.number(2..=2)?;
        let day = self.eat("-")?.number(2..=2)?;
        midnight(self.eat("-")?.signed_year()?, month, day)
    }

    /// `2025-01-31`.
    fn year_first(&mut self) -> Option<Nanos> {
        let year = self.signed_year()?;
        let month = self.eat("-")?.number(2..=2)?;
        midnight(year, month, self.eat("-")?.number(2..=2)?)
    }

    /// `1/31/2025`.
    fn slashed(&mut self) -> Option<Nanos> {
        let month = self.number(1..=19)?;
        let day = self.eat("/")?.number(1..=19)?;
        midnight(self.eat("/")?.signed_year()?, month, day)
    }

    /// `2025-1-31` and `8:5:00`, with a letter or a space between them; months have so many digits.
    fn date_and_clock(&mut self, between: char, months: RangeInclusive<usize>) -> Option<(Nanos, Time)> {
        let year = self.signed_year()?;
        let month = self.eat("-")?.number(months)?;
        let day = self.eat("-")?.number(2..=2)?;
        self.rest = self.rest.strip_prefix(between)?;
        Some((midnight(year, month, day)?, self.clock()?))
    }

    /// `8:5:00`.
    fn clock(&mut self) -> Option<Time> {
        let hour = self.number(1..=19)?;
        let minute = self.eat(":")?.number(1..=19)?;
        let second = self.eat(":")?.number(1..=19)?;
        Some(Time { hour, minute, second, nanos: 0 })
    }

    fn with_fraction(&mut self, mut time: Time) -> Option<Nanos> {
        time.nanos = self.fraction()?;
        time.since_midnight(24)
    }

    /// Nanoseconds of `.` and up to nine digits, or of nothing.
    fn fraction(&mut self) -> Option<i64> {
        if self.eat(".").is_none() {
            return Some(0);
        }
        let digits = self.digits(0..=9)?;
        format!("{digits:0<9}").parse().ok()
    }

    /// `+0530`, `+05`, or `Z`.
    fn offset_or_z(&mut self) -> Option<Nanos> {
        if self.eat("Z").is_some() { Some(0) } else { self.offset(1..=2, "") }
    }

    /// An offset of hours, minutes and seconds, two digits each: at least and at most so many parts.
    fn offset(&mut self, parts: RangeInclusive<usize>, separator: &str) -> Option<Nanos> {
        let sign = if self.eat_any(&["+", "-"])? == "+" { 1 } else { -1 };
        let mut found = [self.number(2..=2)?, 0, 0];
        for (nth, part) in (2..).zip(&mut found[1..*parts.end()]) {
            let before = self.rest;
            match self.eat(separator).and_then(|reader| reader.number(2..=2)) {
                Some(number) => *part = number,
                None if nth <= *parts.start() => return None,
                None => {
                    self.rest = before;
                    break;
                }
            }
        }
        let [hours, minutes, seconds] = found;
        let total = (hours * 60 + minutes) * 60 + seconds;
        (minutes < 60 && seconds < 60 && total <= 18 * 3600).then_some(Nanos::from(sign * total) * SECOND)
    }

    fn signed_year(&mut self) -> Option<i64> {
        let negative = self.eat("-").is_some();
        year(self.digits(1..=19)?, negative)
    }

    /// A year after Christ; more than four digits have a plus sign.
    fn padded_year(&mut self) -> Option<i64> {
        let plus = self.eat("+").is_some();
        let digits = self.digits(4..=19)?;
        let year = year(digits, false)?;
        (plus == (digits.len() > 4) && year > 0).then_some(year)
    }

    fn number(&mut self, width: RangeInclusive<usize>) -> Option<i64> {
        self.digits(width)?.parse().ok()
    }

    fn word_of(&mut self, words: &[&str], equal: fn(&str, &str) -> bool) -> Option<i64> {
        let word = self.rest.get(..3)?;
        let place = words.iter().position(|known| equal(known, word))?;
        self.rest = &self.rest[3..];
        i64::try_from(place).ok()
    }

    fn eat_any<'t>(&mut self, texts: &[&'t str]) -> Option<&'t str> {
        texts.iter().copied().find(|text| self.eat(text).is_some())
    }

    fn eat(&mut self, text: &str) -> Option<&mut Self> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(self)
    }
}

impl<'a> Reader<'a> {
    fn digits(&mut self, width: RangeInclusive<usize>) -> Option<&'a str> {
        let found = self.rest.bytes().take(*width.end()).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(found);
        self.rest = rest;
        width.contains(&found).then_some(digits)
    }
}

impl Time {
    /// The hour 24 is the end of the day.
    fn since_midnight(self, last_hour: i64) -> Option<Nanos> {
        let Self { hour, minute, second, nanos } = self;
        let past_midnight = hour == 24 && [minute, second, nanos] != [0; 3];
        if hour > last_hour || minute > 59 || second > 59 || past_midnight {
            return None;
        }
        Some(Nanos::from((hour * 60 + minute) * 60 + second) * SECOND + Nanos::from(nanos))
    }
}

fn year(digits: &str, negative: bool) -> Option<i64> {
    let year: i64 = digits.parse().ok()?;
    if negative && year == 0 {
        return None;
    }
    Some(if negative { -year } else { year }).filter(|year| YEARS.contains(year))
}

/// The first moment of a date, whose day is the month's last one where the month is shorter.
fn midnight(year: i64, month: i64, day: i64) -> Option<Nanos> {
    let last = month_length(year, month)?;
    let day = if day > 31 { day } else { day.min(last) };
    Some(Nanos::from(days(year, month, day)?) * 86_400 * SECOND)
}

/// Monday is 0.
fn weekday_of(midnight: Nanos) -> i64 {
    let day = midnight.div_euclid(86_400 * SECOND);
    i64::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}
