//! Finds in a text what only a server can have made: ids, times, hashes, its own address.

use std::ops::Range;

const UUID: &[u8] = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
const TIME: &[u8] = b"dddd-dd-ddTdd:dd:dd";

/// UUIDs of any case.
pub fn uuids(text: &str) -> Vec<Range<usize>> {
    all(text, |rest| fits(rest, UUID).then_some(UUID.len()))
}

/// ISO times in UTC, with or without a fraction.
pub fn times(text: &str) -> Vec<Range<usize>> {
    all(text, |rest| {
        if !fits(rest, TIME) {
            return None;
        }
        let fraction = &rest[TIME.len()..];
        let digits = fraction.strip_prefix(b".").map_or(0, digits);
        let end = TIME.len() + if digits > 0 { 1 + digits } else { 0 };
        (rest.get(end) == Some(&b'Z')).then_some(end + 1)
    })
}

/// Numbers of 13 digits, as epoch milliseconds are.
pub fn millis(text: &str) -> Vec<Range<usize>> {
    let mut runs = all(text, |rest| Some(digits(rest)).filter(|length| *length > 0));
    runs.retain(|run| run.len() == 13);
    runs
}

/// Hashes of 64 hexadecimal digits.
pub fn hashes(text: &str) -> Vec<Range<usize>> {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    all(text, |rest| rest.get(..64).filter(|hash| hash.iter().all(is_hex)).map(|_| 64))
}

/// Addresses of a server on this machine.
pub fn origins(text: &str) -> Vec<Range<usize>> {
    all(text, |rest| {
        let host = rest.strip_prefix(b"http")?;
        let host = host.strip_prefix(b"s").unwrap_or(host).strip_prefix(b"://")?;
        let port = host.strip_prefix(b"localhost").or_else(|| host.strip_prefix(b"127.0.0.1"))?;
        let end = rest.len() - port.len();
        let digits = port.strip_prefix(b":").map_or(0, digits);
        Some(end + if digits > 0 { 1 + digits } else { 0 })
    })
}

/// The text with each range replaced.
pub fn replace(text: &str, ranges: &[Range<usize>], mut with: impl FnMut(&str) -> String) -> String {
    let mut made = String::with_capacity(text.len());
    let mut from = 0;
    for range in ranges {
        made += &text[from..range.start];
        made += &with(&text[range.clone()]);
        from = range.end;
    }
    made + &text[from..]
}

/// All matches that do not overlap. A match is ASCII, given by its length at the start of the bytes.
fn all(text: &str, length: impl Fn(&[u8]) -> Option<usize>) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match length(&text.as_bytes()[at..]) {
            Some(length) => {
                found.push(at..at + length);
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether the bytes begin with what a pattern says: `h` a hexadecimal digit, `d` a digit, else the byte itself.
fn fits(bytes: &[u8], pattern: &[u8]) -> bool {
    bytes.len() >= pattern.len()
        && bytes.iter().zip(pattern).all(|(byte, wanted)| match wanted {
            b'h' => byte.is_ascii_hexdigit(),
            b'd' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, ranges: &[Range<usize>]) -> String {
        replace(text, ranges, |_| "_".to_owned())
    }

    #[test]
    fn finds_what_a_server_made() {
        let text = "é 3f2504e0-4f89-41d3-9a0c-0305e82c3301, 3F2504E0-4f89-41d3-9a0c-0305e82c330";
        assert_eq!(masked(text, &uuids(text)), "é _, 3F2504E0-4f89-41d3-9a0c-0305e82c330");
        let text = "2026-11-25T10:00:00Z 2026-11-25T10:00:00.123Z 2026-11-25T10:00:00.Z 2026-11-25 10:00";
        assert_eq!(masked(text, &times(text)), "_ _ 2026-11-25T10:00:00.Z 2026-11-25 10:00");
        let text = "1764000000000 17640000000001 a1764000000000b";
        assert_eq!(masked(text, &millis(text)), "_ 17640000000001 a_b");
        let text = "http://localhost:8888/x https://127.0.0.1 http://example.org";
        assert_eq!(masked(text, &origins(text)), "_/x _ http://example.org");
        let text = "ab".repeat(32) + "g";
        assert_eq!(masked(&text, &hashes(&text)), "_g");
    }
}
