//! The calendar: days since 1970 of a year, month and day, and back. Gregorian at all times, with a year 0.

/// How many days a month has. `None` for what is no month.
pub(super) fn month_length(year: i64, month: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => Some(if is_leap { 29 } else { 28 }),
        4 | 6 | 9 | 11 => Some(30),
        1..=12 => Some(31),
        _ => None,
    }
}

/// Days since 1970 of a date that exists; the year has at most ten digits.
pub(super) fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=month_length(year, month)?).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day, so that days before a month are a straight line.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * month + 2) / 5 + day - 1;
    Some(before_year(year) + in_year - TO_1970)
}

/// Year, month and day of a number of days since 1970.
pub(super) fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + TO_1970;
    // A first guess that is at most one year off, because a year has at least 365 days.
    let mut year = days.div_euclid(146_097) * 400 + days.rem_euclid(146_097) / 366;
    while before_year(year + 1) <= days {
        year += 1;
    }
    let in_year = days - before_year(year);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

/// From March 1st of the year 0 to 1970.
const TO_1970: i64 = 719_468;

/// From March 1st of the year 0 to that of `year`.
fn before_year(year: i64) -> i64 {
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(days(2000, 2, 29), Some(11_016));
        assert_eq!(days(-4713, 11, 24), Some(-2_440_588));
        assert_eq!(days(2025, 2, 29), None);
        assert_eq!(days(2025, 13, 1), None);
    }

    proptest! {
        #[test]
        fn days_and_dates_are_each_others_inverse(day in -3_000_000_000_i64..3_000_000_000) {
            let (year, month, date) = civil(day);
            prop_assert_eq!(days(year, month, date), Some(day));
        }
    }
}
