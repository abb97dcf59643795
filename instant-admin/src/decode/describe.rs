//! serde's refusals in this crate's words, without the values they quote.

use serde_json::error::Category;

use crate::error::Error;

/// Serde's refusal as the error of an answer. `path` is where in the answer, and `message` says what is wrong there.
pub(super) fn refused(path: String, message: String, error: serde_json::Error) -> Error {
    let refusal = Error::decode(path, message);
    match error.classify() {
        // It quotes the value that it refuses, which is private.
        Category::Data => refusal,
        Category::Syntax | Category::Eof | Category::Io => refusal.with_source(error),
    }
}

/// What was wrong: `expected a string, got null`.
pub(crate) fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = text.strip_suffix(&place).unwrap_or(&text);
    match error.classify() {
        Category::Data => reworded(message),
        Category::Syntax if message == "number out of range" => {
            format!("a number is too large to be read{place}")
        }
        Category::Syntax if message == "recursion limit exceeded" => {
            format!("a value is nested deeper than the 128 levels that are read{place}")
        }
        Category::Eof => format!("the answer ends in the middle of its JSON ({message}{place})"),
        Category::Syntax | Category::Io => format!("the answer is not JSON ({message}{place})"),
    }
}

/// Whether a description is in serde's words, and not in those of the type that refused the value.
pub(super) fn is_of_serde(description: &str) -> bool {
    const BEGINNINGS: [&str; 6] = [
        "expected ",
        "missing field ",
        "unknown field ",
        "unknown variant ",
        "duplicate field ",
        "invalid length ",
    ];
    BEGINNINGS.iter().any(|beginning| description.starts_with(beginning))
}

fn reworded(message: &str) -> String {
    let refusal = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    // The quoted value may itself contain the separator, so the last one counts.
    match refusal.and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((got, expected)) => format!("expected {expected}, got {}", kind_of(got)),
        None => message.to_owned(),
    }
}

/// serde writes ``string "text"`` or ``integer `5` ``: text may be long or private, so only its kind is kept.
fn kind_of(got: &str) -> &str {
    match got.split(' ').next() {
        Some("string") => "a string",
        Some("character") => "a character",
        Some("map") => "an object",
        Some("sequence") => "a list",
        Some("byte") => "bytes",
        Some("unit") => "null",
        _ => got,
    }
}

#[cfg(test)]
mod tests {
    use super::describe;

    fn refusal<T: serde::de::DeserializeOwned>(json: &str) -> String {
        describe(&serde_json::from_str::<T>(json).err().unwrap())
    }

    #[test]
    fn a_wrong_type_is_named_without_the_value() {
        assert_eq!(refusal::<String>("null"), "expected a string, got null");
        assert_eq!(refusal::<f64>(r#""secret, expected x""#), "expected f64, got a string");
        assert_eq!(refusal::<bool>("[1]"), "expected a boolean, got a list");
        assert_eq!(refusal::<u8>("300"), "expected u8, got integer `300`");
    }

    #[test]
    fn what_is_not_json_says_so() {
        assert!(refusal::<bool>("<html>").starts_with("the answer is not JSON (expected value at line 1"));
        assert!(refusal::<Vec<u8>>("[1").starts_with("the answer ends in the middle of its JSON"));
        assert!(refusal::<f64>("1e999").starts_with("a number is too large to be read at line 1"));
        let deep = refusal::<serde_json::Value>(&"[".repeat(200));
        assert!(deep.starts_with("a value is nested deeper than the 128 levels"), "{deep}");
    }
}
