//! Dates as the types of other crates: both ways, at the ends of their ranges, and in queries and transactions.

use std::time::{Duration, SystemTime};

use crate::forum::{NewUser, User, query, tx};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use instant_admin::{Date, Id};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde_json::json;
use time::{OffsetDateTime, UtcOffset};

use crate::data::{empty, found, id};

/// 2024-02-29T23:59:59.999999Z.
const MICROS: i64 = 1_709_251_199_999_999;

/// Moments that every one of the types can hold.
const SHARED: [i64; 7] = [0, -1, 1, MICROS, -62_135_596_800_000_000, 253_402_207_200_999_999, -1_000_001];

#[test]
fn moments_survive_the_way_through_each_type() {
    for micros in SHARED {
        let date = Date::from_micros(micros);
        assert_eq!(Date::from(Timestamp::try_from(date).unwrap()), date);
        assert_eq!(Date::from(DateTime::<Utc>::try_from(date).unwrap()), date);
        assert_eq!(Date::from(OffsetDateTime::try_from(date).unwrap()), date);
        assert_eq!(Date::from(SystemTime::try_from(date).unwrap()), date);
        let written: Date = serde_json::from_value(serde_json::json!(date)).unwrap();
        assert_eq!((written, date.to_string().parse()), (date, Ok(date)), "{date}");
    }
}

#[test]
fn each_type_means_the_same_moment() {
    let date = Date::from_micros(MICROS);
    assert_eq!(date.to_string(), "2024-02-29T23:59:59.999999Z");
    assert_eq!(Timestamp::try_from(date).unwrap().to_string(), "2024-02-29T23:59:59.999999Z");
    assert_eq!(DateTime::<Utc>::try_from(date).unwrap().to_string(), "2024-02-29 23:59:59.999999 UTC");
    let time = OffsetDateTime::try_from(date).unwrap();
    assert_eq!((time.to_julian_day(), time.microsecond()), (2_460_370, 999_999));
    assert_eq!(
        SystemTime::try_from(date).unwrap(),
        SystemTime::UNIX_EPOCH + Duration::from_micros(MICROS.unsigned_abs())
    );
}

#[test]
fn an_offset_or_zone_does_not_move_the_moment() {
    let date = Date::from_micros(MICROS);
    let east = FixedOffset::east_opt(5 * 3600 + 1800).unwrap();
    assert_eq!(Date::from(DateTime::<Utc>::try_from(date).unwrap().with_timezone(&east)), date);
    let west = UtcOffset::from_hms(-11, 0, 0).unwrap();
    assert_eq!(Date::from(OffsetDateTime::try_from(date).unwrap().to_offset(west)), date);
    let zone = TimeZone::fixed(jiff::tz::offset(9));
    assert_eq!(Date::from(Zoned::new(Timestamp::try_from(date).unwrap(), zone)), date);
}

#[test]
fn parts_of_a_microsecond_are_rounded_down_before_and_after_the_epoch() {
    for (nanos, micros) in [(1_999_i64, 1_i64), (-1, -1), (-1_001, -2), (-1_000, -1)] {
        let date = Date::from_micros(micros);
        assert_eq!(Date::from(Timestamp::from_nanosecond(nanos.into()).unwrap()), date, "{nanos}");
        assert_eq!(Date::from(DateTime::from_timestamp_nanos(nanos)), date, "{nanos}");
        assert_eq!(
            Date::from(OffsetDateTime::from_unix_timestamp_nanos(nanos.into()).unwrap()),
            date,
            "{nanos}"
        );
        let span = Duration::from_nanos(nanos.unsigned_abs());
        let time = if nanos < 0 { SystemTime::UNIX_EPOCH - span } else { SystemTime::UNIX_EPOCH + span };
        assert_eq!(Date::from(time), date, "{nanos}");
    }
}

#[test]
fn the_ends_of_each_type_become_dates() {
    assert_eq!(Date::from(Timestamp::MIN).to_string(), "-377705023201000 ms since 1970");
    assert_eq!(Date::from(Timestamp::MAX).to_string(), "9999-12-30T22:00:00.999999Z");
    assert_eq!(Date::from(DateTime::<Utc>::MIN_UTC).as_millis(), -8_334_601_228_800_000);
    assert_eq!(Date::from(DateTime::<Utc>::MAX_UTC).as_millis(), 8_210_266_876_799_999);
    let midnight = time::Time::MIDNIGHT;
    assert_eq!(
        Date::from(OffsetDateTime::new_utc(time::Date::MIN, midnight)).as_millis(),
        -377_705_116_800_000
    );
    assert_eq!(
        Date::from(OffsetDateTime::new_utc(time::Date::MAX, midnight)).as_millis(),
        253_402_214_400_000
    );
}

