//! Time zones of date strings: offsets, names, and rules such as `EST5EDT`.

use super::calendar::{civil, days};

/// A database of time zones, for zones named after places in dates that are written.
///
/// Names are in lower case, and so are abbreviations. Local times are seconds since 1970 as a clock in the zone shows
/// them. A time that a clock shows twice, or skips, is in standard time.
pub trait Zones {
    /// Seconds east of Greenwich of a zone at a local time. `None` if there is no such zone.
    fn offset(&self, zone: &str, local: i64) -> Option<i64>;

    /// Seconds east of Greenwich of an abbreviation that a zone uses, as the zone means it at that time; the zone's own
    /// offset if it does not use it.
    fn abbreviated(&self, zone: &str, abbreviation: &str, local: i64) -> Option<i64>;
}

/// No database: names of places are no zones.
#[derive(Debug, Clone, Copy)]
pub struct NoZones;

impl Zones for NoZones {
    fn offset(&self, _: &str, _: i64) -> Option<i64> {
        None
    }

    fn abbreviated(&self, _: &str, abbreviation: &str, _: i64) -> Option<i64> {
        super::zones::offset_minutes(abbreviation).map(|minutes| i64::from(minutes) * 60)
    }
}

/// Seconds east of Greenwich: `+05:30:15`, `-8`, `+0530`.
pub(super) fn offset(text: &str) -> Option<i64> {
    let is_west = match text.chars().next()? {
        '+' => false,
        '-' => true,
        _ => return None,
    };
    let (mut hour, mut rest) = integer(&text[1..])?;
    let (mut minute, mut second) = (0, 0);
    if let Some(minutes) = rest.strip_prefix(':') {
        (minute, rest) = integer(minutes)?;
        if let Some(seconds) = rest.strip_prefix(':') {
            (second, rest) = integer(seconds)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hour, minute) = (hour / 100, hour % 100);
    }
    if !rest.is_empty()
        || !(0..16).contains(&hour)
        || !(0..60).contains(&minute)
        || !(0..60).contains(&second)
    {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    Some(if is_west { -seconds } else { seconds })
}

pub(super) fn is_known(name: &str, zones: &dyn Zones) -> bool {
    offset_at(name, 0, zones).is_some()
}

/// Seconds east of Greenwich of a zone in the database, or of one that is its own rule.
pub(super) fn offset_at(name: &str, local: i64, zones: &dyn Zones) -> Option<i64> {
    zones.offset(name, local).or_else(|| Posix::parse(name).map(|zone| zone.offset(local)))
}

/// A zone that says its offset, and perhaps that it has daylight saving time, which is then that of the United States.
struct Posix {
    /// Seconds east of Greenwich.
    standard: i64,
    daylight: Option<i64>,
}

impl Posix {
    /// `utc+5`, which is west of Greenwich, or `est5edt`.
    fn parse(text: &str) -> Option<Self> {
        let rest = after_name(text)?;
        let (west, rest) = west(rest)?;
        let standard = -west;
        if rest.is_empty() {
            return Some(Self { standard, daylight: None });
        }
        let rest = after_name(rest)?;
        if rest.is_empty() {
            return Some(Self { standard, daylight: Some(standard + 3600) });
        }
        let (west, rest) = self::west(rest)?;
        rest.is_empty().then_some(Self { standard, daylight: Some(-west) })
    }

    fn offset(&self, local: i64) -> i64 {
        match self.daylight {
            Some(daylight) if is_american_summer(local, daylight - self.standard) => daylight,
            _ => self.standard,
        }
    }
}

/// What follows the name of a zone.
fn after_name(text: &str) -> Option<&str> {
    let end = text.find(|c: char| c.is_ascii_digit() || "+-,".contains(c)).unwrap_or(text.len());
    (end > 0).then(|| &text[end..])
}

/// Seconds west of Greenwich, up to a week, and what follows.
fn west(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut seconds = 0;
    let mut rest = unsigned;
    for (unit, most) in [(3600, 167), (60, 59), (1, 60)] {
        if unit != 3600 {
            let Some(more) = rest.strip_prefix(':') else { break };
            rest = more;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest[..digits].parse::<i64>().ok().filter(|number| *number <= most)?;
        seconds += number * unit;
        rest = &rest[digits..];
    }
    Some((if text.starts_with('-') { -seconds } else { seconds }, rest))
}

/// Whether a local time is between the second Sunday of March and the first of November, from and to two o'clock.
fn is_american_summer(local: i64, saved: i64) -> bool {
    let (year, ..) = civil(local.div_euclid(86_400));
    let sunday = |month, earliest| {
        let first = days(year, month, earliest).unwrap_or_default();
        // The first day of 1970 was a Thursday.
        let sunday = first + (3 - first).rem_euclid(7);
        sunday * 86_400 + 2 * 3600
    };
    // The clock skips the first hours of summer, and shows the last ones twice; both are standard time.
    (sunday(3, 8) + saved.max(0)..sunday(11, 1) - saved.max(0)).contains(&local)
}

/// A number at the front, and what follows; 0 where there is none.
pub(super) fn integer(text: &str) -> Option<(i64, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Some((0, text));
    }
    let (number, rest) = text.split_at(text.len() - unsigned.len() + digits);
    Some((number.parse::<i32>().ok()?.into(), rest))
}
