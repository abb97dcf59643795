//! Calls of `query!` as functions from tokens to tokens.

mod edges;
mod property;

use std::str::FromStr;

use instant_schema::Schema;
use proc_macro2::TokenStream;
use quote::quote;

use super::check::{self, Checker};
use super::emit::{Place, Template};
use super::tree;
use crate::diagnostics::Diagnostics;
use crate::literal;
use crate::names::{Names, Renames};

const SCHEMA: &str = r#"{"entities":{
    "posts":{"attrs":{
        "title":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}},
        "body":{"valueType":"string","required":true,"config":{"indexed":false,"unique":false}},
        "views":{"valueType":"number","required":false,"config":{"indexed":true,"unique":false}},
        "createdAt":{"valueType":"date","required":true,"config":{"indexed":true,"unique":false}},
        "meta":{"valueType":"json","required":false,"config":{"indexed":true,"unique":false}}}},
    "comments":{"attrs":{"text":{"valueType":"string","required":true,"config":{"indexed":true,"unique":false}}}},
    "$users":{"attrs":{"handle":{"valueType":"string","required":false,"config":{"indexed":true,"unique":true}}}}},
  "links":{
    "a":{"forward":{"on":"posts","has":"one","label":"author","required":true},"reverse":{"on":"$users","has":"many","label":"posts"}},
    "e":{"forward":{"on":"posts","has":"one","label":"editor"},"reverse":{"on":"$users","has":"many","label":"edited"}},
    "c":{"forward":{"on":"comments","has":"one","label":"post"},"reverse":{"on":"posts","has":"many","label":"comments"}}}}"#;

fn schema_literal() -> String {
    let schema = Schema::from_json(SCHEMA).unwrap();
    let names = Names::new(&schema, &Renames::default());
    literal::encode(&schema, &names, &|_, _| false)
}

/// What the macro finds wrong in a query, and the template that it makes of it.
fn checked(literal: &str, query: TokenStream) -> (Diagnostics, Template) {
    let mut checker = Checker::new(literal, false);
    let query = check::query(&mut checker, &tree::roots(query));
    (checker.diagnostics, Template::of_query(&query, &Place::new(quote!(crate::schema), false)))
}

fn template(query: &str) -> String {
    let (diagnostics, template) = checked(&schema_literal(), query.parse().unwrap());
    assert_eq!(diagnostics.messages(), Vec::<&str>::new(), "{query}");
    template.json.to_string()
}

fn mistakes(query: &str) -> Vec<String> {
    let (diagnostics, _) = checked(&schema_literal(), query.parse().unwrap());
    diagnostics.messages().into_iter().map(str::to_owned).collect()
}

