//! The words in the compiler's messages in `ui`: those of the domain, and no names of the implementation.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// The traits that messages name. Each is public, documented, and reads as a part of the sentence that names it.
const TRAITS: [&str; 43] = [
    "ActAs",
    "AttributeValue",
    "BooleanFor",
    "CanChooseUser",
    "CanReadAndWrite",
    "Comparable",
    "DateFor",
    "EndsFrom",
    "Equatable",
    "Flag",
    "Fragment",
    "HasAdminToken",
    "IdOf",
    "IntoCondition",
    "IntoCursor",
    "IntoDirection",
    "IntoFilter",
    "IntoOrder",
    "IntoSteps",
    "IntoTarget",
    "IntoTargets",
    "IntoValue",
    "IntoValues",
    "IsEntity",
    "JsonFor",
    "LookupOfDate",
    "MemberOf",
    "NotLast",
    "Nullable",
    "NumberFor",
    "Optional",
    "Query",
    "RowCount",
    "RuleParams",
    "Searchable",
    "StringFor",
    "Undecided",
    "Unlinks",
    "ValueFor",
    "Writing",
    // Of the standard library and of serde, where a user's own type lacks them.
    "Future",
    "IntoFuture",
    "Try",
];

/// What is never shown, with what it would mean.
const HIDDEN: [(&str, &str); 11] = [
    ("instant_value_", "a generated variable"),
    ("trait bound `", "a bound without a sentence of its own"),
    ("opaque type", "a return type without a name"),
    ("{closure", "a closure of the expansion"),
    ("Chain", "what the builders of transactions wrap"),
    ("<impl ", "a method away from its type"),
    ("PhantomData", "how types carry a parameter"),
    ("MapAccess", "how rows are read"),
    ("Filling", "how values get into a query"),
    ("Hole", "how values get into a query"),
    ("in this macro invocation", "a macro of the implementation"),
];

/// A case whose messages are all the compiler's own: no macro can see that another call has the same name, so the compiler
/// reports each item that comes with it.
const OF_THE_COMPILER: &str = "query/two_queries_with_one_name";

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn messages() -> Vec<(PathBuf, String)> {
    let ui = ui();
    let folders = fs::read_dir(ui).unwrap().map(|folder| folder.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()));
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "stderr"))
        .filter(|file| !file.with_extension("").ends_with(OF_THE_COMPILER))
        .map(|file| (file.clone(), fs::read_to_string(file).unwrap()))
        .collect()
}

/// The lines in which the compiler speaks; the others quote what the user wrote.
fn spoken(message: &str) -> impl Iterator<Item = &str> {
    message.lines().filter(|line| {
        let line = line.trim_start();
        let quoted = line.split_once('|').is_some_and(|(number, rest)| {
            number.trim().parse::<u32>().is_ok() || (number.trim().is_empty() && !rest.contains('^'))
        });
        !quoted
    })
}

#[test]
fn every_case_has_its_message() {
    let messages = messages();
    assert!(messages.len() > 150, "{}", messages.len());
    for (file, _) in messages {
        assert!(file.with_extension("rs").exists(), "{} has no case", file.display());
    }
}

#[test]
fn a_name_that_two_queries_share_is_reported_at_the_name() {
    let message = fs::read_to_string(ui().join(OF_THE_COMPILER).with_extension("stderr")).unwrap();
    assert!(message.starts_with("error[E0428]: the name `Feed` is defined multiple times\n"), "{message}");
    let mut places = message.lines().filter_map(|line| line.trim_start().strip_prefix("--> "));
    let at_the_name = |place: &str| place.ends_with(".rs:3:14") || place.ends_with(".rs:4:14");
    assert!(places.clone().count() > 1 && places.all(at_the_name), "{message}");
}

#[test]
fn messages_show_nothing_of_the_machinery() {
    let shown: Vec<String> = messages()
        .iter()
        .flat_map(|(file, message)| {
            spoken(message).flat_map(move |line| {
                HIDDEN.iter().filter(|(hidden, _)| line.contains(hidden)).map(move |(hidden, what)| {
                    format!("{}: `{hidden}`, {what}: {}", file.display(), line.trim())
                })
            })
        })
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn messages_show_no_generated_names() {
    // A name goes on after its underscores; those that draw a line do not.
    let generated = |line: &str| {
        line.match_indices("__")
            .any(|(at, mark)| line[at + mark.len()..].starts_with(|next: char| next.is_ascii_alphanumeric()))
    };
    let shown: Vec<String> = messages()
        .iter()
        .flat_map(|(file, message)| {
            spoken(message)
                .filter(|line| generated(line))
                .map(move |line| format!("{}: {line}", file.display()))
        })
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
fn messages_name_documented_traits_alone() {
    let shown: Vec<String> = messages()
        .iter()
        .flat_map(|(file, message)| {
            spoken(message)
                .flat_map(|line| line.split("trait `").skip(1))
                .map(|rest| {
                    let path = rest.split(['<', '`']).next().unwrap_or_default();
                    path.rsplit("::").next().unwrap_or_default().to_owned()
                })
                .filter(|name| !TRAITS.contains(&name.as_str()))
                .map(|name| format!("{}: {name}", file.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}
