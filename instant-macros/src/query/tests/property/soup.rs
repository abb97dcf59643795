//! Tokens that are no query and no schema: whatever stands in a call, it expands to Rust, and to a mistake where it is
//! one.

use std::str::FromStr;

use instant_schema::{Schema, instaql};
use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use proptest::collection::vec;
use proptest::prelude::*;
use quote::quote;

use super::choices::Choices;
use super::written::written;
use super::{Template, literal_of, planned, tokens_of};
use crate::schema;

/// Words that a call can be made of, right and wrong.
const WORDS: [&str; 40] = [
    "posts",
    "users",
    "title",
    "views",
    "type",
    "and",
    "or",
    "id",
    "l0",
    "r0",
    "l1",
    "where",
    "order",
    "limit",
    "first",
    "fields",
    "after",
    "aggregate",
    "count",
    "asc",
    "gt",
    "in",
    "isNull",
    "like",
    "ruleParams",
    "pub",
    "on",
    "fn",
    "match",
    "self",
    "true",
    "null",
    "Card",
    "Feed",
    "crate",
    "_",
    "dyn",
    "async",
    "r#type",
    "derive",
];
const MARKS: [char; 22] = [
    ':', ',', '$', '#', '.', '?', '!', '=', ';', '<', '>', '|', '-', '&', '*', '\'', '@', '/', '+', '%', '^',
    '~',
];
const LITERALS: [&str; 12] = [
    "5",
    "-1",
    "1.5",
    "\"a\"",
    "\"blog posts\"",
    "\"2024-12-31\"",
    "'c'",
    "b\"x\"",
    "5u8",
    "1e400",
    "\"\\u{1}0\"",
    "c\"x\"",
];

impl Choices {
    fn token(&mut self, depth: usize) -> TokenTree {
        match self.below(9) {
            0 if depth < 4 => {
                let delimiter =
                    [Delimiter::Brace, Delimiter::Bracket, Delimiter::Parenthesis, Delimiter::None];
                let tokens = (0..self.below(6)).map(|_| self.token(depth + 1)).collect();
                Group::new(delimiter[self.below(4)], tokens).into()
            }
            1..=3 => Punct::new(MARKS[self.below(MARKS.len())], Spacing::Alone).into(),
            4 => {
                let literals = TokenStream::from_str(LITERALS[self.below(LITERALS.len())]).unwrap();
                literals.into_iter().last().unwrap_or_else(|| Literal::u8_unsuffixed(0).into())
            }
            _ => match WORDS[self.below(WORDS.len())] {
                raw if raw.starts_with("r#") => Ident::new_raw(&raw[2..], Span::call_site()).into(),
                word => Ident::new(word, Span::call_site()).into(),
            },
        }
    }

    /// The tokens with one deleted, doubled, swapped with the next or replaced, in some group.
    fn mutated(&mut self, tokens: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        if tokens.is_empty() {
            return std::iter::once(self.token(0)).collect();
        }
        let at = self.below(tokens.len());
        let inside = tokens.iter().skip(at).position(|token| matches!(token, TokenTree::Group(_)));
        if let Some(group) = inside.filter(|_| !self.once_in(4)).map(|skipped| at + skipped)
            && let TokenTree::Group(inner) = &tokens[group]
        {
            tokens[group] = Group::new(inner.delimiter(), self.mutated(inner.stream())).into();
            return tokens.into_iter().collect();
        }
        match self.below(4) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => {
                let next = (at + 1) % tokens.len();
                tokens.swap(at, next);
            }
            _ => tokens[at] = self.token(2),
        }
        tokens.into_iter().collect()
    }
}

/// Expands a call in each of the forms it can have, and gives whether a mistake was found in each.
fn expanded(literal: &str, tokens: &TokenStream) -> Result<[bool; 4], TestCaseError> {
    let name = quote!(pub Feed(take: u32) =);
    let calls = [
        crate::query::query(quote!(#literal (crate::schema) #tokens)),
        crate::query::query(quote!(#literal (crate::schema) #name { #tokens })),
        crate::query::fragment(quote!(#literal (crate::schema) #tokens)),
        crate::query::fragment(quote!(#literal (crate::schema) pub Card on posts { #tokens })),
    ];
    let mut refused = [false; 4];
    for (call, refused) in calls.into_iter().zip(&mut refused) {
        *refused = call.to_string().contains("compile_error");
        let as_items = syn::parse2::<syn::File>(call.clone());
        let as_expression = syn::parse2::<syn::Expr>(quote!({ #call }));
        prop_assert!(as_items.is_ok() || as_expression.is_ok(), "{tokens}\ngives\n{call}");
    }
    Ok(refused)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tokens_expand_to_rust(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(bytes);
        let schema = choices.schema();
        let tokens = (0..choices.below(30)).map(|_| choices.token(0)).collect();
        expanded(&literal_of(&schema), &tokens)?;
        let schemas = [
            schema::schema(quote!(#tokens)),
            schema::schema(quote!("entities": { "posts": { "attrs": { #tokens } } })),
            schema::schema(quote!("entities": {}, "links": #tokens)),
            schema::include_schema(quote!(#tokens)),
            schema::include_schema(quote!("no.json", types = { #tokens }, rename = { #tokens })),
        ];
        for schema in schemas {
            prop_assert!(syn::parse2::<syn::File>(schema.clone()).is_ok(), "{tokens}\ngives\n{schema}");
        }
    }

    /// An empty file among them: most bytes of a schema file are needed.
    #[test]
    fn a_schema_with_bytes_changed_expands_to_rust(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(bytes);
        let mut json = choices.schema().to_json().into_bytes();
        for _ in 0..choices.below(4) {
            let at = choices.below(json.len());
            let end = (at + choices.below(9)).min(json.len());
            let piece = ["", "\"", "}", "{", ",", "\"id\"", "$", "\u{fc}", "\n", "null", "5"][choices.below(11)];
            json.splice(at..end, piece.bytes());
        }
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), &json)?;
        let path = file.path().to_str();
        let expansion = schema::include_schema(quote!(#path));
        let found = Schema::from_slice(&json).err().map_or(0, |errors| errors.iter().len());
        let text = expansion.to_string();
        prop_assert_eq!(text.matches(":: core :: compile_error !").count(), found, "{}", text);
        prop_assert!(syn::parse2::<syn::File>(expansion).is_ok(), "{}", text);
    }

    #[test]
    fn a_valid_query_with_a_token_changed_expands_to_rust(bytes in vec(any::<u8>(), 0..400)) {
        let mut choices = Choices::new(bytes);
        let schema = choices.schema();
        let query = choices.query(&schema);
        let tokens = tokens_of(&written(&query, &mut choices).text);
        let literal = literal_of(&schema);
        prop_assert!(!expanded(&literal, &tokens)?[..2].contains(&true), "{tokens}");
        let tokens = choices.mutated(tokens);
        let refused = expanded(&literal, &tokens)?;
        let (diagnostics, Template { json: sent, holes }) = planned(&schema, tokens.clone());
        let mistakes = diagnostics.messages();
        prop_assert_eq!(refused[1], !mistakes.is_empty(), "{}: {:?}", &tokens, mistakes);
        if mistakes.is_empty() && holes.is_empty() {
            prop_assert_eq!(instaql::check(&schema, &sent), vec![], "{}", tokens);
        }
    }
}
