//! A limit for how deep tokens are nested: readers are recursive and must not run out of stack in the middle of a build.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Expr;
use syn::parse::{Parse, ParseStream, Parser};

/// How many delimiters may be around a token. The deepest query needs about a hundred.
const MOST: usize = 150;
/// How many of them may be in an expression, whose parser takes more stack for each.
const MOST_IN_EXPRESSION: usize = 64;

/// Returns the error to expand to if tokens are nested too deep.
pub(crate) fn refuse(tokens: &TokenStream) -> Option<TokenStream> {
    let message =
        format!("this is nested more than {MOST} levels deep: give what is inside a name of its own");
    beyond(tokens.clone(), MOST).map(|span| quote_spanned!(span=> ::core::compile_error! { #message }))
}

/// Parses an expression, if it is not nested too deep.
pub(crate) fn expression(tokens: TokenStream) -> syn::Result<Expr> {
    match beyond(tokens.clone(), MOST_IN_EXPRESSION) {
        None => parsed(tokens, Expr::parse),
        Some(span) => {
            let message = format!("it is nested more than {MOST_IN_EXPRESSION} levels deep");
            Err(syn::Error::new(span, message))
        }
    }
}

/// Parses tokens. Something missing at the end is reported at the last token, not at the whole call.
pub(crate) fn parsed<T>(
    tokens: TokenStream,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let last = tokens.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(last);
    let parser = |input: ParseStream<'_>| {
        let content;
        syn::parenthesized!(content in input);
        parse(&content)
    };
    parser.parse2(TokenTree::from(group).into())
}

/// Returns the place of the first group that is inside `most` others.
fn beyond(tokens: TokenStream, most: usize) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if most == 0 => Some(group.span_open()),
        TokenTree::Group(group) => beyond(group.stream(), most - 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{query, schema};

    fn nested(open: &str, inner: &str, close: &str, levels: usize) -> String {
        format!("{}{inner}{}", open.repeat(levels), close.repeat(levels))
    }

    /// What each macro makes of a call that ends in these tokens.
    fn calls(tokens: &str) -> [TokenStream; 5] {
        let parse = |text: String| text.parse::<TokenStream>().unwrap();
        let literal = "\"posts,Post,posts|title,s|>l,o>posts\" (crate::schema)";
        [
            query::query(parse(format!("{literal} posts: {{ $: {{ where: {{ title: {tokens} }} }} }}"))),
            query::query(parse(format!("{literal} pub Feed() = {{ posts: {{ l: {tokens} }} }}"))),
            query::fragment(parse(format!("{literal} pub Card on posts {{ l: {tokens} }}"))),
            schema::schema(parse(format!("\"entities\": {tokens}"))),
            schema::include_schema(parse(format!("\"no.json\", types = {tokens}"))),
        ]
    }

    #[test]
    fn what_is_too_deep_is_refused_at_its_token_and_overflows_nothing() {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("{ l: ", "}"), ("- < (", ")")] {
            for levels in [20, MOST_IN_EXPRESSION, MOST_IN_EXPRESSION + 2, MOST - 12, MOST + 1, 2_000] {
                for call in calls(&nested(open, "", close, levels)) {
                    let text = call.to_string();
                    assert!(text.contains("compile_error") || levels <= MOST, "{open} {levels}: {text}");
                    let is_refused = text.contains("nested more than 150 levels");
                    assert_eq!(is_refused, levels > MOST, "{open} {levels}: {text}");
                }
            }
        }
        let tokens: TokenStream = nested("(", "x", ")", MOST + 3).parse().unwrap();
        assert_eq!(beyond(tokens, MOST).unwrap().start().column, MOST);
    }
}
