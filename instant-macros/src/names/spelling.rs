//! How names are spelled in Rust: words and cases.

/// `createdAt` -> `created_at`. The result may be a keyword; [`ident`](super::ident) takes care of that.
pub fn snake_case(name: &str) -> String {
    let joined = words(name).join("_");
    let private = name.starts_with('_') && !name.trim_start_matches('_').is_empty();
    if private || joined.starts_with(|first: char| !unicode_ident::is_xid_start(first)) {
        return format!("_{joined}");
    }
    joined
}

/// `blog_posts` -> `BlogPosts`.
pub fn pascal_case(name: &str) -> String {
    capitalise(&words(name))
}

/// Words as one `PascalCase` name.
pub fn capitalise(words: &[String]) -> String {
    let mut name = String::new();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.extend(letters);
    }
    if name.starts_with(|first: char| !unicode_ident::is_xid_start(first)) {
        name.insert(0, '_');
    }
    name
}

/// The words of a name, in lower case. Never empty.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let letters: Vec<char> = name.chars().collect();
    for (at, &letter) in letters.iter().enumerate() {
        let is_word = letter != '_' && unicode_ident::is_xid_continue(letter);
        if !is_word {
            words.push(String::new());
            if !letter.is_ascii() {
                words.push(format!("u{:x}", u32::from(letter)));
                words.push(String::new());
            }
            continue;
        }
        if letter.is_uppercase() && starts_word(&letters, at) {
            words.push(String::new());
        }
        let word = words.last_mut().expect("starts with one word and only grows");
        word.extend(letter.to_lowercase());
    }
    words.retain(|word| !word.is_empty());
    if words.is_empty() {
        words.push("unnamed".to_owned());
    }
    words
}

/// Whether the capital at `at` begins a word: after a small letter or digit, or as the last of several capitals
/// before a small one (`HTMLParser`), except a plural `s` (`imageURLs`).
fn starts_word(letters: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| letters[before]) else { return false };
    if !before.is_uppercase() {
        return true;
    }
    match (letters.get(at + 1), letters.get(at + 2)) {
        (Some('s'), Some(next)) if !next.is_lowercase() => false,
        (Some('s'), None) | (None, _) => false,
        (Some(next), _) => next.is_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_snake_case_and_always_identifiers() {
        let cases = [
            ("createdAt", "created_at"),
            ("imageURL", "image_url"),
            ("imageURLs", "image_urls"),
            ("HTMLParser", "html_parser"),
            ("id2", "id2"),
            ("2fa", "_2fa"),
            ("first name", "first_name"),
            ("a.b-c/d", "a_b_c_d"),
            ("_private", "_private"),
            ("größe", "größe"),
            ("名前", "名前"),
            ("🎉party", "u1f389_party"),
            ("...", "unnamed"),
            ("_", "unnamed"),
            ("", "unnamed"),
        ];
        for (label, field) in cases {
            assert_eq!(snake_case(label), field, "{label}");
        }
    }
}
