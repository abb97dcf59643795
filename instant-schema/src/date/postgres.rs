//! Dates as PostgreSQL reads them: the input of `timestamptz`, with the month before the day, in UTC.
//!
//! Which part of a date a number is hangs on its length and on what was read before it. So fields are read from left to
//! right into [`Parts`], which knows what it has.

mod fields;
mod words;

use self::fields::Field;
use self::words::Word;
use super::calendar::{civil, days};
use super::zone::{self, Zones, integer};
use super::zones::{self as abbreviations, Abbreviation};
use super::{DAY, SECOND, TO_2000};

const INFINITY: i64 = i64::MAX;
const NEG_INFINITY: i64 = i64::MIN;

/// The first and the last microsecond since 2000 that PostgreSQL stores.
pub(super) const RANGE: std::ops::RangeInclusive<i64> = -211_813_488_000_000_000..=9_223_371_331_199_999_999;

/// Days from the first Julian day to 1970.
const JULIAN_1970: i64 = 2_440_588;

/// Reads a date string into microseconds since 2000. `now`, in the same unit, is what `now` and `today` mean.
pub(super) fn read(text: &str, now: i64, zones: &dyn Zones) -> Option<i64> {
    let mut parts = Parts { now, ..Parts::default() };
    for field in fields::split(text)? {
        parts.field(field, zones)?;
    }
    parts.finish(zones)
}

/// A set of what a date string can say once.
type Seen = u16;

const YEAR: Seen = 1;
const MONTH: Seen = 1 << 1;
const DAY_OF_MONTH: Seen = 1 << 2;
const YEAR_AND_MONTH: Seen = YEAR | MONTH;
const MONTH_AND_DAY: Seen = MONTH | DAY_OF_MONTH;
const DATE: Seen = YEAR | MONTH | DAY_OF_MONTH;
const DAY_OF_YEAR: Seen = 1 << 3;
const TIME: Seen = 1 << 4;
const ZONE: Seen = 1 << 5;
/// A zone in daylight saving time, which takes no `dst`.
const DAYLIGHT_ZONE: Seen = 1 << 6;
const DAYLIGHT: Seen = 1 << 7;
const HALF: Seen = 1 << 8;
const ERA: Seen = 1 << 9;
const WEEKDAY: Seen = 1 << 10;

/// What has been read.
#[derive(Default)]
struct Parts {
    seen: Seen,
    year: i64,
    month: i64,
    day: i64,
    day_of_year: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    /// Seconds east of Greenwich.
    offset: i64,
    /// A zone whose offset hangs on the date.
    zone: Option<Zone>,
    /// A moment that is said by one word, which leaves nothing to calculate.
    moment: Option<i64>,
    /// Whether the hours are before or, if true, after noon.
    half: Option<bool>,
    before_christ: bool,
    has_named_month: bool,
    year_kind: YearKind,
    /// What the next field is to be.
    announced: Option<Announced>,
    now: i64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum YearKind {
    #[default]
    Plain,
    /// Of one or two digits, which may be one of 1970 to 2069.
    Short,
    /// Of a Julian day, and so maybe before Christ.
    Exact,
}

enum Zone {
    Named(String),
    Abbreviated { abbreviation: String, zone: &'static str },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Announced {
    JulianDay,
    Time,
    Nothing,
}

impl Parts {
    fn field(&mut self, field: Field, zones: &dyn Zones) -> Option<()> {
        match field {
            Field::Date(text) => self.date_or_zone(&text, zones),
            Field::Time(text) => {
                if self.announced.take().is_some_and(|announced| announced != Announced::Time) {
                    return None;
                }
                self.time(&text)?;
                self.note(TIME)
            }
            Field::Offset(text) => {
                self.offset = zone::offset(&text)?;
                self.note(ZONE)
            }
            Field::Number(text) => self.any_number(&text),
            Field::Word(text) => self.word(text, zones),
        }
    }

    /// Fails if one of `found` was said before.
    fn note(&mut self, found: Seen) -> Option<()> {
        let is_new = self.seen & found == 0;
        self.seen |= found;
        is_new.then_some(())
    }

