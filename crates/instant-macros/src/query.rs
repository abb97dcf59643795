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
use quote::format_ident;

pub(crate) use wrapper::wrappers;

use member::string_of;
use plan::{Plan, Struct};

/// What the wrapper puts before the user's tokens.
struct Input {
    literal: String,
    schema: TokenStream,
    tokens: TokenStream,
}

/// Expands a call of `query!`, in either form.
pub(crate) fn query(tokens: TokenStream) -> TokenStream {
    let Some(input) = unwrapped(tokens) else { return called_directly("query") };
    if item::is_item(&input.tokens) {
        return item::query(input);
    }
    let mut plan = Plan::new(&input.literal, input.schema, String::new());
    let (template, fields) = form::roots(&mut plan, input.tokens);
    let response = Struct { name: format_ident!("Response"), entity: String::new(), fields };
    expand::expression(plan, &template, &response)
}

/// Expands a call of `fragment!`.
pub(crate) fn fragment(tokens: TokenStream) -> TokenStream {
    unwrapped(tokens).map_or_else(|| called_directly("fragment"), item::fragment)
}

/// Takes the wrapper's literal and path off.
fn unwrapped(tokens: TokenStream) -> Option<Input> {
    let mut tokens = tokens.into_iter();
    let literal = match tokens.next()? {
        TokenTree::Literal(literal) => string_of(&literal)?,
        _ => return None,
    };
    let schema = match tokens.next()? {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => group.stream(),
        _ => return None,
    };
    Some(Input { literal, schema, tokens: tokens.collect() })
}

fn called_directly(name: &str) -> TokenStream {
    let message = format!("use the `{name}!` that `include_schema!` makes: `use crate::schema::{name};`");
    let span = Span::call_site();
    quote::quote_spanned!(span=> ::core::compile_error! { #message })
}

#[cfg(test)]
mod tests;
