//! The spellings of dates that a server stores and yet does not read in queries: those of PostgreSQL alone.

use super::{Reader, days, place, year};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Reader<'_> {
    /// `20250131`, `2025/01/31`, `1/31/25`, `31-Jan-2025`, `Friday, January 31, 2025`, as days since 1970.
    pub(super) fn spelled_date(&mut self) -> Option<i64> {
        let before = self.rest;
        if self.word().is_some_and(|word| named(&WEEKDAYS, word).is_some()) {
            self.between();
        } else {
            self.rest = before;
        }
        if let Some(word) = self.word() {
            let month = month(word)?;
            self.between();
            let day = self.number(2)?;
            self.between();
            return days(self.year_of_century()?, month, day);
        }
        let first = self.digits();
        if first.len() == 8 {
            return days(year(&first[..4])?, first[4..6].parse().ok()?, first[6..].parse().ok()?);
        }
        self.between();
        let begins_with_year = first.len() > 2;
        let word = self.word();
        let second = match word {
            Some(word) => month(word)?,
            None => self.number(2)?,
        };
        self.between();
        if begins_with_year {
            return days(year(first)?, second, self.number(2)?);
        }
        let (month, day) =
            if word.is_some() { (second, first.parse().ok()?) } else { (first.parse().ok()?, second) };
        days(self.year_of_century()?, month, day)
    }

    /// One separator, or spaces, with a comma or not.
    fn between(&mut self) {
        if !["-", "/", "."].into_iter().any(|separator| self.eat(separator)) {
            self.eat(",");
            self.spaces();
        }
    }

    /// A year; two digits are one of 1970 to 2069.
    fn year_of_century(&mut self) -> Option<i64> {
        let digits = self.digits();
        match (digits.len(), digits.parse::<i64>().ok()?) {
            (2, short @ 0..70) => Some(2000 + short),
            (2, short) => Some(1900 + short),
            _ => year(digits),
        }
    }
}

fn month(word: &str) -> Option<i64> {
    i64::try_from(named(&MONTHS, word)? + 1).ok()
}

/// The place of a name that is written out, or cut to three letters.
fn named(names: &[&str], word: &str) -> Option<usize> {
    let short = names.iter().position(|name| name[..3].eq_ignore_ascii_case(word));
    short.or_else(|| place(names, word))
}

#[cfg(test)]
mod tests {
    use crate::date::{parse, parse_stored};

    /// What PostgreSQL 17 makes of each, in seconds since 1970.
    const STORED: [(&str, i64); 33] = [
        ("20250101", 1_735_689_600),
        ("20250101T101500", 1_735_726_500),
        ("20250101 101500", 1_735_726_500),
        ("20250101T1015", 1_735_726_500),
        ("20250101T10:15:00Z", 1_735_726_500),
        ("20250101T101500+02", 1_735_719_300),
        ("20250101Z", 1_735_689_600),
        ("2025-01-01Z", 1_735_689_600),
        ("2025-01-01+02", 1_735_682_400),
        ("2025-01-01 +02", 1_735_682_400),
        ("2025-01-01T040506", 1_735_704_306),
        ("2025-01-01T0405", 1_735_704_300),
        ("2025-01-01T24:00:00Z", 1_735_776_000),
        ("2025-01-01T23:59:60Z", 1_735_776_000),
        ("8/4/2025, 0:00:00 AM", 1_754_265_600),
        ("January 8, 1999", 915_753_600),
        ("Jan 8 1999", 915_753_600),
        ("8 January 1999", 915_753_600),
        ("8 Jan 1999 10:00", 915_789_600),
        ("1999-Jan-08", 915_753_600),
        ("Jan-08-1999", 915_753_600),
        ("08-Jan-1999", 915_753_600),
        ("08-Jan-99", 915_753_600),
        ("2025/01/31", 1_738_281_600),
        ("2025/1/3", 1_735_862_400),
        ("2025.01.31", 1_738_281_600),
        ("1/2/25", 1_735_776_000),
        ("01-02-25", 1_735_776_000),
        ("1/2/70", 86_400),
        ("1/2/69", 3_124_310_400),
        ("Wed, 1 January 2025 10:00", 1_735_725_600),
        ("Wednesday, January 1, 2025", 1_735_689_600),
        ("Jan 1, 2025 10:00 PM", 1_735_768_800),
    ];

    #[test]
    fn what_only_postgresql_reads_is_stored_and_is_no_date_in_a_query() {
        for (text, seconds) in STORED {
            assert_eq!(parse_stored(text, 0), Ok(seconds * 1_000_000), "{text}");
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_postgresql_refuses_is_not_stored() {
        for text in [
            "2025",
            "2025-01",
            "2025-01-0",
            "99-Jan-08",
            "31.01.2025",
            "2025-01-01T24:00:01Z",
            "2025-01-01T04",
            "2025-13-01",
            "20251301",
            "2025-02-29",
            "13/01/2025",
            "Septem 5 2025",
            "Jan 2025",
            "8/4/2025, 13:00:00 PM",
            "2025-01-01T10:00:00+16",
            "2025-01-01T10:00:00+12345",
            "soon",
            "",
        ] {
            assert!(parse_stored(text, 0).is_err(), "{text:?} was read");
        }
    }
}
