//! The structs of an answer, with the fields that were asked for.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use super::Place;
use crate::literal::{AttributeView, EntityView};
use crate::names::row_name;
use crate::query::checked::{Form, FormPart, LinkForm, Query, Root, Rows, WrittenForm};
use crate::query::member::Marker;
use crate::row::{self, Column, Field};
use crate::serial_names::SerialNames;

/// How the structs of an answer are declared.
pub(crate) struct Declaration {
    pub(crate) attributes: TokenStream,
    pub(crate) visibility: TokenStream,
    /// The visibility of the fields.
    pub(crate) fields: TokenStream,
}

impl Declaration {
    /// Structs inside an expression. Nobody can name them, so their fields are simply open; the structs are not, since
    /// a fragment that they hold may be private.
    pub(crate) fn local() -> Self {
        Self { attributes: TokenStream::new(), visibility: TokenStream::new(), fields: quote!(pub) }
    }
}

/// The structs of a call, each before those that it holds.
pub(crate) struct Structs<'a> {
    place: &'a Place,
    /// The start of their names: the query's own name in the item form.
    prefix: String,
    /// Where they are said to be: at the name of the item that has them.
    span: Span,
    /// Names of the user's types in the structs' fields.
    reserved: Vec<String>,
    rows: Vec<Struct>,
}

/// A struct of the answer.
struct Struct {
    name: Ident,
    /// The entity's name; empty for the answer itself.
    entity: String,
    fields: Vec<Field>,
}

/// The type that the rows of a form decode to.
enum Row {
    /// This type.
    Type(TokenStream),
    /// A fragment, with its trait: `<Card as Fragment<User>>`.
    Fragment(TokenStream, TokenStream),
    /// A number.
    Count,
}

impl<'a> Structs<'a> {
    /// Collects the structs of a query.
    pub(crate) fn of_query(query: &Query, prefix: &str, span: Span, place: &'a Place) -> Self {
        let mut structs = Self::new(prefix, span, place);
        for root in &query.roots {
            if let Root::Entity(_, form) = root {
                structs.reserve(form);
            }
        }
        let fields = query.roots.iter().filter_map(|root| match root {
            Root::Entity(name, form) => Some(structs.root(name, form)),
            Root::RuleParams(_) => None,
        });
        let fields = fields.collect();
        let name = structs.response();
        structs.rows.push(Struct { name, entity: String::new(), fields });
        structs
    }

    /// Collects the structs of a fragment. The first is the fragment's own.
    pub(crate) fn of_fragment(form: &WrittenForm, name: &str, span: Span, place: &'a Place) -> Self {
        let mut structs = Self::new("", span, place);
        structs.reserve_in(form);
        // A fragment may hold itself, which the compiler refuses; its name is its own in any case.
        structs.reserved.retain(|reserved| reserved != name);
        structs.written(form, name);
        structs
    }

    fn new(prefix: &str, span: Span, place: &'a Place) -> Self {
        Self { place, prefix: prefix.to_owned(), span, reserved: Vec::new(), rows: Vec::new() }
    }

    /// The struct of the whole answer: `FeedResponse`.
    pub(crate) fn response(&self) -> Ident {
        let is_hiding = self.prefix.is_empty() && self.reserved.iter().any(|name| name == "Response");
        format_ident!("{}{}", self.prefix, if is_hiding { "Response2" } else { "Response" }, span = self.span)
    }

    /// `pub struct FeedPost { .. } impl Row for FeedPost { .. } ..`
    pub(crate) fn declared(&self, declaration: &Declaration) -> TokenStream {
        self.rows.iter().map(|row| row.declared(declaration, self.span)).collect()
    }

    /// As [`declared`](Self::declared), with `docs` on the struct `name`, which gets the user's own token for go-to.
    pub(crate) fn declared_as(&mut self, name: &Ident, docs: &TokenStream, how: &Declaration) -> TokenStream {
        let mut declared = TokenStream::new();
        for row in &mut self.rows {
            if row.name == *name {
                row.name = name.clone();
                declared.extend(docs.clone());
            }
            declared.extend(row.declared(how, self.span));
        }
        declared
    }

    /// The field of a root: `posts: Page<FeedPost>`.
    fn root(&mut self, name: &str, form: &Form) -> Field {
        let (entity, wanted) = (form.entity(), form.entity().type_name.to_string());
        let field = entity.module.clone();
        let (column, fragment) = match self.row(form, &wanted) {
            Row::Type(row) => (Column::Root(row), None),
            Row::Fragment(row, fragment) => (Column::Root(row), Some(fragment)),
            Row::Count => (Column::Count, None),
        };
        Field { fragment, ..Field::new(&field, name, column) }
    }

    /// The rows of a form. `wanted` is the name that a struct for them would like to have.
    fn row(&mut self, form: &Form, wanted: &str) -> Row {
        match form {
            Form::Fragment(fragment) => Row::Fragment(fragment.path.clone(), self.place.fragment(fragment)),
            Form::Written(form) => self.written(form, wanted),
        }
    }

