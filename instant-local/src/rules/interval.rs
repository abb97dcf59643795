//! Intervals of time as PostgreSQL reads them: `90 seconds`, `1 hour 30 min`, `1:00:00`, `PT1H`.

use std::time::Duration;

/// The length of an interval in nanoseconds; `None` for a text that is none, or that is negative. A month has 30 days.
pub(super) fn nanoseconds(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let seconds = match text.strip_prefix('p') {
        Some(iso) => iso_seconds(iso)?,
        None => worded_seconds(&text)?,
    };
    let length = Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(length.as_nanos()).ok()
}

/// What follows the `P`: `1DT2H30M`.
fn iso_seconds(text: &str) -> Option<f64> {
    let (mut in_time, mut total, mut number) = (false, 0.0, String::new());
    let mut parts = 0;
    for letter in text.chars() {
        match letter {
            't' if !in_time && number.is_empty() => in_time = true,
            '0'..='9' | '.' | '-' => number.push(letter),
            unit => {
                let length = match (unit, in_time) {
                    ('y', false) => 365.25 * 86_400.0,
                    ('m', false) => 30.0 * 86_400.0,
                    ('w', false) => 7.0 * 86_400.0,
                    ('d', false) => 86_400.0,
                    ('h', true) => 3_600.0,
                    ('m', true) => 60.0,
                    ('s', true) => 1.0,
                    _ => return None,
                };
                total += number.parse::<f64>().ok()? * length;
                number.clear();
                parts += 1;
            }
        }
    }
    (parts > 0 && number.is_empty()).then_some(total)
}

/// Numbers with units, with or without a space between them, and times of the clock.
fn worded_seconds(text: &str) -> Option<f64> {
    let (mut total, mut parts) = (0.0, 0);
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:-+".contains(c))).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        if number.contains(':') {
            total += clock_seconds(number)?;
            rest = after;
        } else {
            let number: f64 = number.parse().ok()?;
            let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
            let (unit, after) = after.split_at(end);
            total += number * unit_seconds(unit)?;
            rest = after.trim_start();
        }
        parts += 1;
    }
    (parts > 0).then_some(total)
}

/// `1:30` and `1:30:05.5`
fn clock_seconds(text: &str) -> Option<f64> {
    let parts = text.split(':').map(|part| part.parse::<f64>().ok()).collect::<Option<Vec<f64>>>()?;
    match parts.as_slice() {
        [hours, minutes] => Some(hours * 3_600.0 + minutes * 60.0),
        [hours, minutes, seconds] => Some(hours * 3_600.0 + minutes * 60.0 + seconds),
        _ => None,
    }
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "us" | "usec" | "usecs" | "microsecond" | "microseconds" => 1e-6,
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1e-3,
        // A number alone is seconds.
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 7.0 * 86_400.0,
        "mon" | "mons" | "month" | "months" => 30.0 * 86_400.0,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * 86_400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::nanoseconds;

    #[test]
    fn intervals_are_read_in_each_of_their_forms() {
        let second = 1_000_000_000;
        for (text, seconds) in [
            ("90 seconds", 90),
            ("1 second", 1),
            ("1:00:00", 3_600),
            ("1:30", 5_400),
            ("PT1H", 3_600),
            ("P1DT2H30M", 95_400),
            ("1 day", 86_400),
            ("1 day 2 hours", 93_600),
            ("1h30m", 5_400),
            (" 2 Days ", 172_800),
            ("1 day 1:00:00", 90_000),
            ("90", 90),
        ] {
            assert_eq!(nanoseconds(text), Some(seconds * second), "{text}");
        }
        assert_eq!(nanoseconds("1.5 seconds"), Some(1_500_000_000));
        assert_eq!(nanoseconds("0.25ms"), Some(250_000));
        for text in [
            "soon",
            "",
            "P",
            "PT",
            "1 fortnight",
            "-1 hour",
            "hour",
            "1:2:3:4",
            "PT1",
            "5 5 5 x",
            "1e300 years",
        ] {
            assert_eq!(nanoseconds(text), None, "{text}");
        }
    }
}
