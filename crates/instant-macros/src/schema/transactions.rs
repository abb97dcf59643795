//! The `tx` module: for each entity a function that begins a chain of steps, and the chain's methods.
//!
//! A method that sets an attribute has the attribute's name. Where that name is one of the chain's own
//! (`rule_params`, `merge_..`, `link_..`, `unlink_..`) it gets `set_` in front: an attribute `link_x` beside a link
//! `x` is set with `set_link_x`. (`create`, `update`, `upsert` and `delete` come before any setter, so that an
//! attribute `delete` is set with `delete`.)

use std::collections::HashSet;

use instant_schema::{Attribute, Has, LinkRef, ValueType};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Context;
use super::entities::{can_be_created, is_writable, required};
use super::types::docs;
use crate::names::{ident, prefixed};

/// `pub mod tx { .. }`.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let entities = context.schema.entities.keys().map(|entity| chain(context, entity));
    quote! {
        /// Transactions: `tx::posts(id).update().title("Hi")`.
        pub mod tx { #(#entities)* }
    }
}

fn chain(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let (function, chain) = (&names.module, &names.entity);
    let attributes: Vec<_> = context.schema.entities[entity]
        .attributes
        .iter()
        .filter(|(label, _)| is_writable(entity, label))
        .collect();
    let links: Vec<LinkRef<'_>> = context.links(entity).collect();
    let json = attributes.iter().filter(|(_, attribute)| attribute.value_type == ValueType::Json);
    let json: Vec<(&str, &Ident)> = json.map(|(label, _)| (label.as_str(), names.field(label))).collect();

    let own =
        own_methods(links.iter().map(|link| names.field(link.label())), json.iter().map(|(_, field)| *field));
    let methods = setter_names(attributes.iter().map(|(label, _)| names.field(label)), &own);
    let setters = attributes
        .iter()
        .zip(methods)
        .map(|((label, attribute), method)| setter(context, entity, label, attribute, &method));
    let link_methods = links.iter().map(|link| link_methods(context, link));
    let merges = json.iter().map(|(label, field)| merge(label, field));

    let creation = can_be_created(entity).then(|| creation(context, entity));
    // Shown in messages, so a word; it must not hide the chain's own name.
    let state = ident(if chain == "State" { "Stage" } else { "State" });
    let begins = format!("Steps on one entity of `{entity}`.");
    quote! {
        #[doc = #begins]
        pub fn #function(target: impl ::instant_admin::IntoTarget<super::#chain>) -> #chain {
            #chain(::instant_admin::__private::Chain::new::<super::#chain>(target), ::core::marker::PhantomData)
        }

        #[doc = #begins]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #[must_use = "steps do nothing until `transact` has them"]
        pub struct #chain<#state = ::instant_admin::tx::Started>(
            ::instant_admin::__private::Chain,
            ::core::marker::PhantomData<#state>,
        );

        impl #chain {
            #creation

            /// Writes to the entity. Fails where it does not exist.
            pub fn update(self) -> #chain<::instant_admin::tx::Written> {
                #chain(self.0.update(), ::core::marker::PhantomData)
            }

            /// Deletes the entity, and what cascades from it.
            pub fn delete(mut self) -> impl ::instant_admin::tx::IntoSteps + ::core::clone::Clone + ::core::fmt::Debug {
                self.0.delete();
                self
            }
        }

        impl #chain<::instant_admin::tx::Written> { #(#setters)* }

        impl<#state> #chain<#state> {
            /// Hands values to the permission rules: an object.
            pub fn rule_params(mut self, params: impl ::instant_admin::IntoValue<::instant_admin::Json>) -> Self {
                self.0.rule_params(::instant_admin::IntoValue::<::instant_admin::Json>::into_value(params));
                self
            }
            #(#link_methods)*
            #(#merges)*
        }

        impl<#state> ::instant_admin::tx::IntoSteps for #chain<#state> {
            fn append_to(self, steps: &mut ::instant_admin::tx::Steps) {
                self.0.append_to(steps);
            }
        }
    }
}

/// The chain's own methods beside those that begin it.
fn own_methods<'a>(
    links: impl Iterator<Item = &'a Ident>,
    json: impl Iterator<Item = &'a Ident>,
) -> HashSet<String> {
    let links = links.flat_map(|field| ["link_", "unlink_"].map(|prefix| prefixed(prefix, field)));
    let merges = json.map(|field| prefixed("merge_", field));
    links.chain(merges).chain(["rule_params".to_owned()]).collect()
}

/// The setter of each field, which steps back from the chain's own methods and then from the other setters.
fn setter_names<'a>(fields: impl Iterator<Item = &'a Ident> + Clone, own: &HashSet<String>) -> Vec<String> {
    let mut taken: HashSet<String> =
        fields.clone().map(ToString::to_string).filter(|field| !own.contains(field)).collect();
    fields
        .map(|field| {
            let name = field.to_string();
            if !own.contains(&name) {
                return name;
            }
            let mut name = prefixed("set_", field);
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        })
        .collect()
}

