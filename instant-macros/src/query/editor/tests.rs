//! What the block shows, and that a build gets none of it.

use std::str::FromStr;

use instant_schema::Schema;
use proc_macro2::TokenStream;
use quote::quote;

use super::super::{item, tree};
use crate::literal;
use crate::names::{Names, Renames};

const SCHEMA: &str = r#"{"entities":{
    "posts":{"attrs":{
        "title":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},
        "views":{"valueType":"number","required":false,"config":{"indexed":true,"unique":false}},
        "type":{"valueType":"json","required":false,"config":{"indexed":false,"unique":false}},
        "a name":{"valueType":"string","required":false,"config":{"indexed":false,"unique":false}}}},
    "$users":{"attrs":{"handle":{"valueType":"string","required":false,"config":{"indexed":true,"unique":true}}}}},
  "links":{
    "a":{"forward":{"on":"posts","has":"one","label":"author"},"reverse":{"on":"$users","has":"many","label":"posts"}}}}"#;

fn schema_literal() -> String {
    let schema = Schema::from_json(SCHEMA).unwrap();
    let names = Names::new(&schema, &Renames::default());
    literal::encode(&schema, &names, &|_, _| false)
}

/// The paths that a query shows, without what they have in common.
fn shown(query: &str) -> Vec<String> {
    let tokens = TokenStream::from_str(query).unwrap();
    let body = if item::is_item(&tokens) { item::last_braces(tokens) } else { tokens };
    paths(&super::query(&schema_literal(), &quote!(s), &tree::roots(body)))
}

fn shown_of_fragment(tokens: TokenStream) -> Vec<String> {
    let tree = tree::roots(item::behind_on(tokens));
    paths(&super::fragment(&schema_literal(), &quote!(s), &tree))
}

fn paths(block: &TokenStream) -> Vec<String> {
    let text = block.to_string().replace(' ', "");
    let body = text.strip_prefix("const_:()={fnshown(){").and_then(|text| text.strip_suffix("}};")).unwrap();
    let statements = body.split_terminator(';');
    statements.map(|statement| statement.trim_start_matches("let_=s::__query::").to_owned()).collect()
}

#[test]
fn each_name_is_shown_at_its_place_in_the_order_of_the_source() {
    assert_eq!(
        shown(
            r#"posts: { $: { where: { author.handle: { $like: "a%" }, or: [{ title: "Hi" }] }, order: { views: desc }, fields: [title, "a name"] }, author: Card }"#
        ),
        [
            "roots::posts",
            "options::r#where",
            "on::posts::conditions::author",
            "on::users::steps::handle",
            "pattern_operators::like",
            "on::posts::conditions::or",
            "on::posts::conditions::title",
            "on::posts::conditions",
            "on::posts::conditions",
            "options::order",
            "on::posts::order::views",
            "directions::desc",
            "on::posts::order",
            "options::fields",
            "on::posts::fields::title",
            "on::posts::fields",
            "options",
            "on::posts::form::author",
            "let_:Card",
            "on::posts::form",
            "roots",
        ]
    );
}

#[test]
fn a_typed_word_changes_nothing_before_it() {
    let cases = [
        ("", "typed"),
        ("posts: {} ", "posts: {}, typed"),
        ("posts: { $: { where: { author. } } }", "posts: { $: { where: { author.typed } } }"),
        ("posts: { $: { where: { views: { $ } } } }", "posts: { $: { where: { views: { $typed } } } }"),
        ("posts: { author: {} }", "posts: { typed author: {} }"),
        ("posts: { $: { fields: [] } }", "posts: { $: { fields: [typed] } }"),
        ("posts: { $: { order: { views: } } }", "posts: { $: { order: { views: typed } } }"),
        ("$users: { $: {} }", "$users: { $: { typed } }"),
    ];
    for (before, after) in cases {
        let (before, after) = (shown(before), shown(after));
        let typed = after.iter().position(|path| path.ends_with("typed")).unwrap();
        let module = after[typed].trim_end_matches("::typed");
        assert_eq!(before[..typed], after[..typed]);
        assert!(before[typed].starts_with(module), "{} at the place of {}", before[typed], after[typed]);
    }
}

#[test]
fn names_behind_mistakes_are_shown() {
    let all = shown(
        "posts: { $: { wher: {}, where: { titel: 1, author.nobody.at: 2, title: } }, nothing: {}, author: {} }",
    );
    for name in
        ["options::wher", "on::posts::conditions::title", "on::users::steps::nobody", "on::users::form"]
    {
        assert!(all.contains(&name.to_owned()), "{name} in {all:?}");
    }
}

#[test]
fn items_and_fragments_show_their_bodies() {
    assert!(
        shown("pub Feed(take: u32) = { posts: { $: { limit: take } } }")
            .contains(&"options::limit".to_owned())
    );
    let card = quote!(#[derive(Serialize)] pub Card on $users { posts: {} });
    assert_eq!(
        shown_of_fragment(card),
        ["system::users", "on::users::form::posts", "on::posts::form", "on::users::form"]
    );
    let half = quote!(pub Card on);
    assert_eq!(shown_of_fragment(half), ["roots"]);
}

#[test]
fn a_build_gets_no_block() {
    let literal = schema_literal();
    let built = super::super::query(quote!(#literal (s) posts: {})).to_string();
    let edited = super::super::query(quote!(editor #literal (s) posts: {})).to_string();
    assert!(!built.contains("__query") && edited.contains("__query"));
}

#[test]
fn every_name_that_rust_can_write_is_offered_with_its_type() {
    let text = super::offers(&schema_literal(), proc_macro2::Span::call_site()).to_string();
    for constant in [
        "pub const r#type : Option < :: instant_admin :: __private :: Value >",
        "pub const author : Option < User >",
        "pub const posts : Vec < Post >",
    ] {
        assert!(text.contains(constant), "{constant} in {text}");
    }
    assert!(!text.contains("const a name"));
}

#[test]
fn types_are_found_where_the_crate_option_says_the_sdk_is() {
    let literal = schema_literal();
    let text = super::super::editor(quote!(#literal ::sdk::instant)).to_string();
    assert!(text.contains("use :: sdk :: instant :: Id ;") && !text.contains("instant_admin"), "{text}");
}
