//! The schema as one compact string literal: how `include_schema!` hands it to every `query!`.
//!
//! Entities are separated by `;`, their attributes and links by `|`, the parts of each by `,`; names escape these
//! with `%`. A call that names three entities of two hundred decodes three.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::Rc;

use instant_schema::instaql::{Holds, Labels};
use instant_schema::{Has, Schema, ValueType};
use proc_macro2::{Ident, Span};

use crate::names::Names;
use crate::value_type::{from_letter, letter};

/// Writes the literal. `has_own_type` says which attributes were given a Rust type by the user.
pub(crate) fn encode(schema: &Schema, names: &Names, has_own_type: &dyn Fn(&str, &str) -> bool) -> String {
    let records = schema.entities.iter().map(|(name, entity)| {
        let rust = names.entity(name);
        let head = format!("{},{},{}", escaped(name), rust.entity, rust.module);
        let attributes = entity.attributes.iter().map(|(label, attribute)| {
            let flags = [
                (attribute.required, 'r'),
                (attribute.indexed, 'i'),
                (attribute.unique, 'u'),
                (has_own_type(name, label), 'c'),
            ];
            let flags: String = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect();
            let kind = letter(attribute.value_type);
            format!("{},{kind}{flags}{}", escaped(label), own_field(label, rust.field(label)))
        });
        // A link to nowhere is a mistake that was reported with the schema.
        let links = schema.links_of(name).filter(|link| schema.entities.contains_key(link.target()));
        let links = links.map(|link| {
            let (label, target) = (escaped(link.label()), escaped(link.target()));
            let has = if link.has() == Has::One { 'o' } else { 'm' };
            let required = if link.is_required() { "r" } else { "" };
            format!(">{label},{has}{required}>{target}{}", own_field(link.label(), rust.field(link.label())))
        });
        std::iter::once(head).chain(attributes).chain(links).collect::<Vec<_>>().join("|")
    });
    records.collect::<Vec<_>>().join(";")
}

/// The Rust name, where it is not the label.
fn own_field(label: &str, field: &Ident) -> String {
    if field == label { String::new() } else { format!(",{field}") }
}

/// The schema as the literal has it.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    records: Rc<[String]>,
    /// The entities that were asked for, by the name in the schema.
    decoded: Rc<RefCell<HashMap<String, Rc<EntityRecord>>>>,
}

/// One entity, decoded, with a way to the others.
#[derive(Debug, Clone)]
pub(crate) struct EntityView {
    catalog: Catalog,
    record: Rc<EntityRecord>,
}

/// An entity in the literal.
#[derive(Debug)]
pub(crate) struct EntityRecord {
    pub(crate) name: String,
    /// The entity's struct in the schema's module.
    pub(crate) type_name: Ident,
    /// The entity's module in the schema's module, and its field in a response.
    pub(crate) module: Ident,
    pub(crate) attributes: Vec<AttributeView>,
    pub(crate) links: Vec<LinkView>,
}

/// An attribute; `id` is not among them.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the schema's")]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttributeView {
    pub(crate) label: String,
    pub(crate) value_type: ValueType,
    pub(crate) required: bool,
    pub(crate) indexed: bool,
    pub(crate) unique: bool,
    /// Whether its Rust type was given by the user.
    pub(crate) own_type: bool,
    pub(crate) field: Ident,
}

/// A link as the entity sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinkView {
    pub(crate) label: String,
    pub(crate) target: String,
    pub(crate) many: bool,
    pub(crate) required: bool,
    pub(crate) field: Ident,
}

impl Catalog {
    /// Takes a literal that [`encode`] wrote.
    pub(crate) fn new(literal: &str) -> Self {
        let records = literal.split(';').filter(|record| !record.is_empty()).map(str::to_owned).collect();
        Self { records, decoded: Rc::default() }
    }

    /// The names of all entities.
    pub(crate) fn entities(&self) -> Vec<String> {
        self.records.iter().map(|record| unescaped(name_of(record))).collect()
    }

