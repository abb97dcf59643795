//! A JSON reader that keeps the place of every value, so that problems have lines and columns.

use std::collections::HashSet;

use serde_json::{Map, Number, Value};

use crate::path::{Path, Segment};
use crate::rule::{self, Problem};

/// The deepest nesting. No schema comes near it, and a recursive reader must have a limit.
const MAX_DEPTH: usize = 128;

/// A value and the byte at which it starts.
#[derive(Debug)]
pub(crate) struct Node {
    pub at: usize,
    pub value: Json,
}

/// A JSON value whose parts know their places.
#[derive(Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A member of an object, and the byte at which its name starts.
#[derive(Debug)]
pub(crate) struct Member {
    pub name: String,
    pub at: usize,
    pub node: Node,
}

/// A problem, with its byte in the text and the path of the value around it.
#[derive(Debug)]
pub(crate) struct Fault {
    pub at: usize,
    pub path: Path,
    pub problem: Problem,
}

/// A JSON document, which may have repeated names.
#[derive(Debug)]
pub(crate) struct Document {
    pub root: Node,
    pub repeated: Vec<Fault>,
}

/// Reads a whole document. Invalid JSON is an error that points at the first invalid byte.
pub(crate) fn read(text: &str) -> Result<Document, Fault> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { text, at: start, path: Path::root(), depth: 0, repeated: Vec::new() };
    let root = reader.value()?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.fault("expected the end of the file here: remove what follows the JSON value"));
    }
    Ok(Document { root, repeated: reader.repeated })
}

impl Node {
    /// Returns the kind of the value with its article, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// Returns the member with this name, if the value is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Member> {
        match &self.value {
            Json::Object(members) => members.iter().find(|member| member.name == name),
            _ => None,
        }
    }

    /// Returns the value without its places.
    pub(crate) fn to_value(&self) -> Value {
        match &self.value {
            Json::Null => Value::Null,
            Json::Bool(truth) => Value::Bool(*truth),
            Json::Number(number) => Value::Number(number.clone()),
            Json::String(text) => Value::String(text.clone()),
            Json::Array(elements) => elements.iter().map(Node::to_value).collect(),
            Json::Object(members) => Value::Object(to_map(members)),
        }
    }

    /// Returns the byte to report for a path: that of the value, or of its name where the value is an object or array,
    /// or of the nearest object or array around it where it is missing.
    pub(crate) fn locate(&self, path: &Path) -> usize {
        let mut node = self;
        let mut at = self.at;
        for segment in path.segments() {
            match (segment, &node.value) {
                (Segment::Key(name), Json::Object(_)) => {
                    let Some(member) = node.get(name) else { return at };
                    node = &member.node;
                    let is_structure = matches!(node.value, Json::Object(_) | Json::Array(_));
                    at = if is_structure { member.at } else { node.at };
                }
                (Segment::Index(index), Json::Array(elements)) => {
                    let Some(element) = elements.get(*index) else { return at };
                    node = element;
                    at = node.at;
                }
                _ => return at,
            }
        }
        at
    }
}

