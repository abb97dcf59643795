//! A mistake has the same message at compile time and at run time: the cases of `query!`, sent as JSON.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::iter::Peekable;
use std::path::Path;
use std::str::Chars;

use instant_admin::Db;
use instant_compile_fail::blog;
use serde_json::{Map, Value};

/// The tokens of a `query!` call, read as the JSON that means the same. Each function gives `None` for what JSON cannot
/// express: Rust values, markers, fragments, keys that come twice.
struct Reader<'a>(Peekable<Chars<'a>>);

impl Reader<'_> {
    /// The members of an object, up to its brace. `words` says whether a name may stand for a value.
    fn members(&mut self, words: bool) -> Option<Value> {
        let mut members = Map::new();
        loop {
            if self.takes('}') {
                return Some(Value::Object(members));
            }
            let key = if self.next_is('"') { self.text()? } else { self.word()? };
            if !self.takes(':') {
                return None;
            }
            let words = words || matches!(key.as_str(), "order" | "fields" | "aggregate");
            let value = self.value(words)?;
            if members.insert(key, value).is_some() || !(self.takes(',') || self.next_is('}')) {
                return None;
            }
        }
    }

    fn value(&mut self, words: bool) -> Option<Value> {
        match self.peek()? {
            '{' => {
                self.takes('{');
                self.members(words)
            }
            '[' => {
                self.takes('[');
                let mut items = Vec::new();
                while !self.takes(']') {
                    items.push(self.value(words)?);
                    if !(self.takes(',') || self.next_is(']')) {
                        return None;
                    }
                }
                Some(Value::Array(items))
            }
            '"' => self.text().map(Value::String),
            _ => {
                let word = self.word()?;
                match serde_json::from_str(&word) {
                    Ok(literal) => Some(literal),
                    Err(_) => words.then_some(Value::String(word)),
                }
            }
        }
    }

    fn text(&mut self) -> Option<String> {
        self.takes('"');
        let text: String = std::iter::from_fn(|| self.0.next_if(|next| *next != '"')).collect();
        self.0.next()?;
        (!text.contains('\\')).then_some(text)
    }

    /// A name, a path or a literal.
    fn word(&mut self) -> Option<String> {
        self.peek()?;
        let part = |next: &char| next.is_alphanumeric() || "$_.-".contains(*next);
        let word: String = std::iter::from_fn(|| self.0.next_if(part)).collect();
        (!word.is_empty()).then_some(word)
    }

    fn peek(&mut self) -> Option<char> {
        while self.0.next_if(|next| next.is_whitespace()).is_some() {}
        self.0.peek().copied()
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.peek() == Some(wanted)
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.next_is(wanted) && self.0.next().is_some()
    }
}

/// The query of a compile-fail case as JSON, if it is one query and JSON can express it.
fn query_of(source: &str) -> Option<Value> {
    let (_, body) = source.split_once("query! {")?;
    // A schema of its own would have to be the client's.
    if source.contains("schema! {") || source.contains("fragment!") || body.contains("query! {") {
        return None;
    }
    Reader(body.chars().peekable()).members(false)
}

/// What the macro says about a case; `None` where rustc itself has something to say.
fn sentences_of(stderr: &str) -> Option<Vec<String>> {
    let mut sentences: Vec<String> = Vec::new();
    let mut inside = false;
    for line in stderr.lines() {
        if let Some(first) = line.strip_prefix("error: ") {
            sentences.push(first.to_owned());
            inside = true;
        } else if line.starts_with("error[") || line.starts_with("warning") {
            return None;
        } else if line.trim_start().starts_with("-->") {
            inside = false;
        } else if inside {
            let sentence = sentences.last_mut()?;
            sentence.push('\n');
            sentence.push_str(line.trim_start());
        }
    }
    Some(sentences)
}

/// Cases whose mistake is one of notation, so that the sentence shows that of Rust or that of JSON.
const OF_NOTATION: &[&str] = &[
    "fields_without_list",
    "form_without_braces",
    "options_without_braces",
    "or_without_list",
    "unknown_direction",
    "value_in_or",
    "variable_for_order",
];

#[tokio::test]
async fn query_json_says_of_each_mistake_what_query_says() {
    let db = Db::builder().url("http://localhost:1").app_id("5f607e08-b271-489a-8430-108f8d0e22e7");
    let db = db.admin_token("token").schema(blog::SCHEMA).retries(0).build().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/query");
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    names.sort();
    let mut compared = 0;
    let mut failures = Vec::new();
    for path in names {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some(query) = query_of(&fs::read_to_string(&path).unwrap()) else { continue };
        // A case that has no expectation yet is for the test of the cases to tell.
        let Ok(stderr) = fs::read_to_string(path.with_extension("stderr")) else { continue };
        let Some(sentences) = sentences_of(&stderr) else { continue };
        if OF_NOTATION.contains(&name.as_str()) {
            continue;
        }
        compared += 1;
        let error = db.query_json(query.clone()).await.unwrap_err();
        assert!(error.is_invalid_query(), "{name}: {error}");
        let said = match sentences.as_slice() {
            [sentence] => error.message() == sentence,
            sentences => sentences.iter().all(|sentence| error.message().contains(sentence)),
        };
        if !said {
            failures.push(format!("{name}: {query}\n  query!: {sentences:?}\n  query_json: {error}"));
        }
    }
    assert!(failures.is_empty(), "{compared} compared\n{}", failures.join("\n"));
    assert!(compared >= 50, "only {compared} cases of ui/query could be read as JSON");
}
