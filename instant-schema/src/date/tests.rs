//! The table of spellings that server and client read alike, and what neither reads.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn micros(text: &str) -> i64 {
    parse(text).unwrap().unix_micros()
}

fn seconds(text: &str) -> i64 {
    let micros = micros(text);
    assert_eq!(micros % SECOND, 0, "{text}");
    micros / SECOND
}

#[test]
fn spellings_without_a_time_are_midnight_utc() {
    assert_eq!(seconds("2025-01-01"), 1_735_689_600);
    assert_eq!(seconds("04-17-2025"), 1_744_848_000);
    assert_eq!(seconds("3/12/4444"), 78_078_038_400);
    assert_eq!(seconds("3/02/4444"), 78_077_174_400);
    assert_eq!(seconds("Wed Jul 09 2025"), 1_752_019_200);
    assert_eq!(seconds("72026-07-01"), 2_210_769_504_000);
    assert_eq!(seconds("1969-12-31"), -86_400);
    assert_eq!(seconds("2024-02-29"), 1_709_164_800);
}

#[test]
fn offsets_and_zones_are_applied() {
    for (text, expected) in [
        ("2025-01-01T00:00:00Z", 1_735_689_600),
        ("2025-01-02T00:00:00-08", 1_735_804_800),
        ("2025-03-01T16:08:53+0000", 1_740_845_333),
        ("2024-12-30 20:19:41+00", 1_735_589_981),
        ("2025-01-01T05:30:00+05:30", 1_735_689_600),
        ("2025-06-05T17:00:00EST", 1_749_160_800),
        ("2025-06-05T17:00:00PDT", 1_749_168_000),
        ("2025-06-05T17:00:00CET", 1_749_139_200),
        ("2025-06-05T17:00:00CETDST", 1_749_135_600),
        ("2025-06-05T17:00:00AMT", 1_749_157_200),
        ("Sat, 05 Apr 2025 18:00:31 GMT", 1_743_876_031),
        ("Mon Feb 24 2025 22:37:27 GMT+0000", 1_740_436_647),
        ("Mon Feb 24 2025 22:37:27 GMT+0100", 1_740_433_047),
    ] {
        assert_eq!(seconds(text), expected, "{text}");
    }
    assert_eq!(micros("2025-06-12T10:56:31.924+0530"), 1_749_705_991_924_000);
    assert_eq!(micros("2024-12-30 20:19:41.892865+00"), 1_735_589_981_892_865);
}

#[test]
fn times_without_a_zone_are_utc() {
    assert_eq!(seconds("2025-01-15 20:53:08"), 1_736_974_388);
    assert_eq!(micros("2025-01-15 20:53:08.200"), 1_736_974_388_200_000);
    assert_eq!(micros("2025-01-15 20:53:08.892865"), 1_736_974_388_892_865);
    assert_eq!(micros("2024-05-29 01:51:06.11848+00"), 1_716_947_466_118_480);
    assert_eq!(seconds("2025-12-31 21:11"), 1_767_215_460);
    assert_eq!(seconds("8/4/2025, 11:02:31 PM"), 1_754_348_551);
    assert_eq!(seconds("8/4/2025, 12:00:00 AM"), 1_754_265_600);
    assert_eq!(seconds("8/4/2025, 12:00:00 PM"), 1_754_308_800);
}

#[test]
fn parts_may_have_one_digit() {
    assert_eq!(seconds("2025-08-7T00:00:00.000Z"), 1_754_524_800);
    assert_eq!(micros("2025-9-29T23:59:59.999Z"), 1_759_190_399_999_000);
    assert_eq!(seconds("2026-04-28T4:7:7.000Z"), 1_777_349_227);
}

#[test]
fn space_around_and_quotes_are_tolerated() {
    assert_eq!(seconds("\t2025-03-02T16:08:53Z "), 1_740_931_733);
    assert_eq!(seconds("\"2025-01-02T00:00:00-08\""), 1_735_804_800);
    assert_eq!(seconds("\"2025-01-15 20:53:08\""), 1_736_974_388);
}

#[test]
fn words_have_their_meaning() {
    assert_eq!(micros("epoch"), 0);
    assert!(parse("-infinity").unwrap() < parse("0001-01-01").unwrap());
    assert!(parse("infinity").unwrap() > parse("294276-12-31").unwrap());
    let now = parse("2025-08-11T18:42:30.157666Z").unwrap();
    for (word, expected) in [
        ("now", "2025-08-11T18:42:30.157666Z"),
        ("today", "2025-08-11"),
        ("tomorrow", "2025-08-12"),
        ("yesterday", "2025-08-10"),
    ] {
        let expected = parse(expected).unwrap();
        assert_eq!(parse_at(word, now), Ok(expected));
        assert_eq!(parse_stored(&word.to_uppercase(), now, &NoZones), Ok(expected));
        assert!(parse(word).is_err(), "{word}");
        assert!(parse_at(&format!(" {word}"), now).is_err(), "{word}");
    }
}