    fn written(&mut self, form: &WrittenForm, wanted: &str) -> Row {
        let entity = &form.entity;
        match &form.rows {
            Rows::Entity => Row::Type(self.place.paths.entity(entity)),
            Rows::Fragment(fragment) => Row::Fragment(fragment.path.clone(), self.place.fragment(fragment)),
            Rows::Count => Row::Count,
            Rows::Struct(attributes) => {
                // The struct gets its name before those of its links, so that numbers count from the outside in.
                let name = self.claim_name(wanted);
                let slot = self.rows.len();
                let entity_name = entity.name.clone();
                self.rows.push(Struct { name: name.clone(), entity: entity_name, fields: Vec::new() });
                let id = Column::Id(self.place.paths.id(entity));
                let mut fields = vec![Field::new(&format_ident!("id"), "id", id)];
                fields.extend(
                    attributes.iter().map(|(attribute, marker)| self.attribute(entity, attribute, *marker)),
                );
                let links = form.parts.iter().filter_map(|part| match part {
                    FormPart::Link(link) => self.link(link, &name.to_string()),
                    FormPart::Options(_) => None,
                });
                fields.extend(links.collect::<Vec<_>>());
                self.rows[slot].fields = fields;
                Row::Type(quote!(#name))
            }
        }
    }

    /// `title: String`, `views: Option<f64>`
    fn attribute(&self, entity: &EntityView, attribute: &AttributeView, marker: Option<Marker>) -> Field {
        let value = self.place.paths.value(entity, attribute);
        let column = match (marker, attribute.required) {
            (Some(Marker::Optional), _) | (None, false) => Column::Optional(value),
            (None, true) => Column::Required(value),
            (Some(Marker::Required), _) => Column::Asserted(value),
        };
        Field::new(&attribute.field, &attribute.label, column)
            .read_as(attribute.value_type, attribute.own_type)
    }

    /// `comments: Vec<PostComment>`, `author: Option<User>`; none for a link that is counted, which is a mistake.
    fn link(&mut self, LinkForm { link, asserted, form }: &LinkForm, parent: &str) -> Option<Field> {
        let own = parent.strip_prefix(self.prefix.as_str()).unwrap_or(parent);
        let wanted = format!("{own}{}", row_name(&link.label));
        let (row, fragment) = match self.row(form, &wanted) {
            Row::Type(row) => (row, None),
            Row::Fragment(row, fragment) => (row, Some(fragment)),
            Row::Count => return None,
        };
        let column = match (link.many, asserted) {
            (true, _) => Column::Many(row),
            (false, true) => Column::RequiredOne(row),
            (false, false) => Column::One(row),
        };
        Some(Field { fragment, ..Field::new(&link.field, &link.label, column) })
    }

    /// Returns a name for a struct that no other struct has, numbered if `wanted` is taken.
    fn claim_name(&self, wanted: &str) -> Ident {
        let wanted = format!("{}{}", self.prefix, wanted.strip_prefix("r#").unwrap_or(wanted));
        let is_taken = |name: &String| {
            self.rows.iter().any(|taken| taken.name == *name)
                || self.reserved.contains(name)
                || self.response() == *name
        };
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let mut names = std::iter::once(wanted.clone()).chain(numbered);
        let name = names.find(|name| !is_taken(name)).expect("there are more numbers than names");
        format_ident!("{name}", span = self.span)
    }

    /// Reserves the names of the fragments in a form: a struct of such a name would hide the fragment.
    fn reserve(&mut self, form: &Form) {
        match form {
            Form::Fragment(fragment) => self.reserve_path(&fragment.path),
            Form::Written(form) => self.reserve_in(form),
        }
    }

    fn reserve_in(&mut self, form: &WrittenForm) {
        if let Rows::Fragment(fragment) = &form.rows {
            self.reserve_path(&fragment.path);
        }
        for part in &form.parts {
            if let FormPart::Link(link) = part {
                self.reserve(&link.form);
            }
        }
    }

    fn reserve_path(&mut self, path: &TokenStream) {
        if let Some(TokenTree::Ident(first)) = path.clone().into_iter().next() {
            self.reserved.push(first.to_string());
        }
    }
}

impl Struct {
    /// `pub struct FeedPost { pub id: Id<Post>, .. } impl Row for FeedPost { .. }`, wholly at `span`: an error about a name
    /// that is taken belongs there.
    fn declared(&self, declaration: &Declaration, span: Span) -> TokenStream {
        let Declaration { attributes, visibility, fields } = declaration;
        let name = &self.name;
        let serial_names = SerialNames::of_attributes(attributes);
        let fields = self.fields.iter().map(|field| {
            let (rename, name, value) = (serial_names.rename(field), &field.name, field.column.rust());
            quote!(#rename #fields #name: #value)
        });
        let row_impl = row::expand(name, &self.entity, &self.fields, span);
        quote_spanned! {span=>
            #attributes
            #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
            #[allow(dead_code, missing_docs)]
            #visibility struct #name { #(#fields),* }
            #row_impl
        }
    }
}
