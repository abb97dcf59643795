//! `query!` and `fragment!`: InstaQL, checked against the schema, as typed Rust.
//!
//! The wrapper that `include_schema!` writes hands over the schema as a literal and its module's path; from there on
//! a call is a pure function of its tokens. They are read in one pass: `form`, `options`, `condition` and `value`
//! read what their names say into a [`plan`], and `expand` writes the plan out.

mod condition;
mod editor;
mod expand;
mod form;
mod item;
mod member;
mod options;
mod plan;
mod value;
mod wrapper;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

pub(crate) use wrapper::{Parts as WrapperParts, wrappers};

use crate::depth;
use member::string_of;
use plan::{Plan, Struct};

use crate::root::rooted;
use crate::tokens;

/// What the wrapper puts before the user's tokens.
struct Input {
    /// Whether an editor looks at the expansion.
    editor: bool,
    literal: String,
    schema: TokenStream,
    tokens: TokenStream,
}

/// Expands a call of `query!`, in either form.
pub(crate) fn query(tokens: TokenStream) -> TokenStream {
    if let Some(mistake) = depth::refuse(&tokens) {
        return mistake;
    }
    let Some((input, root)) = unwrapped(tokens) else { return called_directly("query") };
    rooted(expanded(input), root.as_ref())
}

fn expanded(input: Input) -> TokenStream {
    let shown = input.editor.then(|| editor::query(&input.literal, &input.schema, &input.tokens));
    if item::is_item(&input.tokens) {
        let items = item::query(&input);
        return quote!(#shown #items);
    }
    let mut plan = Plan::new(&input);
    let (template, fields) = form::roots(&mut plan, input.tokens);
    let response = Struct { name: format_ident!("Response"), entity: String::new(), fields };
    let query = expand::expression(plan, &template, &response);
    match shown {
        Some(shown) => quote!({ #shown #query }),
        None => query,
    }
}

/// Expands a call of `fragment!`.
pub(crate) fn fragment(tokens: TokenStream) -> TokenStream {
    if let Some(mistake) = depth::refuse(&tokens) {
        return mistake;
    }
    let Some((input, root)) = unwrapped(tokens) else { return called_directly("fragment") };
    let shown = input.editor.then(|| editor::fragment(&input.literal, &input.schema, &input.tokens));
    let items = item::fragment(&input);
    rooted(quote!(#shown #items), root.as_ref())
}

/// Expands the call beside the wrappers that gives editors the names of the schema. Behind the schema is the path of
/// `instant_admin` where it is another.
pub(crate) fn editor(tokens: TokenStream) -> TokenStream {
    let mut tokens = tokens.into_iter();
    let Some(TokenTree::Literal(literal)) = tokens.next() else { return TokenStream::new() };
    let root = Some(tokens.collect::<TokenStream>()).filter(|root| !root.is_empty());
    let offers = string_of(&literal).map(|schema| editor::offers(&schema, literal.span()));
    rooted(offers.unwrap_or_default(), root.as_ref())
}

/// Takes the wrapper's literal and paths off: that of the schema, and that of `instant_admin` where it is another.
fn unwrapped(tokens: TokenStream) -> Option<(Input, Option<TokenStream>)> {
    let mut tokens = tokens::without_groups_of_one(tokens).into_iter().peekable();
    let editor = tokens.next_if(|token| matches!(token, TokenTree::Ident(_))).is_some();
    let literal = match tokens.next()? {
        TokenTree::Literal(literal) => string_of(&literal)?,
        _ => return None,
    };
    let paths = match tokens.next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        _ => return None,
    };
    let mut paths = paths.into_iter();
    let between = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';');
    let schema = paths.by_ref().take_while(|token| !between(token)).collect();
    let root = Some(paths.collect::<TokenStream>()).filter(|root| !root.is_empty());
    Some((Input { editor, literal, schema, tokens: tokens.collect() }, root))
}

fn called_directly(name: &str) -> TokenStream {
    let message = format!("use the `{name}!` that `include_schema!` makes: `use crate::schema::{name};`");
    let span = Span::call_site();
    quote::quote_spanned!(span=> ::core::compile_error! { #message })
}

#[cfg(test)]
mod property;
#[cfg(test)]
mod tests;
