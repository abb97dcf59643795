//! The Rust side of attribute types: field types, the kinds that values are checked against, and their docs.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use instant_schema::Attribute;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use crate::fits::Fits;
use crate::names::{Names, ident, pascal_case};
use crate::value_type::{describe, kind, rust_type};

/// The types given by `types = { posts.meta: crate::Meta, rooms.chat.presence.status: crate::Status }`.
#[derive(Default)]
pub struct Types {
    /// By entity and label.
    entities: BTreeMap<String, BTreeMap<String, Type>>,
    /// By payload and label.
    payloads: BTreeMap<Payload, BTreeMap<String, Type>>,
}

/// The data of rooms of a type: the presence, or the messages of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Payload {
    pub room: String,
    pub topic: Option<String>,
}

impl Payload {
    /// Its struct in the module `rooms`.
    pub fn name<'a>(&self, names: &'a Names) -> &'a Ident {
        let room = names.room(&self.room);
        self.topic.as_ref().map_or(&room.presence, |topic| &room.topics[topic].message)
    }

    /// The names of its fields, by label.
    pub fn fields<'a>(&self, names: &'a Names) -> &'a IndexMap<String, Ident> {
        let room = names.room(&self.room);
        self.topic.as_ref().map_or(&room.fields, |topic| &room.topics[topic].fields)
    }
}

impl Types {
    /// Notes a type, and gives back the one that the attribute had.
    pub fn insert(&mut self, entity: &str, label: &str, given: Type) -> Option<Type> {
        self.entities.entry(entity.to_owned()).or_default().insert(label.to_owned(), given)
    }

    /// As `insert`, for an attribute of a payload.
    pub fn insert_payload(&mut self, payload: Payload, label: &str, given: Type) -> Option<Type> {
        self.payloads.entry(payload).or_default().insert(label.to_owned(), given)
    }

    fn get(&self, entity: &str, label: &str) -> Option<&Type> {
        self.entities.get(entity)?.get(label)
    }

    /// Whether the attribute was given a type.
    pub fn has(&self, entity: &str, label: &str) -> bool {
        self.get(entity, label).is_some()
    }

    /// Whether the payload's attribute was given a type.
    pub fn has_payload(&self, payload: &Payload, label: &str) -> bool {
        self.payloads.get(payload).is_some_and(|given| given.contains_key(label))
    }

    /// The type that a value of the attribute has where there is one, as written in the schema's own module.
    pub fn of(&self, entity: &str, label: &str, attribute: &Attribute) -> TokenStream {
        if let Some(given) = self.get(entity, label) {
            return quote! { #given };
        }
        rust_type(attribute.value_type)
    }

    /// The trait of values for the attribute, whose type is `marker`, for use one module further in.
    pub fn fits(
        &self,
        names: &Names,
        entity: &str,
        label: &str,
        attribute: &Attribute,
        marker: &TokenStream,
    ) -> Fits {
        let own = self.inner(names, entity, label);
        Fits::of(attribute.value_type, own.as_ref(), marker)
    }

    /// The kind of an attribute's values, for use one module further in.
    pub fn kind(&self, names: &Names, entity: &str, label: &str, attribute: &Attribute) -> TokenStream {
        kind(attribute.value_type, self.inner(names, entity, label).as_ref())
    }

    /// The type that was given to the attribute, for use one module further in.
    fn inner(&self, names: &Names, entity: &str, label: &str) -> Option<TokenStream> {
        let (module, field) = (&names.entity(entity).module, names.entity(entity).field(label));
        self.has(entity, label).then(|| quote! { super::__types::#module::#field })
    }

    /// The type of a payload's attribute and the trait of values for it, for use in the module `rooms`, in the payload's
    /// own impl.
    pub fn of_payload(
        &self,
        names: &Names,
        payload: &Payload,
        label: &str,
        attribute: &Attribute,
    ) -> (TokenStream, Fits) {
        let own = self.has_payload(payload, label).then(|| {
            let alias = payload_alias(names, payload, label);
            quote! { super::#alias }
        });
        let fits = Fits::of(attribute.value_type, own.as_ref(), &quote! { Self });
        (own.unwrap_or_else(|| rust_type(attribute.value_type)), fits)
    }

    /// `__types`: the types by module and field, for whatever expands outside this module. The aliases beside it
    /// resolve the types where they were written.
    pub fn aliases(&self, names: &Names) -> TokenStream {
        let of_payloads = self.payloads.iter().flat_map(|(payload, given)| {
            given.iter().map(|(label, given)| (payload_alias(names, payload, label), given))
        });
        let of_entities = self.entities.iter().flat_map(|(entity, given)| {
            given.iter().map(|(label, given)| (entity_alias(names, entity, label), given))
        });
        let given = of_entities.chain(of_payloads).map(|(alias, given)| {
            quote! {
                #[doc(hidden)]
                #[allow(non_camel_case_types)]
                pub type #alias = #given;
            }
        });
        let modules = self.entities.iter().map(|(entity, given)| {
            let module = &names.entity(entity).module;
            let types = given.keys().map(|label| {
                let field = names.entity(entity).field(label);
                let alias = entity_alias(names, entity, label);
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

    /// Fails, at the type, if one cannot be the type of an attribute. The errors of what is derived say it at the
    /// macro as a whole.
    pub fn checks(&self) -> TokenStream {
        let given = self.entities.values().chain(self.payloads.values()).flat_map(BTreeMap::values);
        let checks = given.map(|given| {
            let place = given.span();
            quote_spanned! {place=> ::instant_admin::__private::is_attribute_type::<#given>(); }
        });
        let mut checks = checks.peekable();
        if checks.peek().is_none() {
            return TokenStream::new();
        }
        quote! { const _: fn() = || { #(#checks)* }; }
    }
}

fn entity_alias(names: &Names, entity: &str, label: &str) -> Ident {
    let names = names.entity(entity);
    ident(&format!("__{}{}", names.entity, pascal_case(&names.field(label).to_string())))
}

/// In the case of no entity's alias.
fn payload_alias(names: &Names, payload: &Payload, label: &str) -> Ident {
    let field = pascal_case(&payload.fields(names)[label].to_string());
    ident(&format!("__rooms_{}{field}", payload.name(names)))
}

/// Describes an attribute for its documentation: `` `createdAt`: date, required, indexed. ``
pub fn docs(label: &str, attribute: &Attribute) -> String {
    let Attribute { value_type, required, indexed, unique, .. } = *attribute;
    format!("`{label}`: {}.", describe(value_type, required, indexed, unique))
}
