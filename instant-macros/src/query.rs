//! `query!` and `fragment!`: InstaQL, checked against the schema, as typed Rust.
//!
//! The wrapper that `include_schema!` writes hands over the schema as a literal and its module's path; from there on
//! a call is a pure function of its tokens. It goes through three walks: tokens are read into a [`tree`]; the [`check`]
//! of the tree by the schema's rules reports mistakes and leaves a [`checked`] call; [`emit`] writes that as Rust. What
//! editors see is a walk of the tree too ([`editor`]), which needs no valid call.

mod check;
mod checked;
mod editor;
mod emit;
mod item;
mod member;
mod tree;
mod wrapper;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote;

use check::{Checker, FormPlace};
use emit::Place;
use item::{FragmentItem, ItemMistakes, QueryItem};
use member::string_of;
pub(crate) use wrapper::{Parts as WrapperParts, wrappers};

use crate::depth;
use crate::root::rooted;
use crate::tokens;

/// A call as the wrapper makes it: the user's tokens, with the schema and its module before them.
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
    if item::is_item(&input.tokens) {
        return query_item(input);
    }
    let tree = tree::roots(input.tokens);
    let mut checker = Checker::new(&input.literal, input.editor);
    let query = check::query(&mut checker, &tree);
    let place = Place::new(input.schema.clone(), input.editor);
    let expression = emit::expression(&query, &checker.diagnostics.into_tokens(), &place);
    if input.editor {
        let shown = editor::query(&input.literal, &input.schema, &tree);
        return quote!({ #shown #expression });
    }
    expression
}

fn query_item(input: Input) -> TokenStream {
    let shown = input.editor.then(|| {
        let tree = tree::roots(item::last_braces(input.tokens.clone()));
        editor::query(&input.literal, &input.schema, &tree)
    });
    let mut checker = Checker::new(&input.literal, input.editor);
    let mut mistakes = ItemMistakes { diagnostics: &mut checker.diagnostics, editor: input.editor };
    let Some(item) = QueryItem::read(input.tokens, &mut mistakes) else {
        let mistakes = checker.diagnostics.into_tokens();
        return quote!(#shown #mistakes);
    };
    let query = check::query(&mut checker, &tree::roots(item.body.clone()));
    let mistakes = checker.diagnostics.into_tokens();
    let items = emit::query_item(item, &query, &mistakes, &Place::new(input.schema, input.editor));
    quote!(#shown #items)
}

/// Expands a call of `fragment!`.
pub(crate) fn fragment(tokens: TokenStream) -> TokenStream {
    if let Some(mistake) = depth::refuse(&tokens) {
        return mistake;
    }
    let Some((input, root)) = unwrapped(tokens) else { return called_directly("fragment") };
    let shown = input.editor.then(|| {
        let tree = tree::roots(item::behind_on(input.tokens.clone()));
        editor::fragment(&input.literal, &input.schema, &tree)
    });
    let items = fragment_item(input);
    rooted(quote!(#shown #items), root.as_ref())
}

fn fragment_item(input: Input) -> TokenStream {
    let mut checker = Checker::of_fragment(&input.literal, input.editor);
    let mut mistakes = ItemMistakes { diagnostics: &mut checker.diagnostics, editor: input.editor };
    let Some(item) = FragmentItem::read(input.tokens, &mut mistakes) else {
        return checker.diagnostics.into_tokens();
    };
    let (on, span) = &item.on;
    let Some(entity) = checker.entity(on, *span) else { return checker.diagnostics.into_tokens() };
    item.check_end(&mut ItemMistakes { diagnostics: &mut checker.diagnostics, editor: input.editor });
    let tree = tree::form(item.body.clone().unwrap_or_default());
    let form = check::form_body(&mut checker, &entity, &tree, FormPlace::Fragment(on));
    let mistakes = checker.diagnostics.into_tokens();
    emit::fragment_item(item, &form, &mistakes, &Place::new(input.schema, input.editor))
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
mod tests;
