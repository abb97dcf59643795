//! Calls at the edge of what is a query: too deep, no Rust, names that meet the words of the language.

use instant_schema::Rule;
use instant_schema::instaql::MAX_DEPTH;

use super::*;

fn expanded_items(call: &str) -> String {
    let literal = schema_literal();
    let call = TokenStream::from_str(call).unwrap();
    prettyplease::unparse(&syn::parse2(crate::query::query(quote!(#literal (crate::schema) #call))).unwrap())
}

#[test]
fn a_deep_query_is_refused_where_it_is_too_deep() {
    let nested = |open: &str, inner: &str, close: &str, levels: usize| {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    };
    let conditions = |levels| {
        format!("posts: {{ $: {{ where: {} }} }}", nested("{ or: [", "{ title: \"x\" }", "] }", levels))
    };
    let forms = |levels| format!("posts: {}", nested("{ author: { posts: ", "{}", "} }", levels));
    let both = |levels| {
        format!(
            "posts: {{ author: {{ $: {{ where: {} }} }} }}",
            nested("{ or: [", "{ id: x }", "] }", levels)
        )
    };
    // The root form, the `where` and what is nested in it are MAX_DEPTH levels.
    for fits in [conditions(MAX_DEPTH - 2), forms(MAX_DEPTH / 2 - 1), both(MAX_DEPTH - 3)] {
        assert_eq!(mistakes(&fits), Vec::<String>::new(), "{fits}");
    }
    // One too many, and so many that a reader without end would run out of stack.
    for levels in [1, 40, 400] {
        let too_deep = [
            (conditions(MAX_DEPTH - 2 + levels), 21 + 7 * (MAX_DEPTH - 1)),
            (forms(MAX_DEPTH / 2 + levels), 7 + 19 * (MAX_DEPTH / 2)),
            (both(MAX_DEPTH - 3 + levels), 31 + 7 * (MAX_DEPTH - 2)),
        ];
        for (query, column) in too_deep {
            let (diagnostics, _) = checked(&schema_literal(), query.parse().unwrap());
            let found = diagnostics.mistakes();
            let found: Vec<_> =
                found.iter().map(|(rule, text, span)| (*rule, *text, span.start().column)).collect();
            let message = "a query can be nested at most 50 levels deep: ask for the rest in another query";
            assert_eq!(found, [(Some(Rule::TooDeep), message, column)], "{query}");
        }
    }
    let list = nested("[", "\"x\"", "]", 40);
    assert_eq!(
        mistakes(&format!("posts: {{ $: {{ where: {{ title: {{ $in: {list} }} }} }} }}")),
        ["`posts.title` is compared with one value; write `title: { $in: [..] }` for several"]
    );
}

#[test]
fn a_filter_beside_an_attribute_called_and_keeps_its_condition() {
    let schema =
        Schema::from_json(r#"{"entities":{"posts":{"attrs":{"and":{"valueType":"number"}}}}}"#).unwrap();
    let literal = literal::encode(&schema, &Names::new(&schema, &Renames::default()), &|_, _| false);
    let tokens = TokenStream::from_str("posts: { $: { where: { and: 5, #filter } } }").unwrap();
    let template = checked(&literal, tokens).1.json;
    assert_eq!(template["posts"]["$"]["where"], serde_json::json!({ "and": [{ "and": 5 }, "\u{1}0"] }));
}

#[test]
fn what_is_no_rust_is_a_mistake_and_hides_no_other() {
    let cases = [
        ("posts: { $: { where: { title: a + + b, views: \"x\" } } }", "expected a Rust expression: "),
        ("posts: { $: { limit: , offset: -1 } }", "expected a value: `limit: ..`"),
        ("posts: { $: { limit: fn, offset: -1 } }", "expected a Rust expression: "),
        ("posts: {}, $$ruleParams: { a: 5 }, $$foo: {}", "expected a Rust expression: "),
        ("posts: {}, $$ruleParams, nope: {}", "expected a value"),
        ("posts: a::, nope: {}", "expected `{ .. }` or a fragment on `posts`"),
        ("posts: { ..5, nope: {} }", "expected a fragment after `..`"),
        ("posts: { ..A, ..B }, nope: {}", "one fragment says all there is in a row: keep one"),
        ("..posts, nope: {}", "expected a root entity: `posts: {}`"),
        (
            "posts: { $: { fields: [id?] } }, nope: {}",
            "`id` is always part of a row: write it without a marker",
        ),
    ];
    for (query, first) in cases {
        let found = mistakes(query);
        assert!(found.len() >= 2 && found[0].starts_with(first), "{query}: {found:?}");
    }
}

#[test]
fn a_forgotten_comma_hides_neither_the_value_nor_the_next_name() {
    let cases = [
        r#"posts: { $: { where: { title: "Hi" views: 5 } } }"#,
        "posts: { $: { where: { author.handle: &session.handle title?: title } } }",
        r#"posts: { $: { where: { title: f(x) author.handle: "ada" } } }"#,
        r#"posts: { $: { where: { views: { $gt: least } title: "Hi" } } }"#,
        "posts: { $: { limit: 1 where: { views: 5 } } }",
        "posts: { $: { limit: take order: { views: desc } } }",
        "posts: { $: { fields: [title views] } }",
        "posts: { author: Card comments: {} }",
        "posts: { author: { ..Card $: {} } }",
        "posts: Card $users: {}",
        r#"posts: { $: { where: { title: { $in: ["a" b] } } } }"#,
    ];
    for query in cases {
        assert_eq!(mistakes(query), ["expected `,` before this"], "{query}");
    }
}

#[test]
fn a_missing_value_takes_no_name_for_one() {
    let cases = [
        (
            "posts: { $: { where: { title: views: 5 } } }",
            "expected a value: `title: value` or `title: { $operator: value }`",
        ),
        ("posts: { $: { limit: where: { views: 5 } } }", "expected a value: `limit: ..`"),
        ("posts: { author: comments: {} }", "expected what to ask of it: `author: {}`"),
    ];
    for (query, mistake) in cases {
        assert_eq!(mistakes(query), [mistake], "{query}");
    }
}

#[test]
fn words_side_by_side_in_an_expression_miss_no_comma() {
    for expression in [
        "if a { b } else { c }",
        "match a { _ => 5 }",
        "a as f64 + b.c as f64",
        "f::<&'a T>(x)",
        "'a: { break 'a x }",
        "unsafe { *a }",
        "(|mut x: f64| x)(5.0)",
        "*&raw const a",
        "::core::f64::consts::PI",
        "<f64 as Default>::default()",
        "for<'a> |x: &'a f64| -> f64 { *x }",
        "await_it!{ x }.y",
        "async move { x }",
    ] {
        assert_eq!(
            mistakes(&format!("posts: {{ $: {{ where: {{ views: {expression} }} }} }}")),
            [""; 0],
            "{expression}"
        );
    }
}

#[test]
fn names_parameters_and_attributes_of_items_must_be_rust() {
    let cases = [
        ("pub fn() = { posts: {} }", "`fn` is a keyword of Rust: choose another name"),
        ("pub Feed(5) = { posts: {} }", "expected parameters such as `handle: &str`: "),
        ("pub Feed(self) = { posts: {} }", "expected parameters such as `handle: &str`: "),
        ("#[5] pub Feed() = { posts: {} }", "expected an attribute such as `#[derive(Eq)]`: "),
        ("pub(5) Feed() = { posts: {} }", "expected a visibility such as `pub(crate)`: "),
    ];
    for (item, message) in cases {
        let code = expanded_items(item);
        assert!(code.contains(&format!("compile_error! {{\n    \"{message}")), "{item}: {code}");
    }
}

#[test]
fn a_schema_with_an_unknown_value_type_is_an_error_and_not_json() {
    let (diagnostics, _) = checked("posts,Post,posts|title,xr", "posts: {}".parse().unwrap());
    assert_eq!(
        diagnostics.messages(),
        [
            "the schema describes `posts` in a way that this macro does not know: use one version of `instant-admin` \
             in all crates of the program"
        ]
    );
}
