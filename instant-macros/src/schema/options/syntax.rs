//! The arguments between the parentheses, read one by one: a mistake in one leaves the others.

use instant_schema::suggest;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Path, Token, Type, Visibility, braced, bracketed};

use super::Options;

const OPTIONS: [&str; 6] = ["in", "types", "rename", "derive", "visibility", "crate"];

/// A name of the schema: `posts`, `$users`, `"blog posts"`.
pub(super) struct Name {
    pub(super) name: String,
    pub(super) span: Span,
}

/// Names with dots between them: `posts.meta`.
pub(super) type Names = Vec<Name>;

/// One option, or the path that `include_schema!` begins with.
pub(super) enum Argument {
    Path(LitStr),
    In(Path),
    Types(Vec<(Names, Type)>),
    Rename(Vec<(Names, Ident)>),
    Derive(Vec<Path>),
    Visibility(Visibility),
    Crate(Path),
}

/// The path and the options of `include_schema!`, as far as they can be read.
pub fn parse_include(input: TokenStream) -> (Option<LitStr>, Options, Vec<syn::Error>) {
    let (mut path, mut options, mut errors) = (None, Options::default(), Vec::new());
    for (place, argument) in split(input).into_iter().enumerate() {
        let is_path = place == 0 && !is_option(&argument);
        if is_path && !matches!(argument.clone().into_iter().next(), Some(TokenTree::Literal(_))) {
            let message = "the path of the schema file is one string, such as \"instant.schema.json\" or \
                           \"$OUT_DIR/instant.schema.json\"; environment variables in it are expanded";
            errors.push(syn::Error::new_spanned(argument, message));
            continue;
        }
        match Argument::parse.parse2(argument) {
            Ok(Argument::Path(given)) if path.is_none() => path = Some(given),
            Ok(Argument::Path(second)) => {
                errors.push(syn::Error::new(
                    second.span(),
                    "there is one schema file to a module: remove this path",
                ));
            }
            Ok(option) => options.set(option),
            Err(error) => errors.push(error),
        }
    }
    if path.is_none() && errors.is_empty() {
        let message = "the path of the schema file is missing: write `include_schema!(\"instant.schema.json\")`; it \
                       is relative to the folder of Cargo.toml";
        errors.push(syn::Error::new(Span::call_site(), message));
    }
    (path, options, errors)
}

/// The options and the JSON of `schema!`. The JSON is the last argument in braces of its own, or all members.
pub fn parse_inline(input: TokenStream) -> (Options, TokenStream, Vec<syn::Error>) {
    let (mut options, mut json, mut errors) = (Options::default(), TokenStream::new(), Vec::new());
    for argument in split(input) {
        let mut tokens = argument.clone().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::Brace => {
                json.extend(group.stream());
            }
            // A name without quotes is a mistake that the reader of the JSON explains.
            _ if is_member(&argument) => {
                if !json.is_empty() {
                    json.extend([TokenTree::Punct(proc_macro2::Punct::new(
                        ',',
                        proc_macro2::Spacing::Alone,
                    ))]);
                }
                json.extend(argument);
            }
            _ => match Argument::parse.parse2(argument) {
                Ok(option) => options.set(option),
                Err(error) => errors.push(error),
            },
        }
    }
    (options, json, errors)
}

impl Parse for Name {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            let name: LitStr = input.parse()?;
            return Ok(Self { name: name.value(), span: name.span() });
        }
        let dollar: Option<Token![$]> = input.parse()?;
        let ident = input.call(Ident::parse_any)?;
        let prefix = if dollar.is_some() { "$" } else { "" };
        Ok(Self { name: format!("{prefix}{}", ident.unraw()), span: ident.span() })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return Ok(Self::Path(input.parse()?));
        }
        let name = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(
                error.span(),
                "expected the path of the schema file, or an option such as `in = crate::schema`",
            )
        })?;
        if !OPTIONS.contains(&name.to_string().as_str()) {
            let hint = suggest::hint(&name.to_string(), "options", OPTIONS);
            return Err(syn::Error::new(name.span(), format!("there is no option `{name}`: {hint}")));
        }
        input
            .parse::<Token![=]>()
            .map_err(|_| syn::Error::new(name.span(), format!("write `{}`", example(&name))))?;
        let argument = option(&name, input)
            .map_err(|error| syn::Error::new(error.span(), format!("{error}: write `{}`", example(&name))))?;
        Ok(argument)
    }
}

