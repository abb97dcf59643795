//! `+ - * / %`, `!` and the minus sign. Integers overflow with an error.

use std::rc::Rc;

use super::super::equality::List;
use super::super::failure::{ErrorKind, Failure, Fault};
use super::super::overload::Declarations;
use super::super::value::{Time, Value};

pub(super) const DECLARATIONS: Declarations = &[
    (
        "_+_",
        &[
            ("add_int64", "(int, int) -> int", |_, v| ints(v, "long overflow", i64::checked_add)),
            ("add_uint64", "(uint, uint) -> uint", |_, v| {
                uints(v, "range overflow on unsigned addition", u64::checked_add)
            }),
            ("add_double", "(double, double) -> double", |_, v| doubles(v, |a, b| a + b)),
            ("add_string", "(string, string) -> string", |context, v| {
                let [Value::Text(a), Value::Text(b)] = v else { return Err(Fault::Overload) };
                context.budget.produce(a.as_str().len() + b.as_str().len())?;
                Ok(Value::made([a.as_str(), b.as_str()].concat()))
            }),
            ("add_bytes", "(bytes, bytes) -> bytes", |context, v| {
                let [Value::Bytes(a), Value::Bytes(b)] = v else { return Err(Fault::Overload) };
                context.budget.produce(a.len() + b.len())?;
                Ok(Value::Bytes(Rc::from([&a[..], &b[..]].concat())))
            }),
            ("add_list", "(list(A), list(A)) -> list(A)", |context, v| {
                let [a, b] = v else { return Err(Fault::Overload) };
                let (Some(a), Some(b)) = (List::of(a), List::of(b)) else { return Err(Fault::Overload) };
                if matches!(a, List::Stored(_)) || matches!(b, List::Stored(_)) {
                    return Err(no_lists("+"));
                }
                context.budget.produce((a.len() + b.len()) * size_of::<Value<'_>>())?;
                let elements = (0..a.len()).map(|place| a.at(place));
                Ok(Value::list(elements.chain((0..b.len()).map(|place| b.at(place))).collect()))
            }),
            ("add_timestamp_duration", "(timestamp, duration) -> timestamp", |_, v| moments(v, |a, b| a + b)),
            ("add_duration_timestamp", "(duration, timestamp) -> timestamp", |_, v| moments(v, |a, b| a + b)),
            ("add_duration_duration", "(duration, duration) -> duration", |_, v| durations(v, |a, b| a + b)),
        ],
    ),
    (
        "_-_",
        &[
            ("subtract_int64", "(int, int) -> int", |_, v| ints(v, "long overflow", i64::checked_sub)),
            ("subtract_uint64", "(uint, uint) -> uint", |_, v| {
                uints(v, "unsigned subtraction underflow", u64::checked_sub)
            }),
            ("subtract_double", "(double, double) -> double", |_, v| doubles(v, |a, b| a - b)),
            ("subtract_timestamp_timestamp", "(timestamp, timestamp) -> duration", |_, v| {
                durations(v, |a, b| a - b)
            }),
            ("subtract_timestamp_duration", "(timestamp, duration) -> timestamp", |_, v| {
                moments(v, |a, b| a - b)
            }),
            ("subtract_duration_duration", "(duration, duration) -> duration", |_, v| {
                durations(v, |a, b| a - b)
            }),
        ],
    ),
    (
        "_*_",
        &[
            ("multiply_int64", "(int, int) -> int", |_, v| ints(v, "long overflow", i64::checked_mul)),
            ("multiply_uint64", "(uint, uint) -> uint", |_, v| {
                uints(v, "multiply out of unsigned integer range", u64::checked_mul)
            }),
            ("multiply_double", "(double, double) -> double", |_, v| doubles(v, |a, b| a * b)),
        ],
    ),
    (
        "_/_",
        &[
            ("divide_int64", "(int, int) -> int", |_, v| {
                nonzero(v)?;
                ints(v, "most negative number wraps", i64::checked_div)
            }),
            ("divide_uint64", "(uint, uint) -> uint", |_, v| {
                nonzero(v)?;
                uints(v, "/ by zero", u64::checked_div)
            }),
            ("divide_double", "(double, double) -> double", |_, v| doubles(v, |a, b| a / b)),
        ],
    ),
    (
        "_%_",
        &[
            ("modulo_int64", "(int, int) -> int", |_, v| {
                nonzero(v)?;
                ints(v, "long overflow", |a, b| Some(a.wrapping_rem(b)))
            }),
            ("modulo_uint64", "(uint, uint) -> uint", |_, v| {
                nonzero(v)?;
                uints(v, "/ by zero", u64::checked_rem)
            }),
        ],
    ),
    (
        "-_",
        &[
            ("negate_int64", "(int) -> int", |_, v| match v {
                [Value::Int(a)] => a.checked_neg().map(Value::Int).ok_or_else(|| overflow("long overflow")),
                _ => Err(Fault::Overload),
            }),
            ("negate_double", "(double) -> double", |_, v| match v {
                [Value::Double(a)] => Ok(Value::Double(-a)),
                _ => Err(Fault::Overload),
            }),
        ],
    ),
    (
        "!_",
        &[("logical_not", "(bool) -> bool", |_, v| match v {
            [Value::Bool(a)] => Ok(Value::Bool(!a)),
            _ => Err(Fault::Overload),
        })],
    ),
];

fn overflow(text: &str) -> Fault {
    Fault::Error(ErrorKind::NumericOverflow, text.into())
}

/// The failure of an operation that stored lists do not have.
pub(super) fn no_lists(operation: &str) -> Fault {
    Fault::from(Failure::Unsupported(format!(
        "a stored list has no {operation}: use `in`, `==`, or a macro such as exists(x, ..) on it"
    )))
}

fn nonzero(values: &[Value<'_>]) -> Result<(), Fault> {
    match values {
        [_, Value::Int(0) | Value::Uint(0)] => Err(Fault::Error(ErrorKind::DivideByZero, "/ by zero".into())),
        _ => Ok(()),
    }
}

fn ints<'a>(
    values: &[Value<'a>],
    error: &str,
    apply: impl Fn(i64, i64) -> Option<i64>,
) -> Result<Value<'a>, Fault> {
    let [Value::Int(a), Value::Int(b)] = values else { return Err(Fault::Overload) };
    apply(*a, *b).map(Value::Int).ok_or_else(|| overflow(error))
}

fn uints<'a>(
    values: &[Value<'a>],
    error: &str,
    apply: impl Fn(u64, u64) -> Option<u64>,
) -> Result<Value<'a>, Fault> {
    let [Value::Uint(a), Value::Uint(b)] = values else { return Err(Fault::Overload) };
    apply(*a, *b).map(Value::Uint).ok_or_else(|| overflow(error))
}

