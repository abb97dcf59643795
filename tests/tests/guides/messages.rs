//! The compiler's messages that the guide pages quote, in fences `text mistake`: each is in the output of a case of
//! the compile-fail suite.

use std::fs;
use std::path::Path;

#[test]
fn quoted_messages_are_those_of_the_compiler() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut output = String::new();
    read(&root.join("ui"), "stderr", &mut output);
    let mut pages = fs::read_to_string(root.join("../README.md")).unwrap();
    read(&root.join("../docs"), "md", &mut pages);

    let mut quoted = 0;
    let mut lines = pages.lines();
    while lines.by_ref().any(|line| line == "```text mistake") {
        for line in lines.by_ref().take_while(|line| *line != "```") {
            assert!(output.contains(line.trim()), "no case of the compile-fail suite says: {line}");
            quoted += 1;
        }
    }
    assert!(quoted > 0);
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
