//! How strings are ordered: the collation `instant` of the database.

use std::cmp::Ordering;

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use rusqlite::Connection;

/// Registers the collation `instant` on a connection. Every connection needs it to read the file's indexes.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let collator = collator();
    conn.create_collation(c"instant", move |a, b| compare(&collator, a, b))
}

/// The Unicode collation of English (CLDR root, tertiary strength), ties broken by bytes.
///
/// The official server uses PostgreSQL's `en_US.UTF-8`, which is of the same family: letters before case
/// (`a0` < `Zz`), accents after letters, lower case before upper, punctuation before digits before letters.
/// They can differ in how punctuation and symbols rank among themselves. The tie-break makes strings equal only
/// to themselves, as there.
fn compare(collator: &CollatorBorrowed<'_>, a: &str, b: &str) -> Ordering {
    collator.compare(a, b).then_with(|| a.cmp(b))
}

fn collator() -> CollatorBorrowed<'static> {
    Collator::try_new(icu_collator::CollatorPreferences::default(), CollatorOptions::default())
        .expect("the root collation is compiled in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_letters_before_case_and_accents() {
        let collator = collator();
        let mut words = vec!["Zz", "b", "a0", "résumé", "resume", "B", "_x", "1", "Resume", "a", "A", "ａ"];
        words.sort_by(|a, b| compare(&collator, a, b));
        assert_eq!(words, ["_x", "1", "a", "ａ", "A", "a0", "b", "B", "resume", "Resume", "résumé", "Zz"]);
    }

    #[test]
    fn holds_only_identical_strings_equal() {
        let collator = collator();
        assert_eq!(collator.compare("\u{e9}", "e\u{301}"), Ordering::Equal);
        assert_ne!(compare(&collator, "\u{e9}", "e\u{301}"), Ordering::Equal);
    }
}
