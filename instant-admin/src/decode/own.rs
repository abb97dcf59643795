//! Values with a Rust type that the app gives them: `types = { posts.meta: crate::Meta, posts.due: chrono::DateTime<Utc> }`.
//!
//! Other clients may have written such a value in another spelling of the same JSON: `1.0` for `1`, another text for the
//! same moment. What the type does not read as it was sent is tried in those spellings.

use std::any::type_name;

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, json};

use super::describe::{describe, is_of_serde};
use crate::date::Date;

/// Why a value cannot be read, and where in it.
#[derive(Debug, PartialEq)]
pub(super) struct Misread {
    /// Where: `.minutes`, `[3]`, or nothing for the value itself.
    pub(super) path: String,
    pub(super) message: String,
}

/// Reads a value as a `T`. Integers may come as whole floats, as a JavaScript client may write them.
pub(super) fn own_type<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    read_exactly(with_whole_numbers(value))
}

/// Reads a moment as a `T`, whatever the spelling.
pub(super) fn own_date<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    if let Ok(read) = T::deserialize(&value) {
        return Ok(read);
    }
    let date: Date = read_exactly(value)?;
    let spellings = spellings(date);
    let read = spellings.iter().find_map(|spelling| T::deserialize(spelling).ok());
    read.ok_or_else(|| Misread {
        path: String::new(),
        message: format!("`{}` reads no spelling of this date", type_name::<T>()),
    })
}

/// The moment as the date types of other crates read it.
fn spellings(date: Date) -> Vec<Value> {
    let millis = json!(date.as_millis());
    let Some(time) = date.civil() else { return vec![millis] };
    let iso = date.to_string();
    let local = iso.trim_end_matches('Z');
    let (day, hour, minute) = (time.day_of_year(), time.hour(), time.minute());
    let mut spellings = vec![
        // A moment: `chrono::DateTime`, `jiff::Timestamp`.
        json!(iso),
        // A moment in a zone: `jiff::Zoned`.
        json!(format!("{iso}[UTC]")),
        // A date and time without a zone.
        json!(local),
        // `time::OffsetDateTime`, with and without the feature `serde-human-readable`.
        json!(format!("{} +00:00:00", local.replace('T', " "))),
        json!([time.year(), day, hour, minute, time.second(), time.subsec_nanosecond(), 0, 0, 0]),
        millis,
    ];
    // A day, if the time of day says no more.
    if let Some(day) = local.strip_suffix("T00:00:00.000") {
        spellings.push(json!(day));
    }
    spellings
}

fn read_exactly<T: DeserializeOwned>(value: Value) -> Result<T, Misread> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = match error.path().to_string() {
            path if path == "." => String::new(),
            path if path.starts_with('[') => path,
            path => format!(".{path}"),
        };
        let message = match describe(error.inner()) {
            message if is_of_serde(&message) => message,
            // The type's own words, which may say little by themselves: "premature end of input".
            message => format!("the value does not read as `{}`: {message}", type_name::<T>()),
        };
        Misread { path, message }
    })
}

