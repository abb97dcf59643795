//! Queries and fragments with names: `pub Feed(handle: &str) = { .. }` and `pub AuthorCard on $users { .. }`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, PatType, Token};

use super::member::{plain, string_of};
use crate::depth;
use crate::diagnostics::Diagnostics;
use crate::names::is_keyword;

/// The part before the name: attributes, sorted by where they go, and the visibility.
pub(crate) struct Head {
    /// Documentation: on the query or fragment itself.
    pub(crate) docs: TokenStream,
    /// Everything else, such as derives: on every struct of the answer.
    pub(crate) attributes: TokenStream,
    pub(crate) visibility: TokenStream,
}

type Tokens = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

/// Returns whether tokens begin an item, not a root entity.
pub(crate) fn is_item(tokens: &TokenStream) -> bool {
    let mut tokens = tokens.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Punct(hash)), Some(TokenTree::Group(group))) => {
            hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket
        }
        (Some(TokenTree::Ident(word)), Some(TokenTree::Ident(_))) => word == "pub",
        (Some(TokenTree::Ident(_)), Some(TokenTree::Group(group))) => {
            group.delimiter() == Delimiter::Parenthesis
        }
        (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(punct))) => matches!(punct.as_char(), '=' | '<'),
        _ => false,
    }
}

/// `/// doc \n pub Feed(handle: &str, take: u32) = { .. }`
pub(crate) struct QueryItem {
    pub(crate) head: Head,
    pub(crate) name: Ident,
    pub(crate) generics: TokenStream,
    pub(crate) params: TokenStream,
    pub(crate) body: TokenStream,
}

/// `#[derive(..)] pub AuthorCard on $users { .. }`
pub(crate) struct FragmentItem {
    pub(crate) head: Head,
    pub(crate) name: Ident,
    /// The name of the entity, and its place.
    pub(crate) on: (String, Span),
    /// The tokens in its braces, if there are any.
    pub(crate) body: Option<TokenStream>,
    /// The first token after them.
    rest: Option<TokenTree>,
}

impl QueryItem {
    /// Reads a query with a name; `None` where there is no name.
    pub(crate) fn read(tokens: TokenStream, mistakes: &mut ItemMistakes<'_>) -> Option<Self> {
        let mut tokens = tokens.into_iter().peekable();
        let head = head(&mut tokens, mistakes);
        let Some(name) = name(&mut tokens, mistakes) else {
            let expected = "expected a name: `pub Feed(handle: &str) = { posts: {} }`";
            mistakes.diagnostics.report(Span::call_site(), expected);
            return None;
        };
        let expected = "type parameters such as `<T: IntoValue<String>>`";
        let generics = mistakes.parsed(generics(&mut tokens), syn::Generics::parse, expected);
        let params = next_group(&mut tokens, Delimiter::Parenthesis).map(|group| group.stream());
        let expected = "parameters such as `handle: &str`";
        let params = mistakes.parsed(params.unwrap_or_default(), Parameters::parse_terminated, expected);
        eat(&mut tokens, '=');
        let body = next_group(&mut tokens, Delimiter::Brace);
        if body.is_none() {
            let message = format!("expected `= {{ .. }}` after `{name}` and its parameters");
            mistakes.diagnostics.report(name.span(), message);
        }
        eat(&mut tokens, ';');
        if let Some(rest) = tokens.next() {
            let message = "one `query!` holds one query: put this into its own";
            mistakes.diagnostics.report(rest.span(), message);
        }
        let body = body.map(|group| group.stream()).unwrap_or_default();
        Some(Self { head, name, generics, params, body })
    }
}

impl FragmentItem {
    /// Reads a fragment; `None` where there is no name or entity.
    pub(crate) fn read(tokens: TokenStream, mistakes: &mut ItemMistakes<'_>) -> Option<Self> {
        let mut tokens = tokens.into_iter().peekable();
        let head = head(&mut tokens, mistakes);
        let name = name(&mut tokens, mistakes);
        let place = name.as_ref().map_or_else(Span::call_site, Ident::span);
        let is_on = name.is_some() && next_ident(&mut tokens).is_some_and(|on| on == "on");
        let on = is_on.then(|| entity_name(&mut tokens)).flatten();
        let (Some(name), Some(on)) = (name, on) else {
            let expected = "expected a fragment: `pub AuthorCard on $users { $: { fields: [handle] } }`";
            mistakes.diagnostics.report(place, expected);
            return None;
        };
        let body = next_group(&mut tokens, Delimiter::Brace);
        let rest = tokens.next();
        Some(Self { head, name, on, body: body.map(|group| group.stream()), rest })
    }

    /// Reports what is missing, or too much, behind the entity.
    pub(crate) fn check_end(&self, mistakes: &mut ItemMistakes<'_>) {
        if self.body.is_none() {
            let message = format!("expected `{{ .. }}` after `on {}`", self.on.0);
            mistakes.diagnostics.report(self.name.span(), message);
        }
        if let Some(rest) = &self.rest {
            let message = "one `fragment!` holds one fragment: put this into its own";
            mistakes.diagnostics.report(rest.span(), message);
        }
    }
}

