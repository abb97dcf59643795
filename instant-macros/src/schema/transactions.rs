//! The `tx` module: for each entity a function that begins a chain of steps, and the chain's methods.
//!
//! A method that sets an attribute has the attribute's name. Where that name is one of the chain's own
//! (`rule_params`, `set_some`, `merge_..`, `link_..`, `unlink_..`) it gets `set_` in front: an attribute `link_x` beside a link
//! `x` is set with `set_link_x`. (`create`, `update`, `upsert` and `delete` come before any setter, so that an
//! attribute `delete` is set with `delete`.)

use std::collections::HashSet;

use instant_schema::{Attribute, Has, LinkRef, ValueType, catalog};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Context;
use super::entities::required;
use super::types::docs;
use crate::fits::Fits;
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
        .filter(|(label, _)| catalog::is_writable(entity, label))
        .collect();
    let links: Vec<LinkRef<'_>> =
        context.links(entity).filter(|link| catalog::is_writable(entity, link.label())).collect();

    let json = attributes.iter().filter(|(_, attribute)| attribute.value_type == ValueType::Json);
    let json: Vec<(&str, &Ident)> = json.map(|(label, _)| (label.as_str(), names.field(label))).collect();

    let own =
        own_methods(links.iter().map(|link| names.field(link.label())), json.iter().map(|(_, field)| *field));
    let methods = setter_names(attributes.iter().map(|(label, _)| names.field(label)), &own);
    let setters: Vec<(String, Method)> = attributes
        .iter()
        .zip(methods)
        .map(|((label, attribute), method)| {
            let setter = setter(context, entity, label, attribute, &method);
            (method, setter)
        })
        .collect();
    // Shown in messages, so a word; it must not hide the chain's own name.
    let state = ident(if chain == "State" { "Stage" } else { "State" });
    let link_methods = links.iter().map(|link| link_methods(context, link, &state));
    let merges = json.iter().map(|(label, field)| merge(&names.module, label, field));

    let mut beginnings = vec![update(chain), delete()];
    let filled = catalog::can_be_created(entity).then(|| {
        let creation = creation(context, entity);
        beginnings.extend(creation.methods);
        creation.filled
    });
    let begins = format!("Steps on one entity of `{entity}`.");

    // Each method is there in every state, and its bound says what is wrong with it. Where a setter has the name of a
    // method that begins, each of the two is there in its own state alone.
    let is_both = |name: &str| {
        beginnings.iter().any(|(begins, _)| *begins == name) && setters.iter().any(|(sets, _)| sets == name)
    };
    let started = beginnings.iter().filter(|(name, _)| is_both(name)).map(|(_, method)| method.plain());
    let written = setters.iter().filter(|(name, _)| is_both(name)).map(|(_, method)| method.plain());
    let undecided = quote! { #state: ::instant_admin::tx::Undecided };
    let writing = quote! { #state: ::instant_admin::tx::Writing };
    let anywhere =
        beginnings.iter().filter(|(name, _)| !is_both(name)).map(|(_, method)| method.bounded(&undecided));
    let anywhere = anywhere
        .chain(setters.iter().filter(|(name, _)| !is_both(name)).map(|(_, method)| method.bounded(&writing)));
    let started: Vec<_> = started.collect();
    let started = (!started.is_empty()).then(|| quote! { impl #chain { #(#started)* } });
    quote! {
        #[doc = #begins]
        pub fn #function(target: impl ::instant_admin::tx::IntoTarget<super::#chain>) -> #chain {
            #chain {
                chain: ::instant_admin::__private::Chain::new::<super::#chain>(target),
                state: ::core::marker::PhantomData,
            }
        }

        #[doc = #begins]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #[must_use = "steps do nothing until `transact` has them"]
        pub struct #chain<#state = ::instant_admin::tx::Started> {
            chain: ::instant_admin::__private::Chain,
            state: ::core::marker::PhantomData<#state>,
        }

        #started

        impl #chain<::instant_admin::tx::Written> {
            #filled
            #(#written)*
        }

        impl<#state> #chain<#state> {
            #(#anywhere)*
            /// Hands values to the permission rules: an object.
            pub fn rule_params(mut self, params: impl ::instant_admin::value::RuleParams) -> Self {
                self.chain.rule_params(params);
                self
            }
            /// Does with the chain what `set` does with a value, if there is one: `.set_some(title, tx::Post::title)`.
            pub fn set_some<T>(
                self,
                value: ::core::option::Option<T>,
                set: impl ::core::ops::FnOnce(Self, T) -> Self,
            ) -> Self {
                match value {
                    ::core::option::Option::Some(value) => set(self, value),
                    ::core::option::Option::None => self,
                }
            }
            #(#link_methods)*
            #(#merges)*
        }

        #[diagnostic::do_not_recommend]
        impl<#state> ::instant_admin::tx::IntoSteps for #chain<#state> {
            const __GENERATED: ::instant_admin::__private::Generated = ::instant_admin::__private::Generated;
            fn append_to(self, steps: &mut ::instant_admin::tx::Steps) {
                self.chain.append_to(steps);
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
    links.chain(merges).chain(["rule_params", "set_some"].map(str::to_owned)).collect()
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

fn merge(module: &Ident, label: &str, field: &Ident) -> TokenStream {
    let (method, docs) =
        (ident(&prefixed("merge_", field)), format!("Deep-merges an object into `{label}`."));
    // A patch is part of a value, so it has no type of its own.
    let bound = Fits::of(ValueType::Json, None, &quote! { super::#module::#field }).bound();
    quote! {
        #[doc = #docs]
        pub fn #method(mut self, patch: impl #bound) -> Self {
            self.chain.merge(#label, patch.into_value());
            self
        }
    }
}

/// A method that some states have.
struct Method {
    /// All before the body: documentation, name, parameters, what it returns.
    head: TokenStream,
    body: TokenStream,
}

impl Method {
    fn plain(&self) -> TokenStream {
        let Self { head, body } = self;
        quote! { #head { #body } }
    }

    fn bounded(&self, bound: &TokenStream) -> TokenStream {
        let Self { head, body } = self;
        quote! { #head where #bound { #body } }
    }
}

fn update(chain: &Ident) -> (&'static str, Method) {
    let head = quote! {
        /// Writes to the entity. Fails where it does not exist.
        pub fn update(self) -> #chain<::instant_admin::tx::Written>
    };
    (
        "update",
        Method {
            head,
            body: quote! { #chain { chain: self.chain.update(), state: ::core::marker::PhantomData } },
        },
    )
}

fn delete() -> (&'static str, Method) {
    let head = quote! {
        /// Deletes the entity, and what cascades from it.
        pub fn delete(self) -> ::instant_admin::tx::Deletion
    };
    ("delete", Method { head, body: quote! { self.chain.delete() } })
}

fn setter(context: &Context<'_>, entity: &str, label: &str, attribute: &Attribute, method: &str) -> Method {
    let fits = fits(context, entity, label, attribute);
    let fits = if attribute.required { fits } else { fits.or_null() };
    let bound = fits.bound();
    let docs = format!("Sets {}", docs(label, attribute));
    let method = ident(method.strip_prefix("r#").unwrap_or(method));
    Method {
        head: quote! {
            #[doc = #docs]
            pub fn #method(mut self, value: impl #bound) -> Self
        },
        body: quote! {
            self.chain.set(#label, value.into_value());
            self
        },
    }
}

/// The trait of values for the attribute.
fn fits(context: &Context<'_>, entity: &str, label: &str, attribute: &Attribute) -> Fits {
    let names = context.names.entity(entity);
    let (module, field) = (&names.module, names.field(label));
    context.types.fits(context.names, entity, label, attribute, &quote! { super::#module::#field })
}

fn link_methods(context: &Context<'_>, link: &LinkRef<'_>, state: &Ident) -> TokenStream {
    let names = context.names.entity(&link.near().on);
    let field = names.field(link.label());
    let (label, target) = (link.label(), &context.names.entity(link.target()).entity);
    let [add, remove] = ["link_", "unlink_"].map(|prefix| ident(&prefixed(prefix, field)));
    let (bound, argument) = match link.has() {
        Has::One => (quote! { IntoTarget }, quote! { target }),
        Has::Many => (quote! { IntoTargets }, quote! { targets }),
    };
    let value = match link.has() {
        Has::One => quote! { target.into_target() },
        Has::Many => quote! { targets },
    };
    let docs = format!("Links `{label}` to {} of `{}`.", noun(link.has()), link.target());
    let add = quote! {
        #[doc = #docs]
        pub fn #add(mut self, #argument: impl ::instant_admin::tx::#bound<super::#target>) -> Self {
            self.chain.link::<super::#target>(#label, #value);
            self
        }
    };
    // A required link to one can be replaced, never taken away: the bound, which nothing meets, says so.
    if link.is_required() && link.has() == Has::One {
        let module = &names.module;
        return quote! {
            #add
            #[doc(hidden)]
            pub fn #remove<T>(self, _: T) -> Self
            where
                #state: ::instant_admin::tx::Unlinks<super::#module::#field>,
            {
                self
            }
        };
    }
    let docs = format!("Unlinks `{label}` from {} of `{}`.", noun(link.has()), link.target());
    quote! {
        #add
        #[doc = #docs]
        pub fn #remove(mut self, #argument: impl ::instant_admin::tx::#bound<super::#target>) -> Self {
            self.chain.unlink::<super::#target>(#label, #value);
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

/// How entities are made: the methods that begin with all that is required, and what fills it in.
struct Creation {
    methods: [(&'static str, Method); 2],
    filled: TokenStream,
}

fn creation(context: &Context<'_>, entity: &str) -> Creation {
    let names = context.names.entity(entity);
    let (chain, new) = (&names.entity, &names.new);
    let required = required(context, entity);
    let attributes = required.attributes.iter().map(|(label, attribute)| {
        let (field, conversion) = (names.field(label), fits(context, entity, label, attribute).conversion());
        quote! { chain.set(#label, #conversion(new.#field)); }
    });
    let links = required.links.iter().map(|link| {
        let (field, label) = (names.field(link.label()), link.label());
        let target = &context.names.entity(link.target()).entity;
        quote! { chain.link::<super::#target>(#label, new.#field); }
    });
    // Entities without requirements have nothing to read from `new`.
    let is_empty = required.attributes.is_empty() && required.links.is_empty();
    let unused = is_empty.then(|| quote! { let super::#new {} = new; });
    let create = Method {
        head: quote! {
            /// Makes the entity. Fails where it exists.
            pub fn create(self, new: super::#new) -> #chain<::instant_admin::tx::Written>
        },
        body: quote! { #chain::<::instant_admin::tx::Written>::__filled(self.chain.create(), new) },
    };
    let upsert = Method {
        head: quote! {
            /// Writes to the entity, and makes it where it does not exist.
            pub fn upsert(self, new: super::#new) -> #chain<::instant_admin::tx::Written>
        },
        body: quote! { #chain::<::instant_admin::tx::Written>::__filled(self.chain.upsert(), new) },
    };
    let filled = quote! {
        fn __filled(mut chain: ::instant_admin::__private::Chain, new: super::#new) -> Self {
            #unused
            #(#attributes)*
            #(#links)*
            Self { chain, state: ::core::marker::PhantomData }
        }
    };
    Creation { methods: [("create", create), ("upsert", upsert)], filled }
}
