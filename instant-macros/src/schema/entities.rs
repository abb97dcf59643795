//! One entity: its struct, what it is created with, and its module of attributes and links.

use instant_schema::{Attribute, Has, LinkRef, catalog};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::types::docs;
use super::{Context, attributes};
use crate::row::{self, Column, Field};
use crate::serial_names::SerialNames;

/// Writes everything about `entity` except its transactions: `pub struct Post { .. } pub type Posts = Post;
/// pub struct NewPost { .. } pub mod posts { .. }`.
pub fn expand(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let structs = entity_struct(context, entity);
    let new = new_struct(context, entity);
    let module = attributes::expand(context, entity);
    let alias = names.alias.as_ref().map(|alias| {
        let (docs, entity) = (format!("An entity of `{entity}`."), &names.entity);
        quote! {
            #[doc = #docs]
            pub type #alias = #entity;
        }
    });
    quote! { #structs #alias #new #module }
}

/// The attributes and links that an entity is created with: those that the schema requires.
pub struct Required<'a> {
    pub attributes: Vec<(&'a String, &'a Attribute)>,
    pub links: Vec<LinkRef<'a>>,
}

pub fn required<'a>(context: &'a Context<'_>, entity: &str) -> Required<'a> {
    let attributes = context.schema.entities[entity].attributes.iter();
    Required {
        attributes: attributes.filter(|(_, attribute)| attribute.required).collect(),
        links: context.links(entity).filter(LinkRef::is_required).collect(),
    }
}

fn entity_struct(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let name = &names.entity;
    let attributes = &context.schema.entities[entity].attributes;
    let derives: Vec<_> = context.options.derives().collect();
    let serial_names = SerialNames::of_derives(derives.iter().copied());
    let columns = attributes.iter().map(|(label, attribute)| {
        let value = context.types.of(entity, label, attribute);
        Field::new(names.field(label), label, Column::of(value, attribute.required))
            .read_as(attribute.value_type, context.types.has(entity, label))
    });
    let id = Field::new(&format_ident!("id"), "id", Column::Id(quote!(::instant_admin::Id<#name>)));
    let columns: Vec<Field> = std::iter::once(id).chain(columns).collect();
    let fields = attributes.iter().zip(&columns[1..]).map(|((label, attribute), column)| {
        let (field, value) = (&column.name, column.column.rust());
        let docs = docs(label, attribute);
        let rename = serial_names.rename(column);
        quote! {
            #[doc = #docs]
            #rename
            pub #field: #value,
        }
    });
    let row = row::expand(name, entity, &columns, Span::call_site());
    let docs = format!("An entity of `{entity}`: all its attributes, no links.");
    quote! {
        #[doc = #docs]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq #(, #derives)*)]
        #[allow(clippy::pedantic)]
        pub struct #name {
            /// The entity's id.
            pub id: ::instant_admin::Id<#name>,
            #(#fields)*
        }

        impl ::instant_admin::Entity for #name {
            const __GENERATED: ::instant_admin::__private::Generated = ::instant_admin::__private::Generated;
            const NAME: &'static ::core::primitive::str = #entity;
            const SCHEMA: ::instant_admin::schema::StaticSchema = SCHEMA;
        }

        #row
    }
}

fn new_struct(context: &Context<'_>, entity: &str) -> TokenStream {
    if !catalog::can_be_created(entity) {
        return TokenStream::new();
    }
    let names = context.names.entity(entity);
    let name = &names.new;
    let required = required(context, entity);
    let attributes = required.attributes.iter().map(|(label, attribute)| {
        let (field, value) = (names.field(label), context.types.of(entity, label, attribute));
        let docs = docs(label, attribute);
        quote! {
            #[doc = #docs]
            pub #field: #value,
        }
    });
    let links = required.links.iter().map(|link| {
        let (field, target) = (names.field(link.label()), link_target(context, link));
        let docs = format!("`{}`: required link to `{}`.", link.label(), link.target());
        quote! {
            #[doc = #docs]
            pub #field: #target,
        }
    });
    let constructor = constructor(context, entity);
    let docs =
        format!("The values that an entity of `{entity}` is created with: all that the schema requires.");
    quote! {
        #[doc = #docs]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        #[allow(clippy::pedantic)]
        pub struct #name { #(#attributes)* #(#links)* }
        #constructor
    }
}

/// `impl NewPost { pub fn new(title: impl Into<String>, author: impl Into<Target<User>>) -> Self { .. } }`
fn constructor(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let name = &names.new;
    let required = required(context, entity);
    let attributes = required
        .attributes
        .iter()
        .map(|(label, attribute)| (names.field(label), context.types.of(entity, label, attribute)));
    let links = required.links.iter().map(|link| (names.field(link.label()), link_target(context, link)));
    let (fields, types): (Vec<_>, Vec<_>) = attributes.chain(links).unzip();
    if fields.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[allow(clippy::pedantic, clippy::too_many_arguments)]
        impl #name {
            /// Takes the values in the order of the fields, and converts each to the type of its field.
            pub fn new(#(#fields: impl ::core::convert::Into<#types>),*) -> Self {
                Self { #(#fields: ::core::convert::Into::into(#fields)),* }
            }
        }
    }
}

fn link_target(context: &Context<'_>, link: &LinkRef<'_>) -> TokenStream {
    let target: &Ident = &context.names.entity(link.target()).entity;
    match link.has() {
        Has::One => quote! { ::instant_admin::tx::Target<#target> },
        Has::Many => quote! { ::std::vec::Vec<::instant_admin::tx::Target<#target>> },
    }
}
