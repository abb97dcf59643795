//! The files, links and headings that the documentation names exist.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn links_lead_to_files_and_headings() {
    let mut links = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in prose(&text).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { page.clone() } else { page.with_file_name(file) };
            let found =
                fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}: no `{target}`", page.display()));
            let is_there = heading.is_empty() || headings(&found).any(|anchor| anchor == heading);
            assert!(is_there, "{}: `{target}` has no such heading", page.display());
            links += 1;
        }
    }
    assert!(links > 0);
}

#[test]
fn files_named_in_the_text_exist() {
    let mut files = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for name in code_spans(&prose(&text)).filter(|name| is_file_of_the_workspace(name)) {
            assert!(root().join(name).exists(), "{}: no `{name}`", page.display());
            files += 1;
        }
    }
    assert!(files > 0);
}

#[test]
fn each_feature_is_shown_by_a_file() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = readme.lines().skip_while(|line| *line != "| feature | shown by |").skip(2);
    let mut features = 0;
    for row in rows.take_while(|line| line.starts_with('|')) {
        let shown_by = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let has_file = shown_by.contains("](") || code_spans(shown_by).any(is_file_of_the_workspace);
        assert!(has_file, "nothing shows: {row}");
        features += 1;
    }
    assert!(features > 0);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![];
    for folder in [root(), root().join("docs"), root().join("benches")] {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    pages
}

/// The page without its blocks of code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_file_of_the_workspace(name: &str) -> bool {
    let folders = ["instant-", "tests/", "docs/", "examples/", "benches/"];
    name.contains('/') && folders.iter().any(|folder| name.starts_with(folder))
}

/// The anchors of a page's headings, as GitHub makes them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let name = line.trim_start_matches('#').trim().to_lowercase();
        name.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .collect::<String>()
            .replace(' ', "-")
    })
}
