//! The options of `include_schema!` and `schema!`, and their checks against a schema.

mod syntax;

use instant_schema::{Attribute, Entity, Schema, suggest};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Ident, Path, Type, Visibility};

use syntax::{Argument, Name};
pub use syntax::{parse_include, parse_inline};

use super::types::{Payload, Types};
use crate::names::{Names, Renames, ident, snake_case};

/// The options as they were written.
#[derive(Default)]
pub struct Options {
    module: Option<Path>,
    root: Option<Path>,
    types: Vec<(syntax::Names, Type)>,
    renames: Vec<(syntax::Names, Ident)>,
    derives: Vec<Path>,
    visibility: Option<Visibility>,
    /// Where an option was written that had been written before.
    repeated: Vec<(Span, &'static str)>,
}

impl Options {
    fn set(&mut self, option: Argument) {
        let repeated = match &option {
            Argument::In(module) => self.module.is_some().then(|| (module.span(), "in")),
            Argument::Crate(root) => self.root.is_some().then(|| (root.span(), "crate")),
            Argument::Visibility(visibility) => {
                self.visibility.is_some().then(|| (visibility.span(), "visibility"))
            }
            _ => None,
        };
        self.repeated.extend(repeated);
        match option {
            Argument::In(module) => self.module = Some(module),
            Argument::Crate(root) => self.root = Some(root),
            Argument::Types(types) => self.types.extend(types),
            Argument::Rename(renames) => self.renames.extend(renames),
            Argument::Derive(derives) => self.derives.extend(derives),
            Argument::Visibility(visibility) => self.visibility = Some(visibility),
            Argument::Path(_) => {}
        }
    }

    /// Reports options that are written twice.
    pub fn repeated(&self) -> impl Iterator<Item = syn::Error> {
        self.repeated.iter().map(|(span, name)| {
            syn::Error::new(*span, format!("`{name}` is written twice: keep one of the two"))
        })
    }

    /// The module that the expansion is in: `crate::schema` unless `in` says otherwise.
    pub fn module(&self) -> Path {
        self.module.clone().unwrap_or_else(|| syn::parse_quote!(crate::schema))
    }

    /// Where `in` was written.
    pub fn module_span(&self) -> Option<Span> {
        self.module.as_ref().map(Spanned::span)
    }

