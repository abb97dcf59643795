//! Writing out the plan of a call as Rust.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use serde_json::Value as Json;

use super::plan::{Filled, Plan, Struct};
use crate::row;
use crate::serial_names::SerialNames;

/// How the structs of an answer are seen from outside.
pub(crate) struct Declaration {
    pub(crate) attributes: TokenStream,
    pub(crate) visibility: TokenStream,
    /// The visibility of the fields.
    pub(crate) fields: TokenStream,
}

impl Declaration {
    /// Structs inside an expression. Nobody can name them, so their fields are simply open; the structs are not, since
    /// a fragment that they hold may be private.
    pub(crate) fn local() -> Self {
        Self { attributes: TokenStream::new(), visibility: TokenStream::new(), fields: quote!(pub) }
    }
}

/// The expression form: a block that evaluates to the query.
pub(crate) fn expression(mut plan: Plan, template: &Json, response: &Struct) -> TokenStream {
    let seen = Declaration::local();
    let structs = structs(&mut plan, response, &seen);
    let query = prepared(&plan, template, &response.name);
    let mistakes = std::mem::take(&mut plan.diagnostics).into_tokens();
    // Mistakes come after the values: editors find a value by how much text there is before it.
    evaluated(&plan, &quote!(#mistakes #structs #query))
}

/// `body` with the user's expressions evaluated before it, where none of its names are known.
pub(crate) fn evaluated(plan: &Plan, body: &TokenStream) -> TokenStream {
    let values = &plan.values;
    let expressions = values.iter().map(|value| &value.expression);
    let variables = values.iter().enumerate().map(variable);
    // Editors ask for completion where a value is still missing, so its place is always there for them.
    if values.is_empty() && !plan.editor {
        quote!({ #body })
    } else {
        quote!(match (#(#expressions,)*) { (#(#variables,)*) => { #body } })
    }
}

/// The call that makes the query of its template and its values.
pub(crate) fn prepared(plan: &Plan, template: &Json, response: &Ident) -> TokenStream {
    let template = template.to_string();
    let parts = parts(plan);
    let schema = &plan.schema;
    quote!(::instant_admin::query::Prepared::<#response>::__new(#template, [#parts], #schema::SCHEMA))
}

/// The values as parts of the query, with commas between them.
pub(crate) fn parts(plan: &Plan) -> TokenStream {
    let parts = plan.values.iter().enumerate().map(|(index, value)| {
        let path = &value.path;
        let variable = variable((index, value));
        let function = Ident::new(value.fit.function, Span::call_site());
        let function = at(quote!(::instant_admin::__private::#function), value.span);
        let method = at(value.fit.method.clone(), value.span);
        let part = quote_spanned!(value.span=> #function(#path, #method(#variable)));
        if !value.optional {
            return part;
        }
        let optional = at(quote!(::instant_admin::__private::optional), value.span);
        let into_option = at(quote!(::instant_admin::query::operand::Optional::into_option), value.span);
        quote_spanned!(value.span=> #optional(#path, #into_option(#variable), |#variable| #part))
    });
    quote!(#(#parts),*)
}

/// The tokens as if they stood at `place`, but seeing the names they saw: errors then point at the user's value.
fn at(tokens: TokenStream, place: Span) -> TokenStream {
    let moved = |mut token: TokenTree| {
        token.set_span(token.span().located_at(place));
        token
    };
    tokens.into_iter().map(moved).collect()
}

fn variable((index, value): (usize, &Filled)) -> Ident {
    // Wholly the user's place, so that an error at it speaks of no macro. Only generated code is in its scope.
    format_ident!("instant_value_{index}", span = value.span)
}

/// The structs of the answer with their impls.
pub(crate) fn structs(plan: &mut Plan, response: &Struct, seen: &Declaration) -> TokenStream {
    let rows = std::mem::take(&mut plan.structs);
    let mut written: TokenStream = rows.iter().map(|row| written(row, seen)).collect();
    written.extend(self::written(response, seen));
    written
}

pub(crate) fn written(row: &Struct, seen: &Declaration) -> TokenStream {
    let Declaration { attributes, visibility, fields } = seen;
    let name = &row.name;
    let names = SerialNames::of_attributes(attributes);
    let fields = row.fields.iter().map(|field| {
        let (rename, name, value) = (names.rename(field), &field.name, field.column.rust());
        quote!(#rename #fields #name: #value)
    });
    let row_impl = row::expand(name, &row.entity, &row.fields);
    quote! {
        #attributes
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        #[allow(dead_code, missing_docs)]
        #visibility struct #name { #(#fields),* }
        #row_impl
    }
}
