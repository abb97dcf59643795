//! Conversions: `int`, `string`, `timestamp`, ..

use std::rc::Rc;

use instant_schema::date;

use super::super::failure::{ErrorKind, Fault};
use super::super::overload::{Apply, Declarations};
use super::super::text;
use super::super::value::{Time, Value};
use super::arithmetic::{LONGEST, MOMENTS};

pub(super) const DECLARATIONS: Declarations = &[
    (
        "int",
        &[
            ("int64_to_int64", "(int) -> int", SAME),
            ("uint64_to_int64", "(uint) -> int", |_, v| match v {
                [Value::Uint(a)] => {
                    i64::try_from(*a).map(Value::Int).map_err(|_| overflow("unsigned out of int range"))
                }
                _ => Err(Fault::Overload),
            }),
            ("double_to_int64", "(double) -> int", |_, v| match v {
                [Value::Double(a)] => truncated(*a).map(Value::Int),
                _ => Err(Fault::Overload),
            }),
            ("string_to_int64", "(string) -> int", |_, v| {
                parsed(v, |text| text.parse().ok().map(Value::Int))
            }),
            ("timestamp_to_int64", "(timestamp) -> int", |_, v| match v {
                [Value::Timestamp(time)] => Ok(Value::Int(time.seconds)),
                _ => Err(Fault::Overload),
            }),
        ],
    ),
    (
        "uint",
        &[
            ("uint64_to_uint64", "(uint) -> uint", SAME),
            ("int64_to_uint64", "(int) -> uint", |_, v| match v {
                [Value::Int(a)] => {
                    u64::try_from(*a).map(Value::Uint).map_err(|_| overflow("int out of uint range"))
                }
                _ => Err(Fault::Overload),
            }),
            ("double_to_uint64", "(double) -> uint", |_, v| match v {
                [Value::Double(a)] => truncated_unsigned(*a).map(Value::Uint),
                _ => Err(Fault::Overload),
            }),
            ("string_to_uint64", "(string) -> uint", |_, v| {
                let [Value::Text(text)] = v else { return Err(Fault::Overload) };
                let digits = text.as_str().strip_prefix('+').unwrap_or(text.as_str());
                digits.parse().map(Value::Uint).map_err(|_| bad_format(text.as_str()))
            }),
        ],
    ),
    (
        "double",
        &[
            ("double_to_double", "(double) -> double", SAME),
            ("int64_to_double", "(int) -> double", TO_DOUBLE),
            ("uint64_to_double", "(uint) -> double", TO_DOUBLE),
            ("string_to_double", "(string) -> double", |_, v| {
                parsed(v, |text| parse_double(text).map(Value::Double))
            }),
        ],
    ),
    (
        "string",
        &[
            ("string_to_string", "(string) -> string", SAME),
            ("int64_to_string", "(int) -> string", TO_STRING),
            ("uint64_to_string", "(uint) -> string", TO_STRING),
            ("double_to_string", "(double) -> string", TO_STRING),
            ("bool_to_string", "(bool) -> string", TO_STRING),
            ("bytes_to_string", "(bytes) -> string", |context, v| {
                let [Value::Bytes(bytes)] = v else { return Err(Fault::Overload) };
                context.budget.produce(bytes.len())?;
                let text = std::str::from_utf8(bytes);
                text.map(Value::made)
                    .map_err(|_| bad_format("invalid UTF-8 in bytes, cannot convert to string"))
            }),
            ("timestamp_to_string", "(timestamp) -> string", TO_STRING),
            ("duration_to_string", "(duration) -> string", TO_STRING),
        ],
    ),
    (
        "bool",
        &[
            ("bool_to_bool", "(bool) -> bool", SAME),
            ("string_to_bool", "(string) -> bool", |_, v| {
                let [Value::Text(text)] = v else { return Err(Fault::Overload) };
                match text.as_str() {
                    "true" | "TRUE" | "True" | "t" | "1" => Ok(Value::Bool(true)),
                    "false" | "FALSE" | "False" | "f" | "0" => Ok(Value::Bool(false)),
                    other => {
                        Err(bad_format(&format!("Type conversion error from 'string' to 'bool': [{other}]")))
                    }
                }
            }),
        ],
    ),
    (
        "bytes",
        &[
            ("bytes_to_bytes", "(bytes) -> bytes", SAME),
            ("string_to_bytes", "(string) -> bytes", |context, v| {
                let [Value::Text(text)] = v else { return Err(Fault::Overload) };
                context.budget.produce(text.as_str().len())?;
                Ok(Value::Bytes(Rc::from(text.as_str().as_bytes())))
            }),
        ],
    ),
    (
        "duration",
        &[
            ("duration_to_duration", "(duration) -> duration", SAME),
            ("string_to_duration", "(string) -> duration", |_, v| {
                let [Value::Text(text)] = v else { return Err(Fault::Overload) };
                let nanos =
                    parse_duration(text.as_str()).ok_or_else(|| bad_format("invalid duration format"))?;
                let time = Time::from_nanos(nanos).filter(|time| i128::from(time.seconds).abs() <= LONGEST);
                time.map(Value::Duration).ok_or_else(|| bad_format("invalid duration range"))
            }),
        ],
    ),
    (
        "timestamp",
        &[
            ("_timestamp_from_string", "(string) -> timestamp", |_, v| {
                let [Value::Text(text)] = v else { return Err(Fault::Overload) };
                let now = date::Timestamp::from_unix_micros(now_micros());
                let read = date::parse_at(text.as_str(), now);
                moment(read.map_err(|error| bad_format(&error.to_string()))?.unix_micros())
            }),
            ("_timestamp_from_number", "(int) -> timestamp", |_, v| {
                let [Value::Int(milliseconds)] = v else { return Err(Fault::Overload) };
                moment(milliseconds.checked_mul(1000).unwrap_or(i64::MAX))
            }),
            ("timestamp_to_timestamp", "(timestamp) -> timestamp", SAME),
        ],
    ),
    ("dyn", &[("to_dyn", "(A) -> dyn", SAME)]),
    (
        "type",
        &[("type", "(A) -> type(A)", |_, v| {
            let [of] = v else { return Err(Fault::Overload) };
            Ok(Value::Type(Rc::from(type_name(of))))
        })],
    ),
];