fn expanded(call: &str) -> String {
    let literal = schema_literal();
    let call = TokenStream::from_str(call).unwrap();
    let tokens = super::query(quote!(#literal (crate::schema) #call));
    let in_function = quote!(fn main() { #tokens });
    prettyplease::unparse(&syn::parse2(in_function).unwrap())
}

/// What an expansion says beside its rows, without the paths that keep it apart from the user's names.
fn beside_rows(tokens: TokenStream) -> String {
    let mut file: syn::File = syn::parse2(tokens).unwrap();
    file.items.retain(|item| !is_row(item));
    for item in &mut file.items {
        if let syn::Item::Fn(function) = item {
            leave_rows_out(&mut function.block);
        }
    }
    let mut text = quote!(#file).to_string();
    for path in
        ["instant_admin :: __private", "instant_admin", "core :: result", "core :: option", "core :: fmt"]
    {
        text = text.replace(&format!(":: {path} :: "), "");
    }
    for path in ["core :: clone", "core :: cmp", "core :: primitive", "std :: string", "std :: vec"] {
        text = text.replace(&format!(":: {path} :: "), "");
    }
    prettyplease::unparse(&syn::parse_str(&text).unwrap())
}

fn leave_rows_out(block: &mut syn::Block) {
    block.stmts.retain(|statement| !matches!(statement, syn::Stmt::Item(item) if is_row(item)));
    for statement in &mut block.stmts {
        let syn::Stmt::Expr(syn::Expr::Match(values), _) = statement else { continue };
        for arm in &mut values.arms {
            if let syn::Expr::Block(body) = &mut *arm.body {
                leave_rows_out(&mut body.block);
            }
        }
    }
}

fn is_row(item: &syn::Item) -> bool {
    match item {
        syn::Item::Struct(_) => true,
        syn::Item::Impl(item) => item
            .trait_
            .as_ref()
            .is_some_and(|(path, _)| path.segments.last().is_some_and(|last| last.ident == "Row")),
        _ => false,
    }
}

#[test]
fn the_literal_survives_a_round_trip() {
    let catalog = literal::Catalog::new(&schema_literal());
    assert_eq!(catalog.entities(), ["posts", "comments", "$users"]);
    let posts = catalog.entity("posts").unwrap();
    assert_eq!(posts.attribute("createdAt").unwrap().field, "created_at");
    assert!(posts.attribute("title").unwrap().required && !posts.attribute("views").unwrap().required);
    let author = posts.link("author").unwrap();
    assert!(author.required && !author.many && author.target == "$users");
    assert!(posts.link("comments").unwrap().many);
    assert!(catalog.entity("nobody").is_none());
}

#[test]
fn literals_go_into_the_template() {
    assert_eq!(
        template(
            r#"posts: { $: { where: { title: "Hi", views: { $gt: 5 }, author.handle: "ada", or: [{ views: 1.5 }, { views: { $isNull: true } }] },
               order: { createdAt: desc }, limit: 10, fields: [title, createdAt] }, author: {}, comments: { $: { order: { text: asc } } } }, $users: {}"#
        ),
        r#"{"posts":{"$":{"where":{"title":"Hi","views":{"$gt":5},"author.handle":"ada","or":[{"views":1.5},{"views":{"$isNull":true}}]},"order":{"createdAt":"desc"},"limit":10,"fields":["title","createdAt"]},"author":{},"comments":{"$":{"order":{"text":"asc"}}}},"$users":{}}"#
    );
}

#[test]
fn expressions_become_values() {
    let query = "posts: { $: { where: { title: name::<A, B>(x), views?: min, meta: a.b, views?: 3, author: me, comments.text: { $in: words }, #filter, and: [#other] }, limit: n } }";
    let (_, Template { json, holes }) = checked(&schema_literal(), query.parse().unwrap());
    assert_eq!(json["posts"]["$"]["where"]["title"], "\u{1}0");
    assert_eq!(holes[0].expression().unwrap().to_string(), "name ::< A , B > (x)");
    assert!(holes[1].optional && !holes[0].optional);
    assert_eq!(json["posts"]["$"]["where"]["and"].as_array().map(Vec::len), Some(2));
}

#[test]
fn five_mistakes_are_five_messages() {
    let mistakes = mistakes(
        r#"posts: { $: { where: { titel: "x", views: "x", body: { $gt: "a" }, author.handel: "x" }, order: { body: asc } } }, pots: {}"#,
    );
    assert_eq!(mistakes.len(), 6, "{mistakes:#?}");
    assert!(mistakes[0].starts_with("`posts` has no attribute or link `titel`; did you mean `title`?"));
    assert_eq!(mistakes[1], "`posts.views` holds numbers, not a string");
    assert!(mistakes[5].starts_with("the schema has no entity `pots`; did you mean `posts`?"));
}

#[test]
fn two_links_to_one_entity_are_refused_side_by_side() {
    let side_by_side = mistakes(r#"posts: { $: { where: { author.handle: "a", editor.handle: "b" } } }"#);
    assert!(side_by_side[0].contains("write `and: [{ author: .. }, { editor: .. }]`"), "{side_by_side:#?}");
    let one_way = mistakes(r#"posts: { $: { where: { author.handle: "a", author.id: { $not: x } } } }"#);
    let apart =
        mistakes(r#"posts: { $: { where: { and: [{ author.handle: "a" }, { editor.handle: "b" }] } } }"#);
    assert_eq!((one_way.len(), apart.len()), (0, 0));
}

#[test]
fn no_tokens_stop_the_reader() {
    for query in [
        "",
        "posts",
        "posts:",
        "posts {}",
        "posts: {,,}",
        "posts: { $ }",
        "posts: { $: {} {} }",
        "5",
        "posts: 5",
        "#x",
        "..x",
        "posts: { $: { where } }",
        "posts: { $: { where: { a. : 5 } } }",
        "posts: { $: { where: { author.: 5 } } }",
        "posts: { $: { where: { and: [] , or: 5 } } }",
        "posts: { $: { fields: title } }",
        "posts: { $: { limit: -1 } }",
        "posts: { $: { where: { title: a < b, views: c > d } } }",
        "pub",
        "$",
        "$$",
        "posts: { author!, title? }",
    ] {
        let literal = schema_literal();
        let tokens = TokenStream::from_str(query).unwrap();
        assert!(!super::query(quote!(#literal (crate::schema) #tokens)).is_empty(), "{query}");
    }
}

#[test]
fn a_small_query_expands_to_little() {
    insta::assert_snapshot!(expanded(
        "posts: { $: { where: { author.handle: handle }, fields: [title] }, author!: {}, comments: { text? } }"
    ));
}

#[test]
fn an_item_expands_to_named_types() {
    insta::assert_snapshot!(expanded(
        "/// The front page.\n#[derive(Eq)] pub Feed(take: u32) = { posts: { $: { limit: take, fields: [title] } } }"
    ));
}

#[test]
fn conditions_pages_and_splices_expand_to_a_template_and_its_values() {
    let literal = schema_literal();
    let query: TokenStream = r#"
        posts: {
            $: {
                where: { title: { $in: titles }, views?: { $gte: least }, createdAt: { $gt: "2024-01-01" }, #filter },
                order: { createdAt: desc },
                first: take,
                after?: cursor,
            },
        },
        $$ruleParams: params
    "#
    .parse()
    .unwrap();
    let query = super::query(quote!(#literal (crate::schema) #query));
    insta::assert_snapshot!(beside_rows(quote!(fn main() { #query })));
}

#[test]
fn a_count_expands_to_a_number() {
    let expanded = expanded("pub Count() = { posts: { $: { aggregate: count } } }");
    assert!(
        expanded.contains("pub struct CountResponse {\n        pub posts: ::core::primitive::u64,\n    }"),
        "{expanded}"
    );
}

#[test]
fn a_fragment_expands_to_its_form() {
    let literal = schema_literal();
    let fragment =
        quote!(pub Card on posts { $: { fields: [title], order: { views: desc } }, author: { handle! } });
    insta::assert_snapshot!(beside_rows(super::fragment(quote!(#literal (crate::schema) #fragment))));
}
