//! The parts of times and durations.

use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::super::failure::{ErrorKind, Fault};
use super::super::overload::{Apply, Declarations};
use super::super::value::{Time, Value};

macro_rules! part {
    ($function:literal, $id:literal, $zoned_id:literal, $part:expr $(, $duration:tt)*) => {
        ($function, &[
            ($id, "timestamp.() -> int", |_, v| part_of(v, $part)),
            ($zoned_id, "timestamp.(string) -> int", |_, v| part_of(v, $part)),
            $($duration,)*
        ])
    };
}

pub(super) const DECLARATIONS: Declarations = &[
    part!("getFullYear", "timestamp_to_year", "timestamp_to_year_with_tz", |time| time.year().into()),
    part!("getMonth", "timestamp_to_month", "timestamp_to_month_with_tz", |time| (time.month() - 1).into()),
    part!("getDayOfYear", "timestamp_to_day_of_year", "timestamp_to_day_of_year_with_tz", |time| (time
        .day_of_year()
        - 1)
    .into()),
    part!("getDayOfMonth", "timestamp_to_day_of_month", "timestamp_to_day_of_month_with_tz", |time| (time
        .day()
        - 1)
    .into()),
    part!(
        "getDate",
        "timestamp_to_day_of_month_1_based",
        "timestamp_to_day_of_month_1_based_with_tz",
        |time| time.day().into()
    ),
    part!("getDayOfWeek", "timestamp_to_day_of_week", "timestamp_to_day_of_week_with_tz", |time| time
        .weekday()
        .to_sunday_zero_offset()
        .into()),
    part!(
        "getHours",
        "timestamp_to_hours",
        "timestamp_to_hours_with_tz",
        |time| time.hour().into(),
        ("duration_to_hours", "duration.() -> int", |_, v| total(v, 3_600_000_000_000))
    ),
    part!(
        "getMinutes",
        "timestamp_to_minutes",
        "timestamp_to_minutes_with_tz",
        |time| time.minute().into(),
        ("duration_to_minutes", "duration.() -> int", |_, v| total(v, 60_000_000_000))
    ),
    part!(
        "getSeconds",
        "timestamp_to_seconds",
        "timestamp_to_seconds_with_tz",
        |time| time.second().into(),
        ("duration_to_seconds", "duration.() -> int", |_, v| total(v, 1_000_000_000))
    ),
    part!(
        "getMilliseconds",
        "timestamp_to_milliseconds",
        "timestamp_to_milliseconds_with_tz",
        |time| time.millisecond().into(),
        ("duration_to_milliseconds", "duration.() -> int", MILLISECONDS)
    ),
    (
        "getTime",
        &[("_getTime", "timestamp.() -> int", |_, v| match v {
            [Value::Timestamp(time)] => {
                let milliseconds = time.total_nanos().div_euclid(1_000_000);
                i64::try_from(milliseconds).map(Value::Int).map_err(|_| Fault::Failed)
            }
            _ => Err(Fault::Overload),
        })],
    ),
];

fn part_of<'a>(values: &[Value<'a>], part: fn(&Zoned) -> i64) -> Result<Value<'a>, Fault> {
    let (time, zone) = match values {
        [Value::Timestamp(time)] => (time, TimeZone::UTC),
        [Value::Timestamp(time), Value::Text(name)] => (time, zone(name.as_str())?),
        _ => return Err(Fault::Overload),
    };
    Ok(Value::Int(part(&moment(*time)?.to_zoned(zone))))
}

fn moment(time: Time) -> Result<Timestamp, Fault> {
    // Nanoseconds are below 10^9.
    let nanos = i32::try_from(time.nanos).map_err(|_| Fault::Failed)?;
    let seconds = Timestamp::from_second(time.seconds).map_err(|_| Fault::Failed)?;
    Ok(seconds.checked_add(jiff::SignedDuration::new(0, nanos)).unwrap_or(seconds))
}

/// A zone by name, or by its offset from UTC: `America/New_York`, `+02:00`, `02:00`.
fn zone(name: &str) -> Result<TimeZone, Fault> {
    if let Ok(zone) = TimeZone::get(name) {
        return Ok(zone);
    }
    let offset = || {
        let (hours, minutes) = name.split_once(':')?;
        let (sign, hours) = match hours.strip_prefix('-') {
            Some(hours) => (-1, hours),
            None => (1, hours.strip_prefix('+').unwrap_or(hours)),
        };
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let seconds = sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60);
        (hours <= 18 && minutes < 60).then(|| Offset::from_seconds(seconds).ok().map(TimeZone::fixed))?
    };
    offset().ok_or_else(|| Fault::Error(ErrorKind::BadFormat, format!("Unknown time-zone ID: {name}")))
}

fn total<'a>(values: &[Value<'a>], unit: i128) -> Result<Value<'a>, Fault> {
    let [Value::Duration(time)] = values else { return Err(Fault::Overload) };
    i64::try_from(time.total_nanos() / unit).map(Value::Int).map_err(|_| Fault::Failed)
}

/// The part below a second.
const MILLISECONDS: Apply = |_, v| match v {
    [Value::Duration(time)] => {
        let milliseconds = time.total_nanos() / 1_000_000 % 1000;
        i64::try_from(milliseconds).map(Value::Int).map_err(|_| Fault::Failed)
    }
    _ => Err(Fault::Overload),
};