fn option(name: &Ident, input: ParseStream<'_>) -> syn::Result<Argument> {
    let content;
    Ok(match name.to_string().as_str() {
        "in" => Argument::In(input.call(Path::parse_mod_style)?),
        "crate" => Argument::Crate(input.call(Path::parse_mod_style)?),
        "visibility" => Argument::Visibility(visibility(input)?),
        "types" => {
            braced!(content in input);
            let types = Punctuated::<_, Token![,]>::parse_terminated_with(&content, |input| {
                Ok((dotted(input)?, input.parse()?))
            })?;
            Argument::Types(types.into_iter().collect())
        }
        "rename" => {
            braced!(content in input);
            let renames = Punctuated::<_, Token![,]>::parse_terminated_with(&content, |input| {
                let names = dotted(input)?;
                let given = input.call(Ident::parse_any);
                Ok((names, given.map_err(|error| syn::Error::new(error.span(), "expected a Rust name"))?))
            })?;
            Argument::Rename(renames.into_iter().collect())
        }
        _ => {
            bracketed!(content in input);
            let derives =
                Punctuated::<Path, Token![,]>::parse_terminated_with(&content, Path::parse_mod_style)?;
            Argument::Derive(derives.into_iter().collect())
        }
    })
}

/// `pub(crate)`, `pub(in crate::db)`: a visibility that means the same in every module.
fn visibility(input: ParseStream<'_>) -> syn::Result<Visibility> {
    let place = input.span();
    let visibility: Visibility = input.parse()?;
    let is_absolute = match &visibility {
        Visibility::Restricted(restricted) => {
            restricted.path.segments.first().is_some_and(|first| first.ident == "crate")
        }
        Visibility::Public(_) => true,
        Visibility::Inherited => false,
    };
    let message = "expected `pub(crate)` or `pub(in crate::..)`";
    if is_absolute { Ok(visibility) } else { Err(syn::Error::new(place, message)) }
}

/// `posts.meta:`
fn dotted(input: ParseStream<'_>) -> syn::Result<Names> {
    let mut names = vec![input.parse()?];
    while input.parse::<Option<Token![.]>>()?.is_some() {
        names.push(input.parse()?);
    }
    input.parse::<Token![:]>()?;
    Ok(names)
}

fn example(option: &Ident) -> &'static str {
    match option.to_string().as_str() {
        "in" => "in = crate::db::schema",
        "types" => "types = { posts.meta: crate::Meta }",
        "rename" => "rename = { $users: accounts, posts.type: kind }",
        "crate" => "crate = ::instant",
        "visibility" => "visibility = pub(crate)",
        _ => "derive = [serde::Serialize]",
    }
}

/// Whether this begins like an option, known or not: `types = ..`, or one word.
fn is_option(argument: &TokenStream) -> bool {
    let mut tokens = argument.clone().into_iter();
    let is_word = matches!(tokens.next(), Some(TokenTree::Ident(_)));
    let next = tokens.next();
    let has_equals = matches!(&next, Some(TokenTree::Punct(equals)) if equals.as_char() == '=');
    is_word && (has_equals || next.is_none())
}

/// Whether this is a member of a JSON object rather than an option.
fn is_member(argument: &TokenStream) -> bool {
    let mut tokens = argument.clone().into_iter();
    let name = tokens.next();
    let has_colon = matches!(tokens.next(), Some(TokenTree::Punct(colon)) if colon.as_char() == ':');
    has_colon || matches!(name, Some(TokenTree::Literal(_)))
}

/// The arguments between commas, empty ones left out. Commas between `<` and `>` cannot occur at this level.
fn split(input: TokenStream) -> Vec<TokenStream> {
    let mut arguments = vec![TokenStream::new()];
    for token in input {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => arguments.push(TokenStream::new()),
            _ => token.to_tokens(arguments.last_mut().expect("starts with one argument and only grows")),
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}
