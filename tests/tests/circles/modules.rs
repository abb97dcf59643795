//! The modules of a crate, and the paths that each of them names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, ItemMod, parse_quote};

/// A path from the root of the crate, or one as it is written.
pub type Names = Vec<String>;

/// By the path of a module, what it names: every path that begins with `crate`, `super` or `self`.
pub struct Crate {
    pub modules: BTreeMap<Names, Vec<Names>>,
}

impl Crate {
    /// Reads the crate whose root is this file, and the files of its modules.
    pub fn read(root: &Path) -> Self {
        let mut modules = Self { modules: BTreeMap::new() };
        modules.read_file(Names::new(), root, root.parent().unwrap());
        modules
    }

    /// A crate of these modules: the path of each, and its source.
    pub fn of(sources: &[(&str, &str)]) -> Self {
        let mut modules = Self { modules: BTreeMap::new() };
        for (path, source) in sources {
            let here = path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            modules.add(here, syn::parse_file(source).unwrap().items, None);
        }
        modules
    }

    /// `folder` is where the files of the module's own modules are.
    fn read_file(&mut self, here: Names, file: &Path, folder: &Path) {
        let source = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&source).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.add(here, parsed.items, Some(folder));
    }

    fn add(&mut self, here: Names, items: Vec<Item>, folder: Option<&Path>) {
        let mut named = Vec::new();
        for item in items.into_iter().filter(|item| !is_test(item)) {
            match item {
                Item::Mod(module) => self.add_module(&here, module, folder),
                item => collect_paths(item.into_token_stream(), &mut named),
            }
        }
        self.modules.insert(here, named);
    }

    fn add_module(&mut self, parent: &[String], module: ItemMod, folder: Option<&Path>) {
        let name = module.ident.to_string();
        let here: Names = parent.iter().cloned().chain([name.clone()]).collect();
        let below = folder.map(|folder| folder.join(&name));
        match (module.content, folder, below) {
            (Some((_, items)), _, below) => self.add(here, items, below.as_deref()),
            (None, Some(folder), Some(below)) => {
                let files: [PathBuf; 2] = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
                let file = files.iter().find(|file| file.exists());
                self.read_file(here, file.unwrap_or_else(|| panic!("no file among {files:?}")), &below);
            }
            // Without files, the module is given beside this one.
            (None, ..) => {}
        }
    }
}

fn is_test(item: &Item) -> bool {
    let test: Attribute = parse_quote!(#[cfg(test)]);
    let (attributes, name) = match item {
        Item::Const(item) => (&item.attrs, None),
        Item::Fn(item) => (&item.attrs, None),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, None),
        Item::Mod(item) => (&item.attrs, Some(item.ident.to_string())),
        Item::Static(item) => (&item.attrs, None),
        Item::Struct(item) => (&item.attrs, None),
        Item::Use(item) => (&item.attrs, None),
        _ => return false,
    };
    name.is_some_and(|name| name == "tests") || attributes.contains(&test)
}

/// Adds every path in `tokens` that begins with `crate`, `super` or `self`, those in groups one by one.
fn collect_paths(tokens: TokenStream, paths: &mut Vec<Names>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => {
                if !is_argument_of_quote(&tokens[..at]) {
                    collect_paths(group.stream(), paths);
                }
                at += 1;
            }
            TokenTree::Ident(first) if is_start(&first.to_string()) && !is_marked(&tokens[..at]) => {
                at += spread(&tokens[at..], &Names::new(), paths);
            }
            _ => at += 1,
        }
    }
}

fn is_start(word: &str) -> bool {
    matches!(word, "crate" | "super" | "self")
}

/// Whether what comes before makes a word something else than the start of a path of this crate: `$crate`, `pub(in crate)`.
fn is_marked(before: &[TokenTree]) -> bool {
    match before.last() {
        Some(TokenTree::Punct(mark)) => mark.as_char() == '$',
        Some(TokenTree::Ident(word)) => *word == "in",
        _ => false,
    }
}

/// The tokens that `quote!` makes are of another crate.
fn is_argument_of_quote(before: &[TokenTree]) -> bool {
    let [.., TokenTree::Ident(name), TokenTree::Punct(mark)] = before else { return false };
    mark.as_char() == '!' && name.to_string().contains("quote")
}

/// Adds the path that `tokens` begin with, or, where it ends in a group, each path of the group. Returns how many tokens
/// it took.
fn spread(tokens: &[TokenTree], head: &[String], paths: &mut Vec<Names>) -> usize {
    let mut path = head.to_vec();
    let mut at = 0;
    loop {
        match tokens.get(at) {
            Some(TokenTree::Ident(name)) => path.push(name.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let members: Vec<TokenTree> = group.stream().into_iter().collect();
                for member in
                    members.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','))
                {
                    spread(member, &path, paths);
                }
                return at + 1;
            }
            _ => break,
        }
        at += 1;
        if !is_colons(&tokens[at..]) {
            break;
        }
        at += 2;
    }
    if path.len() > 1 {
        paths.push(path);
    }
    at.max(1)
}

fn is_colons(tokens: &[TokenTree]) -> bool {
    let colons = tokens
        .iter()
        .take(2)
        .filter(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':'));
    colons.count() == 2
}
