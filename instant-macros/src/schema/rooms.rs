//! The `rooms` module: room types with what peers announce, and topics with their messages.

use instant_schema::Entity;
use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::Context;
use super::types::{Payload, docs};
use crate::row::{self, Column, Field};

/// `pub mod rooms { .. }`.
pub fn expand(context: &Context<'_>) -> TokenStream {
    let rooms = context.schema.rooms.iter().map(|(room, shape)| {
        let names = context.names.room(room);
        let (constant, presence) = (&names.room, &names.presence);
        let topics = shape.topics.iter().flatten().map(|(topic, shape)| (topic, shape, &names.topics[topic]));
        let presence_struct = payload(
            context,
            &Payload { room: room.clone(), topic: None },
            &shape.presence,
            &format!("The presence of a peer in a room of type `{room}`."),
        );
        let messages = topics.clone().map(|(topic, shape, _)| {
            let docs = format!("A message on the topic `{topic}` of rooms of type `{room}`.");
            payload(context, &Payload { room: room.clone(), topic: Some(topic.clone()) }, shape, &docs)
        });
        let topics = topics.map(|(topic, _, names)| {
            let (constant, message) = (&names.topic, &names.message);
            let docs = format!("The topic `{topic}`.");
            quote! {
                #[doc = #docs]
                pub const #constant: ::instant_admin::room::Topic<super::#presence, super::#message> =
                    ::instant_admin::room::Topic::__new(#topic);
            }
        });
        let room_docs = format!("Rooms of type `{room}`.");
        let topics_docs = format!("The topics of rooms of type `{room}`.");
        quote! {
            #[doc = #room_docs]
            pub const #constant: ::instant_admin::room::RoomType<#presence> = ::instant_admin::room::RoomType::__new(#room);
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

fn payload(context: &Context<'_>, payload: &Payload, shape: &Entity, docs_of_struct: &str) -> TokenStream {
    let (name, names) = (payload.name(context.names), payload.fields(context.names));
    let of = payload.topic.as_ref().unwrap_or(&payload.room);
    let columns = shape.attributes.iter().map(|(label, attribute)| {
        let (value, _) = context.types.of_payload(context.names, payload, label, attribute);
        Field::new(&names[label], label, Column::of(value, attribute.required))
            .read_as(attribute.value_type, context.types.has_payload(payload, label))
    });
    let columns: Vec<Field> = columns.collect();
    let fields = shape.attributes.iter().zip(&columns).map(|((label, attribute), column)| {
        let (field, value, docs) = (&column.name, column.column.rust(), docs(label, attribute));
        quote! {
            #[doc = #docs]
            pub #field: #value,
        }
    });
    let row = row::expand(name, of, &columns, Span::call_site());
    let writes = shape.attributes.iter().map(|(label, attribute)| {
        let (_, fits) = context.types.of_payload(context.names, payload, label, attribute);
        let field = &names[label];
        let fits = if attribute.required { fits } else { fits.or_null() };
        let conversion = fits.conversion();
        if attribute.required {
            quote! { fields.set(#label, #conversion(&self.#field)); }
        } else {
            quote! { fields.set(#label, #conversion(self.#field.as_ref())); }
        }
    });
    quote! {
        #[doc = #docs_of_struct]
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct #name { #(#fields)* }
        #row
        impl ::instant_admin::room::Payload for #name {
            const __GENERATED: ::instant_admin::__private::Generated = ::instant_admin::__private::Generated;
            fn write(&self, fields: &mut ::instant_admin::room::PayloadFields) {
                let _ = &mut *fields;
                #(#writes)*
            }
        }
    }
}
