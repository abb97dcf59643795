//! The messages of the parser, as the official server words them.

/// What the parser says, and at which line and column (both from 1).
pub(super) type Said = ((isize, isize), String);

/// The message of an expression that is nested too deeply.
pub(super) fn too_deep() -> String {
    "Expression recursion limit exceeded. limit: 250".into()
}

/// The official messages, in the order of the text.
pub(super) fn official(source: &str, said: Vec<Said>) -> Vec<String> {
    if said.iter().any(|(_, message)| message.contains("Recursion limit of")) {
        return vec![too_deep()];
    }
    let messages: Vec<String> =
        said.into_iter().filter_map(|(place, message)| reworded(source, place, &message)).collect();
    if messages.is_empty() {
        return vec!["Abstract syntax tree in an unexpected state, this is likely a bug.".into()];
    }
    messages
}

fn reworded(source: &str, place: (isize, isize), message: &str) -> Option<String> {
    if let Some(syntax) = message.strip_prefix("Syntax error: ") {
        let escaped =
            syntax.replace('%', "%%").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
        return Some(escaped);
    }
    if let Some(part) = message.strip_prefix("unsupported syntax: ") {
        return Some(format!("unsupported syntax {part}"));
    }
    if message == "invalid int literal" {
        let (sign, digits) = number_at(source, place);
        let (digits, radix) = match digits.strip_prefix("0x") {
            Some(digits) => (digits, " under radix 16"),
            None => (digits, ""),
        };
        return Some(format!("For input string: \"{sign}{digits}\"{radix}"));
    }
    if message == "invalid uint literal" {
        let digits = number_at(source, place).1.trim_end_matches(['u', 'U']);
        return Some(format!("Too large for unsigned long: {digits}"));
    }
    if message.starts_with("invalid string literal") || message.starts_with("invalid bytes literal") {
        let is_code_point = message.contains("InvalidUnicode");
        return Some(
            if is_code_point { "Invalid unicode code point" } else { "Illegal escape sequence" }.into(),
        );
    }
    // What a part lacks was said where it is lacking.
    let is_echo = message.starts_with("Incomplete ") || message.starts_with("No `");
    (!is_echo).then(|| message.to_owned())
}

/// The source with 0 in place of each number that is too large for a double, and their places. None if these are not the
/// only errors.
pub(super) fn without_infinities(source: &str, said: &[Said]) -> Option<(String, Vec<u32>)> {
    if !said.iter().all(|(_, message)| message == "invalid double literal") {
        return None;
    }
    let mut characters: Vec<char> = source.chars().collect();
    let mut places = Vec::with_capacity(said.len());
    for (place, _) in said {
        let start = source[..byte_of(source, *place)].chars().count();
        let length = number_at(source, *place).1.chars().count();
        // A zero and spaces: all that follows keeps its place.
        for (nth, character) in characters.iter_mut().skip(start).take(length).enumerate() {
            *character = match nth {
                0 | 2 => '0',
                1 => '.',
                _ => ' ',
            };
        }
        places.push(u32::try_from(start).ok()?);
    }
    Some((characters.into_iter().collect(), places))
}

/// The number literal at a place, and its sign.
fn number_at(source: &str, place: (isize, isize)) -> (&str, &str) {
    let (before, rest) = source.split_at(byte_of(source, place));
    let mut previous = ' ';
    let end = rest.find(|c: char| {
        let is_part = c.is_ascii_alphanumeric()
            || c == '.'
            || (matches!(c, '+' | '-') && matches!(previous, 'e' | 'E'));
        previous = c;
        !is_part
    });
    let sign = before.strip_suffix('-').is_some_and(|before| {
        let before = before.trim_end();
        before.is_empty() || before.ends_with(|c: char| "([{,:?=<>&|+-*/%!".contains(c))
    });
    (if sign { "-" } else { "" }, &rest[..end.unwrap_or(rest.len())])
}

/// The byte of a line and column.
fn byte_of(source: &str, (line, column): (isize, isize)) -> usize {
    let lines = usize::try_from(line - 1).unwrap_or(0);
    let columns = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = source.split_inclusive('\n').take(lines).map(str::len).sum();
    let rest = &source[start..];
    start + rest.char_indices().nth(columns).map_or(rest.len(), |(byte, _)| byte)
}
