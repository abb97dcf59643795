//! Queries and fragments with names: `pub Feed(handle: &str) = { .. }` and `pub AuthorCard on $users { .. }`.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, PatType, Token};

use super::Input;
use super::expand::{self, Declaration};
use super::form::{self, Level, Rows};
use super::member::{plain, string_of};
use super::plan::{Plan, Struct};
use crate::depth;
use crate::names::is_keyword;

/// What stands before the name: attributes, sorted by where they go, and the visibility.
struct Head {
    /// Documentation: on the query or fragment itself.
    docs: TokenStream,
    /// Everything else, such as derives: on every struct of the answer.
    attributes: TokenStream,
    visibility: TokenStream,
}

type Tokens = std::iter::Peekable<proc_macro2::token_stream::IntoIter>;

/// Whether tokens begin an item rather than a root entity.
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
pub(crate) fn query(input: &Input) -> TokenStream {
    let mut tokens = input.tokens.clone().into_iter().peekable();
    let mut plan = Plan::new(input);
    let head = head(&mut tokens, &mut plan);
    let Some(name) = name(&mut tokens, &mut plan) else {
        return mistake(plan, Span::call_site(), "expected a name: `pub Feed(handle: &str) = { posts: {} }`");
    };
    plan.prefix = plain(&name);
    let generics = generics(&mut tokens);
    let generics =
        parsed(&mut plan, generics, syn::Generics::parse, "type parameters such as `<T: IntoValue<String>>`");
    let params = next_group(&mut tokens, Delimiter::Parenthesis).map(|group| group.stream());
    let params = params.unwrap_or_default();
    let expected = "parameters such as `handle: &str`";
    let params = parsed(&mut plan, params, Parameters::parse_terminated, expected);
    eat(&mut tokens, '=');
    let body = next_group(&mut tokens, Delimiter::Brace);
    if body.is_none() {
        let message = format!("expected `= {{ .. }}` after `{name}` and its parameters");
        plan.diagnostics.report(name.span(), message);
    }
    eat(&mut tokens, ';');
    if let Some(rest) = tokens.next() {
        plan.diagnostics.report(rest.span(), "one `query!` holds one query: put this into its own");
    }
    let body = body.map(|group| group.stream()).unwrap_or_default();
    let (template, fields) = form::roots(&mut plan, body);
    let response = format_ident!("{}Response", plain(&name), span = plan.place);
    let response = Struct { name: response, entity: String::new(), fields };

    let Head { docs, attributes, visibility } = head;
    let seen = Declaration { attributes, fields: visibility.clone(), visibility };
    let structs = expand::structs(&mut plan, &response, &seen);
    let prepared = expand::prepared(&plan, &template, &response.name);
    let evaluated = expand::evaluated(&plan, &prepared);
    let place = plan.place;
    let mistakes = plan.diagnostics.into_tokens();
    let (visibility, response) = (&seen.visibility, &response.name);
    // A lint on it is about the query.
    let new = Ident::new("new", place);
    quote! {
        #structs
        #docs
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #visibility struct #name(::instant_admin::query::Prepared<#response>);
        impl #name {
            /// The query with these values.
            #[allow(dead_code, clippy::new_without_default, clippy::needless_pass_by_value)]
            #visibility fn #new #generics(#params) -> Self {
                Self(#evaluated)
            }
        }
        impl ::instant_admin::Query for #name {
            type Response = #response;
            fn instaql(&self) -> ::core::result::Result<::instant_admin::__private::Value, ::instant_admin::Error> {
                self.0.instaql()
            }
            fn schema(&self) -> ::core::option::Option<::instant_admin::schema::StaticSchema> {
                ::instant_admin::Query::schema(&self.0)
            }
            fn decode_with(
                body: &[u8],
                meta: ::instant_admin::page::AnswerMeta,
            ) -> ::core::result::Result<Self::Response, ::instant_admin::Error> {
                <::instant_admin::query::Prepared<#response> as ::instant_admin::Query>::decode_with(body, meta)
            }
        }
        #mistakes
    }
}

