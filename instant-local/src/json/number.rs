//! Numbers: exact integers of any size, and doubles with the digits that Java gives them.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// From here on, a double without a fraction is an integer.
const WHOLE: f64 = 1e7;

/// The digits of an integer that has more than 64 bits.
pub(super) fn large(value: &Value) -> Option<&str> {
    let digits = value.as_str()?.strip_prefix('\0')?;
    (!digits.is_empty() && !digits.starts_with('\0')).then_some(digits)
}

/// A whole number, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Integer(String);

/// The whole number that a value is, if it is one: `1`, `1.0`, 2^64.
pub(crate) fn integer(value: &Value) -> Option<Integer> {
    if let Some(digits) = large(value) {
        return Some(Integer(digits.to_owned()));
    }
    let number = value.as_number()?;
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(double) if double.fract() == 0.0 => Some(Integer(in_full(double))),
        Some(_) => None,
        None => Some(Integer(number.to_string())),
    }
}

/// The double that is nearest to a number.
pub(crate) fn double(value: &Value) -> Option<f64> {
    match large(value) {
        // The digits are a number, if perhaps an infinite one.
        Some(digits) => digits.parse().ok(),
        // Zero has no sign.
        None => value.as_f64().map(|double| double + 0.0),
    }
}

impl Integer {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = |integer: &'_ Self| {
            let negative = integer.0.starts_with('-');
            (negative, integer.0.len())
        };
        let ((negative, length), (other_negative, other_length)) = (parts(self), parts(other));
        let size = length.cmp(&other_length).then_with(|| self.0.cmp(&other.0));
        other_negative.cmp(&negative).then(if negative { size.reverse() } else { size })
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a number. `None` for what is none, and for what is beyond the doubles.
pub(super) fn read(text: &str) -> Option<Value> {
    let is_integer = is_integer(text)?;
    if is_integer {
        return Some(of_digits(if text == "-0" { "0" } else { text }));
    }
    // Zero has no sign.
    Number::from_f64(text.parse::<f64>().ok()? + 0.0).map(Value::Number)
}

fn of_digits(integer: &str) -> Value {
    let signed = integer.parse::<i64>().map(Value::from);
    let number = signed.or_else(|_| integer.parse::<u64>().map(Value::from));
    number.unwrap_or_else(|_| Value::String(format!("\0{integer}")))
}

/// Whether a number, if it is one, has neither a point nor an exponent.
fn is_integer(text: &str) -> Option<bool> {
    let is_digit = |c: char| c.is_ascii_digit();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (digits, rest) = unsigned.split_at(unsigned.find(|c| !is_digit(c)).unwrap_or(unsigned.len()));
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return None;
    }
    let exponent = match rest.strip_prefix('.') {
        Some(fraction) => {
            let after = fraction.trim_start_matches(is_digit);
            if after.len() == fraction.len() {
                return None;
            }
            after
        }
        None => rest,
    };
    if let Some(exponent) = exponent.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !exponent.chars().all(is_digit) {
            return None;
        }
    } else if !exponent.is_empty() {
        return None;
    }
    Some(rest.is_empty())
}

/// All digits of a whole double: its shortest ones, and then zeros.
fn in_full(double: f64) -> String {
    let (sign, digits, exponent) = shortest(double + 0.0);
    let digits = digits.trim_end_matches('0');
    let length = usize::try_from(exponent + 1).unwrap_or(1);
    if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits:0<length$}") }
}

/// The sign, the digits and the exponent of the first digit, as Java has them: as few digits as tell the double from
/// others, but at least two, and of those the nearest.
fn shortest(double: f64) -> (&'static str, String, i32) {
    let scientific = {
        let fewest = format!("{:e}", double.abs());
        let two = format!("{:.1e}", double.abs());
        // Of the smallest doubles, several numbers of two digits stand for one.
        if fewest.contains('.') || two.parse() != Ok(double.abs()) { fewest } else { two }
    };
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let mut digits = digits.replace('.', "");
    if digits.len() == 1 {
        digits.push('0');
    }
    (if double.is_sign_negative() { "-" } else { "" }, digits, exponent.parse().unwrap_or(0))
}

/// A double as the official server prints it: `0.001`, `100.0`, `1.0E-5`, `1.23456785E7`, and whole ones from 1e7 on in
/// full.
pub(super) fn print(double: f64) -> String {
    if double.fract() == 0.0 && double.abs() >= WHOLE {
        return in_full(double);
    }
    print_java(double)
}

/// A double as Java prints it, whole ones too: `1.0E300`.
pub(crate) fn print_java(double: f64) -> String {
    let (sign, digits, exponent) = shortest(double + 0.0);
    if double != 0.0 && !(1e-3..1e7).contains(&double.abs()) {
        let (first, rest) = digits.split_at(1);
        return format!("{sign}{first}.{rest}E{exponent}");
    }
    plain(sign, &digits, exponent)
}

/// A double as PostgreSQL prints it: `0.000010`, with the digits that the official server sent it.
pub(super) fn print_plain(double: f64) -> String {
    if double.fract() == 0.0 && double.abs() >= WHOLE {
        return in_full(double);
    }
    let (sign, digits, exponent) = shortest(double + 0.0);
    plain(sign, &digits, exponent)
}

fn plain(sign: &str, digits: &str, exponent: i32) -> String {
    match usize::try_from(exponent) {
        Err(_) => {
            let zeros = usize::try_from(-exponent - 1).unwrap_or_default();
            // What Java prints with an exponent has two digits there, and so has them here.
            let digits = if exponent >= -3 { digits.trim_end_matches('0') } else { digits };
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
        Ok(exponent) => {
            let digits = format!("{digits:0<width$}", width = exponent + 2);
            let (whole, fraction) = digits.split_at(exponent + 1);
            format!("{sign}{whole}.{fraction}")
        }
    }
}
