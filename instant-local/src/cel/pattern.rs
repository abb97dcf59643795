//! Regular expressions: RE2's language, run by the crate `regex`, which is as linear as RE2.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// The sizes of compiled patterns, and what one byte of text costs with each. `(a{1000}){1000}` is refused, not built.
const SIZES: [(usize, usize); 3] = [(1 << 14, 1), (1 << 16, 8), (1 << 18, 64)];
/// The longest source of a pattern.
const LONGEST: usize = 10_000;

/// A compiled pattern, or why it is none.
pub(super) type Pattern = Result<Compiled, String>;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) regex: Regex,
    /// The operations that one byte of text costs.
    pub(super) weight: usize,
}

/// The constant patterns of a program, compiled once.
#[derive(Debug, Default)]
pub(super) struct Patterns(HashMap<Box<str>, Pattern>);

impl Patterns {
    pub(super) fn add(&mut self, source: &str) {
        if !self.0.contains_key(source) {
            self.0.insert(source.into(), compile(source));
        }
    }

    pub(super) fn get(&self, source: &str) -> Option<&Pattern> {
        self.0.get(source)
    }
}

/// Compiles a pattern. Fails with the official text, where the cause has one.
pub(super) fn compile(source: &str) -> Pattern {
    if source.len() > LONGEST {
        return Err(format!("error parsing regexp: the pattern is longer than {LONGEST} bytes"));
    }
    let translated = translate(source)?;
    for (size, weight) in SIZES {
        let mut builder = RegexBuilder::new(&translated);
        match builder.size_limit(size).dfa_size_limit(size).nest_limit(100).build() {
            Ok(regex) => return Ok(Compiled { regex, weight }),
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(other) => return Err(format!("error parsing regexp: {}", cause(&other.to_string(), source))),
        }
    }
    Err("error parsing regexp: the pattern is too large: repeat less".into())
}

/// The cause in the words of RE2, where it has some.
fn cause(text: &str, source: &str) -> String {
    let line = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let cause = match line {
        "repetition operator missing expression" => "missing argument to repetition operator",
        "unclosed group" => "missing closing )",
        "unopened group" => "unexpected )",
        "Unicode property not found" => "invalid character class range",
        _ if line.starts_with("invalid repetition count range") => "invalid repeat count",
        other => other,
    };
    format!("{cause}: `{source}`")
}

