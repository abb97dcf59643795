//! A number as it was written.

/// Equal to another one if both are whole, or both are not, and have the same value: `1E-7` is `1e-7`, `1` is not `1.0`.
#[derive(Debug, Clone)]
pub struct Number(String);

impl Number {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of a number without sign, fraction and exponent.
    pub fn as_whole(&self) -> Option<u64> {
        if self.0.bytes().all(|byte| byte.is_ascii_digit()) { self.0.parse().ok() } else { None }
    }

    pub fn as_seconds(&self) -> f64 {
        self.0.parse().unwrap_or(0.0)
    }

    /// Whether it is whole, its sign, its digits from the first to the last that is not zero, and the power of ten of
    /// the last one.
    fn value(&self) -> (bool, bool, String, i64) {
        let whole = !self.0.contains(['.', 'e', 'E']);
        let (negative, text) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, self.0.as_str()),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{before}{after}");
        let kept = digits.trim_end_matches('0');
        // An exponent beyond 64 bits is written in no recording; it only has to be equal to itself.
        let exponent = exponent.parse().unwrap_or(i64::MAX / 2);
        let dropped = i64::try_from(digits.len() - kept.len()).unwrap_or(0);
        let fraction = i64::try_from(after.len()).unwrap_or(0);
        match kept.trim_start_matches('0') {
            "" => (whole, false, String::new(), 0),
            significant => (whole, negative, significant.to_owned(), exponent - fraction + dropped),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.value() == other.value()
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn numbers_are_equal_by_value_among_whole_ones_and_among_others() {
        let same = |one: &str, other: &str| Number::new(one.to_owned()) == Number::new(other.to_owned());
        assert!(same("1E-7", "1e-7"));
        assert!(same("1.50", "15e-1"));
        assert!(same("-0", "0"));
        assert!(same("0.0", "-0e5"));
        assert!(!same("1", "1.0"));
        assert!(!same("-1", "1"));
        assert!(!same("9007199254740993", "9007199254740992"));
        assert!(!same("10", "1"));
    }
}
