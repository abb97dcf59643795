//! `math.greatest`, `math.abs`, .. and operations on bits.

use std::cmp::Ordering;

use super::super::equality::{List, number};
use super::super::failure::Fault;
use super::super::overload::{Apply, Declarations};
use super::super::value::Value;

macro_rules! extreme {
    ($function:literal, $wins:expr, $($id:literal $signature:literal),* $(,)?) => {
        ($function, &[$(($id, $signature, |context, v| {
            context.budget.spend(v.len())?;
            extreme(v, $wins)
        })),*])
    };
}

pub(super) const DECLARATIONS: Declarations = &[
    extreme!(
        "math.@max",
        Ordering::is_ge,
        "math_@max_double" "(double) -> double",
        "math_@max_int" "(int) -> int",
        "math_@max_uint" "(uint) -> uint",
        "math_@max_double_double" "(double, double) -> double",
        "math_@max_int_int" "(int, int) -> int",
        "math_@max_uint_uint" "(uint, uint) -> uint",
        "math_@max_int_uint" "(int, uint) -> dyn",
        "math_@max_int_double" "(int, double) -> dyn",
        "math_@max_double_int" "(double, int) -> dyn",
        "math_@max_double_uint" "(double, uint) -> dyn",
        "math_@max_uint_int" "(uint, int) -> dyn",
        "math_@max_uint_double" "(uint, double) -> dyn",
        "math_@max_list_dyn" "(list(dyn)) -> dyn",
    ),
    extreme!(
        "math.@min",
        Ordering::is_le,
        "math_@min_double" "(double) -> double",
        "math_@min_int" "(int) -> int",
        "math_@min_uint" "(uint) -> uint",
        "math_@min_double_double" "(double, double) -> double",
        "math_@min_int_int" "(int, int) -> int",
        "math_@min_uint_uint" "(uint, uint) -> uint",
        "math_@min_int_uint" "(int, uint) -> dyn",
        "math_@min_int_double" "(int, double) -> dyn",
        "math_@min_double_int" "(double, int) -> dyn",
        "math_@min_double_uint" "(double, uint) -> dyn",
        "math_@min_uint_int" "(uint, int) -> dyn",
        "math_@min_uint_double" "(uint, double) -> dyn",
        "math_@min_list_dyn" "(list(dyn)) -> dyn",
    ),
    ("math.ceil", &[("math_ceil_double", "(double) -> double", |_, v| rounded(v, f64::ceil))]),
    ("math.floor", &[("math_floor_double", "(double) -> double", |_, v| rounded(v, f64::floor))]),
    (
        "math.round",
        &[("math_round_double", "(double) -> double", |_, v| match v {
            [Value::Double(a)] if a.is_finite() && a.abs() >= LONG => Err(Fault::Failed),
            _ => rounded(v, f64::round_ties_even),
        })],
    ),
    (
        "math.trunc",
        &[("math_trunc_double", "(double) -> double", |_, v| {
            rounded(v, |a| if a.is_finite() { a.trunc().clamp(-LONG, LONG) } else { a })
        })],
    ),
    ("math.isFinite", &[("math_isFinite_double", "(double) -> bool", |_, v| tested(v, f64::is_finite))]),
    ("math.isNaN", &[("math_isNaN_double", "(double) -> bool", |_, v| tested(v, f64::is_nan))]),
    ("math.isInf", &[("math_isInf_double", "(double) -> bool", |_, v| tested(v, f64::is_infinite))]),
    (
        "math.abs",
        &[
            ("math_abs_double", "(double) -> double", ABS),
            ("math_abs_int", "(int) -> int", ABS),
            ("math_abs_uint", "(uint) -> uint", ABS),
        ],
    ),
    (
        "math.sign",
        &[
            ("math_sign_double", "(double) -> double", SIGN),
            ("math_sign_int", "(int) -> int", SIGN),
            ("math_sign_uint", "(uint) -> uint", SIGN),
        ],
    ),
    (
        "math.bitAnd",
        &[
            ("math_bitAnd_int_int", "(int, int) -> int", |_, v| bits(v, |a, b| a & b)),
            ("math_bitAnd_uint_uint", "(uint, uint) -> uint", |_, v| bits(v, |a, b| a & b)),
        ],
    ),
    (
        "math.bitOr",
        &[
            ("math_bitOr_int_int", "(int, int) -> int", |_, v| bits(v, |a, b| a | b)),
            ("math_bitOr_uint_uint", "(uint, uint) -> uint", |_, v| bits(v, |a, b| a | b)),
        ],
    ),
    (
        "math.bitXor",
        &[
            ("math_bitXor_int_int", "(int, int) -> int", |_, v| bits(v, |a, b| a ^ b)),
            ("math_bitXor_uint_uint", "(uint, uint) -> uint", |_, v| bits(v, |a, b| a ^ b)),
        ],
    ),
    (
        "math.bitNot",
        &[("math_bitNot_int_int", "(int) -> int", NOT), ("math_bitNot_uint_uint", "(uint) -> uint", NOT)],
    ),
    (
        "math.bitShiftLeft",
        &[
            ("math_bitShiftLeft_int_int", "(int, int) -> int", |_, v| shifted(v, u64::checked_shl)),
            ("math_bitShiftLeft_uint_int", "(uint, int) -> uint", |_, v| shifted(v, u64::checked_shl)),
        ],
    ),
    (
        "math.bitShiftRight",
        &[
            ("math_bitShiftRight_int_int", "(int, int) -> int", |_, v| shifted(v, u64::checked_shr)),
            ("math_bitShiftRight_uint_int", "(uint, int) -> uint", |_, v| shifted(v, u64::checked_shr)),
        ],
    ),
    (
        "math.sqrt",
        &[
            ("math_sqrt_double", "(double) -> double", SQRT),
            ("math_sqrt_int", "(int) -> double", SQRT),
            ("math_sqrt_uint", "(uint) -> double", SQRT),
        ],
    ),
];

