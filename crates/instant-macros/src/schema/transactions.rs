//! The `tx` module: for each entity a function that begins a chain of steps, and the chain's methods.
//!
//! A method that sets an attribute has the attribute's name. Where that name is one of the chain's own
//! (`rule_params`, `merge_..`, `link_..`, `unlink_..`) it gets `set_` in front: an attribute `link_x` beside a link
//! `x` is set with `set_link_x`. (`create`, `update`, `upsert` and `delete` come before any setter, so that an
//! attribute `delete` is set with `delete`.)

use std::collections::HashSet;

use instant_schema::{Attribute, Has, LinkRef, ValueType};
use proc_macro2::TokenStream;
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

    let mut taken = HashSet::from(["rule_params".to_owned()]);
    let link_methods: Vec<_> = links.iter().map(|link| link_methods(context, link, &mut taken)).collect();
    let merges: Vec<_> = attributes
        .iter()
        .filter(|(_, attribute)| attribute.value_type == ValueType::Json)
        .map(|(label, _)| {
            let method = prefixed("merge_", names.field(label));
            taken.insert(method.clone());
            let (method, docs) = (ident(&method), format!("Deep-merges an object into `{label}`."));
            quote! {
                #[doc = #docs]
                pub fn #method(mut self, patch: impl ::instant_admin::IntoValue<::instant_admin::Json>) -> Self {
                    self.0.merge(#label, ::instant_admin::IntoValue::<::instant_admin::Json>::into_value(patch));
                    self
                }
            }
        })
        .collect();
    let setters: Vec<_> = {
        let fields = attributes.iter().map(|(label, _)| names.field(label).to_string());
        let mut setters: HashSet<String> = fields.filter(|field| !taken.contains(field)).collect();
        let method = |label: &str| {
            let mut method = names.field(label).to_string();
            if taken.contains(&method) {
                method = prefixed("set_", names.field(label));
                while !setters.insert(method.clone()) {
                    method.push('_');
                }
            }
            method
        };
        let methods: Vec<String> = attributes.iter().map(|(label, _)| label.as_str()).map(method).collect();
        attributes
            .iter()
            .zip(methods)
            .map(|((label, attribute), method)| setter(context, entity, label, attribute, &method))
            .collect()
    };

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

fn link_methods(context: &Context<'_>, link: &LinkRef<'_>, taken: &mut HashSet<String>) -> TokenStream {
    let field = context.names.entity(&link.near().on).field(link.label());
    let (label, target) = (link.label(), &context.names.entity(link.target()).entity);
    let methods = [prefixed("link_", field), prefixed("unlink_", field)];
    taken.extend(methods.iter().cloned());
    let [add, remove] = methods.map(|method| ident(&method));
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