/// `#[derive(..)] pub AuthorCard on $users { .. }`
pub(crate) fn fragment(input: &Input) -> TokenStream {
    let mut tokens = input.tokens.clone().into_iter().peekable();
    let mut plan = Plan::new(input);
    plan.constant = true;
    let head = head(&mut tokens, &mut plan);
    let expected = "expected a fragment: `pub AuthorCard on $users { $: { fields: [handle] } }`";
    let Some(name) = name(&mut tokens, &mut plan) else {
        return mistake(plan, Span::call_site(), expected);
    };
    if next_ident(&mut tokens).is_none_or(|on| on != "on") {
        return mistake(plan, name.span(), expected);
    }
    let Some((entity_name, span)) = entity_name(&mut tokens) else {
        return mistake(plan, name.span(), expected);
    };
    let Some(entity) = plan.entity(&entity_name, span) else { return plan.diagnostics.into_tokens() };
    let body = next_group(&mut tokens, Delimiter::Brace);
    if body.is_none() {
        plan.diagnostics.report(name.span(), format!("expected `{{ .. }}` after `on {entity_name}`"));
    }
    if let Some(rest) = tokens.next() {
        plan.diagnostics.report(rest.span(), "one `fragment!` holds one fragment: put this into its own");
    }
    let body = body.map(|group| group.stream()).unwrap_or_default();
    let level = Level::Link(&entity_name);
    let wanted = plain(&name);
    let read = form::body_of(&mut plan, &entity, body, level, &wanted, &wanted);
    let Head { docs, attributes, visibility } = head;
    let seen = Declaration { attributes, fields: visibility.clone(), visibility };
    let mut rows = std::mem::take(&mut plan.structs);
    // The user's own token, for go-to.
    rows.iter_mut().filter(|row| row.name == name).for_each(|row| row.name = name.clone());
    let structs: TokenStream = rows
        .iter()
        .map(|row| {
            let docs = (row.name == wanted).then_some(&docs);
            let row = expand::written(row, &seen);
            quote!(#docs #row)
        })
        .collect();
    let (on, form) = (plan.entity_type(&entity), read.json.to_string());
    let parts = (!plan.values.is_empty()).then(|| {
        let parts = expand::parts(&plan);
        let parts = expand::evaluated(&plan, &quote!(::std::vec::Vec::from([#parts])));
        quote! {
            fn parts(depth: ::core::primitive::usize) -> ::std::vec::Vec<::instant_admin::__private::Hole> {
                #parts
            }
        }
    });
    let mistakes = plan.diagnostics.into_tokens();
    let row = match read.rows {
        Rows::Type(row) => row,
        Rows::Fragment(..) | Rows::Count => return mistakes,
    };
    let row = quote_spanned!(name.span()=> #row);
    // Wholly at the name, where messages that list what a type is a fragment on show it.
    let is_fragment =
        quote_spanned!(name.span()=> impl ::instant_admin::Fragment<#on> for #row { type Row = Self; });
    quote! {
        #mistakes
        #structs
        impl ::instant_admin::__private::Form for #row {
            type Row = Self;
            const FORM: &'static str = #form;
            #parts
        }
        #is_fragment
    }
}

/// What is left to say where there is nothing to expand.
fn mistake(mut plan: Plan, span: Span, message: &str) -> TokenStream {
    plan.diagnostics.report(span, message);
    plan.diagnostics.into_tokens()
}

type Parameters = Punctuated<PatType, Token![,]>;

/// Tokens of the user that go into the expansion as they are, if they are what is expected there.
fn parsed<T>(
    plan: &mut Plan,
    tokens: TokenStream,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
    expected: &str,
) -> TokenStream {
    match depth::parsed(tokens.clone(), parse) {
        Ok(_) => tokens,
        // Editors read on by themselves, also what is half-typed.
        Err(_) if plan.editor => tokens,
        Err(error) => {
            plan.diagnostics.report(error.span(), format!("expected {expected}: {error}"));
            TokenStream::new()
        }
    }
}

fn head(tokens: &mut Tokens, plan: &mut Plan) -> Head {
    let mut head =
        Head { docs: TokenStream::new(), attributes: TokenStream::new(), visibility: TokenStream::new() };
    while eat(tokens, '#') {
        let Some(group) = next_group(tokens, Delimiter::Bracket) else { break };
        let is_doc =
            matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc");
        let attribute = quote!(# #group);
        let attribute =
            parsed(plan, attribute, Attribute::parse_outer, "an attribute such as `#[derive(Eq)]`");
        if is_doc { head.docs.extend(attribute) } else { head.attributes.extend(attribute) }
    }
    if matches!(tokens.peek(), Some(TokenTree::Ident(word)) if word == "pub") {
        let mut visibility: TokenStream = tokens.next().into_iter().collect();
        visibility.extend(next_group(tokens, Delimiter::Parenthesis).map(TokenTree::Group));
        head.visibility =
            parsed(plan, visibility, syn::Visibility::parse, "a visibility such as `pub(crate)`");
    }
    head
}

/// The name of a query or fragment.
fn name(tokens: &mut Tokens, plan: &mut Plan) -> Option<Ident> {
    let name = next_ident(tokens)?;
    plan.stand_at(name.span());
    if !is_keyword(&name.to_string()) {
        return Some(name);
    }
    plan.diagnostics.report(name.span(), format!("`{name}` is a keyword of Rust: choose another name"));
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