#[test]
fn what_a_type_cannot_hold_is_an_error_that_names_both() {
    for date in [Date::from_micros(i64::MAX), Date::from_micros(i64::MIN)] {
        let millis = date.as_millis();
        let outside = |whose: &str| format!("{millis} ms since 1970 is outside what {whose} can hold");
        assert_eq!(Timestamp::try_from(date).unwrap_err().to_string(), outside("jiff"));
        assert_eq!(DateTime::<Utc>::try_from(date).unwrap_err().to_string(), outside("chrono"));
        assert_eq!(OffsetDateTime::try_from(date).unwrap_err().to_string(), outside("time"));
    }
    let far = DateTime::<Utc>::MAX_UTC - TimeDelta::days(1);
    assert!(OffsetDateTime::try_from(Date::from(far)).is_err());
}

#[tokio::test]
async fn values_of_each_type_are_written_found_and_compared() {
    let (_server, db) = empty().await;
    let date = Date::from_micros(MICROS);
    let utc = DateTime::<Utc>::try_from(date).unwrap();
    let offset = utc.with_timezone(&FixedOffset::west_opt(3600).unwrap());
    let time = OffsetDateTime::try_from(date).unwrap();
    let stamp = Timestamp::try_from(date).unwrap();
    let new = |handle: &str| NewUser { handle: handle.to_owned() };
    db.transact((
        tx::users(id("U1")).create(new("chrono")).joined(utc),
        tx::users(id("U2")).create(new("offset")).joined(offset),
        tx::users(id("U3")).create(new("time")).joined(time),
        tx::users(id("U4")).create(new("jiff")).joined(stamp),
        tx::users(id("U5")).create(new("zoned")).joined(stamp.to_zoned(TimeZone::UTC)),
        tx::users(Id::<User>::new()).create(new("none")),
    ))
    .await
    .unwrap();
    let all = "U1 U2 U3 U4 U5";
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: utc } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: offset } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: { $gte: time } } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: { $in: [stamp] } } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: { $gt: utc } } } } }), "");
    let answer = db.query(query! { users: { $: { where: { joined: utc } } } }).await.unwrap();
    assert!(answer.users.iter().all(|user| user.joined == Some(date)));
}

/// Dates with types of other crates, which read one spelling of their own.
mod typed {
    instant_admin::schema!(
        in = crate::date_types::typed,
        types = {
            events.begins: chrono::DateTime<chrono::Utc>,
            events.ends: chrono::DateTime<chrono::FixedOffset>,
            events.opens: jiff::Timestamp,
            events.closes: time::OffsetDateTime,
            events.day: chrono::NaiveDate,
        },
        {
            "entities": { "events": { "attrs": {
                "begins": { "valueType": "date", "required": true },
                "ends": { "valueType": "date", "required": false },
                "opens": { "valueType": "date", "required": false },
                "closes": { "valueType": "date", "required": false },
                "day": { "valueType": "date", "required": false }
            } } },
            "links": {}
        }
    );
}

#[tokio::test]
async fn a_date_typed_as_that_of_another_crate_reads_every_spelling() {
    let (server, db) = instant_tests::start(typed::SCHEMA).await;
    let untyped = instant_tests::untyped(&server);
    let event: Id<typed::Event> = id("E1");
    let moment: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let date = Date::from(moment);
    for spelling in [
        json!("2026-01-01"),
        json!("2026-01-01T00:00:00Z"),
        json!("2026-01-01 00:00"),
        json!("2025-12-31T19:00:00-05:00"),
        json!(1_767_225_600_000_i64),
    ] {
        let all =
            ["begins", "ends", "opens", "closes", "day"].map(|label| (label.to_owned(), spelling.clone()));
        let step = instant_admin::tx::raw("events", event.uuid());
        untyped.transact(step.update(serde_json::Map::from_iter(all))).await.unwrap();
        let found = db.query(typed::query! { events: {} }).await.unwrap().events.pop().unwrap();
        assert_eq!(Date::from(found.begins), date, "{spelling}");
        assert_eq!(found.ends.map(Date::from), Some(date), "{spelling}");
        assert_eq!(found.opens, Some(moment), "{spelling}");
        assert_eq!(found.closes.map(Date::from), Some(date), "{spelling}");
        assert_eq!(found.day, chrono::NaiveDate::from_ymd_opt(2026, 1, 1), "{spelling}");
    }
    let begins = DateTime::<Utc>::try_from(Date::from_micros(MICROS)).unwrap();
    let opens = Timestamp::try_from(Date::from_micros(-1)).unwrap();
    let new = typed::NewEvent { begins };
    db.transact(typed::tx::events(id("E2")).create(new).opens(opens)).await.unwrap();
    let found = db.query(typed::query! { events: {} }).await.unwrap().events.pop().unwrap();
    assert_eq!((found.begins, found.opens), (begins, Some(opens)));
}