    /// One entity, decoded when it is first asked for. `None` also where the record is not one that this version of
    /// the crate writes: nothing of it is guessed.
    pub(crate) fn entity(&self, name: &str) -> Option<EntityView> {
        let known = self.decoded.borrow().get(name).cloned();
        let record = if let Some(record) = known {
            record
        } else {
            let record = Rc::new(self.decode(name)?);
            self.decoded.borrow_mut().insert(name.to_owned(), Rc::clone(&record));
            record
        };
        Some(EntityView { catalog: self.clone(), record })
    }

    fn decode(&self, name: &str) -> Option<EntityRecord> {
        let escaped = escaped(name);
        let record = self.records.iter().find(|record| name_of(record) == escaped)?;
        let mut items = record.split('|');
        let mut head = items.next()?.split(',').skip(1);
        let (type_name, module) = (head.next()?, head.next()?);
        let mut entity = EntityRecord {
            name: name.to_owned(),
            type_name: identifier(type_name),
            module: identifier(module),
            attributes: Vec::new(),
            links: Vec::new(),
        };
        for item in items {
            match item.strip_prefix('>') {
                Some(link) => entity.links.push(LinkView::decode(link)?),
                None => entity.attributes.push(AttributeView::decode(item)?),
            }
        }
        Some(entity)
    }
}

impl Deref for EntityView {
    type Target = EntityRecord;

    fn deref(&self) -> &EntityRecord {
        &self.record
    }
}

impl EntityRecord {
    pub(crate) fn attribute(&self, label: &str) -> Option<&AttributeView> {
        self.attributes.iter().find(|attribute| attribute.label == label)
    }

    pub(crate) fn link(&self, label: &str) -> Option<&LinkView> {
        self.links.iter().find(|link| link.label == label)
    }
}

impl Labels for EntityView {
    fn name(&self) -> &str {
        &self.name
    }

    fn holds(&self, attribute: &str) -> Option<Holds> {
        let AttributeView { value_type, indexed, .. } = *self.attribute(attribute)?;
        Some(Holds::Values { value_type, indexed })
    }

    fn target(&self, link: &str) -> Option<Self> {
        self.catalog.entity(&self.link(link)?.target)
    }

    fn attributes(&self) -> Vec<&str> {
        self.attributes.iter().map(|attribute| attribute.label.as_str()).collect()
    }

    fn links(&self) -> Vec<&str> {
        self.links.iter().map(|link| link.label.as_str()).collect()
    }
}

impl AttributeView {
    fn decode(item: &str) -> Option<Self> {
        let mut parts = item.split(',');
        let (label, flags) = (unescaped(parts.next()?), parts.next()?);
        let value_type = from_letter(flags.chars().next()?)?;
        let has = |flag| flags.chars().skip(1).any(|letter| letter == flag);
        let field = identifier(parts.next().unwrap_or(&label));
        Some(Self {
            value_type,
            required: has('r'),
            indexed: has('i'),
            unique: has('u'),
            own_type: has('c'),
            field,
            label,
        })
    }
}

impl LinkView {
    fn decode(item: &str) -> Option<Self> {
        let mut parts = item.split(',');
        let (label, (flags, target)) = (unescaped(parts.next()?), parts.next()?.split_once('>')?);
        let field = identifier(parts.next().unwrap_or(&label));
        let target = unescaped(target);
        Some(Self { target, many: flags.starts_with('m'), required: flags.ends_with('r'), field, label })
    }
}

fn name_of(record: &str) -> &str {
    record.find([',', '|']).map_or(record, |end| &record[..end])
}

/// An identifier from its text, which is one; raw ones included.
fn identifier(text: &str) -> Ident {
    match text.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(text, Span::call_site()),
    }
}

/// Characters that are special in the literal and may be in names.
const SPECIAL: [char; 7] = ['%', ';', '|', ',', '>', '"', '\\'];

fn escaped(name: &str) -> String {
    let letters = name.chars().map(|letter| match SPECIAL.iter().position(|special| *special == letter) {
        Some(index) => format!("%{index}"),
        None => letter.to_string(),
    });
    letters.collect()
}

fn unescaped(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut name = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let index = (letter == '%').then(|| letters.next().and_then(|digit| digit.to_digit(10))).flatten();
        name.push(index.and_then(|index| SPECIAL.get(index as usize)).copied().unwrap_or(letter));
    }
    name
}
