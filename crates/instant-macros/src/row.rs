//! Decoding: the fields of a struct and its `Row` impl, for entity structs, room payloads and the rows of queries alike.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// How many columns one tuple of the runtime holds; more are tuples of tuples.
const TUPLE: usize = 12;

/// One field of a row.
pub(crate) struct Field {
    /// Its name in the struct.
    pub(crate) name: Ident,
    /// Its key in the JSON.
    pub(crate) label: String,
    pub(crate) column: Column,
    /// `<Card as Fragment<User>>` where it holds rows of a fragment.
    pub(crate) fragment: Option<TokenStream>,
}

/// What a field is decoded as, a column of `instant_admin::__private::column`, with the type of its value or row.
pub(crate) enum Column {
    /// The entity's id; the first field or none.
    Id(TokenStream),
    Required(TokenStream),
    Optional(TokenStream),
    /// An optional attribute that the query asserts to be there.
    Asserted(TokenStream),
    One(TokenStream),
    RequiredOne(TokenStream),
    Many(TokenStream),
    Root(TokenStream),
    Count,
}

impl Field {
    pub(crate) fn new(name: &Ident, label: &str, column: Column) -> Self {
        Self { name: name.clone(), label: label.to_owned(), column, fragment: None }
    }
}

impl Column {
    /// The column of an attribute with that value type.
    pub(crate) fn of(value: TokenStream, required: bool) -> Self {
        if required { Self::Required(value) } else { Self::Optional(value) }
    }

    /// The type of the field.
    pub(crate) fn rust(&self) -> TokenStream {
        match self {
            Self::Id(value) | Self::Required(value) | Self::Asserted(value) | Self::RequiredOne(value) => {
                value.clone()
            }
            Self::Optional(value) | Self::One(value) => quote!(::core::option::Option<#value>),
            Self::Many(row) => quote!(::std::vec::Vec<#row>),
            Self::Root(row) => quote!(::instant_admin::Page<#row>),
            Self::Count => quote!(::core::primitive::u64),
        }
    }

    /// The column's type, and the pattern that takes its value out of it.
    fn type_and_pattern(&self, variable: &Ident) -> (TokenStream, TokenStream) {
        let (column, value) = match self {
            Self::Id(value) => return (value.clone(), quote!(#variable)),
            Self::Required(value) => ("Required", value),
            Self::Optional(value) => ("Optional", value),
            Self::Asserted(value) => ("Asserted", value),
            Self::One(row) => ("One", row),
            Self::RequiredOne(row) => ("RequiredOne", row),
            Self::Many(row) => ("Many", row),
            Self::Root(row) => ("Root", row),
            Self::Count => {
                let column = quote!(::instant_admin::__private::column::Count);
                return (column.clone(), quote!(#column(#variable)));
            }
        };
        let column = format_ident!("{column}");
        let column = quote!(::instant_admin::__private::column::#column);
        (quote!(#column<#value>), quote!(#column(#variable)))
    }
}

/// The impl for the struct `row`, which has exactly those fields.
///
/// It names every type and calls nothing: an impl that reads by itself costs the compiler twice as much.
pub(crate) fn expand(row: &Ident, entity: &str, fields: &[Field]) -> TokenStream {
    let fragments = fields.iter().filter_map(|field| field.fragment.as_ref());
    let labels = fields.iter().map(|field| &field.label);
    let variables: Vec<Ident> = (0..fields.len()).map(|index| format_ident!("f{index}")).collect();
    let names = fields.iter().map(|field| &field.name);
    let (mut types, mut patterns): (Vec<_>, Vec<_>) = fields
        .iter()
        .zip(&variables)
        .map(|(field, variable)| field.column.type_and_pattern(variable))
        .unzip();
    let (columns, pattern) = if matches!(fields.first(), Some(Field { column: Column::Id(_), .. })) {
        let (id, id_pattern) = (types.remove(0), patterns.remove(0));
        let (types, patterns) = (tuple(&types), tuple(&patterns));
        let identified = quote!(::instant_admin::__private::column::Identified);
        (quote!(#identified<#id, #types>), quote!(#identified(#id_pattern, #patterns)))
    } else {
        (tuple(&types), tuple(&patterns))
    };
    quote! {
        impl ::instant_admin::Row for #row {
            const SHAPE: ::instant_admin::__private::Shape = (#entity, &[#(#labels),*]);
            type Columns = #columns;
            fn build(#pattern: Self::Columns) -> Self {
                #(let _ = #fragments::form;)*
                Self { #(#names: #variables),* }
            }
        }
    }
}

/// A tuple of those types or patterns, nested where there are more than a tuple holds.
fn tuple(items: &[TokenStream]) -> TokenStream {
    if items.len() <= TUPLE {
        return quote! { (#(#items,)*) };
    }
    let groups = items.chunks(TUPLE).map(|group| quote! { (#(#group,)*) });
    tuple(&groups.collect::<Vec<_>>())
}
