//! Which invented id of the recording stands for which of the other run: the numbers themselves may differ.

use std::collections::HashMap;
use std::ops::Range;

#[derive(Debug, Clone, Default)]
pub struct Pairing {
    there: HashMap<String, String>,
    back: HashMap<String, String>,
}

impl Pairing {
    /// Whether two texts are equal up to invented ids. Remembers the pairs that it finds.
    pub fn pairs(&mut self, recorded: &str, got: &str) -> bool {
        let (ours, theirs) = (invented(recorded), invented(got));
        if ours.is_empty() || theirs.is_empty() {
            return recorded == got;
        }
        if blind(recorded) != blind(got) {
            return false;
        }
        let pairs: Vec<_> =
            ours.into_iter().map(|at| &recorded[at]).zip(theirs.into_iter().map(|at| &got[at])).collect();
        let free = |one: &str, other: &str, known: &HashMap<String, String>| {
            known.get(one).is_none_or(|known| known == other)
        };
        let fits = pairs.iter().all(|(one, other)| {
            one[..4] == other[..4] && free(one, other, &self.there) && free(other, one, &self.back)
        });
        if fits {
            for (one, other) in pairs {
                self.there.insert(one.to_owned(), other.to_owned());
                self.back.insert(other.to_owned(), one.to_owned());
            }
        }
        fits
    }
}

/// The text with every invented id shown as the same.
pub fn blind(text: &str) -> String {
    crate::scan::replace(text, &invented(text), |_| "<>".to_owned())
}

/// The places of `<uuid:1>`, `<tx:2>`.
fn invented(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|start| at + start) {
        at = start + 1;
        let rest = &text[at..];
        let Some(id) = rest.strip_prefix("uuid:").or_else(|| rest.strip_prefix("tx:")) else { continue };
        let length = id.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(id.len());
        if length > 0 && id[length..].starts_with('>') {
            at = text.len() - id.len() + length + 1;
            found.push(start..at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::Pairing;

    #[test]
    fn ids_stand_for_each_other_throughout() {
        let mut pairing = Pairing::default();
        assert!(pairing.pairs("a <uuid:1> <uuid:2>", "a <uuid:7> <uuid:8>"));
        assert!(pairing.pairs("<uuid:2>", "<uuid:8>"));
        assert!(!pairing.pairs("<uuid:1>", "<uuid:8>"));
        assert!(!pairing.pairs("<uuid:3>", "<uuid:8>"));
        assert!(!pairing.pairs("<uuid:3>", "<tx:3>"));
        assert!(!pairing.pairs("<uuid:3>", "3"));
        assert!(pairing.pairs("<now> é", "<now> é"));
        assert!(!pairing.pairs("b <uuid:1>", "a <uuid:7>"));
    }
}
