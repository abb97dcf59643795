//! The `query!` and `fragment!` of one schema: macros that know it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter;

use instant_schema::{LinkRef, Schema, ValueType};
use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::literal;
use crate::names::Names;

/// Writes the wrappers into the module at `path` (`crate::schema`). `json` is the schema, from which the wrappers get a
/// name that no other schema of the crate has; `has_own_type` says which attributes, by entity and label, were given a Rust type by the user.
pub(crate) fn wrappers(
    schema: &Schema,
    names: &Names,
    has_own_type: &dyn Fn(&str, &str) -> bool,
    json: &str,
    path: &TokenStream,
) -> TokenStream {
    let hash = name_hash(json, path);
    let literal = literal::encode(schema, names, has_own_type);
    let path = relative_to_its_crate(path);
    let wrapper = |name: &str| {
        let (hidden, public) = (format_ident!("__instant_{name}_{hash}"), format_ident!("{name}"));
        let inner = format_ident!("__{name}");
        let doc = match name {
            "query" => "A typed query on this schema, checked at compile time.",
            _ => "A named row type that queries on this schema can share.",
        };
        quote! {
            #[doc(hidden)]
            #[macro_export]
            macro_rules! #hidden {
                ($($tokens:tt)*) => { ::instant_admin::#inner! { #literal (#path) $($tokens)* } };
            }
            #[doc = #doc]
            pub use #hidden as #public;
        }
    };
    let (query, fragment, editor) = (wrapper("query"), wrapper("fragment"), editor_structs(schema, names));
    quote!(#query #fragment #editor)
}

/// Macros are exported from the crate's root, so two schemas of a crate need two names.
fn name_hash(json: &str, path: &TokenStream) -> String {
    let mut hasher = DefaultHasher::new();
    (json, path.to_string()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// `$crate::schema` for `crate::schema`, so that the macro works in other crates.
fn relative_to_its_crate(path: &TokenStream) -> TokenStream {
    let dollar = TokenTree::Punct(Punct::new('$', Spacing::Alone));
    let mut tokens = path.clone().into_iter();
    match tokens.next() {
        Some(TokenTree::Ident(first)) if first == "crate" => {
            let first = TokenTree::Ident(Ident::new("crate", Span::call_site()));
            iter::once(dollar).chain(iter::once(first)).chain(tokens).collect()
        }
        first => first.into_iter().chain(tokens).collect(),
    }
}

/// What editors resolve names inside `query!` against: each entity with attributes and links, and all of them at the
/// root.
fn editor_structs(schema: &Schema, names: &Names) -> TokenStream {
    let entities = schema.entities.iter().map(|(name, entity)| {
        let rust = names.entity(name);
        let own = &rust.entity;
        let attributes = entity.attributes.iter().map(|(label, attribute)| {
            let (field, shown) = (rust.field(label), shown_type(attribute.value_type));
            quote!(pub #field: #shown)
        });
        let known = |link: &LinkRef<'_>| schema.entities.contains_key(link.target());
        let links = schema.links_of(name).filter(known).map(|link| {
            let (field, target) = (rust.field(link.label()), &names.entity(link.target()).entity);
            quote!(pub #field: ::std::boxed::Box<#target>)
        });
        quote!(pub struct #own { pub id: ::instant_admin::Id<super::super::#own>, #(#attributes,)* #(#links,)* })
    });
    let roots = schema.entities.keys().map(|name| {
        let rust = names.entity(name);
        let (field, own) = (&rust.module, &rust.entity);
        quote!(pub #field: #own)
    });
    quote! {
        #[doc(hidden)]
        #[allow(unexpected_cfgs, missing_docs)]
        pub mod __editor {
            #[cfg(rust_analyzer)]
            pub use shown::*;
            #[cfg(rust_analyzer)]
            mod shown {
                #(#entities)*
                pub struct Root { #(#roots),* }
            }
        }
    }
}

/// What hover says of an attribute.
fn shown_type(value_type: ValueType) -> TokenStream {
    match value_type {
        ValueType::String => quote!(::std::string::String),
        ValueType::Number => quote!(::core::primitive::f64),
        ValueType::Boolean => quote!(::core::primitive::bool),
        ValueType::Date => quote!(::instant_admin::Date),
        ValueType::Json => quote!(::instant_admin::__private::Value),
    }
}
