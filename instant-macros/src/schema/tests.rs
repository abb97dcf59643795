//! What a small schema expands to.

use proc_macro2::TokenStream;
use quote::ToTokens;

fn expansion(tokens: &str) -> syn::File {
    let expanded: TokenStream = super::schema(tokens.parse().unwrap());
    syn::parse2(expanded).unwrap()
}

/// The items of that name, without what every schema has.
fn items(file: &syn::File, names: &[&str]) -> String {
    let name = |item: &syn::Item| match item {
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Mod(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Impl(item) => item.self_ty.to_token_stream().to_string(),
        _ => String::new(),
    };
    let items = file.items.iter().filter(|item| names.contains(&name(item).as_str())).cloned().collect();
    prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items })
}

const TAGS: &str = r#"
    types = { tags.weight: u32 },
    { "entities": { "tags": { "attrs": {
        "label": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } },
        "weight": { "valueType": "number", "required": false }
    } } } }
"#;

#[test]
fn an_entity_expands_to_structs_and_a_row() {
    insta::assert_snapshot!(items(&expansion(TAGS), &["Tag", "Tags", "NewTag"]));
}

#[test]
fn an_entity_expands_to_a_module_of_attributes() {
    insta::assert_snapshot!(items(&expansion(TAGS), &["tags"]));
}

#[test]
fn an_entity_expands_to_a_chain_of_steps() {
    insta::assert_snapshot!(items(&expansion(TAGS), &["tx"]));
}

#[test]
fn a_room_expands_to_constants_and_payloads() {
    let rooms = r#""entities": {}, "rooms": { "chat": {
        "presence": { "attrs": { "name": { "valueType": "string", "required": true } } },
        "topics": { "emoji": { "attrs": {} } }
    } }"#;
    insta::assert_snapshot!(items(&expansion(rooms), &["rooms"]));
}

#[test]
fn a_schema_with_mistakes_still_expands() {
    let broken = r#""entities": {
        "posts": { "attrs": { "title": { "valueType": "strin" } } },
        "tags": {}
    }, "links": { "a": {
        "forward": { "on": "posts", "has": "one", "label": "author" },
        "reverse": { "on": "nobody", "has": "many", "label": "posts" }
    } }"#;
    let file = expansion(broken);
    let errors = file.items.iter().filter(|item| {
        matches!(item, syn::Item::Macro(item)
        if item.mac.path.segments.last().is_some_and(|last| last.ident == "compile_error"))
    });
    assert_eq!(errors.count(), 3);
    let post = items(&file, &["Post"]);
    assert!(post.contains("pub title: ::core::option::Option<::instant_admin::__private::Value>"), "{post}");
}

#[test]
fn no_path_still_expands() {
    let file: syn::File = syn::parse2(super::include_schema(TokenStream::new())).unwrap();
    assert!(file.items.iter().any(|item| matches!(item, syn::Item::Const(item) if item.ident == "SCHEMA")));
}
