//! Decoding: the fields of a struct and its `Row` impl, for entity structs, room payloads and the rows of queries.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use instant_schema::ValueType;

use crate::diagnostics::first_span;

/// How many columns one tuple of the runtime holds; more are tuples of tuples.
const TUPLE: usize = 12;

/// One field of a row.
pub(crate) struct Field {
    /// Its name in the struct.
    pub(crate) name: Ident,
    /// Its key in the JSON.
    pub(crate) label: String,
    pub(crate) column: Column,
    /// How its values are read, where it holds values.
    pub(crate) reading: Reading,
    /// `<Card as Fragment<User>>` where it holds rows of a fragment.
    pub(crate) fragment: Option<TokenStream>,
}

/// How the values of an attribute are read.
#[derive(Clone, Copy)]
pub(crate) enum Reading {
    /// As the attribute's value type says.
    Plain,
    /// As the type reads them that the app gave the attribute.
    OwnType,
    /// The same, of moments.
    OwnDate,
}

/// How a field is decoded: a column of `instant_admin::__private::column`, with the type of its value or row.
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
        Self { name: name.clone(), label: label.to_owned(), column, reading: Reading::Plain, fragment: None }
    }

    /// The column of an attribute with that value type; `own` is whether the app gave it a type.
    pub(crate) fn read_as(self, value_type: ValueType, own: bool) -> Self {
        let reading = match value_type {
            _ if !own => Reading::Plain,
            ValueType::Date => Reading::OwnDate,
            ValueType::String | ValueType::Number | ValueType::Boolean | ValueType::Json => Reading::OwnType,
        };
        Self { reading, ..self }
    }

    /// The column's type, and the pattern that takes the field's value out of it.
    fn type_and_pattern(&self, variable: &Ident, one_fragment: bool) -> (TokenStream, TokenStream) {
        let (column, value) = match &self.column {
            Column::Id(value) => return (value.clone(), quote!(#variable)),
            Column::Required(value) => ("Required", value),
            Column::Optional(value) => ("Optional", value),
            Column::Asserted(value) => ("Asserted", value),
            Column::One(row) => ("One", row),
            Column::RequiredOne(row) => ("RequiredOne", row),
            Column::Many(row) => ("Many", row),
            Column::Root(row) => ("Root", row),
            Column::Count => {
                let column = quote!(::instant_admin::__private::column::Count);
                return (column.clone(), quote!(#column(#variable)));
            }
        };
        // Its second part, if it has one, is how it was read.
        let rest = matches!(column, "Required" | "Optional" | "Asserted").then(|| quote!(, ..));
        let reading = match self.reading {
            Reading::Plain => None,
            Reading::OwnType => Some(quote!(, ::instant_admin::__private::column::OwnType)),
            Reading::OwnDate => Some(quote!(, ::instant_admin::__private::column::OwnDate)),
        };
        let column = Ident::new(column, variable.span());
        let column = quote_spanned!(variable.span()=> ::instant_admin::__private::column::#column);
        // Named through a trait, so that a type that is not a fragment is reported as that, not as a type that is not a row.
        let value = match &self.fragment {
            Some(fragment) if one_fragment => quote_spanned!(first_span(fragment)=> #fragment::Row),
            Some(_) => quote!(<#value as ::instant_admin::__private::Form>::Row),
            None => value.clone(),
        };
        (quote!(#column<#value #reading>), quote_spanned!(variable.span()=> #column(#variable #rest)))
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
}

/// The impl for the struct `row`, which has exactly those fields, at `span`.
///
/// It names types and calls nothing generic: an impl that reads by itself keeps the compiler busy for longer.
pub(crate) fn expand(row: &Ident, entity: &str, fields: &[Field], span: Span) -> TokenStream {
    // What is no fragment is reported for the query, at its place, and for the row, which has one place for all: where
    // the row has one fragment that is the same place and one error. Of several, the row asks for less.
    let fragments: Vec<&TokenStream> = fields.iter().filter_map(|field| field.fragment.as_ref()).collect();
    let (place, one_fragment) = match fragments.as_slice() {
        [fragment] => (first_span(fragment), true),
        _ => (span, false),
    };
    let labels = fields.iter().map(|field| &field.label);
    let variables: Vec<Ident> =
        (0..fields.len()).map(|index| format_ident!("f{index}", span = place)).collect();
    let names = fields.iter().map(|field| &field.name);
    let (mut types, mut patterns): (Vec<_>, Vec<_>) = fields
        .iter()
        .zip(&variables)
        .map(|(field, variable)| field.type_and_pattern(variable, one_fragment))
        .unzip();
    let (columns, pattern) = if matches!(fields.first(), Some(Field { column: Column::Id(_), .. })) {
        let (id, id_pattern) = (types.remove(0), patterns.remove(0));
        let (types, patterns) = (tuple(&types, place), tuple(&patterns, place));
        let identified = quote_spanned!(place=> ::instant_admin::__private::column::Identified);
        (
            quote_spanned!(place=> #identified<#id, #types>),
            quote_spanned!(place=> #identified(#id_pattern, #patterns)),
        )
    } else {
        (tuple(&types, place), tuple(&patterns, place))
    };
    // Lints would take it for the user's own there.
    let lints = one_fragment.then(|| quote!(#[allow(clippy::type_complexity)]));
    let build = quote_spanned! {place=>
        fn build(#pattern: Self::Columns) -> Self {
            Self { #(#names: #variables),* }
        }
    };
    quote_spanned! {span=>
        #lints
        impl ::instant_admin::__private::Row for #row {
            const SHAPE: ::instant_admin::__private::Shape = (#entity, &[#(#labels),*]);
            type Columns = #columns;
            #build
        }
    }
}

/// A tuple of those types or patterns, nested where there are more than a tuple holds.
fn tuple(items: &[TokenStream], place: Span) -> TokenStream {
    if items.len() <= TUPLE {
        return quote_spanned! {place=> (#(#items,)*) };
    }
    let groups = items.chunks(TUPLE).map(|group| quote_spanned! {place=> (#(#group,)*) });
    tuple(&groups.collect::<Vec<_>>(), place)
}
