//! The singular of English words, which names the struct of an entity.

/// Plurals that no rule covers, or that a rule would get wrong, and their singulars.
const IRREGULAR: &[(&str, &str)] = &[
    ("aliases", "alias"),
    ("appendices", "appendix"),
    ("atlases", "atlas"),
    ("avalanches", "avalanche"),
    ("axes", "axis"),
    ("biases", "bias"),
    ("brownies", "brownie"),
    ("caches", "cache"),
    ("calories", "calorie"),
    ("canvases", "canvas"),
    ("children", "child"),
    ("cookies", "cookie"),
    ("crises", "crisis"),
    ("criteria", "criterion"),
    ("diagnoses", "diagnosis"),
    ("emphases", "emphasis"),
    ("feet", "foot"),
    ("gases", "gas"),
    ("geese", "goose"),
    ("gurus", "guru"),
    ("headaches", "headache"),
    ("indices", "index"),
    ("irises", "iris"),
    ("lenses", "lens"),
    ("matrices", "matrix"),
    ("men", "man"),
    ("menus", "menu"),
    ("mice", "mouse"),
    ("movies", "movie"),
    ("niches", "niche"),
    ("oases", "oasis"),
    ("people", "person"),
    ("phenomena", "phenomenon"),
    ("quizzes", "quiz"),
    ("selfies", "selfie"),
    ("synopses", "synopsis"),
    ("teeth", "tooth"),
    ("vertices", "vertex"),
    ("women", "woman"),
    ("zombies", "zombie"),
];

/// Words that end as plurals do and are none, or are their own plural.
const UNCHANGED: &[&str] = &[
    "alias", "atlas", "aws", "axis", "bias", "canvas", "chaos", "cms", "cosmos", "debris", "dns", "gas",
    "gps", "ios", "iris", "lens", "mms", "news", "pelvis", "praxis", "series", "sms", "species", "tennis",
    "tls",
];

/// Words on `-oes` that lose only the `s`; so do all with at most four letters.
const WITH_OE: &[&str] = &["aloes", "canoes", "horseshoes", "oboes", "shoes", "snowshoes", "tiptoes"];

/// Words on `-uses` that lose only the `s`; so do all on `-auses` and `-ouses`.
const WITH_USE: &[&str] = &["abuses", "excuses", "fuses", "muses", "recluses", "refuses", "ruses", "uses"];