/// Whether a brace begins a repetition, `{2}`, `{2,}` or `{2,3}`, and not itself.
fn is_repetition(rest: &str) -> bool {
    let counts =
        rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(counts, _)| counts);
    let (least, most) = counts.split_once(',').unwrap_or((counts, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// The same pattern in the language of the crate: classes such as `\d` are ASCII in RE2, and `[` and `&&` inside a class are
/// plain characters there.
fn translate(source: &str) -> Result<String, String> {
    let refuse = |cause: &str, part: &str| Err(format!("error parsing regexp: {cause}: `{part}`"));
    let mut out = String::with_capacity(source.len() + 16);
    let mut in_class = false;
    let mut class_start = 0;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '\\' => {
                let Some(escaped) = after.chars().next() else {
                    return refuse("trailing backslash at end of expression", "");
                };
                if escaped.is_ascii_digit() && escaped != '0' {
                    return refuse("invalid escape sequence", &format!("\\{escaped}"));
                }
                match (escaped, in_class) {
                    ('d', true) => out.push_str("0-9"),
                    ('w', true) => out.push_str("0-9A-Za-z_"),
                    ('s', true) => out.push_str(r"\t\n\f\r "),
                    ('d', false) => out.push_str("[0-9]"),
                    ('w', false) => out.push_str("[0-9A-Za-z_]"),
                    ('s', false) => out.push_str(r"[\t\n\f\r ]"),
                    ('D', _) => out.push_str("[^0-9]"),
                    ('W', _) => out.push_str("[^0-9A-Za-z_]"),
                    ('S', _) => out.push_str(r"[^\t\n\f\r ]"),
                    ('b' | 'B', false) => {
                        out.push_str("(?-u:\\");
                        out.push(escaped);
                        out.push(')');
                    }
                    ('Q', false) => {
                        let text = &after[1..];
                        let (quoted, remains) = text.split_once("\\E").unwrap_or((text, ""));
                        out.push_str(&regex::escape(quoted));
                        rest = remains;
                        continue;
                    }
                    _ => {
                        out.push('\\');
                        out.push(escaped);
                    }
                }
                rest = &after[escaped.len_utf8()..];
                continue;
            }
            '(' if !in_class && after.starts_with('?') => {
                let mark = after[1..].chars().next();
                let is_named = after.starts_with("?P<")
                    || (after.starts_with("?<") && !after.starts_with("?<=") && !after.starts_with("?<!"));
                if !is_named && !mark.is_some_and(|mark| matches!(mark, 'i' | 'm' | 's' | 'U' | '-' | ':')) {
                    let end = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
                    return refuse("invalid or unsupported Perl syntax", &rest[..end]);
                }
                out.push('(');
            }
            '[' if in_class => {
                out.push_str(if after.starts_with(':') { "[" } else { "\\[" });
            }
            '[' => {
                in_class = true;
                class_start = source.len() - rest.len();
                out.push('[');
                let mut body = after;
                if let Some(negated) = body.strip_prefix('^') {
                    out.push('^');
                    body = negated;
                }
                // A bracket that comes first is one of the class.
                if let Some(closed) = body.strip_prefix(']') {
                    out.push_str("\\]");
                    body = closed;
                }
                rest = body;
                continue;
            }
            ']' if in_class => {
                // The end of a named class, `[:alpha:]`, or of the class itself.
                in_class = out.ends_with(':') && source[class_start..].contains("[:") && !out.ends_with("[:");
                out.push(']');
            }
            '*' | '+' | '?' if !in_class => {
                let next = after.strip_prefix('?').unwrap_or(after);
                if next.starts_with(['*', '+', '?']) {
                    let end = rest.len() - next.len() + 1;
                    return refuse("invalid nested repetition operator", &rest[..end]);
                }
                out.push(c);
            }
            '{' if !in_class && !is_repetition(rest) => out.push_str("\\{"),
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        rest = after;
    }
    if in_class {
        return refuse("missing closing ]", &source[class_start..]);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::compile;

    fn finds(pattern: &str, text: &str) -> bool {
        compile(pattern).unwrap().regex.is_match(text)
    }

    #[test]
    fn classes_are_ascii_and_take_brackets_as_they_are() {
        assert!(finds(r"^\d+$", "123"));
        assert!(!finds(r"^\d+$", "١٢"));
        assert!(finds(r"^[\w.]+$", "a_1.b"));
        assert!(finds("^[[a]$", "["));
        assert!(finds("^[]a]+$", "]a"));
        assert!(finds("^[[:alpha:]]+$", "ab"));
        assert!(finds("^[a&&b]+$", "&"));
        assert!(finds(r"\bfoo\b", "a foo b"));
        assert!(finds(r"^\Qa.b\E$", "a.b"));
        assert!(finds(r"(?i)ABC", "xabcx"));
        assert!(!finds("a.b", "a\nb"));
        assert!(finds("(?s)a.b", "a\nb"));
        assert!(finds("^a{,2}{$", "a{,2}{"));
        assert!(finds("^a{2}b*?$", "aa"));
    }

    #[test]
    fn what_re2_lacks_is_refused_with_its_text() {
        assert_eq!(
            compile("(?=a)").unwrap_err(),
            "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"
        );
        assert_eq!(compile(r"(a)\1").unwrap_err(), r"error parsing regexp: invalid escape sequence: `\1`");
        assert_eq!(compile("[a").unwrap_err(), "error parsing regexp: missing closing ]: `[a`");
        for (pattern, cause) in [
            ("a**", "invalid nested repetition operator: `**`"),
            ("*", "missing argument to repetition operator: `*`"),
            ("(", "missing closing ): `(`"),
            (")", "unexpected ): `)`"),
            ("a{2,1}", "invalid repeat count: `a{2,1}`"),
        ] {
            assert_eq!(compile(pattern).unwrap_err(), format!("error parsing regexp: {cause}"));
        }
        assert!(compile("(a{1000}){1000}").unwrap_err().contains("too large"));
        assert!(compile(&"(".repeat(5000)).is_err());
        assert!(compile("\\").is_err());
    }
}