/// The value with an integer for every float that is whole: JSON has one kind of number, Rust several.
fn with_whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            Value::Number(number.as_f64().filter(|_| number.is_f64()).and_then(whole).unwrap_or(number))
        }
        Value::Array(items) => items.into_iter().map(with_whole_numbers).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, member)| (key, with_whole_numbers(member)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// The integer that a float is, if it is one that 64 bits hold.
fn whole(value: f64) -> Option<Number> {
    // Powers of two, so exact: the bounds themselves are the first that do not fit.
    const POSITIVE_END: f64 = 18_446_744_073_709_551_616.0;
    const NEGATIVE_START: f64 = -9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and within bounds")]
    match value {
        _ if value.fract() != 0.0 => None,
        0.0..POSITIVE_END => Some((value as u64).into()),
        NEGATIVE_START..0.0 => Some((value as i64).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    fn read<T: DeserializeOwned>(json: &str) -> Result<T, (String, String)> {
        own_type(serde_json::from_str(json).unwrap()).map_err(|error| (error.path, error.message))
    }

    fn refused<T: std::fmt::Debug + DeserializeOwned>(json: &str) -> String {
        read::<T>(json).unwrap_err().1
    }

    #[test]
    fn a_whole_float_is_read_as_an_integer() {
        assert_eq!(read::<u64>("1.0"), Ok(1));
        assert_eq!(read::<u32>("4e9"), Ok(4_000_000_000));
        assert_eq!(read::<i64>("-3.0"), Ok(-3));
        assert_eq!(read::<i64>("-9223372036854775808.0"), Ok(i64::MIN));
        assert_eq!(read::<u8>("-0.0"), Ok(0));
        assert_eq!(read::<u64>("18446744073709549568.0"), Ok(18_446_744_073_709_549_568));
        assert_eq!(read::<u64>("7"), Ok(7));
    }

    #[test]
    fn what_is_not_whole_or_out_of_range_is_refused() {
        assert_eq!(refused::<u64>("1.5"), "expected u64, got floating point `1.5`");
        assert_eq!(refused::<u64>("-1.0"), "expected u64, got integer `-1`");
        assert_eq!(refused::<u8>("256.0"), "expected u8, got integer `256`");
        assert_eq!(
            refused::<i64>("9223372036854775808.0"),
            "expected i64, got integer `9223372036854775808`"
        );
        assert_eq!(
            refused::<u64>("18446744073709551616.0"),
            "expected u64, got floating point `1.8446744073709552e+19`"
        );
        assert_eq!(refused::<u64>("\"1.0\""), "expected u64, got a string");
        assert_eq!(refused::<i32>("[]"), "expected i32, got a list");
        assert_eq!(refused::<i32>("{}"), "expected i32, got an object");
        assert_eq!(refused::<i32>("true"), "expected i32, got boolean `true`");
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Meta {
        minutes: u32,
        ratio: f64,
        kind: Kind,
        #[serde(default)]
        marks: BTreeMap<u8, Vec<Minutes>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Minutes(i16);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Kind {
        Plain,
        Level(u8),
        Pair(u8, i8),
        Named { level: u8 },
    }

    /// serde buffers it before it knows the variant.
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Count(u8),
        Text(String),
    }

    #[test]
    fn integers_within_a_value_may_be_whole_floats() {
        let meta = r#"{"minutes": 5.0, "ratio": 2, "kind": {"Level": 9.0}, "marks": {"1": [4.0, 5]}}"#;
        let expected = Meta {
            minutes: 5,
            ratio: 2.0,
            kind: Kind::Level(9),
            marks: BTreeMap::from([(1, vec![Minutes(4), Minutes(5)])]),
        };
        assert_eq!(read::<Meta>(meta), Ok(expected));
        assert_eq!(read::<Kind>(r#""Plain""#), Ok(Kind::Plain));
        assert_eq!(read::<Kind>(r#"{"Pair": [1.0, -1.0]}"#), Ok(Kind::Pair(1, -1)));
        assert_eq!(read::<Kind>(r#"{"Named": {"level": 2.0}}"#), Ok(Kind::Named { level: 2 }));
        assert_eq!(read::<Either>("3.0"), Ok(Either::Count(3)));
    }

    #[test]
    fn what_a_type_reads_as_it_was_sent_stays_as_it_is() {
        assert_eq!(read::<Value>(r#"{"a": [1, 1.0, null, "x"]}"#), Ok(json!({ "a": [1, 1.0, null, "x"] })));
        assert_eq!(read::<f64>("1"), Ok(1.0));
    }

    #[test]
    fn a_refusal_says_where_in_the_value() {
        let meta = r#"{"minutes": 5, "ratio": 2, "kind": "Plain", "marks": {"1": [4, "x"]}}"#;
        assert_eq!(
            read::<Meta>(meta),
            Err((".marks.1[1]".to_owned(), "expected i16, got a string".to_owned()))
        );
    }

    /// As the date types of other crates: one spelling, and few words.
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(try_from = "String")]
    struct Moment(String);

    impl TryFrom<String> for Moment {
        type Error = &'static str;

        fn try_from(text: String) -> Result<Self, Self::Error> {
            if text.ends_with('Z') { Ok(Self(text)) } else { Err("premature end of input") }
        }
    }

    #[test]
    fn the_words_of_a_type_come_with_its_name() {
        assert_eq!(
            refused::<Vec<Moment>>(r#"["x"]"#),
            format!("the value does not read as `{}`: premature end of input", type_name::<Vec<Moment>>())
        );
    }

    #[test]
    fn every_spelling_of_a_moment_is_read() {
        let moment = || Moment("2026-01-01T00:00:00.000Z".into());
        for spelling in [json!("2026-01-01"), json!("2026-01-01 00:00"), json!(1_767_225_600_000_i64)] {
            assert_eq!(own_date(spelling.clone()), Ok(moment()), "{spelling}");
            assert_eq!(own_date(spelling.clone()), Ok(Some(moment())), "{spelling}");
        }
        assert_eq!(own_date(json!("2026-01-01T00:00Z")), Ok(Moment("2026-01-01T00:00Z".into())));
        assert_eq!(own_date("2026-01-01".into()), Ok("2026-01-01".to_owned()));
    }

    #[test]
    fn what_is_no_date_is_refused_in_words() {
        assert_eq!(
            own_date::<Moment>(json!(true)).unwrap_err().message,
            "expected a date: a string or milliseconds since the epoch, got boolean `true`"
        );
        assert_eq!(
            own_date::<Vec<bool>>(json!(0)).unwrap_err().message,
            "`alloc::vec::Vec<bool>` reads no spelling of this date"
        );
    }
}
