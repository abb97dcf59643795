//! Decoding: the `Row` impl of a struct, for entity structs, room payloads and the rows of queries alike.

use instant_schema::Attribute;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

/// How many columns one tuple of the runtime holds; more are tuples of tuples.
const TUPLE: usize = 12;

/// What a field of a row is decoded as: a column of `instant_admin::__private::column`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The entity's id; the first field or none.
    Id,
    Required,
    Optional,
    Asserted,
    One,
    RequiredOne,
    Many,
    Root,
    Count,
}

/// One field of a row.
pub(crate) struct Field<'a> {
    /// Its key in the JSON.
    pub(crate) label: &'a str,
    /// Its name in the struct.
    pub(crate) name: &'a Ident,
    pub(crate) column: Column,
    /// `<Card as Fragment<User>>` where it holds rows of a fragment.
    pub(crate) fragment: Option<&'a TokenStream>,
}

/// The impl for the struct `row`, which has exactly those fields.
pub(crate) fn expand(row: &Ident, entity: &str, fields: &[Field<'_>]) -> TokenStream {
    let fragments: Vec<_> = fields.iter().filter_map(|field| field.fragment).collect();
    let labels = fields.iter().map(|field| field.label);
    let variable = |index: usize| format_ident!("f{index}");
    let has_id = fields.first().is_some_and(|field| field.column == Column::Id);
    let columns: Vec<TokenStream> = fields
        .iter()
        .enumerate()
        .skip(usize::from(has_id))
        .map(|(index, field)| field.column.pattern(&variable(index)))
        .collect();
    let columns = tuple(&columns);
    // rustc reports one error per place: a type that is no fragment is no row either, and says so only once if the call
    // that reads it is at the same place.
    let place = fragments.first().map_or_else(Span::call_site, |fragment| first_span(fragment));
    let (read, columns) = if has_id {
        let method = Ident::new("row", place);
        (quote! { fields.#method(&[#(#labels),*]) }, quote! { (f0, #columns) })
    } else {
        let method = Ident::new("columns", place);
        (quote! { fields.#method(&[#(#labels),*]) }, columns)
    };
    let values = fields.iter().enumerate().map(|(index, Field { name, .. })| {
        let variable = variable(index);
        quote! { #name: #variable }
    });
    quote! {
        impl ::instant_admin::Row for #row {
            const ENTITY: &'static ::core::primitive::str = #entity;
            fn read<'de, A: ::instant_admin::__private::MapAccess<'de>>(
                fields: &mut ::instant_admin::__private::Fields<'_, A>,
            ) -> ::core::result::Result<Self, A::Error> {
                #(let _ = #fragments::form;)*
                // Without `?`, whose conversions cost more to compile than the rest.
                match #read {
                    ::core::result::Result::Ok(#columns) => ::core::result::Result::Ok(Self { #(#values),* }),
                    ::core::result::Result::Err(error) => ::core::result::Result::Err(error),
                }
            }
        }
    }
}

impl Column {
    /// The column of an attribute as the schema has it.
    pub(crate) fn of(attribute: &Attribute) -> Self {
        if attribute.required { Self::Required } else { Self::Optional }
    }

    fn pattern(self, variable: &Ident) -> TokenStream {
        let column = match self {
            Self::Id => return quote! { #variable },
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::Asserted => "Asserted",
            Self::One => "One",
            Self::RequiredOne => "RequiredOne",
            Self::Many => "Many",
            Self::Root => "Root",
            Self::Count => "Count",
        };
        let column = format_ident!("{column}");
        quote! { ::instant_admin::__private::column::#column(#variable) }
    }
}

fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// A tuple of those patterns, nested where there are more than a tuple holds.
fn tuple(patterns: &[TokenStream]) -> TokenStream {
    if patterns.len() <= TUPLE {
        return quote! { (#(#patterns,)*) };
    }
    let groups = patterns.chunks(TUPLE).map(|group| quote! { (#(#group,)*) });
    tuple(&groups.collect::<Vec<_>>())
}
