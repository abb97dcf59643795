//! An entity's module: a type and a function for each attribute and link, and the lookups.

use std::collections::HashSet;

use instant_schema::instaql::Holds;
use instant_schema::{Attribute, LinkRef};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Context;
use super::types::docs;
use crate::names::{ident, prefixed};

/// `pub mod posts { .. }`.
pub fn expand(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let (module, owner) = (&names.module, &names.entity);
    let attributes = &context.schema.entities[entity].attributes;
    let id = attribute_items(
        names.field("id"),
        owner,
        "id",
        "The entity's id.",
        &quote! { ::instant_admin::Id<super::#owner> },
        &[quote! { Equatable }],
    );
    let constants = attributes.iter().map(|(label, attribute)| {
        let kind = context.types.kind(context.names, entity, label, attribute);
        let docs = docs(label, attribute);
        attribute_items(names.field(label), owner, label, &docs, &kind, &capabilities(attribute))
    });
    let links: Vec<LinkRef<'_>> = context.links(entity).collect();
    let mut functions: HashSet<String> =
        attributes.keys().map(|label| names.field(label).to_string()).collect();
    functions.extend(links.iter().map(|link| names.field(link.label()).to_string()));
    let links = links.iter().map(|link| link_items(context, owner, link));
    let unique = attributes.iter().filter(|(_, attribute)| attribute.unique);
    let lookups: Vec<_> = unique
        .map(|(label, attribute)| {
            let mut function = prefixed("by_", names.field(label));
            while !functions.insert(function.clone()) {
                function.push('_');
            }
            let (function, docs) = (ident(&function), format!("The entity whose `{label}` is `value`."));
            let field = names.field(label);
            let bound = if Holds::of(attribute).equals() {
                context.types.fits(context.names, entity, label, attribute, &quote! { #field }).bound()
            } else {
                quote! { ::instant_admin::value::LookupOfDate<#field> }
            };
            quote! {
                #[doc = #docs]
                pub fn #function(value: impl #bound) -> ::instant_admin::Lookup<super::#owner> {
                    ::instant_admin::Lookup::__new(#label, value.into_value())
                }
            }
        })
        .collect();
    let docs = format!("Attributes, links and lookups of `{entity}`, for filters and transactions.");
    quote! {
        #[doc = #docs]
        #[allow(non_camel_case_types)]
        pub mod #module { #id #(#constants)* #(#links)* #(#lookups)* }
    }
}

fn attribute_items(
    field: &Ident,
    owner: &Ident,
    label: &str,
    docs: &str,
    kind: &TokenStream,
    capabilities: &[TokenStream],
) -> TokenStream {
    quote! {
        #[doc = #docs]
        pub enum #field {}
        #[doc = #docs]
        pub fn #field() -> ::instant_admin::filter::Attribute<#field, super::#owner> {
            ::instant_admin::filter::Attribute::__new()
        }
        impl ::instant_admin::filter::AttributeType for #field {
            const __GENERATED: ::instant_admin::__private::Generated = ::instant_admin::__private::Generated;
            type Entity = super::#owner;
            type Kind = #kind;
            const LABEL: &'static ::core::primitive::str = #label;
        }
        #(#[diagnostic::do_not_recommend] impl ::instant_admin::filter::#capabilities for #field {})*
    }
}

/// Lists the traits for what filters can do with the attribute.
fn capabilities(attribute: &Attribute) -> Vec<TokenStream> {
    let holds = Holds::of(attribute);
    [
        (holds.equals(), quote! { Equatable }),
        (holds.sorts(), quote! { Comparable }),
        (holds.matches(), quote! { Searchable }),
        (!attribute.required, quote! { Nullable }),
    ]
    .into_iter()
    .filter_map(|(holds, capability)| holds.then_some(capability))
    .collect()
}

fn link_items(context: &Context<'_>, owner: &Ident, link: &LinkRef<'_>) -> TokenStream {
    let field = context.names.entity(&link.near().on).field(link.label());
    let (label, target) = (link.label(), &context.names.entity(link.target()).entity);
    let docs = format!("`{label}`: link to {} `{}`.", link.has().name(), link.target());
    quote! {
        #[doc = #docs]
        pub enum #field {}
        #[doc = #docs]
        pub fn #field() -> ::instant_admin::filter::Link<#field, super::#owner> {
            ::instant_admin::filter::Link::__new()
        }
        impl ::instant_admin::filter::LinkType for #field {
            const __GENERATED: ::instant_admin::__private::Generated = ::instant_admin::__private::Generated;
            type Entity = super::#owner;
            type Target = super::#target;
            const LABEL: &'static ::core::primitive::str = #label;
        }
    }
}
