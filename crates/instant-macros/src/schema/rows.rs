//! Decoding: the `Row` impl of a struct whose fields are attributes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// One field of a row.
pub struct Field<'a> {
    pub label: &'a str,
    pub name: &'a Ident,
    pub required: bool,
}

/// The impl for `row`, which has those fields beside an `id` if `has_id`.
pub fn expand(row: &Ident, entity: &str, fields: &[Field<'_>], has_id: bool) -> TokenStream {
    let labels: Vec<&str> =
        has_id.then_some("id").into_iter().chain(fields.iter().map(|field| field.label)).collect();
    let slots: Vec<Ident> = (0..labels.len()).map(|index| format_ident!("slot{index}")).collect();
    let arms = slots.iter().enumerate().map(|(index, slot)| {
        let pattern = if index + 1 == slots.len() {
            quote! { _ }
        } else {
            quote! { #index }
        };
        quote! { #pattern => #slot = ::core::option::Option::Some(fields.value()?), }
    });
    let arms = if slots.is_empty() {
        quote! { _ => fields.skip()?, }
    } else {
        quote! { #(#arms)* }
    };
    let (id, id_field, of_id) = if has_id {
        let slot = &slots[0];
        (quote! { let id: ::instant_admin::Id<Self> = fields.id(#slot)?; }, quote! { id, }, quote! { &id })
    } else {
        (TokenStream::new(), TokenStream::new(), quote! { &"" })
    };
    let values = fields.iter().zip(&slots[usize::from(has_id)..]).map(|(field, slot)| {
        let Field { label, name, required } = field;
        if *required {
            quote! { #name: fields.required(#slot, #label, #of_id)?, }
        } else {
            quote! { #name: #slot.flatten(), }
        }
    });
    quote! {
        impl ::instant_admin::Row for #row {
            const ENTITY: &'static ::core::primitive::str = #entity;

            fn read<'de, A: ::instant_admin::__private::MapAccess<'de>>(
                fields: &mut ::instant_admin::__private::Fields<'_, A>,
            ) -> ::core::result::Result<Self, A::Error> {
                #(let mut #slots = ::core::option::Option::None;)*
                while let ::core::option::Option::Some(field) = fields.next(&[#(#labels),*])? {
                    match field { #arms }
                }
                #id
                ::core::result::Result::Ok(Self { #id_field #(#values)* })
            }
        }
    }
}