/// 2^63: what a rounded number must be below.
const LONG: f64 = 9_223_372_036_854_775_808.0;

fn extreme<'a>(values: &[Value<'a>], wins: fn(Ordering) -> bool) -> Result<Value<'a>, Fault> {
    let list = match values {
        [list] if List::of(list).is_some() => List::of(list),
        values => Some(List::Made(values)),
    };
    let Some(list) = list.filter(|list| list.len() > 0) else { return Err(Fault::Failed) };
    let mut best = list.at(0);
    for place in 1..list.len() {
        let next = list.at(place);
        let (Some(a), Some(b)) = (number(&best), number(&next)) else { return Err(Fault::Failed) };
        if !wins(a.order(b)) {
            best = next;
        }
    }
    Ok(best)
}

fn rounded<'a>(values: &[Value<'a>], apply: impl Fn(f64) -> f64) -> Result<Value<'a>, Fault> {
    let [Value::Double(a)] = values else { return Err(Fault::Overload) };
    Ok(Value::Double(apply(*a)))
}

fn tested<'a>(values: &[Value<'a>], apply: fn(f64) -> bool) -> Result<Value<'a>, Fault> {
    let [Value::Double(a)] = values else { return Err(Fault::Overload) };
    Ok(Value::Bool(apply(*a)))
}

const ABS: Apply = |_, v| match v {
    [Value::Double(a)] => Ok(Value::Double(a.abs())),
    [Value::Int(a)] => a.checked_abs().map(Value::Int).ok_or(Fault::Failed),
    [Value::Uint(a)] => Ok(Value::Uint(*a)),
    _ => Err(Fault::Overload),
};

const SIGN: Apply = |_, v| match v {
    [Value::Double(a)] if a.is_nan() => Ok(Value::Double(*a)),
    [Value::Double(a)] if *a == 0.0 => Ok(Value::Double(0.0)),
    [Value::Double(a)] => Ok(Value::Double(a.signum())),
    [Value::Int(a)] => Ok(Value::Int(a.signum())),
    [Value::Uint(a)] => Ok(Value::Uint((*a).min(1))),
    _ => Err(Fault::Overload),
};

const NOT: Apply = |_, v| match v {
    [Value::Int(a)] => Ok(Value::Int(!a)),
    [Value::Uint(a)] => Ok(Value::Uint(!a)),
    _ => Err(Fault::Overload),
};

#[expect(clippy::cast_precision_loss, reason = "a root is a double")]
const SQRT: Apply = |_, v| match v {
    [Value::Double(a)] => Ok(Value::Double(a.sqrt())),
    [Value::Int(a)] => Ok(Value::Double((*a as f64).sqrt())),
    [Value::Uint(a)] => Ok(Value::Double((*a as f64).sqrt())),
    _ => Err(Fault::Overload),
};

fn bits<'a>(values: &[Value<'a>], apply: fn(u64, u64) -> u64) -> Result<Value<'a>, Fault> {
    match values {
        [Value::Int(a), Value::Int(b)] => {
            Ok(Value::Int(apply(a.cast_unsigned(), b.cast_unsigned()).cast_signed()))
        }
        [Value::Uint(a), Value::Uint(b)] => Ok(Value::Uint(apply(*a, *b))),
        _ => Err(Fault::Overload),
    }
}

/// Shifts bits, without regard to a sign. Far enough, nothing is left.
fn shifted<'a>(values: &[Value<'a>], apply: fn(u64, u32) -> Option<u64>) -> Result<Value<'a>, Fault> {
    let [value, Value::Int(by)] = values else { return Err(Fault::Overload) };
    if *by < 0 {
        return Err(Fault::Failed);
    }
    let shift = |bits| u32::try_from(*by).ok().and_then(|by| apply(bits, by)).unwrap_or(0);
    match value {
        Value::Int(bits) => Ok(Value::Int(shift(bits.cast_unsigned()).cast_signed())),
        Value::Uint(bits) => Ok(Value::Uint(shift(*bits))),
        _ => Err(Fault::Overload),
    }
}
