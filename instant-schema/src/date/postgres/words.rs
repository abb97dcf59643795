//! The words of PostgreSQL's date strings.

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    Month(i64),
    Weekday,
    /// `am` or, if true, `pm`.
    Half(bool),
    /// `ad` or, if true, `bc`.
    Era(bool),
    Now,
    /// `yesterday`, `today` or `tomorrow`: days from today.
    Day(i64),
    Epoch,
    /// `infinity` or, if true, `-infinity`.
    Infinity(bool),
    /// `allballs`: midnight UTC.
    Midnight,
    /// `dst`: an hour is added to the zone.
    Daylight,
    /// `j`: a Julian day follows.
    Julian,
    /// `t`: a time follows.
    Time,
    /// A unit of intervals, of no use in a date.
    Unit,
    /// `at`, `on`: say nothing.
    Filler,
}

/// Looks a word up, which is in lower case.
pub(super) fn find(word: &str) -> Option<Word> {
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
    const WEEKDAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let is_name = |name: &&str| *name == word || (word.len() == 3 && name.starts_with(word));
    if let Some(month) = (1..).zip(MONTHS).find_map(|(month, name)| is_name(&name).then_some(month)) {
        return Some(Word::Month(month));
    }
    if WEEKDAYS.iter().any(is_name) {
        return Some(Word::Weekday);
    }
    Some(match word {
        "sept" => Word::Month(9),
        "tues" | "weds" | "thur" | "thurs" => Word::Weekday,
        "am" | "pm" => Word::Half(word == "pm"),
        "ad" | "bc" => Word::Era(word == "bc"),
        "now" => Word::Now,
        "yesterday" => Word::Day(-1),
        "today" => Word::Day(0),
        "tomorrow" => Word::Day(1),
        "epoch" => Word::Epoch,
        "infinity" | "+infinity" => Word::Infinity(false),
        "-infinity" => Word::Infinity(true),
        "allballs" => Word::Midnight,
        "dst" => Word::Daylight,
        "j" | "jd" | "julian" => Word::Julian,
        "t" => Word::Time,
        "d" | "dow" | "doy" | "h" | "isodow" | "isoyear" | "m" | "mm" | "s" | "y" => Word::Unit,
        "at" | "on" => Word::Filler,
        _ => return None,
    })
}