    fn date_or_zone(&mut self, text: &str, zones: &dyn Zones) -> Option<()> {
        match self.announced.take() {
            Some(Announced::JulianDay) => {
                let (day, rest) = integer(text)?;
                self.julian(day)?;
                self.offset = zone::offset(rest)?;
                self.note(DATE | TIME | ZONE)
            }
            None if self.seen & MONTH_AND_DAY != MONTH_AND_DAY => {
                let found = self.date(text)?;
                self.note(found)
            }
            // A time and its zone in one: `101500-08`.
            announced
                if announced == Some(Announced::Time) || text.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                if self.seen & TIME != 0 {
                    return None;
                }
                let (time, offset) = text.split_at(text.find('-')?);
                self.offset = zone::offset(offset)?;
                let found = self.run_together(time, self.seen)?;
                self.note(found | ZONE)
            }
            Some(_) => None,
            None => self.named_zone(text, zones),
        }
    }

    fn named_zone(&mut self, name: &str, zones: &dyn Zones) -> Option<()> {
        zone::is_known(name, zones).then_some(())?;
        self.zone = Some(Zone::Named(name.to_owned()));
        self.note(ZONE)
    }

    fn any_number(&mut self, text: &str) -> Option<()> {
        if let Some(announced) = self.announced.take() {
            let (number, rest) = integer(text)?;
            if !rest.is_empty() && !rest.starts_with('.') {
                return None;
            }
            return match announced {
                Announced::JulianDay => {
                    self.julian(number)?;
                    if rest.is_empty() {
                        return self.note(DATE);
                    }
                    #[expect(clippy::cast_possible_truncation, reason = "a part of a day")]
                    #[expect(clippy::cast_precision_loss, reason = "a day has few microseconds")]
                    let time = (fraction(rest)? * DAY as f64) as i64;
                    (self.hour, self.minute) = (time / (3600 * SECOND), time / (60 * SECOND) % 60);
                    (self.second, self.micros) = (time / SECOND % 60, time % SECOND);
                    self.note(DATE | TIME)
                }
                Announced::Time => {
                    let found = self.run_together(text, self.seen | DATE)?;
                    if found == TIME { self.note(found) } else { None }
                }
                Announced::Nothing => None,
            };
        }
        let length = text.len();
        let found = match text.find('.') {
            Some(_) if self.seen & DATE == 0 => self.date(text)?,
            Some(before) if before > 2 => self.run_together(text, self.seen)?,
            _ if length >= 6 && (self.seen & DATE == 0 || self.seen & TIME == 0) => {
                self.run_together(text, self.seen)?
            }
            _ => self.number(text, self.has_named_month, self.seen)?,
        };
        self.note(found)
    }

    /// A date with separators. Returns what was found.
    fn date(&mut self, text: &str) -> Option<Seen> {
        let pieces = pieces(text)?;
        let mut seen = self.seen;
        let mut note = |part: Seen| {
            let is_new = seen & part == 0;
            seen |= part;
            is_new.then_some(seen)
        };
        // A name is a month without doubt, and helps to tell the numbers.
        let is_name = |piece: &&str| piece.starts_with(|first: char| first.is_ascii_alphabetic());
        let mut has_named_month = false;
        for name in pieces.iter().filter(|piece| is_name(piece)) {
            let Some(Word::Month(month)) = words::find(name) else { return None };
            self.month = month;
            has_named_month = true;
            note(MONTH)?;
        }
        let mut known = note(0)?;
        for number in pieces.iter().filter(|piece| !is_name(piece)) {
            let part = self.number(number, has_named_month, known)?;
            known = note(part)?;
        }
        (known & !(DAY_OF_YEAR | ZONE) == DATE).then_some(known & !self.seen)
    }

    /// A number that is the next part of a date, or a time after it. Returns what it is.
    fn number(&mut self, text: &str, has_named_month: bool, seen: Seen) -> Option<Seen> {
        let (number, rest) = integer(text)?;
        if rest.len() == text.len() {
            return None;
        }
        if rest.starts_with('.') {
            if text.len() - rest.len() > 2 {
                return self.run_together(text, seen | DATE);
            }
            self.micros = micros(rest)?;
        } else if !rest.is_empty() {
            return None;
        }
        let length = text.len();
        if length == 3 && seen & DATE == YEAR && (1..=366).contains(&number) {
            self.day_of_year = number;
            return Some(DAY_OF_YEAR | MONTH | DAY_OF_MONTH);
        }
        let is_long = length >= 3;
        let part = match seen & DATE {
            0 if is_long => YEAR,
            0 | YEAR | DAY_OF_MONTH => MONTH,
            MONTH if has_named_month && is_long => YEAR,
            MONTH => DAY_OF_MONTH,
            YEAR_AND_MONTH => {
                // `31-jan-2025`: what looked like a year was the day.
                if has_named_month && is_long && self.year_kind == YearKind::Short {
                    (self.day, self.year, self.year_kind) = (self.year, number, YearKind::Plain);
                } else {
                    self.day = number;
                }
                return Some(DAY_OF_MONTH);
            }
            MONTH_AND_DAY => YEAR,
            DATE => return self.run_together(text, seen),
            _ => return None,
        };
        match part {
            YEAR => {
                self.year = number;
                self.year_kind = if length <= 2 { YearKind::Short } else { YearKind::Plain };
            }
            MONTH => self.month = number,
            _ => self.day = number,
        }
        Some(part)
    }

