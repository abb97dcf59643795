//! The database of time zones, for dates that name a place: the one that comes with `jiff`, so that a date means the same
//! on every machine.

use std::sync::LazyLock;

use instant_schema::date::Zones;
use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

/// The bundled database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BundledZones;

impl Zones for BundledZones {
    fn offset(&self, zone: &str, local: i64) -> Option<i64> {
        Some(standard_offset(&find(zone)?, clock(local)))
    }

    fn abbreviated(&self, zone: &str, abbreviation: &str, local: i64) -> Option<i64> {
        let zone = find(zone)?;
        let clock = clock(local);
        let own = standard_offset(&zone, clock);
        let seconds = clock.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second().saturating_sub(own);
        // The transition at this very moment counts as past.
        let at = Timestamp::from_second(seconds.saturating_add(1)).ok()?;
        let has_abbreviation = |name: &str| name.eq_ignore_ascii_case(abbreviation);
        let past = zone.preceding(at).take(TRANSITIONS).find(|found| has_abbreviation(found.abbreviation()));
        let meant = past.map(|found| found.offset()).or_else(|| {
            let mut future = zone.following(at).take(TRANSITIONS);
            future.find(|found| has_abbreviation(found.abbreviation())).map(|found| found.offset())
        });
        Some(meant.map_or(own, |offset| offset.seconds().into()))
    }
}

/// How many changes of a zone's offset are looked through, either way: more than any zone has had.
const TRANSITIONS: usize = 1000;

fn find(name: &str) -> Option<TimeZone> {
    static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    DATABASE.get(name).ok()
}

/// What a clock shows at seconds since 1970, in a year that `jiff` knows.
fn clock(seconds: i64) -> DateTime {
    /// After so many seconds the calendar repeats itself.
    const CYCLE: i64 = 146_097 * 86_400;
    // Far years follow the rules of nearer ones: the last ones that are known, or those before there were any.
    let (latest, earliest) = (7000 * 365 * 86_400_i64, -7000 * 365 * 86_400_i64);
    let seconds = if seconds > latest {
        latest - CYCLE + (seconds - latest).rem_euclid(CYCLE)
    } else if seconds < earliest {
        earliest
    } else {
        seconds
    };
    date(1970, 1, 1).at(0, 0, 0, 0).saturating_add(jiff::SignedDuration::from_secs(seconds))
}

fn standard_offset(zone: &TimeZone, clock: DateTime) -> i64 {
    let offset = match zone.to_ambiguous_timestamp(clock).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        // A clock that is set forward skips times, one that is set back shows them twice: standard time comes before the
        // one and after the other.
        AmbiguousOffset::Gap { before, .. } => before,
        AmbiguousOffset::Fold { after, .. } => after,
    };
    offset.seconds().into()
}
