//! What is written between the parentheses: the path or the JSON, and the options.

use instant_schema::{Schema, suggest};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Path, Token, Type, braced, bracketed};

use super::types::Types;
use crate::names::Renames;

const OPTIONS: [&str; 4] = ["in", "types", "rename", "derive"];

/// The options as they were written.
#[derive(Default)]
pub struct Options {
    module: Option<Path>,
    types: Vec<(Name, Name, Type)>,
    renames: Vec<(Name, Ident)>,
    derives: Vec<Path>,
}

/// The name of an entity or attribute: `posts`, `$users`, `"blog posts"`.
struct Name {
    name: String,
    span: Span,
}

/// One option, or the path that `include_schema!` begins with.
enum Argument {
    Path(LitStr),
    In(Path),
    Types(Vec<(Name, Name, Type)>),
    Rename(Vec<(Name, Ident)>),
    Derive(Vec<Path>),
}

/// The path and the options of `include_schema!`, as far as they can be read.
pub fn parse_include(input: TokenStream) -> (Option<LitStr>, Options, Vec<syn::Error>) {
    let (mut path, mut options, mut errors) = (None, Options::default(), Vec::new());
    for argument in split(input) {
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

impl Options {
    fn set(&mut self, option: Argument) {
        match option {
            Argument::In(module) => self.module = Some(module),
            Argument::Types(types) => self.types.extend(types),
            Argument::Rename(renames) => self.renames.extend(renames),
            Argument::Derive(derives) => self.derives.extend(derives),
            Argument::Path(_) => {}
        }
    }

    /// The module that the expansion is in: `crate::schema` unless `in` says otherwise.
    pub fn module(&self) -> Path {
        self.module.clone().unwrap_or_else(|| syn::parse_quote!(crate::schema))
    }

    /// Where `in` was written.
    pub fn module_span(&self) -> Option<Span> {
        self.module.as_ref().map(Spanned::span)
    }

    /// What the entity structs derive beside `Debug`, `Clone` and `PartialEq`.
    pub fn derives(&self) -> &[Path] {
        &self.derives
    }

    /// The new names of entities, those of unknown ones noted.
    pub fn renames(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> Renames {
        let mut renames = Renames::new();
        for (entity, name) in &self.renames {
            if entity.is_entity_of(schema, errors) {
                renames.insert(entity.name.clone(), name.unraw().to_string());
            }
        }
        renames
    }

    /// The Rust types given to attributes, those of unknown ones noted.
    pub fn types(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> Types {
        let mut types = Types::default();
        for (entity, label, given) in &self.types {
            if !entity.is_entity_of(schema, errors) {
                continue;
            }
            let attributes = &schema.entities[&entity.name].attributes;
            if attributes.contains_key(&label.name) {
                types.insert(&entity.name, &label.name, given.clone());
            } else if schema.link(&entity.name, &label.name).is_some() {
                let message = format!("`{}` is a link: only attributes have a type of their own", label.name);
                errors.push(syn::Error::new(label.span, message));
            } else {
                let hint = suggest::hint(&label.name, "attributes", attributes.keys().map(String::as_str));
                let message = format!("`{}` has no attribute `{}`: {hint}", entity.name, label.name);
                errors.push(syn::Error::new(label.span, message));
            }
        }
        types
    }
}

impl Name {
    fn is_entity_of(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> bool {
        let known = schema.entities.contains_key(&self.name);
        // With a broken schema file nothing is known, and the file's own errors say enough.
        if !known && !schema.entities.is_empty() {
            let hint = suggest::hint(&self.name, "entities", schema.entities.keys().map(String::as_str));
            errors.push(syn::Error::new(self.span, format!("there is no entity `{}`: {hint}", self.name)));
        }
        known
    }
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
        "types" => {
            braced!(content in input);
            let types = Punctuated::<_, Token![,]>::parse_terminated_with(&content, |input| {
                let entity = input.parse()?;
                input.parse::<Token![.]>()?;
                let label = input.parse()?;
                input.parse::<Token![:]>()?;
                Ok((entity, label, input.parse()?))
            })?;
            Argument::Types(types.into_iter().collect())
        }
        "rename" => {
            braced!(content in input);
            let renames = Punctuated::<_, Token![,]>::parse_terminated_with(&content, |input| {
                let entity = input.parse()?;
                input.parse::<Token![:]>()?;
                Ok((entity, input.call(Ident::parse_any)?))
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

fn example(option: &Ident) -> &'static str {
    match option.to_string().as_str() {
        "in" => "in = crate::db::schema",
        "types" => "types = { posts.meta: crate::Meta }",
        "rename" => "rename = { $users: accounts }",
        _ => "derive = [serde::Serialize]",
    }
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