    /// `20250131` where no date is known, else `101500`, `1015` or `101500.25`. Returns what it is.
    fn run_together(&mut self, text: &str, seen: Seen) -> Option<Seen> {
        let two = |from: usize| text.get(from..from + 2).and_then(|digits| digits.parse::<i64>().ok());
        let digits = match text.find('.') {
            Some(point) => {
                self.micros = micros(&text[point..])?;
                point
            }
            None if seen & DATE != DATE && text.len() >= 6 => {
                let (year, length) = (&text[..text.len() - 4], text.len());
                self.year = year.parse().ok().filter(|year| i32::try_from(*year).is_ok())?;
                (self.month, self.day) = (two(length - 4)?, two(length - 2)?);
                if year.len() == 2 {
                    self.year_kind = YearKind::Short;
                }
                return Some(DATE);
            }
            None => text.len(),
        };
        if seen & TIME != 0 || ![4, 6].contains(&digits) {
            return None;
        }
        (self.hour, self.minute) = (two(0)?, two(2)?);
        self.second = if digits == 6 { two(4)? } else { 0 };
        Some(TIME)
    }

    /// `10:15`, `10:15:00.25`, or `15:00.25`, which is minutes and seconds.
    fn time(&mut self, text: &str) -> Option<()> {
        let (first, rest) = integer(text)?;
        let (second, rest) = integer(rest.strip_prefix(':')?)?;
        let (hour, minute, second, fraction) = match rest.as_bytes().first() {
            None => (first, second, 0, ""),
            Some(b'.') => (0, first, second, rest),
            Some(_) => {
                let (third, rest) = integer(rest.strip_prefix(':')?)?;
                (first, second, third, rest)
            }
        };
        let micros = if fraction.is_empty() { 0 } else { micros(fraction)? };
        let total = ((hour * 60 + minute) * 60 + second) * SECOND + micros;
        if hour > 24 || minute > 59 || second > 60 || total > DAY {
            return None;
        }
        (self.hour, self.minute, self.second, self.micros) = (hour, minute, second, micros);
        Some(())
    }

    fn word(&mut self, word: String, zones: &dyn Zones) -> Option<()> {
        match abbreviations::find(&word) {
            Some(Abbreviation::Standard(minutes)) => {
                self.offset = i64::from(minutes) * 60;
                return self.note(ZONE);
            }
            Some(Abbreviation::Daylight(minutes)) => {
                self.offset = i64::from(minutes) * 60;
                return self.note(ZONE | DAYLIGHT_ZONE);
            }
            Some(Abbreviation::OfZone(zone)) => {
                self.zone = Some(Zone::Abbreviated { abbreviation: word, zone });
                return self.note(ZONE);
            }
            None => {}
        }
        match words::find(&word) {
            None => self.named_zone(&word, zones),
            Some(Word::Filler) => Some(()),
            Some(Word::Month(month)) => {
                // `31 jan`: the number that was taken for a month is the day.
                let found = if self.seen & MONTH_AND_DAY == MONTH
                    && !self.has_named_month
                    && (1..=31).contains(&self.month)
                {
                    self.day = self.month;
                    DAY_OF_MONTH
                } else {
                    MONTH
                };
                self.has_named_month = true;
                self.month = month;
                self.note(found)
            }
            Some(Word::Weekday) => self.note(WEEKDAY),
            Some(Word::Half(afternoon)) => {
                self.half = Some(afternoon);
                self.note(HALF)
            }
            Some(Word::Era(before_christ)) => {
                self.before_christ = before_christ;
                self.note(ERA)
            }
            Some(Word::Daylight) => {
                self.offset += 3600;
                self.note(DAYLIGHT | DAYLIGHT_ZONE)
            }
            Some(Word::Day(from_today)) => {
                (self.year, self.month, self.day) = civil(self.now.div_euclid(DAY) + TO_2000 + from_today);
                self.note(DATE)
            }
            Some(Word::Midnight) => {
                (self.hour, self.minute, self.second, self.micros, self.offset) = (0, 0, 0, 0, 0);
                self.note(TIME | ZONE)
            }
            Some(Word::Now) => self.moment(self.now),
            Some(Word::Epoch) => self.moment(-TO_2000 * DAY),
            Some(Word::Infinity(negative)) => self.moment(if negative { NEG_INFINITY } else { INFINITY }),
            Some(Word::Julian) => self.announce(Announced::JulianDay),
            Some(Word::Time) if self.seen & DATE == DATE => self.announce(Announced::Time),
            Some(Word::Time) => None,
            Some(Word::Unit) => self.announce(Announced::Nothing),
        }
    }