fn merge(label: &str, field: &Ident) -> TokenStream {
    let (method, docs) =
        (ident(&prefixed("merge_", field)), format!("Deep-merges an object into `{label}`."));
    quote! {
        #[doc = #docs]
        pub fn #method(mut self, patch: impl ::instant_admin::IntoValue<::instant_admin::Json>) -> Self {
            self.0.merge(#label, ::instant_admin::IntoValue::<::instant_admin::Json>::into_value(patch));
            self
        }
    }
}

fn setter(
    context: &Context<'_>,
    entity: &str,
    label: &str,
    attribute: &Attribute,
    method: &str,
) -> TokenStream {
    let kind = context.types.kind(context.names, entity, label, attribute);
    let docs = format!("Sets {}", docs(label, attribute));
    let method = ident(method.strip_prefix("r#").unwrap_or(method));
    let (bound, convert) = if attribute.required {
        (quote! { IntoValue }, quote! { into_value })
    } else {
        (quote! { IntoNullable }, quote! { into_nullable })
    };
    quote! {
        #[doc = #docs]
        pub fn #method(mut self, value: impl ::instant_admin::#bound<#kind>) -> Self {
            self.0.set(#label, ::instant_admin::#bound::<#kind>::#convert(value));
            self
        }
    }
}

fn link_methods(context: &Context<'_>, link: &LinkRef<'_>) -> TokenStream {
    let field = context.names.entity(&link.near().on).field(link.label());
    let (label, target) = (link.label(), &context.names.entity(link.target()).entity);
    let [add, remove] = ["link_", "unlink_"].map(|prefix| ident(&prefixed(prefix, field)));
    let (bound, argument) = match link.has() {
        Has::One => (quote! { IntoTarget }, quote! { target }),
        Has::Many => (quote! { IntoTargets }, quote! { targets }),
    };
    let value = match link.has() {
        Has::One => quote! { ::instant_admin::IntoTarget::<super::#target>::into_target(target) },
        Has::Many => quote! { targets },
    };
    let docs = format!("Links `{label}` to {} of `{}`.", noun(link.has()), link.target());
    let add = quote! {
        #[doc = #docs]
        pub fn #add(mut self, #argument: impl ::instant_admin::#bound<super::#target>) -> Self {
            self.0.link::<super::#target>(#label, #value);
            self
        }
    };
    // A required link to one can be replaced, never taken away.
    if link.is_required() && link.has() == Has::One {
        return add;
    }
    let docs = format!("Unlinks `{label}` from {} of `{}`.", noun(link.has()), link.target());
    quote! {
        #add
        #[doc = #docs]
        pub fn #remove(mut self, #argument: impl ::instant_admin::#bound<super::#target>) -> Self {
            self.0.unlink::<super::#target>(#label, #value);
            self
        }
    }
}

fn noun(has: Has) -> &'static str {
    match has {
        Has::One => "an entity",
        Has::Many => "one or more entities",
    }
}

fn creation(context: &Context<'_>, entity: &str) -> TokenStream {
    let names = context.names.entity(entity);
    let (chain, new) = (&names.entity, &names.new);
    let required = required(context, entity);
    let attributes = required.attributes.iter().map(|(label, attribute)| {
        let (field, kind) = (names.field(label), context.types.kind(context.names, entity, label, attribute));
        quote! { self.0.set(#label, ::instant_admin::IntoValue::<#kind>::into_value(new.#field)); }
    });
    let links = required.links.iter().map(|link| {
        let (field, label) = (names.field(link.label()), link.label());
        let target = &context.names.entity(link.target()).entity;
        quote! { self.0.link::<super::#target>(#label, new.#field); }
    });
    // Entities without requirements have nothing to read from `new`.
    let is_empty = required.attributes.is_empty() && required.links.is_empty();
    let unused = is_empty.then(|| quote! { let super::#new {} = new; });
    quote! {
        /// Makes the entity. Fails where it exists.
        pub fn create(mut self, new: super::#new) -> #chain<::instant_admin::tx::Written> {
            self.0 = self.0.create();
            self.__fill(new)
        }

        /// Writes to the entity, and makes it where it does not exist.
        pub fn upsert(mut self, new: super::#new) -> #chain<::instant_admin::tx::Written> {
            self.0 = self.0.upsert();
            self.__fill(new)
        }

        fn __fill(mut self, new: super::#new) -> #chain<::instant_admin::tx::Written> {
            #unused
            #(#attributes)*
            #(#links)*
            #chain(self.0, ::core::marker::PhantomData)
        }
    }
}
