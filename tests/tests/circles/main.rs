//! Modules need each other in one direction only: no crate has a circle of sibling modules, and each module stands above
//! those that it needs, as ARCHITECTURE.md draws them.
//!
//! A circle means that the modules in it can only be read, tested and changed together. Test code does not count.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod floors;
mod graph;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};

use floors::mistakes;
use graph::{Circle, circles};
use modules::Crate;

const CRATES: [&str; 4] = ["instant-schema", "instant-macros", "instant-admin", "instant-local"];

#[test]
fn no_crate_has_a_circle_of_modules() {
    let root = workspace();
    let roots = crate_roots(&root);
    for name in CRATES {
        assert!(roots.contains(&root.join(name).join("src/lib.rs")), "{name} was not found: {roots:?}");
    }
    let found: Vec<String> = roots
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            circles(&Crate::read(file)).into_iter().map(move |circle| format!("{name}: {circle}"))
        })
        .collect();
    assert!(found.is_empty(), "{} circles of modules:\n{}", found.len(), found.join("\n"));
}

#[test]
fn architecture_md_draws_the_modules_of_each_crate() {
    let page = fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    for name in CRATES {
        let drawn = page.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let lines: Vec<&str> = drawn.collect();
        let [line] = lines.as_slice() else {
            panic!("ARCHITECTURE.md has {} lines `{name}: ..`", lines.len())
        };
        let mistakes = mistakes(line, &Crate::read(&workspace().join(name).join("src/lib.rs")));
        assert!(mistakes.is_empty(), "ARCHITECTURE.md, {name}:\n{}", mistakes.join("\n"));
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every `src/lib.rs` and `src/main.rs` below `folder`.
fn crate_roots(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if folder.join("Cargo.toml").exists() {
            let roots = ["src/lib.rs", "src/main.rs"].map(|file| folder.join(file));
            found.extend(roots.into_iter().filter(|file| file.exists()));
        }
        let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
        folders.extend(entries.filter(|entry| entry.file_type().unwrap().is_dir()).filter_map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            // A fixture is read by other programs, and may be half-typed.
            let skip = matches!(name.as_str(), "target" | "fixture") || name.starts_with('.');
            (!skip).then(|| entry.path())
        }));
    }
    found.sort();
    found
}

/// The circles of a crate with these modules, each as the names in it.
fn circles_of(modules: &[(&str, &str)]) -> Vec<Vec<String>> {
    circles(&Crate::of(modules)).into_iter().map(|Circle { members, .. }| members).collect()
}

#[test]
fn a_straight_tree_has_no_circle() {
    let tree = [
        ("", "mod door; mod engine; mod store; pub use engine::Engine;"),
        ("door", "use crate::{engine::Engine, store::{self, Store}}; fn open(_: Engine) { store::read() }"),
        ("engine", "mod plan; use super::store; fn run() { plan::of() }"),
        ("engine::plan", "use super::Engine; pub fn of() -> Vec<crate::store::Store> { vec![] }"),
        ("store", "pub struct Store; pub fn read() {}"),
    ];
    assert_eq!(circles_of(&tree), Vec::<Vec<String>>::new());
}

#[test]
fn two_modules_that_need_each_other_are_a_circle() {
    let tree = [
        ("", ""),
        ("row", "use crate::decode::Column;"),
        ("decode", "fn read() -> super::row::Row { todo() }"),
    ];
    assert_eq!(circles_of(&tree), [["decode", "row"]]);
}

#[test]
fn a_circle_may_go_through_modules_below() {
    let tree = [
        ("", ""),
        ("door", "fn check() { crate::engine::run::all() }"),
        ("engine", ""),
        ("engine::run", "use super::super::store::Store;"),
        ("store", ""),
        ("store::write", "use crate::{store::Store, door::{Caller, self}};"),
    ];
    assert_eq!(circles_of(&tree), [["door", "engine", "store"]]);
}

#[test]
fn a_circle_below_a_module_is_found() {
    let tree = [
        ("", ""),
        ("query", ""),
        ("query::form", "use super::value::Value;"),
        ("query::value", "use super::form as it;"),
    ];
    assert_eq!(circles_of(&tree), [["form", "value"]]);
}

#[test]
fn inline_modules_and_arguments_of_macros_count() {
    let source = "mod one { use super::two::Two; } mod two { fn f() { println!(\"{}\", crate::one::ONE) } }";
    assert_eq!(circles_of(&[("", source)]), [["one", "two"]]);
}

#[test]
fn tests_comments_quoted_tokens_and_visibility_do_not_count() {
    let one = "
        //! See crate::two.
        #[cfg(test)] mod tests { use crate::two::Two; }
        #[cfg(test)] use crate::two::Two;
        pub(in crate::two) fn f() -> &'static str { \"crate::two\" }
        fn tokens() { quote! { crate::two::f() }; quote_spanned! { span => crate::two::f() } }
        macro_rules! two { () => { $crate::two::f() } }";
    assert_eq!(
        circles_of(&[("", ""), ("one", one), ("two", "use crate::one::f;")]),
        Vec::<Vec<String>>::new()
    );
}

#[test]
fn a_circle_names_a_path_for_each_step() {
    let tree = [("", ""), ("a", ""), ("a::deep", "use crate::b::B;"), ("b", "use super::a::A;")];
    let [circle] = circles(&Crate::of(&tree)).try_into().unwrap();
    assert_eq!(
        circle.to_string(),
        "a, b\n    a needs b: a::deep names crate::b::B\n    b needs a: b names super::a::A"
    );
}

#[test]
fn a_drawing_names_every_module_once_above_those_that_it_needs() {
    let tree = [("", ""), ("a", ""), ("b", "use super::a::A;"), ("c", "use crate::{a, b};")];
    let of = Crate::of(&tree);
    assert_eq!(mistakes("a < b < c", &of), Vec::<String>::new());
    assert_eq!(mistakes("a < b", &of), ["add `c`"]);
    assert_eq!(mistakes("a a < b < c d", &of), ["`a` is drawn twice", "there is no `d`"]);
    assert_eq!(mistakes("a b < c", &of), ["draw `b` above `a`, which it needs: b names super::a::A"]);
    assert_eq!(mistakes("a < c < b", &of), ["draw `c` above `b`, which it needs: c names crate::b"]);
}
