//! `$like` and `$ilike`: PostgreSQL's LIKE as two functions of the database.

use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

/// Registers `instant_like(pattern, text)` and `instant_ilike(pattern, text)`.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    for (name, fold) in [("instant_like", false), ("instant_ilike", true)] {
        conn.create_scalar_function(name, 2, flags, move |context| {
            let text = |index| context.get_raw(index).as_str_or_null().ok().flatten();
            let (Some(pattern), Some(text)) = (text(0), text(1)) else { return Ok(false) };
            Ok(if fold {
                matches(&pattern.to_lowercase(), &text.to_lowercase())
            } else {
                matches(pattern, text)
            })
        })?;
    }
    Ok(())
}

/// `%` matches any run of characters, `_` matches one, and a backslash makes the next character literal.
///
/// Backtracks to the last `%` only: what an earlier one could match, the later one can match as well. A match takes
/// at most pattern times text steps.
fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let mut rest = pattern.clone();
        let mut after = text.clone();
        let matched = match rest.next() {
            Some('%') => {
                retry = Some((rest.clone(), text.clone()));
                pattern = rest;
                continue;
            }
            None if text.as_str().is_empty() => return true,
            None => false,
            Some('_') => after.next().is_some(),
            Some('\\') => match rest.next() {
                Some(escaped) => after.next() == Some(escaped),
                None => after.next() == Some('\\'),
            },
            Some(literal) => after.next() == Some(literal),
        };
        if matched {
            (pattern, text) = (rest, after);
            continue;
        }
        let Some((from, mut next)) = retry.take() else { return false };
        if next.next().is_none() {
            return false;
        }
        (pattern, text) = (from.clone(), next.clone());
        retry = Some((from, next));
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_like_postgresql() {
        for (pattern, text, expected) in [
            ("Hello%", "Hello", true),
            ("Hello%", "hello again", false),
            ("_ed", "Zed", true),
            ("_ed", "ed", false),
            ("%a%b%", "xxaxxbxx", true),
            ("%a%b", "xxaxxbxx", false),
            ("a%", "a\nb", true),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("\\_", "x", false),
            ("", "", true),
            ("%", "", true),
            ("%%", "é", true),
            ("_", "é", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn many_wildcards_stay_cheap() {
        assert!(!matches(&"%a".repeat(200), &"a".repeat(150)));
        assert!(!matches(&format!("{}b", "%a".repeat(500)), &"a".repeat(5000)));
    }
}
