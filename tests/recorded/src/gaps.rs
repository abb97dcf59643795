//! What is between the longest common runs of two lists.

use std::collections::HashMap;
use std::ops::Range;

/// The ranges of two lists that stand against each other, where at least one is not empty. The longest run that both
/// have in common stays out, then the longest ones before and after it, and so on.
pub fn gaps(ours: &[String], theirs: &[String]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, text) in theirs.iter().enumerate() {
        places.entry(text).or_default().push(n);
    }
    let mut found = Vec::new();
    split(ours, &places, 0..ours.len(), 0..theirs.len(), &mut found);
    // Runs that follow each other at once leave nothing between them.
    found.retain(|(ours, theirs)| !ours.is_empty() || !theirs.is_empty());
    found
}

fn split(
    ours: &[String],
    places: &HashMap<&str, Vec<usize>>,
    here: Range<usize>,
    there: Range<usize>,
    found: &mut Vec<(Range<usize>, Range<usize>)>,
) {
    let Some((i, j, length)) = longest_run(ours, places, here.clone(), &there) else {
        found.push((here, there));
        return;
    };
    split(ours, places, here.start..i, there.start..j, found);
    split(ours, places, i + length..here.end, j + length..there.end, found);
}

/// The start of the first longest common run in both lists, and its length.
fn longest_run(
    ours: &[String],
    places: &HashMap<&str, Vec<usize>>,
    here: Range<usize>,
    there: &Range<usize>,
) -> Option<(usize, usize, usize)> {
    let mut best: Option<(usize, usize, usize)> = None;
    // The length of the common run that ends before `i` and at a place of the other list.
    let mut lengths: HashMap<usize, usize> = HashMap::new();
    for i in here {
        let mut next = HashMap::new();
        for j in places.get(ours[i].as_str()).into_iter().flatten().copied().filter(|j| there.contains(j)) {
            let length = j.checked_sub(1).and_then(|before| lengths.get(&before)).unwrap_or(&0) + 1;
            next.insert(j, length);
            if best.is_none_or(|(_, _, longest)| length > longest) {
                best = Some((i + 1 - length, j + 1 - length, length));
            }
        }
        lengths = next;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::gaps;

    #[test]
    fn what_is_common_is_left_out() {
        let list = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let gaps = |ours: &str, theirs: &str| gaps(&list(ours), &list(theirs));
        assert_eq!(gaps("abc", "abc"), []);
        assert_eq!(gaps("abcd", "abd"), [(2..3, 2..2)]);
        assert_eq!(gaps("abd", "abcd"), [(2..2, 2..3)]);
        assert_eq!(gaps("xab", "yab"), [(0..1, 0..1)]);
        assert_eq!(gaps("ab", "ba"), [(0..0, 0..1), (1..2, 2..2)]);
        assert_eq!(gaps("", "a"), [(0..0, 0..1)]);
    }
}