    /// The path of `instant_admin` in this crate, where it has another.
    pub fn root(&self) -> Option<TokenStream> {
        let path = self.root.as_ref()?;
        let is_absolute = path.leading_colon.is_some() || path.segments.first()?.ident == "crate";
        Some(if is_absolute { quote!(#path) } else { quote!(:: #path) })
    }

    /// Gives all items of `expansion` the visibility that the user wants, in place of `pub`.
    pub fn with_visibility(&self, expansion: TokenStream) -> TokenStream {
        match &self.visibility {
            Some(visibility) => with_visibility(expansion, &quote!(#visibility)),
            None => expansion,
        }
    }

    /// The derives of the entity structs beside `Debug`, `Clone` and `PartialEq`.
    pub fn derives(&self) -> impl Iterator<Item = &Path> {
        let always = |path: &Path| ["Debug", "Clone", "PartialEq"].iter().any(|name| path.is_ident(name));
        self.derives.iter().filter(move |path| !always(path))
    }

    /// Returns the new names of entities, attributes and links. Reports names that the schema does not have.
    pub fn renames(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> Renames {
        let mut renames = Renames::default();
        for (names, given) in &self.renames {
            let given = given.unraw().to_string();
            let (entity, known) = match names.as_slice() {
                [entity] if entity.is_entity_of(schema, errors) => {
                    (entity, renames.rename_entity(&entity.name, given))
                }
                [entity, label] if entity.is_entity_of(schema, errors) => {
                    let attributes = &schema.entities[&entity.name].attributes;
                    if !attributes.contains_key(&label.name)
                        && schema.link(&entity.name, &label.name).is_none()
                    {
                        let links = schema.links_of(&entity.name).map(|link| link.label());
                        let labels: Vec<&str> = attributes.keys().map(String::as_str).chain(links).collect();
                        errors.push(label.unknown(&entity.name, "attribute or link", "names", &labels));
                        continue;
                    }
                    (label, renames.rename_field(&entity.name, &label.name, given))
                }
                [_] | [_, _] => continue,
                more => {
                    let message = "entities, attributes and links can have another name: write `$users: accounts` or \
                                   `posts.type: kind`";
                    errors.push(syn::Error::new(more[0].span, message));
                    continue;
                }
            };
            if known.is_some() {
                errors.push(syn::Error::new(entity.span, format!("`{}` is renamed twice", entity.name)));
            }
        }
        renames
    }

    /// Reports new names that are taken.
    pub fn check_names(&self, names: &Names, renames: &Renames, errors: &mut Vec<syn::Error>) {
        for (path, given) in &self.renames {
            let name = given.unraw().to_string();
            let (wanted, name) = (ident(&snake_case(&name)), Some(name.as_str()));
            let (taken, of) = match path.as_slice() {
                [entity] if renames.entity(&entity.name) == name => {
                    (names.entity(&entity.name).module != wanted, "the schema".to_owned())
                }
                [entity, label] if renames.field(&entity.name, &label.name) == name => {
                    (*names.entity(&entity.name).field(&label.name) != wanted, format!("`{}`", entity.name))
                }
                _ => continue,
            };
            if taken {
                let message = format!("something else in {of} is called `{wanted}`: write another name");
                errors.push(syn::Error::new(given.span(), message));
            }
        }
    }

    /// Returns the Rust types given to attributes. Reports attributes that the schema does not have.
    pub fn types(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> Types {
        let mut types = Types::default();
        for (names, given) in &self.types {
            let (known, label) = match names.as_slice() {
                [entity, label] => {
                    let Some(attribute) = entity.attribute_of(label, schema, errors) else { continue };
                    errors.extend(option_of_optional(attribute, given));
                    (types.insert(&entity.name, &label.name, given.clone()), label)
                }
                [rooms, room, kind, label] if rooms.name == "rooms" && kind.name == "presence" => {
                    let Some(shape) = room.room_of(schema, errors) else { continue };
                    let Some(attribute) = label.payload_of(&shape.presence, errors) else { continue };
                    errors.extend(option_of_optional(attribute, given));
                    let payload = Payload { room: room.name.clone(), topic: None };
                    (types.insert_payload(payload, &label.name, given.clone()), label)
                }
                [rooms, room, kind, topic, label] if rooms.name == "rooms" && kind.name == "topics" => {
                    let Some(shape) = room.room_of(schema, errors) else { continue };
                    let topics = shape.topics.iter().flatten();
                    let Some((_, message)) = topics.clone().find(|(name, _)| **name == topic.name) else {
                        let topics: Vec<&str> = topics.map(|(name, _)| name.as_str()).collect();
                        errors.push(topic.unknown(&room.name, "topic", "topics", &topics));
                        continue;
                    };
                    let Some(attribute) = label.payload_of(message, errors) else { continue };
                    errors.extend(option_of_optional(attribute, given));
                    let payload = Payload { room: room.name.clone(), topic: Some(topic.name.clone()) };
                    (types.insert_payload(payload, &label.name, given.clone()), label)
                }
                other => {
                    let message = "a type is for an attribute: write `posts.meta: ..`, `rooms.chat.presence.status: ..` or \
                                   `rooms.chat.topics.emoji.size: ..`";
                    errors.extend(other.first().map(|first| syn::Error::new(first.span, message)));
                    continue;
                }
            };
            if known.is_some() {
                errors.push(syn::Error::new(label.span, format!("`{}` is given a type twice", label.name)));
            }
        }
        types
    }
}

fn with_visibility(tokens: TokenStream, visibility: &TokenStream) -> TokenStream {
    let restricted = |token| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), with_visibility(group.stream(), visibility));
            inner.set_span(group.span());
            TokenTree::from(inner).into()
        }
        TokenTree::Ident(word) if word == "pub" => visibility.clone(),
        other => other.into(),
    };
    tokens.into_iter().map(restricted).collect::<TokenStream>()
}

impl Name {
    fn is_entity_of(&self, schema: &Schema, errors: &mut Vec<syn::Error>) -> bool {
        let known = schema.entities.contains_key(&self.name);
        // With a broken schema file nothing is known, and the file's own errors say enough.
        if !known && !schema.entities.is_empty() {
            let hint = suggest::hint(&self.name, "entities", schema.entities.keys().map(String::as_str));
            errors.push(syn::Error::new(self.span, format!("there is no entity `{}`: {hint}", self.name)));
        }
        known
    }

    fn attribute_of<'a>(
        &self,
        label: &Self,
        schema: &'a Schema,
        errors: &mut Vec<syn::Error>,
    ) -> Option<&'a Attribute> {
        if !self.is_entity_of(schema, errors) {
            return None;
        }
        let attributes = &schema.entities[&self.name].attributes;
        let attribute = attributes.get(&label.name);
        if attribute.is_none() {
            errors.push(if label.name == "id" {
                syn::Error::new(label.span, "`id` has a type already: it is an `Id` of its entity")
            } else if schema.link(&self.name, &label.name).is_some() {
                let message = format!("`{}` is a link: only attributes have a type of their own", label.name);
                syn::Error::new(label.span, message)
            } else {
                let labels: Vec<&str> = attributes.keys().map(String::as_str).collect();
                label.unknown(&self.name, "attribute", "attributes", &labels)
            });
        }
        attribute
    }

    fn room_of<'a>(
        &self,
        schema: &'a Schema,
        errors: &mut Vec<syn::Error>,
    ) -> Option<&'a instant_schema::Room> {
        let room = schema.rooms.get(&self.name);
        if room.is_none() && !(schema.entities.is_empty() && schema.rooms.is_empty()) {
            let hint = suggest::hint(&self.name, "rooms", schema.rooms.keys().map(String::as_str));
            errors.push(syn::Error::new(self.span, format!("there is no room `{}`: {hint}", self.name)));
        }
        room
    }

    fn payload_of<'a>(&self, shape: &'a Entity, errors: &mut Vec<syn::Error>) -> Option<&'a Attribute> {
        let attribute = shape.attributes.get(&self.name);
        if attribute.is_none() {
            let labels: Vec<&str> = shape.attributes.keys().map(String::as_str).collect();
            let hint = suggest::hint(&self.name, "attributes", labels);
            errors.push(syn::Error::new(self.span, format!("there is no attribute `{}`: {hint}", self.name)));
        }
        attribute
    }

    fn unknown(&self, owner: &str, what: &str, plural: &str, known: &[&str]) -> syn::Error {
        let hint = suggest::hint(&self.name, plural, known.iter().copied());
        syn::Error::new(self.span, format!("`{owner}` has no {what} `{}`: {hint}", self.name))
    }
}

/// An optional attribute is an `Option` of its type already.
fn option_of_optional(attribute: &Attribute, given: &Type) -> Option<syn::Error> {
    let Type::Path(path) = given else { return None };
    let is_option = path.path.segments.last().is_some_and(|last| last.ident == "Option");
    let message =
        "the attribute is optional, so its field is an `Option` of this type already: write the type inside";
    (is_option && !attribute.required).then(|| syn::Error::new_spanned(given.to_token_stream(), message))
}
