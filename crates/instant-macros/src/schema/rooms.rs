//! The `rooms` module: room types with what peers announce, and topics with their messages.

use instant_schema::Entity;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Context;
use super::types::{docs, plain};
use crate::row::{self, Column, Field};

/// `pub mod rooms { .. }`.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let rooms = context.schema.rooms.iter().map(|(room, shape)| {
        let names = context.names.room(room);
        let (constant, presence) = (&names.room, &names.presence);
        let topics = shape.topics.iter().flatten().map(|(topic, shape)| (topic, shape, &names.topics[topic]));
        let presence_struct = payload(
            presence,
            &shape.presence,
            room,
            &format!("What a peer in a room of type `{room}` announces of itself."),
            |label| &names.fields[label],
        );
        let messages = topics.clone().map(|(topic, shape, names)| {
            let docs = format!("A message on the topic `{topic}` of rooms of type `{room}`.");
            payload(&names.message, shape, topic, &docs, |label| &names.fields[label])
        });
        let topics = topics.map(|(topic, _, names)| {
            let (constant, message) = (&names.topic, &names.message);
            let docs = format!("The topic `{topic}`.");
            quote! {
                #[doc = #docs]
                pub const #constant: ::instant_admin::Topic<super::#presence, super::#message> =
                    ::instant_admin::Topic::__new(#topic);
            }
        });
        let room_docs = format!("Rooms of type `{room}`.");
        let topics_docs = format!("The topics of rooms of type `{room}`.");
        quote! {
            #[doc = #room_docs]
            pub const #constant: ::instant_admin::RoomType<#presence> = ::instant_admin::RoomType::__new(#room);
            #[doc = #topics_docs]
            pub mod #constant { #(#topics)* }
            #presence_struct
            #(#messages)*
        }
    });
    quote! {
        /// The types of rooms, their presence and their topics.
        #[allow(non_upper_case_globals)]
        pub mod rooms { #(#rooms)* }
    }
}

fn payload<'a>(
    name: &Ident,
    shape: &'a Entity,
    of: &str,
    docs_of_struct: &str,
    field_of: impl Fn(&'a str) -> &'a Ident,
) -> TokenStream {
    let fields = shape.attributes.iter().map(|(label, attribute)| {
        let (field, value, docs) = (field_of(label), plain(attribute.value_type), docs(label, attribute));
        let value = if attribute.required {
            value
        } else {
            quote! { ::core::option::Option<#value> }
        };
        quote! {
            #[doc = #docs]
            pub #field: #value,
        }
    });
    let rows: Vec<Field<'_>> = shape
        .attributes
        .iter()
        .map(|(label, attribute)| Field {
            label,
            name: field_of(label),
            column: Column::of(attribute),
            fragment: None,
        })
        .collect();
    let row = row::expand(name, of, &rows);
    let writes = rows.iter().map(|Field { label, name, .. }| quote! { fields.set(#label, &self.#name); });
    quote! {
        #[doc = #docs_of_struct]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct #name { #(#fields)* }
        #row
        impl ::instant_admin::Payload for #name {
            fn write(&self, fields: &mut ::instant_admin::PayloadFields) {
                let _ = &mut *fields;
                #(#writes)*
            }
        }
    }
}
