//! "Did you mean": the nearest of some names, and lists of names for messages.

/// Returns the candidate that was probably meant by `name`, if one is near enough.
///
/// A candidate is near if it differs in case only, if it begins with `name`, or if at most about a third of the letters
/// differ.
///
/// ```
/// use instant_schema::suggest::closest;
///
/// assert_eq!(closest("titel", ["title", "body"]), Some("title"));
/// assert_eq!(closest("zip", ["title", "body"]), None);
/// ```
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = name.chars().count();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name)
        .filter_map(|candidate| {
            let candidate_lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&lower, &candidate_lower);
            // A candidate as short as its distance has no letter in common with the name.
            let is_near = distance <= allowed && distance < candidate.chars().count();
            let is_start = length >= 3 && candidate_lower.starts_with(&lower);
            (is_near || is_start).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the end of a message about an unknown name: the name that was probably meant, and the names that exist.
/// `kind` is the plural of the listed things, such as "attributes".
///
/// ```
/// use instant_schema::suggest::hint;
///
/// assert_eq!(hint("titel", "attributes", ["title", "body"]), "did you mean `title`? Available attributes: `title`, `body`");
/// assert_eq!(hint("zip", "links", []), "there are no links");
/// ```
pub fn hint<'a>(name: &str, kind: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if candidates.is_empty() {
        return format!("there are no {kind}");
    }
    let all = list(candidates.iter().copied());
    match closest(name, candidates) {
        Some(meant) => format!("did you mean `{meant}`? Available {kind}: {all}"),
        None => format!("available {kind}: {all}"),
    }
}

/// Returns the names in backticks, separated by commas.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_alone_is_near_enough() {
        assert_eq!(closest("CREATEDAT", ["title", "createdAt"]), Some("createdAt"));
    }

    #[test]
    fn the_start_of_a_name_is_near_enough() {
        assert_eq!(closest("publ", ["title", "publishedAt"]), Some("publishedAt"));
        assert_eq!(closest("pu", ["title", "publishedAt"]), None);
    }

    #[test]
    fn swapped_letters_count_once() {
        assert_eq!(closest("idn", ["ind", "xyz"]), Some("ind"));
    }

    #[test]
    fn a_short_name_is_not_guessed_from_nothing() {
        assert_eq!(closest("q", ["a", "b"]), None);
    }

    #[test]
    fn the_nearest_of_several_wins() {
        assert_eq!(closest("commets", ["contents", "comments"]), Some("comments"));
    }
}