fn doubles<'a>(values: &[Value<'a>], apply: impl Fn(f64, f64) -> f64) -> Result<Value<'a>, Fault> {
    let [Value::Double(a), Value::Double(b)] = values else { return Err(Fault::Overload) };
    Ok(Value::Double(apply(*a, *b)))
}

/// The longest duration, in seconds: about 10,000 years.
pub(super) const LONGEST: i128 = 315_576_000_000;
/// The first and the last second of the years 1 to 9999.
pub(super) const MOMENTS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

fn moments<'a>(values: &[Value<'a>], apply: impl Fn(i128, i128) -> i128) -> Result<Value<'a>, Fault> {
    let time = Time::from_nanos(combined(values, apply)?).filter(|time| MOMENTS.contains(&time.seconds));
    time.map(Value::Timestamp).ok_or_else(|| overflow("Timestamp is not valid: the years are 1 to 9999"))
}

fn durations<'a>(values: &[Value<'a>], apply: impl Fn(i128, i128) -> i128) -> Result<Value<'a>, Fault> {
    let time = Time::from_nanos(combined(values, apply)?);
    let time = time.filter(|time| i128::from(time.seconds).abs() <= LONGEST);
    time.map(Value::Duration).ok_or_else(|| overflow("Duration is not valid: it is longer than 10,000 years"))
}

fn combined(values: &[Value<'_>], apply: impl Fn(i128, i128) -> i128) -> Result<i128, Fault> {
    match values {
        [Value::Timestamp(a) | Value::Duration(a), Value::Timestamp(b) | Value::Duration(b)] => {
            Ok(apply(a.total_nanos(), b.total_nanos()))
        }
        _ => Err(Fault::Overload),
    }
}