const SAME: Apply = |_, v| v.first().cloned().ok_or(Fault::Overload);

const TO_STRING: Apply = |_, v| match v {
    [Value::Timestamp(time)] => match text::timestamp(*time) {
        Some(text) => Ok(Value::made(text)),
        None => Err(Fault::Failed),
    },
    [of] => Ok(Value::made(text::plain(of))),
    _ => Err(Fault::Overload),
};

#[expect(clippy::cast_precision_loss, reason = "this is what a conversion to double means")]
const TO_DOUBLE: Apply = |_, v| match v {
    [Value::Int(a)] => Ok(Value::Double(*a as f64)),
    [Value::Uint(a)] => Ok(Value::Double(*a as f64)),
    _ => Err(Fault::Overload),
};

/// The name that `type(..)` gives. A number or list that only the official server's storage knows has none.
fn type_name(of: &Value<'_>) -> &'static str {
    match of {
        Value::Null | Value::MissingElement => "null_type",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Uint(_) => "uint",
        Value::Double(_) => "double",
        Value::Text(_) => "string",
        Value::Bytes(_) => "bytes",
        Value::Timestamp(_) => "google.protobuf.Timestamp",
        Value::Duration(_) => "google.protobuf.Duration",
        Value::List(_) | Value::JsonList(_) => "list",
        Value::Map(_) | Value::JsonMap(_) | Value::StoredMap(_) | Value::Buckets => "map",
        Value::Type(_) => "type",
        Value::Request(_) => "request",
        Value::Bucket(_) => "RateLimitBucket",
        Value::WeakInt(_) | Value::StoredList(_) | Value::Unknown => "dyn",
    }
}

fn overflow(text: &str) -> Fault {
    Fault::Error(ErrorKind::NumericOverflow, text.into())
}

fn bad_format(text: &str) -> Fault {
    Fault::Error(ErrorKind::BadFormat, text.into())
}

fn parsed<'a>(values: &[Value<'a>], parse: impl Fn(&str) -> Option<Value<'a>>) -> Result<Value<'a>, Fault> {
    let [Value::Text(text)] = values else { return Err(Fault::Overload) };
    parse(text.as_str()).ok_or_else(|| bad_format(&format!("For input string: \"{}\"", text.as_str())))
}

#[expect(clippy::cast_possible_truncation, reason = "in range, and a conversion cuts the fraction off")]
fn truncated(value: f64) -> Result<i64, Fault> {
    let is_in_range = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    if is_in_range { Ok(value as i64) } else { Err(overflow("double is out of range for int")) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range, and the fraction is cut off"
)]
fn truncated_unsigned(value: f64) -> Result<u64, Fault> {
    let is_in_range = (0.0..18_446_744_073_709_551_616.0).contains(&value);
    if is_in_range { Ok(value as u64) } else { Err(overflow("double out of uint range")) }
}

/// Reads a double as Java does: with space around it, and `NaN` and `Infinity` spelled so.
fn parse_double(text: &str) -> Option<f64> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if !matches!(unsigned, "NaN" | "Infinity")
        && unsigned.contains(|c: char| !matches!(c, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'))
    {
        return None;
    }
    trimmed.parse().ok()
}

/// Reads a duration of Go (`1h30m`, `-1.5s`), in nanoseconds.
fn parse_duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, after) = rest.split_at(end);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => after.split_at(after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len())),
            None => ("", after),
        };
        if whole.len() + fraction.len() == 0 || whole.len() > 18 || fraction.len() > 18 {
            return None;
        }
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let nanos: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
        // At most 18 digits each, so that neither product leaves 128 bits.
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        total += number(whole)? * nanos + number(fraction)? * nanos / scale;
        rest = after;
    }
    Some(sign * total)
}

fn now_micros() -> i64 {
    let now = Time::now();
    now.seconds.saturating_mul(1_000_000).saturating_add(i64::from(now.nanos / 1000))
}

fn moment<'a>(micros: i64) -> Result<Value<'a>, Fault> {
    let time = Time::from_nanos(i128::from(micros) * 1000).filter(|time| MOMENTS.contains(&time.seconds));
    time.map(Value::Timestamp)
        .ok_or_else(|| Fault::Error(ErrorKind::BadFormat, "the time is not in the years 1 to 9999".into()))
}
