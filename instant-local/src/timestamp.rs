//! The wire form of the times of rows: UTC, whole seconds.

use jiff::Timestamp;

/// `2026-08-21T20:39:34Z`, from milliseconds since the epoch.
pub(crate) fn whole_seconds(milliseconds: i64) -> String {
    let time = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::whole_seconds;

    #[test]
    fn milliseconds_are_cut_off() {
        assert_eq!(whole_seconds(1_787_344_774_999), "2026-08-21T20:39:34Z");
        assert_eq!(whole_seconds(0), "1970-01-01T00:00:00Z");
    }
}
