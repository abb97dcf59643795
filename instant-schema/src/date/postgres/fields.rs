//! Cuts a date string into fields by what each begins with, as PostgreSQL does before it reads any of them.

use super::words;

/// A part of a date string. Letters are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    /// Digits, perhaps with a point among them: a year, a day, `20250131`, `101500.25`.
    Number(String),
    /// Numbers or names with separators: `2025-01-31`, `31-jan-2025`, `europe/paris`, `gmt+5`.
    Date(String),
    /// `10:15:00.25`.
    Time(String),
    /// `+05:30`.
    Offset(String),
    /// A name, or a name with a sign before it: `jan`, `t`, `est`, `-infinity`.
    Word(String),
}

/// How many fields a date string can have.
const FIELDS: usize = 25;
/// How many bytes its fields can have together, each with one for its end.
const BYTES: usize = 153;

/// The fields of a date string; spaces and other punctuation only separate them.
pub(super) fn split(text: &str) -> Option<Vec<Field>> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, used: 0 };
    let mut fields = Vec::new();
    while let Some(first) = scanner.peek() {
        if is_space(first) {
            scanner.at += 1;
            continue;
        }
        if fields.len() >= FIELDS {
            return None;
        }
        let field = match first {
            b'0'..=b'9' => scanner.digits_first(),
            b'.' => Field::Number(scanner.take(1, |byte| byte.is_ascii_digit())),
            b'+' | b'-' => scanner.sign_first()?,
            _ if first.is_ascii_alphabetic() => scanner.letters_first(),
            _ if first.is_ascii_punctuation() => {
                scanner.at += 1;
                continue;
            }
            _ => return None,
        };
        scanner.used += 1;
        if scanner.used > BYTES {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many bytes the fields have so far.
    used: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes `least` bytes, and then those that `accept` likes.
    fn take(&mut self, least: usize, accept: impl Fn(u8) -> bool) -> String {
        let rest = &self.bytes[self.at..];
        let more = rest[least..].iter().take_while(|byte| accept(**byte)).count();
        let taken = &rest[..least + more];
        self.at += taken.len();
        self.used += taken.len();
        // All callers accept ASCII only.
        taken.iter().map(|byte| char::from(byte.to_ascii_lowercase())).collect()
    }

    fn digits_first(&mut self) -> Field {
        let mut text = self.take(1, |byte| byte.is_ascii_digit());
        match self.peek() {
            Some(b':') => {
                text += &self.take(1, |byte| byte.is_ascii_digit() || byte == b':' || byte == b'.');
                Field::Time(text)
            }
            Some(separator @ (b'-' | b'/' | b'.')) => {
                text += &self.take(1, |byte| byte.is_ascii_digit());
                let is_numeric = text.ends_with(|last: char| last.is_ascii_digit());
                if !is_numeric {
                    text += &self.take(0, |byte| byte.is_ascii_alphanumeric() || byte == separator);
                    return Field::Date(text);
                }
                if self.peek() == Some(separator) {
                    text += &self.take(1, |byte| byte.is_ascii_digit() || byte == separator);
                    return Field::Date(text);
                }
                if separator == b'.' { Field::Number(text) } else { Field::Date(text) }
            }
            _ => Field::Number(text),
        }
    }

    fn letters_first(&mut self) -> Field {
        let mut text = self.take(1, |byte| byte.is_ascii_alphabetic());
        let is_date = match self.peek() {
            Some(b'-' | b'/' | b'.') => true,
            // The `t` of `t10:15` and the `j` of `j2460677` are words of their own.
            Some(b'+' | b'0'..=b'9') => words::find(&text).is_none(),
            _ => false,
        };
        if !is_date {
            return Field::Word(text);
        }
        text += &self.take(1, |byte| byte.is_ascii_alphanumeric() || b"+-/_.:".contains(&byte));
        Field::Date(text)
    }

    fn sign_first(&mut self) -> Option<Field> {
        let sign = self.take(1, |_| false);
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        match self.peek()? {
            b'0'..=b'9' => {
                let digits = self.take(1, |byte| byte.is_ascii_digit() || b":.-".contains(&byte));
                Some(Field::Offset(sign + &digits))
            }
            first if first.is_ascii_alphabetic() => {
                Some(Field::Word(sign + &self.take(1, |byte| byte.is_ascii_alphabetic())))
            }
            _ => None,
        }
    }
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}
