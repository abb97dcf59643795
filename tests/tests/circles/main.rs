//! No module of any crate needs a sibling that needs it in turn, however long the way round.
//!
//! A circle means that the modules in it can only be read, tested and changed together. Test code does not count.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

mod graph;
mod modules;

use std::fs;
use std::path::{Path, PathBuf};

use graph::{Circle, circles};
use modules::Crate;

/// Circles that are being opened.
const KNOWN: [&str; 0] = [];

#[test]
fn no_crate_has_a_circle_of_modules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let roots = crate_roots(&root);
    for name in ["instant-schema", "instant-macros", "instant-admin", "instant-local"] {
        assert!(roots.contains(&root.join(name).join("src/lib.rs")), "{name} was not found: {roots:?}");
    }
    let found: Vec<String> = roots
        .iter()
        .flat_map(|file| {
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            circles(&Crate::read(file)).into_iter().map(move |circle| format!("{name}: {circle}"))
        })
        .filter(|circle| !KNOWN.iter().any(|known| circle.starts_with(known)))
        .collect();
    assert!(found.is_empty(), "{} circles of modules:\n{}", found.len(), found.join("\n"));
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
