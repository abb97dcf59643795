//! Paths of what the schema's module has for an entity and its attributes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::fits::Fits;
use crate::literal::{AttributeView, EntityView};
use crate::value_type::{kind, rust_type};

/// The schema's module: `crate::schema`.
pub(crate) struct Paths {
    schema: TokenStream,
}

impl Paths {
    pub(crate) fn new(schema: TokenStream) -> Self {
        Self { schema }
    }

    /// The schema itself: `crate::schema::SCHEMA`.
    pub(super) fn schema(&self) -> TokenStream {
        let schema = &self.schema;
        quote!(#schema::SCHEMA)
    }

    /// The struct of a whole entity: `crate::schema::Post`.
    pub(super) fn entity(&self, entity: &EntityView) -> TokenStream {
        let (schema, name) = (&self.schema, &entity.type_name);
        quote!(#schema::#name)
    }

    /// The type of an entity's id: `Id<crate::schema::Post>`.
    pub(super) fn id(&self, entity: &EntityView) -> TokenStream {
        let entity = self.entity(entity);
        quote!(::instant_admin::Id<#entity>)
    }

    /// The type that stands for an attribute or link, or for the id: `crate::schema::posts::title`.
    pub(super) fn marker(&self, entity: &EntityView, field: &Ident) -> TokenStream {
        let (schema, module) = (&self.schema, &entity.module);
        quote!(#schema::#module::#field)
    }

    /// The Rust type of an attribute's values: `String`, or `crate::schema::__types::posts::meta` for one of the user's.
    pub(super) fn value(&self, entity: &EntityView, attribute: &AttributeView) -> TokenStream {
        if attribute.own_type {
            let (schema, module, field) = (&self.schema, &entity.module, &attribute.field);
            return quote!(#schema::__types::#module::#field);
        }
        rust_type(attribute.value_type)
    }

    /// The kind of an attribute's values, as the type argument of `IntoValues`.
    pub(super) fn kind(&self, entity: &EntityView, attribute: &AttributeView) -> TokenStream {
        let own = attribute.own_type.then(|| self.value(entity, attribute));
        kind(attribute.value_type, own.as_ref())
    }

    /// The trait of the values of an attribute.
    pub(super) fn fits(&self, entity: &EntityView, attribute: &AttributeView) -> Fits {
        let own = attribute.own_type.then(|| self.value(entity, attribute));
        Fits::of(attribute.value_type, own.as_ref(), &self.marker(entity, &attribute.field))
    }
}