/// What the formatters of OpenJDK 17 make of each, in seconds since 1970. They are those that the official server tries.
const OPERANDS: [(&str, i64); 25] = [
    ("2025-02-29", 1_740_700_800),
    ("2025-02-31", 1_740_700_800),
    ("25-01-01", -61_378_214_400),
    ("12-01-01", -62_106_739_200),
    ("1/2/25", -61_378_128_000),
    ("-2025-01-01", -126_070_041_600),
    ("2025-01-01T24:00:00Z", 1_735_776_000),
    ("2025-01-01 24:00", 1_735_776_000),
    ("2025-01-01T00:00:00+18:00", 1_735_624_800),
    ("2025-01-01T00:00:00-1800", 1_735_754_400),
    ("2025-01-01T00:00:00+05:30:15", 1_735_669_785),
    ("2025-01-01T00:00:00Z[UTC]", 1_735_689_600),
    ("2025-01-01T00:00:00+01:00[Europe/Paris]", 1_735_686_000),
    ("2025-01-01T00:00:00+0530+0530", 1_735_669_800),
    ("2025-01-01t00:00z", 1_735_689_600),
    ("2025-01-01 007:5:0", 1_735_715_100),
    ("2025-01-01 00:00:00.", 1_735_689_600),
    ("2025-06-05T17:00:00UTCGMT", 1_749_142_800),
    ("2025-1-01T0:0:0Z", 1_735_689_600),
    ("2025-1-1T0:0:0.000Z", 1_735_689_600),
    ("+12025-01-01", 317_305_209_600),
    ("12025-01-01", 317_305_209_600),
    ("1 Jan 2025 00:00 +0500", 1_735_689_600),
    ("Wed, 01 jan 2025 8:0:0 gmt", 1_735_718_400),
    ("8/31/2025, 1:00:00 AM", 1_756_602_000),
];

#[test]
fn operands_are_read_as_by_the_official_server() {
    for (text, expected) in OPERANDS {
        assert_eq!(seconds(text), expected, "{text}");
    }
    let far = parse("999999-01-01").unwrap();
    assert!(far > parse("294276-12-31T23:59:59.999999Z").unwrap() && far < Timestamp::INFINITY);
}

#[test]
fn what_is_no_date_is_an_error_that_says_what_to_write() {
    for text in [
        "",
        " ",
        "2025-01-0",
        "\"2025-01-0\"",
        "2025-13-01",
        "2025-02-32",
        "2025",
        "2025-01",
        "20250101",
        "2025-1-1",
        "2025-1-1T0:0:0Z",
        "13/1/2025",
        "2025-001",
        "2025-01-01 BC",
        "2025-01-01 12:00 AM",
        "2025-01-01T1:2Z",
        "2025-01-01 Europe/Paris",
        "2025-01-01T00:00:00 PST",
        "2025-01-01T",
        "2025-01-01T24:00:01Z",
        "2025-01-01T00:60:00Z",
        "2025-01-01 1",
        "2025-01-01T00:00:00.1234567890Z",
        "2025-01-01T00:00:00+18:01",
        "2025-01-01T00:00:00+123",
        "2025-01-01T00:00:00XYZ",
        "2025-01-01T00:00:00EST+1",
        "2025-01-01x",
        "8/4/2025, 13:00:00 PM",
        "8/4/2025, 0:00:00 AM",
        "8/4/2025, 1:00:00 pm",
        "Foo Jul 09 2025",
        "Thu Jul 09 2025",
        "Wed Foo 09 2025",
        "nope",
        "9999999999-01-01",
        "2025-01-01 00:00:00 Z Z",
        "٢٠٢٥-01-01",
    ] {
        assert!(parse(text).is_err(), "{text:?} was read");
    }
    assert_eq!(
        parse("2025-01-0").unwrap_err().to_string(),
        "unable to parse \"2025-01-0\" as a date: write \"2025-01-31\", \"2025-01-31T20:15:00Z\" or \
         milliseconds since 1970"
    );
}

#[test]
fn numbers_are_milliseconds() {
    assert_eq!(from_value(&json!(1_706_745_600_000_i64)), parse("2024-02-01"));
    assert_eq!(from_value(&json!(-1.5)).unwrap().unix_micros(), -1000);
    assert_eq!(from_milliseconds(-1.5).unwrap().unix_micros(), -1500);
    assert_eq!(from_value(&json!("1970-01-01")).unwrap().unix_micros(), 0);
    assert!(from_value(&json!(1e17)).is_err());
    assert!(from_milliseconds(f64::NAN).is_err());
    assert!(from_milliseconds(f64::INFINITY).is_err());
    assert!(from_value(&json!(null)).is_err());
    assert!(from_value(&json!([1])).is_err());
}

#[test]
fn numbers_end_where_postgresql_ends() {
    for (milliseconds, is_stored) in [
        (9_224_318_015_999_998.0, true),
        (9_224_318_015_999_999.0, false),
        (-210_866_803_200_000.0, true),
        (-210_866_803_200_001.0, false),
    ] {
        assert_eq!(from_milliseconds(milliseconds).is_ok(), is_stored, "{milliseconds}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse_stored(&text, Timestamp::from_unix_micros(0), &NoZones);
    }

    #[test]
    fn nothing_near_a_date_makes_it_panic(text in r"[0-9]{0,5}[-/ ,:T.+]{0,2}[0-9A-Za-zé]{0,4}[-/ ,:T.+]{0,2}[0-9]{0,4}[ T,]{0,2}[0-9:]{0,9}[ .+-]?[0-9A-Z]{0,5}") {
        let _ = parse(&text);
        let _ = parse_stored(&text, Timestamp::from_unix_micros(0), &NoZones);
    }

    #[test]
    fn iso_strings_are_read_to_the_microsecond(day in 0..2_900_000_i64, micros in 0..DAY, zone in -720..720_i64) {
        let (year, month, date) = calendar::civil(day);
        let (seconds, micro) = (micros / SECOND, micros % SECOND);
        let text = format!(
            "{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}.{micro:06}{}{:02}:{:02}",
            seconds / 3600, seconds / 60 % 60, seconds % 60,
            if zone < 0 { '-' } else { '+' }, zone.abs() / 60, zone.abs() % 60,
        );
        let expected = day * DAY + micros - zone * 60 * SECOND;
        prop_assert_eq!(parse(&text).unwrap().unix_micros(), expected);
        prop_assert_eq!(parse_stored(&text, Timestamp::INFINITY, &NoZones), parse(&text));
    }
}
