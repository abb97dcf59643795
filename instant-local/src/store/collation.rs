//! How strings are ordered: the collation `instant` of the database, which orders as PostgreSQL does in `en_US.UTF-8`.

use std::borrow::Cow;
use std::cmp::Ordering;

use icu_collator::options::{AlternateHandling, CollatorOptions, MaxVariable, Strength};
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use rusqlite::Connection;

/// Registers the collation `instant` on a connection. Every connection needs it to read the file's indexes.
pub(crate) fn register(conn: &Connection) -> rusqlite::Result<()> {
    let collation = Collation::new();
    conn.create_collation(c"instant", move |a, b| collation.compare(a, b))
}

/// The order of texts in the C library's English, in terms of the Unicode collation that it is made from.
///
/// White space, punctuation and symbols (but those of currencies) are passed over at first, so that letters and digits
/// decide, then accents, then case. Where that leaves two texts equal, what was passed over decides, from left to right;
/// and in the end the bytes, so that only identical texts are equal.
struct Collation {
    /// Passes over nothing.
    plain: CollatorBorrowed<'static>,
    /// Passes over white space, punctuation and symbols.
    shifted: CollatorBorrowed<'static>,
    /// As `shifted`, and also passes over case.
    accents: CollatorBorrowed<'static>,
    /// As `accents`, and also passes over accents.
    letters: CollatorBorrowed<'static>,
}

/// How a character ranks among others when all that is left to compare is what was passed over.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Unknown(char),
    /// It has no width at all.
    Nothing(char),
    PassedOver(char),
    /// All letters and digits are equal here.
    Counted,
}

impl Collation {
    fn new() -> Self {
        let collator = |strength, alternate| {
            let mut options = CollatorOptions::default();
            options.strength = Some(strength);
            options.alternate_handling = Some(alternate);
            options.max_variable = Some(MaxVariable::Symbol);
            Collator::try_new(CollatorPreferences::default(), options)
                .expect("the root collation is compiled in")
        };
        Self {
            plain: collator(Strength::Tertiary, AlternateHandling::NonIgnorable),
            shifted: collator(Strength::Tertiary, AlternateHandling::Shifted),
            accents: collator(Strength::Secondary, AlternateHandling::Shifted),
            letters: collator(Strength::Primary, AlternateHandling::Shifted),
        }
    }

    fn compare(&self, a: &str, b: &str) -> Ordering {
        if a == b {
            return Ordering::Equal;
        }
        let (known_a, known_b) = (known(a), known(b));
        let (forgotten_a, forgotten_b) = (self.forgotten(&known_a), self.forgotten(&known_b));
        if forgotten_a != forgotten_b {
            let accents = self.accents.compare(&known_a, &known_b);
            return accents.then(forgotten_b.cmp(&forgotten_a));
        }
        self.shifted
            .compare(&known_a, &known_b)
            .then_with(|| self.ranks(a).cmp(self.ranks(b)))
            .then_with(|| a.cmp(b))
    }

    /// How many digits the C library forgets when it compares accents.
    ///
    /// It compares runs of digits, punctuation and the like from their end, and leaves out the last but one of each that a
    /// letter follows. A digit has no accent; but of two texts, the one that lacks more is the shorter, and comes first.
    fn forgotten(&self, text: &str) -> usize {
        let mut forgotten = 0;
        // Of the run so far: whether each of the last two characters counts.
        let mut run: [Option<bool>; 2] = [None, None];
        for char in text.chars() {
            if let Some(counts) = self.in_runs(char) {
                run = [run[1], Some(counts)];
            } else {
                forgotten += usize::from(run[0] == Some(true));
                run = [None, None];
            }
        }
        forgotten
    }

    /// Whether a character that is no letter counts, as digits do.
    fn in_runs(&self, char: char) -> Option<bool> {
        if char.is_ascii() {
            return (!char.is_ascii_alphabetic()).then_some(char.is_ascii_digit() || char == '$');
        }
        let mut buffer = [0; 4];
        let text = &*char.encode_utf8(&mut buffer);
        if self.letters.compare(text, "a").is_ge() {
            return None;
        }
        Some(self.letters.compare(text, "").is_gt())
    }

    /// The ranks of the characters of a text. Accents and ideographs have none: nothing about them is left to compare.
    fn ranks<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Rank> + 't {
        text.chars().filter_map(|char| {
            let mut buffer = [0; 4];
            let text = &*char.encode_utf8(&mut buffer);
            let is_empty = |collator: &CollatorBorrowed<'_>| collator.compare(text, "").is_eq();
            if is_unknown(char) {
                Some(Rank::Unknown(char))
            } else if is_empty(&self.plain) {
                Some(Rank::Nothing(char))
            } else if is_empty(&self.shifted) {
                Some(Rank::PassedOver(char))
            } else if is_empty(&self.letters) || matches!(char, '\u{4e00}'..='\u{9fa5}') {
                None
            } else {
                Some(Rank::Counted)
            }
        })
    }
}

/// Whether the C library has no place for a character, and so passes it over as if it were not there: syllables of
/// Hangul, and rare ideographs.
fn is_unknown(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{9fa6}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..)
}

/// A text without its unknown characters.
fn known(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_unknown) {
        return Cow::Borrowed(text);
    }
    text.chars().filter(|char| !is_unknown(*char)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the order of `SELECT text FROM texts ORDER BY text` in PostgreSQL 17, in a database of `en_US.UTF-8`.
    #[rustfmt::skip]
    const ORDERED: [&str; 96] = [
        "", "한", "\u{200b}", "!", "?", "😀", "$ z", "$z", "€5", "#1", "(1)", "1", "1 0", "1-0", "10", "100 %",
        "100%", "1 a", "1(a)", "1 A", "1a", "1A", "2", "2025 01 01", "2025-01-01", "2025-1-1", "한 a", "한a",
        "😀a", "a", "a!", "a?", "ａ", "A", "a\u{200b}b", "a\tb", "a\nb", "a b", "a'b", "a-b", "a.b", "a/b",
        "a_b", "a😀b", "ab", "aB", "Ab", "æ", "apple", "co op", "co-op", "coop", "Coop", "CO-OP", "e", "é",
        "É", "f", "fi", "ﬁ", "@home", "home", "item 9 (b)", "item9b", "item 9B", "ø", "resume", "Resume",
        "résumé", "Résumé", " spaced ", "spaced", "ss", "ß", "uber", "über", "_x", "x", "x_", "x 1", "x-1",
        "x1", "X1", "x9(b)", "x9 B", "x9b", "x9B", "zz", "Zz", "α", "Α", "я", "Я", "あ", "中", "中-",
    ];

    #[test]
    fn texts_are_in_the_order_of_postgresql() {
        let collation = Collation::new();
        for (nth, a) in ORDERED.iter().enumerate() {
            for (other, b) in ORDERED.iter().enumerate() {
                assert_eq!(collation.compare(a, b), nth.cmp(&other), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn holds_only_identical_strings_equal() {
        let collation = Collation::new();
        assert_eq!(collation.shifted.compare("\u{e9}", "e\u{301}"), Ordering::Equal);
        assert_ne!(collation.compare("\u{e9}", "e\u{301}"), Ordering::Equal);
    }
}