/// Returns the members without their places. The last member with a repeated name counts, as in JavaScript.
pub(crate) fn to_map(members: &[Member]) -> Map<String, Value> {
    members.iter().map(|member| (member.name.clone(), member.node.to_value())).collect()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    path: Path,
    depth: usize,
    repeated: Vec<Fault>,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Node, Fault> {
        self.skip_space();
        let at = self.at;
        let value = match self.peek() {
            None => return Err(self.fault("the file ends here, where a JSON value is expected")),
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Json::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Json::Number(self.number()?),
            Some(_) => self.word()?,
        };
        Ok(Node { at, value })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Fault>) -> Result<Json, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(self.fault(&format!("the JSON is nested more than {MAX_DEPTH} levels deep")));
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json, Fault> {
        let mut members = Vec::new();
        let mut names = HashSet::new();
        let here = self.path.clone();
        if self.closes(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_space();
            let at = self.at;
            match self.peek() {
                Some(b'"') => {}
                Some(b'}') => return Err(self.fault("a comma before the `}`: remove it")),
                _ => return Err(self.fault("expected a name in double quotes here")),
            }
            let name = self.string()?;
            self.path = here.key(&name);
            if !names.insert(name.clone()) {
                let problem = rule::repeated_member(&name);
                self.repeated.push(Fault { at, path: self.path.clone(), problem });
            }
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("expected `:` and a value after the name"));
            }
            self.at += 1;
            let node = self.value()?;
            members.push(Member { name, at, node });
            self.path = here.clone();
            if self.closes(b'}') {
                return Ok(Json::Object(members));
            }
            self.comma('}')?;
        }
    }

    fn array(&mut self) -> Result<Json, Fault> {
        let mut elements = Vec::new();
        let here = self.path.clone();
        if self.closes(b']') {
            return Ok(Json::Array(elements));
        }
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                return Err(self.fault("a comma before the `]`: remove it"));
            }
            self.path = here.index(elements.len());
            elements.push(self.value()?);
            self.path = here.clone();
            if self.closes(b']') {
                return Ok(Json::Array(elements));
            }
            self.comma(']')?;
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        loop {
            match bytes.get(end) {
                None => return Err(self.fault("this string has no closing quote")),
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
            }
        }
        // Quotes are single bytes in UTF-8, so the slice ends at a character's end.
        let quoted = &self.text[start..=end];
        let text = serde_json::from_str(quoted)
            .map_err(|error| self.fault(&format!("this string is not valid JSON: {}", reason(&error))))?;
        self.at = end + 1;
        Ok(text)
    }

    fn number(&mut self) -> Result<Number, Fault> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let number = serde_json::from_str(&rest[..end])
            .map_err(|error| self.fault(&format!("this number is not valid JSON: {}", reason(&error))))?;
        self.at += end;
        Ok(number)
    }

    fn word(&mut self) -> Result<Json, Fault> {
        let rest = &self.text[self.at..];
        for (word, value) in [("true", Json::Bool(true)), ("false", Json::Bool(false)), ("null", Json::Null)]
        {
            if rest.starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        let message = if rest.starts_with("//") || rest.starts_with("/*") {
            "JSON has no comments: remove this one"
        } else if rest.starts_with('\'') {
            "JSON strings have double quotes: write \"..\""
        } else {
            "expected a JSON value here: an object, an array, a string, a number, true, false or null"
        };
        Err(self.fault(message))
    }

    fn comma(&mut self, close: char) -> Result<(), Fault> {
        if self.peek() != Some(b',') {
            return Err(self.fault(&format!("expected `,` or `{close}` here")));
        }
        self.at += 1;
        Ok(())
    }

    fn closes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let closes = self.peek() == Some(byte);
        self.at += usize::from(closes);
        closes
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn fault(&self, message: &str) -> Fault {
        Fault { at: self.at, path: self.path.clone(), problem: rule::syntax(message) }
    }
}

/// Returns the reason of an error of serde_json without its place, which counts from the start of the token.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fault(text: &str) -> (usize, String) {
        let fault = read(text).unwrap_err();
        (fault.at, fault.problem.message)
    }

    #[test]
    fn keeps_the_place_of_every_value() {
        let document = read(r#"{"a": [1, {"b": "x"}]}"#).unwrap();
        let path = Path::root().key("a").index(1).key("b");
        assert_eq!(document.root.locate(&path), 16);
        assert_eq!(document.root.locate(&Path::of(["a"])), 1);
        assert_eq!(document.root.locate(&Path::of(["a", "missing"])), 1);
    }

    #[test]
    fn names_the_mistake_and_its_place() {
        assert_eq!(fault("{\"a\": 1,}"), (8, "a comma before the `}`: remove it".into()));
        assert_eq!(fault("[1 2]"), (3, "expected `,` or `]` here".into()));
        assert_eq!(fault("// x\n{}").1, "JSON has no comments: remove this one");
        assert_eq!(fault("{'a': 1}"), (1, "expected a name in double quotes here".into()));
        assert_eq!(fault("\"abc"), (0, "this string has no closing quote".into()));
        assert_eq!(fault("[01]").0, 1);
        assert_eq!(fault("{} x").0, 3);
        assert!(fault("").1.starts_with("the file ends here"));
        assert!(fault(r#""\ud800""#).1.starts_with("this string is not valid JSON"));
        assert!(fault("[1e999]").1.contains("number out of range"));
    }

    #[test]
    fn refuses_deep_nesting_without_overflowing() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(fault(&deep), (128, "the JSON is nested more than 128 levels deep".into()));
        assert!(read(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
    }

    #[test]
    fn reports_repeated_names_and_goes_on() {
        let document = read(r#"{"a": {"b": 1, "b": 2}, "a": 3}"#).unwrap();
        let places: Vec<_> = document.repeated.iter().map(|f| (f.at, f.path.to_string())).collect();
        assert_eq!(places, [(15, "a.b".to_owned()), (24, "a".to_owned())]);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_on_any_text(text in r#"[\[\]{}",:0-9a-z\\ .eE+-]{0,40}"#) {
            let ours = read(&text).map(|document| document.root.to_value()).ok();
            let theirs: Option<Value> = serde_json::from_str(&text).ok();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
