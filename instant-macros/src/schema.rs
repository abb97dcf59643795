//! `include_schema!` and `schema!`: from the schema's JSON to the module a crate works with.

mod attributes;
mod enclosing;
mod entities;
mod inline;
mod options;
mod place;
mod rooms;
mod source;
mod transactions;
mod types;

use std::collections::HashSet;

use instant_schema::{LinkRef, Schema};
use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::depth;
use crate::diagnostics::first_span;
use crate::names::Names;
use crate::query;
use crate::root::rooted;
use crate::tokens;
use options::Options;

/// `include_schema!("instant.schema.json", ..options)`.
pub fn include_schema(input: TokenStream) -> TokenStream {
    if let Some(mistake) = depth::refuse(&input).or_else(|| refuse_in_function("include_schema")) {
        return mistake;
    }
    let (path, options, mut errors) = options::parse_include(tokens::without_groups_of_one(input));
    let Some(path) = path else {
        return expand(&Schema::default(), &options, errors, None, Span::call_site());
    };
    let (mut schema, file, problems) = source::read(&path.value());
    leave_clashes_out(&mut schema);
    errors.extend(problems.into_iter().map(|problem| syn::Error::new(path.span(), problem)));
    expand(&schema, &options, errors, file.as_deref(), Span::call_site().resolved_at(path.span()))
}

/// `schema! { ..options, "entities": {..}, "links": {..}, "rooms": {..} }`.
pub fn schema(input: TokenStream) -> TokenStream {
    if let Some(mistake) = depth::refuse(&input).or_else(|| refuse_in_function("schema")) {
        return mistake;
    }
    let (options, json, mut errors) = options::parse_inline(tokens::without_groups_of_one(input));
    let place = first_span(&json);
    let (mut schema, problems) = inline::read(json);
    leave_clashes_out(&mut schema);
    errors.extend(problems);
    expand(&schema, &options, errors, None, place)
}

/// Removes links whose label is taken on their entity. That is a problem of the schema, and code for both would only repeat
/// it in the compiler's words.
fn leave_clashes_out(schema: &mut Schema) {
    let attributes = schema.entities.iter().flat_map(|(entity, shape)| {
        let labels = shape.attributes.keys().map(String::as_str).chain(["id"]);
        labels.map(|label| (entity.clone(), label.to_owned()))
    });
    let mut taken: HashSet<(String, String)> = attributes.collect();
    schema.links.retain(|_, link| {
        let sides = [&link.forward, &link.reverse];
        sides.into_iter().all(|side| taken.insert((side.on.clone(), side.label.clone())))
    });
}

/// Returns the error to expand to if the call of `name!` is in a function. What a schema expands to does not resolve there,
/// and all that could be said more would be noise.
fn refuse_in_function(name: &str) -> Option<TokenStream> {
    let message = "a schema cannot be inside a function, because its queries name it by a path: write it in a module, \
                   such as `mod schema { .. }`, at the root of the crate";
    enclosing::is_in_function(name).then(|| quote!(::core::compile_error! { #message }))
}

/// Writes the whole expansion. A schema with errors is expanded as far as possible, so that editors keep working.
/// `named_at` is where the user names the schema.
fn expand(
    schema: &Schema,
    options: &Options,
    mut errors: Vec<syn::Error>,
    file: Option<&str>,
    named_at: Span,
) -> TokenStream {
    let renames = options.renames(schema, &mut errors);
    let types = options.types(schema, &mut errors);
    let names = Names::new(schema, &renames);
    options.check_names(&names, &renames, &mut errors);
    errors.extend(options.repeated());
    let context = Context { schema, names: &names, options, types: &types };

    let json = schema.to_json();
    let tracked =
        file.map(|file| quote! { const _: &[::core::primitive::u8] = ::core::include_bytes!(#file); });
    // If an argument cannot be read, a wrong module is not one more mistake.
    let place = errors.is_empty().then(|| place::check(options));
    let errors = errors.iter().map(syn::Error::to_compile_error);
    let entities = schema.entities.keys().map(|entity| entities::expand(&context, entity));
    let (checks, aliases) = (types.checks(), types.aliases(&names));
    let transactions = transactions::expand(&context);
    let rooms = rooms::expand(&context);
    let has_own_type = |entity: &str, label: &str| types.has(entity, label);
    let module = options.module();
    let root = options.root();
    let parts = query::WrapperParts {
        schema,
        names: &names,
        has_own_type: &has_own_type,
        json: &json,
        path: &quote!(#module),
        root: root.as_ref(),
        place: named_at,
    };
    let wrappers = query::wrappers(&parts);
    let expansion = quote! {
        #(#errors)*
        #tracked
        #place
        #checks
        /// The schema, for `Db::builder().schema(..)`.
        pub const SCHEMA: ::instant_admin::schema::StaticSchema = ::instant_admin::schema::StaticSchema::new(#json);
        #(#entities)*
        #transactions
        #rooms
        #aliases
        #wrappers
    };
    rooted(options.with_visibility(expansion), root.as_ref())
}

/// The schema and the names and types that every part of the expansion needs.
struct Context<'a> {
    schema: &'a Schema,
    names: &'a Names,
    options: &'a Options,
    types: &'a types::Types,
}

impl Context<'_> {
    /// The links of `entity` that lead to an entity of the schema.
    fn links(&self, entity: &str) -> impl Iterator<Item = LinkRef<'_>> {
        self.schema.links_of(entity).filter(|link| self.schema.entities.contains_key(link.target()))
    }
}

#[cfg(test)]
mod tests;
