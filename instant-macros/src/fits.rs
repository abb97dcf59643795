//! The traits of `instant-admin` for the Rust values that an attribute takes.

use instant_schema::ValueType;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::value_type::value_trait;

/// A trait with its arguments, such as `StringFor<posts::title>`.
pub struct Fits {
    name: Ident,
    arguments: TokenStream,
}

impl Fits {
    /// The trait for values of the attribute whose type is `attribute`; `own` is the Rust type that it was given.
    pub fn of(value_type: ValueType, own: Option<&TokenStream>, attribute: &TokenStream) -> Self {
        let name = if own.is_some() { "ValueFor" } else { value_trait(value_type) };
        let own = own.map(|own| quote! { , #own });
        Self { name: Ident::new(name, Span::call_site()), arguments: quote! { #attribute #own } }
    }

    /// For ids of that entity.
    pub fn id_of(entity: &TokenStream) -> Self {
        Self { name: Ident::new("IdOf", Span::call_site()), arguments: entity.clone() }
    }

    /// The trait for values that the attribute can be set to, with null.
    pub fn or_null(mut self) -> Self {
        self.arguments.extend(quote! { , ::instant_admin::value::OrNull });
        self
    }

    /// As a bound.
    pub fn bound(&self) -> TokenStream {
        let Self { name, arguments } = self;
        quote! { ::instant_admin::value::#name<#arguments> }
    }

    /// The function that makes JSON of a value.
    pub fn conversion(&self) -> TokenStream {
        let Self { name, arguments } = self;
        quote! { ::instant_admin::value::#name::<#arguments>::into_value }
    }
}