/// Singulars on `-f` and `-fe` that have `-ves` in the plural. Others (`drives`) lose the `s`.
const WITH_F: &[(&str, &str)] = &[
    ("calves", "calf"),
    ("elves", "elf"),
    ("halves", "half"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("lives", "life"),
    ("loaves", "loaf"),
    ("scarves", "scarf"),
    ("thieves", "thief"),
    ("wives", "wife"),
    ("wolves", "wolf"),
];

/// Returns the singular of an English word in lower case. A word that is no plural, as far as its letters tell, stays.
///
/// | ending | becomes | as in |
/// |---|---|---|
/// | `-ies` | `-y`; `-ie` in four letters | `categories`, `ties` |
/// | `-sses`, `-xes`, `-ches`, `-shes`, `-zzes`, `-tzes` | loses `es` | `classes`, `boxes`, `branches` |
/// | `-uses` | `-us`, and `-use` after `a` and `o` | `statuses`, `houses` |
/// | `-yses`, `-eses` | `-ysis`, `-esis` | `analyses`, `theses` |
/// | `-oes` | `-o` | `heroes` |
/// | `-ss`, `-us`, `-sis`, `-polis` | stays | `address`, `status`, `analysis` |
/// | any other `-s` | loses it | `posts`, `prizes`, `databases` |
pub fn singular(word: &str) -> String {
    let listed = IRREGULAR.iter().chain(WITH_F).find(|(plural, _)| *plural == word);
    if let Some((_, singular)) = listed {
        return (*singular).to_owned();
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    if UNCHANGED.contains(&word) || !word.ends_with('s') || ends(&["ss", "us", "sis", "polis"]) {
        return word.to_owned();
    }
    let without = |letters: usize| word[..word.len() - letters].to_owned();
    if word.ends_with("ies") {
        return if word.len() <= 4 { without(1) } else { without(3) + "y" };
    }
    if let Some(stem) = word.strip_suffix("shelves") {
        return format!("{stem}shelf");
    }
    if ends(&["yses"]) || (ends(&["eses"]) && !ends(&["eeses"])) {
        return without(2) + "is";
    }
    let loses_es = ends(&["sses", "xes", "ches", "shes", "zzes", "tzes"])
        || (ends(&["uses"]) && !ends(&["auses", "ouses"]) && !WITH_USE.contains(&word))
        || (ends(&["oes"]) && word.len() > 4 && !WITH_OE.contains(&word));
    if loses_es {
        return without(2);
    }
    // A name that is nothing but this letter keeps it.
    if word.len() == 1 { word.to_owned() } else { without(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prizes_and_sizes_lose_only_their_s() {
        for (plural, expected) in [
            ("prizes", "prize"),
            ("sizes", "size"),
            ("mazes", "maze"),
            ("breezes", "breeze"),
            ("exercises", "exercise"),
            ("promises", "promise"),
            ("quizzes", "quiz"),
            ("buzzes", "buzz"),
            ("waltzes", "waltz"),
        ] {
            assert_eq!(singular(plural), expected, "{plural}");
        }
    }

    #[test]
    fn words_on_ses_are_told_apart() {
        for (plural, expected) in [
            ("houses", "house"),
            ("warehouses", "warehouse"),
            ("causes", "cause"),
            ("uses", "use"),
            ("statuses", "status"),
            ("buses", "bus"),
            ("bonuses", "bonus"),
            ("viruses", "virus"),
            ("databases", "database"),
            ("cases", "case"),
            ("purchases", "purchase"),
            ("aliases", "alias"),
            ("analyses", "analysis"),
            ("hypotheses", "hypothesis"),
            ("cheeses", "cheese"),
            ("diagnoses", "diagnosis"),
            ("purposes", "purpose"),
            ("courses", "course"),
            ("licenses", "license"),
            ("responses", "response"),
            ("lenses", "lens"),
            ("classes", "class"),
            ("addresses", "address"),
        ] {
            assert_eq!(singular(plural), expected, "{plural}");
        }
    }

    #[test]
    fn other_plurals_follow_their_endings() {
        for (plural, expected) in [
            ("posts", "post"),
            ("categories", "category"),
            ("companies", "company"),
            ("ties", "tie"),
            ("movies", "movie"),
            ("boxes", "box"),
            ("indexes", "index"),
            ("axes", "axis"),
            ("branches", "branch"),
            ("caches", "cache"),
            ("wishes", "wish"),
            ("heroes", "hero"),
            ("potatoes", "potato"),
            ("shoes", "shoe"),
            ("toes", "toe"),
            ("photos", "photo"),
            ("shelves", "shelf"),
            ("bookshelves", "bookshelf"),
            ("lives", "life"),
            ("archives", "archive"),
            ("apis", "api"),
            ("emojis", "emoji"),
            ("taxis", "taxi"),
            ("menus", "menu"),
            ("vertices", "vertex"),
            ("people", "person"),
        ] {
            assert_eq!(singular(plural), expected, "{plural}");
        }
    }

    #[test]
    fn words_that_are_no_plurals_stay() {
        for word in [
            "series",
            "species",
            "news",
            "status",
            "bus",
            "address",
            "analysis",
            "basis",
            "metropolis",
            "sheep",
            "data",
            "canvas",
            "sms",
            "lens",
            "s",
            "post",
        ] {
            assert_eq!(singular(word), word);
        }
        assert_eq!(singular("ies"), "ie", "too short for a `y`");
    }
}