    fn announce(&mut self, next: Announced) -> Option<()> {
        self.announced.replace(next).is_none().then_some(())
    }

    fn moment(&mut self, moment: i64) -> Option<()> {
        self.moment = Some(moment);
        self.note(DATE | TIME | ZONE)
    }

    fn julian(&mut self, day: i64) -> Option<()> {
        if day < 0 {
            return None;
        }
        (self.year, self.month, self.day) = civil(day - JULIAN_1970);
        self.year_kind = YearKind::Exact;
        Some(())
    }

    fn finish(mut self, zones: &dyn Zones) -> Option<i64> {
        if self.announced.is_some() {
            return None;
        }
        if let Some(moment) = self.moment {
            return Some(moment);
        }
        if self.seen & DATE != DATE {
            return None;
        }
        let days = self.days()?;
        match self.half {
            Some(_) if self.hour > 12 => return None,
            Some(afternoon) => self.hour = self.hour % 12 + if afternoon { 12 } else { 0 },
            None => {}
        }
        let seconds = days * 86_400 + (self.hour * 60 + self.minute) * 60 + self.second;
        let offset = match &self.zone {
            // Daylight saving is the zone's own business.
            Some(_) if self.seen & DAYLIGHT != 0 => return None,
            Some(Zone::Named(name)) => zone::offset_at(name, seconds, zones)?,
            Some(Zone::Abbreviated { abbreviation, zone }) => {
                zones.abbreviated(zone, abbreviation, seconds)?
            }
            None if self.seen & ZONE != 0 => self.offset,
            None if self.seen & DAYLIGHT != 0 => return None,
            None => 0,
        };
        let since_2000 = i128::from(seconds - offset - TO_2000 * 86_400) * i128::from(SECOND);
        i64::try_from(since_2000 + i128::from(self.micros)).ok().filter(|micros| RANGE.contains(micros))
    }

    /// Days since 1970.
    fn days(&mut self) -> Option<i64> {
        let is_short = self.year_kind == YearKind::Short;
        self.year = match self.year {
            year if self.year_kind == YearKind::Exact => year,
            year if self.before_christ && year > 0 => 1 - year,
            _ if self.before_christ => return None,
            year @ 0..70 if is_short => year + 2000,
            year @ 70..100 if is_short => year + 1900,
            year if year > 0 => year,
            _ => return None,
        };
        if self.seen & DAY_OF_YEAR != 0 {
            return Some(days(self.year, 1, 1)? + self.day_of_year - 1);
        }
        days(self.year, self.month, self.day)
    }
}

/// The numbers and names of a date with separators; what follows one of them is dropped.
fn pieces(text: &str) -> Option<Vec<&str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = &rest[rest.find(|c: char| c.is_ascii_alphanumeric())?..];
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let same_kind = |c: char| if is_number { c.is_ascii_digit() } else { c.is_ascii_alphabetic() };
        let end = rest.find(|c| !same_kind(c)).unwrap_or(rest.len());
        pieces.push(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Some(pieces)
}

/// The part of a second that a point and digits are.
fn micros(text: &str) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a million at the most")]
    fraction(text).map(|fraction| (fraction * 1e6).round_ties_even() as i64)
}

fn fraction(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('.')?;
    if digits.is_empty() {
        return Some(0.0);
    }
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}
