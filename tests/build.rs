//! Generates tests from the Rust code of the guide pages in `docs/` and of the README, so that every block compiles and
//! runs.
//!
//! The word after `rust` in a block's fence, which readers do not see, says what the block becomes:
//!
//! | fence | becomes |
//! |---|---|
//! | `rust` | the body of a test, with `db`: a client of a new backend that holds the guides' data |
//! | `rust item` | items of the page, which its other blocks can use |
//! | `rust prelude` | the imports of every page |
//! | `rust program` | a doctest with a crate of its own and the guides' schema file; it gets an empty `main` if it has none |
//! | `rust main` | the same, and the doctest runs it |
//! | `rust wrong` | a doctest that must not compile |
//!
//! Any other fence, except those in `OTHER`, fails the build (`rust,ignore`, or no word at all). So a typo cannot exclude
//! a block.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The roles of blocks of Rust.
const ROLES: [&str; 6] = ["", "item", "prelude", "program", "main", "wrong"];

/// The fences of other languages; `tests/guides/quotes.rs` checks the contents of `text mistake` and `json`.
const OTHER: [&str; 5] = ["text", "text mistake", "sh", "json", "ts"];

fn main() {
    let docs = Path::new("../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut pages: Vec<PathBuf> = fs::read_dir(docs)
        .expect("the workspace has a folder of guide pages")
        .map(|entry| entry.expect("the folder of guide pages is readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages.push(PathBuf::from("../README.md"));

    let pages: Vec<Page> = pages.iter().map(|path| Page::read(path)).collect();
    let prelude: String = pages.iter().flat_map(|page| page.code("prelude")).collect();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo gives build scripts a folder"));
    let tests: String = pages.iter().map(|page| page.tests(&prelude)).collect();
    fs::write(out.join("guides.rs"), tests).expect("cargo's folder is writable");
    let doctests: String = pages.iter().map(|page| page.doctests(&prelude)).collect();
    fs::write(out.join("guides.md"), doctests).expect("cargo's folder is writable");
}

struct Page {
    /// The module its tests are in.
    name: String,
    /// The file, from the folder of the workspace.
    file: String,
    blocks: Vec<Block>,
}

struct Block {
    /// The word after `rust`.
    role: String,
    /// The line of the page on which the code begins.
    line: usize,
    code: String,
}

impl Page {
    fn read(path: &Path) -> Self {
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(path).expect("a guide page is readable");
        let file =
            path.strip_prefix("..").expect("pages are in the workspace").to_string_lossy().into_owned();
        let name = file.trim_end_matches(".md").replace(['-', '/'], "_").to_lowercase();
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        let mut is_rust = false;
        for (index, line) in text.lines().enumerate() {
            let place = format!("{}:{}", path.display(), index + 1);
            assert!(!line.trim_start().starts_with("~~~"), "{place}: fences are written with backticks");
            match line.trim_start().strip_prefix("```") {
                Some(info) if !open => {
                    open = true;
                    let (language, role) = info.split_once(' ').unwrap_or((info, ""));
                    is_rust = language == "rust" && ROLES.contains(&role);
                    assert!(is_rust || OTHER.contains(&info), "{place}: `{info}` is not a kind of block");
                    if is_rust {
                        blocks.push(Block { role: role.to_owned(), line: index + 2, code: String::new() });
                    }
                }
                Some(_) => (open, is_rust) = (false, false),
                None if is_rust => {
                    let block = blocks.last_mut().expect("a block was opened");
                    block.code.push_str(line);
                    block.code.push('\n');
                }
                None => {}
            }
        }
        assert!(!open, "{}: the last code block is not closed", path.display());
        Self { name, file, blocks }
    }

    fn code<'a>(&'a self, role: &'a str) -> impl Iterator<Item = &'a str> {
        self.blocks.iter().filter(move |block| block.role == role).map(|block| block.code.as_str())
    }

    /// A module of tests.
    fn tests(&self, prelude: &str) -> String {
        let mut text = format!("mod {} {{\n{prelude}\n", self.name);
        for block in &self.blocks {
            let Block { line, code, .. } = block;
            let place = format!("// {}:{line}\n", self.file);
            match block.role.as_str() {
                "item" => text.extend([&place, code.as_str()]),
                "" => {
                    let _ = writeln!(
                        text,
                        "{place}#[tokio::test]\nasync fn line_{line}() -> crate::Outcome {{\n\
                         let (_server, db) = crate::data::backend().await;\nlet _ = &db;\n{code}Ok(())\n}}"
                    );
                }
                _ => {}
            }
        }
        text.push_str("}\n");
        text
    }

    /// Markdown with the blocks that are crates of their own.
    fn doctests(&self, prelude: &str) -> String {
        let mut text = String::new();
        for Block { role, line, code } in &self.blocks {
            let place = format!("\n{}:{line}\n\n", self.file);
            let code = &code.replace("\"instant.schema.json\"", "\"../docs/instant.schema.json\"");
            let _ = match role.as_str() {
                "main" => writeln!(text, "{place}```standalone_crate\n{code}```"),
                "program" => {
                    let main = if code.contains("fn main()") { "" } else { "\nfn main() {}\n" };
                    writeln!(text, "{place}```standalone_crate,no_run\n{code}{main}```")
                }
                "wrong" => {
                    writeln!(text, "{place}```compile_fail,standalone_crate\n{}```", example(prelude, code))
                }
                // What surrounds wrong blocks is right: nothing else keeps them from compiling.
                "prelude" => writeln!(text, "{place}```standalone_crate,no_run\n{}```", example(prelude, "")),
                _ => Ok(()),
            };
        }
        text
    }
}

/// A crate with the guides' schema and imports around the body of a function.
fn example(prelude: &str, code: &str) -> String {
    format!(
        "#![allow(unused_imports)]\n\
         mod schema {{ instant_admin::include_schema!(\"../docs/instant.schema.json\"); }}\n\
         mod example {{\n{prelude}async fn example(db: Db) -> Result<(), Error> {{\n{code}Ok(())\n}}\n}}\n\
         fn main() {{}}\n"
    )
}