/// Returns the tokens in the last braces of a query with a name, even if it is half-written.
pub(crate) fn last_braces(tokens: TokenStream) -> TokenStream {
    let groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    groups.last().unwrap_or_default()
}

/// Returns the tokens after the `on` of a fragment, even if it is half-written: `$users { .. }`.
pub(crate) fn behind_on(tokens: TokenStream) -> TokenStream {
    let is_on = |token: &TokenTree| matches!(token, TokenTree::Ident(on) if on == "on");
    tokens.into_iter().skip_while(|token| !is_on(token)).skip(1).collect()
}

type Parameters = Punctuated<PatType, Token![,]>;

/// The mistakes in an item.
pub(crate) struct ItemMistakes<'a> {
    pub(crate) diagnostics: &'a mut Diagnostics,
    /// Whether an editor looks at the expansion: it reads on by itself, also what is half-typed.
    pub(crate) editor: bool,
}

impl ItemMistakes<'_> {
    /// Lets tokens of the user go into the expansion as they are, if they are what is expected there.
    fn parsed<T>(
        &mut self,
        tokens: TokenStream,
        parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
        expected: &str,
    ) -> TokenStream {
        match depth::parsed(tokens.clone(), parse) {
            Ok(_) => tokens,
            Err(_) if self.editor => tokens,
            Err(error) => {
                self.diagnostics.report(error.span(), format!("expected {expected}: {error}"));
                TokenStream::new()
            }
        }
    }
}

fn head(tokens: &mut Tokens, mistakes: &mut ItemMistakes<'_>) -> Head {
    let mut head =
        Head { docs: TokenStream::new(), attributes: TokenStream::new(), visibility: TokenStream::new() };
    while eat(tokens, '#') {
        let Some(group) = next_group(tokens, Delimiter::Bracket) else { break };
        let is_doc =
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc");
        let attribute = quote!(# #group);
        let attribute =
            mistakes.parsed(attribute, Attribute::parse_outer, "an attribute such as `#[derive(Eq)]`");
        if is_doc { head.docs.extend(attribute) } else { head.attributes.extend(attribute) }
    }
    if matches!(tokens.peek(), Some(TokenTree::Ident(word)) if word == "pub") {
        let mut visibility: TokenStream = tokens.next().into_iter().collect();
        visibility.extend(next_group(tokens, Delimiter::Parenthesis).map(TokenTree::Group));
        head.visibility =
            mistakes.parsed(visibility, syn::Visibility::parse, "a visibility such as `pub(crate)`");
    }
    head
}

/// The name of a query or fragment.
fn name(tokens: &mut Tokens, mistakes: &mut ItemMistakes<'_>) -> Option<Ident> {
    let name = next_ident(tokens)?;
    if !is_keyword(&name.to_string()) {
        return Some(name);
    }
    mistakes.diagnostics.report(name.span(), format!("`{name}` is a keyword of Rust: choose another name"));
    Some(format_ident!("Unnamed", span = name.span()))
}

fn next_ident(tokens: &mut Tokens) -> Option<Ident> {
    match tokens.peek() {
        Some(TokenTree::Ident(ident)) => {
            let ident = ident.clone();
            tokens.next();
            Some(ident)
        }
        _ => None,
    }
}

fn next_group(tokens: &mut Tokens, delimiter: Delimiter) -> Option<Group> {
    match tokens.peek() {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
            let group = group.clone();
            tokens.next();
            Some(group)
        }
        _ => None,
    }
}

fn eat(tokens: &mut Tokens, letter: char) -> bool {
    let found = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    if found {
        tokens.next();
    }
    found
}

/// `<'a, T: StringFor<posts::title>>`: the parameters of `new`.
fn generics(tokens: &mut Tokens) -> TokenStream {
    let mut generics = TokenStream::new();
    let (mut open, mut before) = (0_u32, ' ');
    while let Some(token) = tokens.peek() {
        let letter = if let TokenTree::Punct(punct) = token { punct.as_char() } else { ' ' };
        match (before, letter) {
            (_, '<') => open += 1,
            // Not of an arrow, as in `F: Fn() -> T`.
            (before, '>') if before != '-' => open = open.saturating_sub(1),
            _ if open == 0 => break,
            _ => {}
        }
        before = letter;
        generics.extend(tokens.next());
        if open == 0 {
            break;
        }
    }
    generics
}

/// `posts`, `$users`, `"a name"`
fn entity_name(tokens: &mut Tokens) -> Option<(String, Span)> {
    let mut name = String::new();
    while eat(tokens, '$') {
        name.push('$');
    }
    match tokens.next()? {
        TokenTree::Ident(ident) => Some((format!("{name}{}", plain(&ident)), ident.span())),
        TokenTree::Literal(literal) => Some((string_of(&literal)?, literal.span())),
        _ => None,
    }
}
