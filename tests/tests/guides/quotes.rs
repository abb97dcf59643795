//! Quotes on the pages are true: every message in a fence `text mistake` is in the output of a compile-fail case, and
//! every schema in a fence `json` is valid.

use std::fs;
use std::path::Path;

use instant_schema::Schema;

#[test]
fn quoted_messages_are_those_of_the_compiler() {
    let mut output = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("compile-fail/ui"), "stderr", &mut output);

    let blocks = blocks("text mistake");
    assert!(!blocks.is_empty());
    for line in blocks.iter().flat_map(|block| block.lines()) {
        assert!(output.contains(line.trim()), "no compile-fail case has the message: {line}");
    }
}

#[test]
fn quoted_schemas_are_valid() {
    let blocks = blocks("json");
    assert!(!blocks.is_empty());
    for block in blocks {
        if let Err(error) = Schema::from_json(&block) {
            panic!("{error}\nin {block}");
        }
    }
}

/// The blocks of all pages that have such a fence.
fn blocks(fence: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut pages = fs::read_to_string(root.join("README.md")).unwrap();
    read(&root.join("docs"), "md", &mut pages);
    let fenced = pages.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.strip_prefix(fence)?.strip_prefix('\n')).map(str::to_owned).collect()
}

/// Adds the text of all files with that extension.
fn read(folder: &Path, extension: &str, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, extension, text);
        } else if path.extension().is_some_and(|found| found == extension) {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
