//! The Rust side of attribute types: field types, the kinds that values are checked against, and their docs.

use std::collections::BTreeMap;

use instant_schema::{Attribute, ValueType};
use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::names::{Names, ident, pascal_case};

/// The types given by `types = { posts.meta: crate::Meta }`, by entity and label.
#[derive(Default)]
pub struct Types(BTreeMap<String, BTreeMap<String, Type>>);

impl Types {
    pub fn insert(&mut self, entity: &str, label: &str, given: Type) {
        self.0.entry(entity.to_owned()).or_default().insert(label.to_owned(), given);
    }

    fn get(&self, entity: &str, label: &str) -> Option<&Type> {
        self.0.get(entity)?.get(label)
    }

    /// Whether the attribute was given a type.
    pub fn has(&self, entity: &str, label: &str) -> bool {
        self.get(entity, label).is_some()
    }

    /// The type that a value of the attribute has where there is one, as written in the schema's own module.
    pub fn of(&self, entity: &str, label: &str, attribute: &Attribute) -> TokenStream {
        if let Some(given) = self.get(entity, label) {
            return quote! { #given };
        }
        plain(attribute.value_type)
    }

    /// As `of`, for use one module further in.
    pub fn inner(&self, names: &Names, entity: &str, label: &str, attribute: &Attribute) -> TokenStream {
        if self.get(entity, label).is_some() {
            let module = &names.entity(entity).module;
            let field = names.entity(entity).field(label);
            return quote! { super::__types::#module::#field };
        }
        plain(attribute.value_type)
    }

    /// What values of the attribute are checked against, for use one module further in.
    pub fn kind(&self, names: &Names, entity: &str, label: &str, attribute: &Attribute) -> TokenStream {
        if self.get(entity, label).is_some() {
            let given = self.inner(names, entity, label, attribute);
            return quote! { ::instant_admin::Custom<#given> };
        }
        match attribute.value_type {
            ValueType::Json => quote! { ::instant_admin::Json },
            checked => plain(checked),
        }
    }

    /// `__types`: the types by module and field, for whatever expands outside this module. The aliases beside it
    /// resolve the types where they were written.
    pub fn aliases(&self, names: &Names) -> TokenStream {
        let alias = |entity: &str, label: &str| {
            let names = names.entity(entity);
            ident(&format!("__{}{}", names.entity, pascal_case(&names.field(label).to_string())))
        };
        let given = self.0.iter().flat_map(|(entity, given)| {
            given.iter().map(move |(label, given)| {
                let alias = alias(entity, label);
                quote! {
                    #[doc(hidden)]
                    #[allow(non_camel_case_types)]
                    pub type #alias = #given;
                }
            })
        });
        let modules = self.0.iter().map(|(entity, given)| {
            let module = &names.entity(entity).module;
            let types = given.keys().map(|label| {
                let field = names.entity(entity).field(label);
                let alias = alias(entity, label);
                quote! { pub type #field = super::super::#alias; }
            });
            quote! { pub mod #module { #(#types)* } }
        });
        quote! {
            #(#given)*
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_docs)]
            pub mod __types { #(#modules)* }
        }
    }
}

/// What the schema says of an attribute, for its documentation: `` `createdAt`: date, required, indexed. ``
pub fn docs(label: &str, attribute: &Attribute) -> String {
    let mut docs = format!("`{label}`: {}", attribute.value_type.name());
    let flags =
        [(attribute.required, "required"), (attribute.indexed, "indexed"), (attribute.unique, "unique")];
    for (_, flag) in flags.into_iter().filter(|(holds, _)| *holds) {
        docs.push_str(", ");
        docs.push_str(flag);
    }
    docs.push('.');
    docs
}

/// The type of values without a type of their own.
pub fn plain(value_type: ValueType) -> TokenStream {
    match value_type {
        ValueType::String => quote! { ::std::string::String },
        ValueType::Number => quote! { ::core::primitive::f64 },
        ValueType::Boolean => quote! { ::core::primitive::bool },
        ValueType::Date => quote! { ::instant_admin::Date },
        ValueType::Json => quote! { ::instant_admin::__private::Value },
    }
}
