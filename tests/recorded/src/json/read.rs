//! Reads a value.

use super::{Json, Number, Object};

/// The deepest nesting that is read, far beyond any recorded answer, so that no answer overflows the stack.
const DEEPEST: usize = 250;

/// Returns what is wrong, and at which byte, if the bytes are not one JSON value.
pub fn read(bytes: &[u8]) -> Result<Json, String> {
    let text = str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0).and_then(|value| reader.end().map(|()| value));
    value.map_err(|wrong| format!("{wrong} at byte {}", reader.at))
}

struct Reader<'a> {
    text: &'a str,
    /// On the border of a character.
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Read<Json> {
        if depth > DEEPEST {
            return Err("too deep");
        }
        match self.next_byte() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err("no value"),
        }
    }

    fn object(&mut self, depth: usize) -> Read<Json> {
        let mut members = Object::new();
        self.at += 1;
        if self.skip(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            if self.next_byte() != Some(b'"') {
                return Err("no name of a member");
            }
            let key = self.string()?;
            if !self.skip(b':') {
                return Err("no colon");
            }
            let value = self.value(depth + 1)?;
            members.insert(key, value);
            if self.skip(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.skip(b',') {
                return Err("no comma and no end of the object");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Read<Json> {
        let mut items = Vec::new();
        self.at += 1;
        if self.skip(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.skip(b']') {
                return Ok(Json::List(items));
            }
            if !self.skip(b',') {
                return Err("no comma and no end of the list");
            }
        }
    }

    fn string(&mut self) -> Read<String> {
        let mut found = String::new();
        self.at += 1;
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').ok_or("no end of the text")?;
            found.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(found),
                b'\\' => found.push(self.escaped()?),
                _ => return Err("a control character in a text"),
            }
        }
    }

    fn escaped(&mut self) -> Read<char> {
        let byte = *self.text.as_bytes().get(self.at).ok_or("no end of the text")?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let unit = self.hex()?;
                let high = (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u");
                let code = if high {
                    self.at += 2;
                    0x10000
                        + ((unit - 0xd800) << 10)
                        + self.hex()?.checked_sub(0xdc00).ok_or("half a character")?
                } else {
                    unit
                };
                char::from_u32(code).ok_or("half a character")?
            }
            _ => return Err("no such escape"),
        })
    }

    fn hex(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at..self.at + 4).ok_or("no four digits")?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| "no four digits")
    }

    fn number(&mut self) -> Read<Json> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let text = &rest[..end];
        // Rust reads what JSON does and some more: a sign in front, no digit before or after the point, zeros in front.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let zeros = digits.starts_with('0') && digits[1..].starts_with(|c: char| c.is_ascii_digit());
        if text.parse::<f64>().is_err() || zeros || !digits.starts_with(|c: char| c.is_ascii_digit()) {
            return Err("no number");
        }
        self.at += end;
        Ok(Json::Number(Number::new(text.to_owned())))
    }

    fn word(&mut self, word: &str, value: Json) -> Read<Json> {
        if !self.text[self.at..].starts_with(word) {
            return Err("no value");
        }
        self.at += word.len();
        Ok(value)
    }

    fn end(&mut self) -> Read<()> {
        if self.next_byte().is_none() { Ok(()) } else { Err("something after the value") }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let there = self.next_byte() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// The first byte that is no space.
    fn next_byte(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_written_is_what_was_read() {
        let text =
            r#"{"b":[1,1.0,-2e+7,9007199254740993],"a":{"":"\u0000 \" é 😀"},"n":[null,true,false,{},[]]}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
        let spaced = b" { \"a\" : [ \"\\ud83d\\ude00\\/\" ] } \n";
        assert_eq!(read(spaced).unwrap().to_string(), r#"{"a":["😀/"]}"#);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let wrong = [
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "01",
            "1 2",
            "'a'",
            "\"\\ud800\"",
            "NaN",
            "+1",
            ".5",
            "\"\n\"",
            "nul",
        ];
        for text in wrong {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
        assert!(read(b"\"\xff\"").is_err());
    }
}
