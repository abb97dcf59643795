//! Reads JSON, without recursion: how deep a text nests is bounded, but not by the stack of the thread that reads it.

use serde_json::{Map, Value};

use super::number;

/// How deep lists and objects can be inside each other.
pub(crate) const DEPTH: usize = 1000;
/// How many characters a number can have.
const NUMBER: usize = 1000;

/// Why a text is not read as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("it is not JSON")]
    Malformed,
    #[error("lists and objects are nested more than {DEPTH} levels deep")]
    TooDeep,
    #[error("a number has more than {NUMBER} digits")]
    TooLong,
}

/// Reads one JSON value.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, JsonError> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.value()?;
    reader.peek().is_none().then_some(value).ok_or(JsonError::Malformed)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A list or an object that has begun, and the key of the member that is next.
enum Open {
    List(Vec<Value>),
    Object(Map<String, Value>, String),
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, JsonError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let first = self.peek().ok_or(JsonError::Malformed)?;
            if matches!(first, b'[' | b'{') {
                if open.len() == DEPTH {
                    return Err(JsonError::TooDeep);
                }
                self.at += 1;
            }
            let mut value = match first {
                b'[' if self.eat(b']') => Value::Array(Vec::new()),
                b'{' if self.eat(b'}') => Value::Object(Map::new()),
                b'[' => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                b'{' => {
                    open.push(Open::Object(Map::new(), self.key()?));
                    continue;
                }
                b'"' => Value::String(self.text()?),
                b'-' | b'0'..=b'9' => self.number()?,
                _ => self.word()?,
            };
            // What ends with this value.
            loop {
                match open.pop() {
                    None => return Ok(value),
                    Some(Open::List(mut items)) => {
                        items.push(value);
                        if self.eat(b',') {
                            open.push(Open::List(items));
                            break;
                        }
                        self.expect(b']')?;
                        value = Value::Array(items);
                    }
                    Some(Open::Object(mut members, key)) => {
                        members.insert(key, value);
                        if self.eat(b',') {
                            open.push(Open::Object(members, self.key()?));
                            break;
                        }
                        self.expect(b'}')?;
                        value = Value::Object(members);
                    }
                }
            }
        }
    }

    fn key(&mut self) -> Result<String, JsonError> {
        if self.peek() != Some(b'"') {
            return Err(JsonError::Malformed);
        }
        let key = self.text()?;
        self.expect(b':')?;
        Ok(key)
    }

    fn text(&mut self) -> Result<String, JsonError> {
        let rest = &self.bytes[self.at..];
        let (mut end, mut is_plain) = (1, true);
        loop {
            match rest.get(end).ok_or(JsonError::Malformed)? {
                b'"' => break,
                b'\\' => (end, is_plain) = (end + 2, false),
                byte => (end, is_plain) = (end + 1, is_plain && *byte >= b' '),
            }
        }
        self.at += end + 1;
        if is_plain {
            return String::from_utf8(rest[1..end].to_vec()).map_err(|_| JsonError::Malformed);
        }
        let text: String = serde_json::from_slice(&rest[..=end]).map_err(|_| JsonError::Malformed)?;
        // A single NUL at the beginning is the mark of a number.
        Ok(if text.starts_with('\0') { format!("\0{text}") } else { text })
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let rest = &self.bytes[self.at..];
        let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let length = rest.iter().take_while(is_part).count();
        if length > NUMBER {
            return Err(JsonError::TooLong);
        }
        self.at += length;
        std::str::from_utf8(&rest[..length]).ok().and_then(number::read).ok_or(JsonError::Malformed)
    }

    fn word(&mut self) -> Result<Value, JsonError> {
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        for (word, value) in words {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(JsonError::Malformed)
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let spaces = self.bytes[self.at..].iter().take_while(|byte| b" \t\n\r".contains(byte)).count();
        self.at += spaces;
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.eat(byte) { Ok(()) } else { Err(JsonError::Malformed) }
    }
}
