//! The part of an expansion for editors: paths with the user's own places, so that completion, hover and go-to work on
//! the names inside `query!`.
//!
//! They lead to constants in the schema's `__query` module ([`offers`]), where each place has a module of the names
//! that can stand there. Completion then offers these and nothing else, and needs no types for it.
//!
//! Only rust-analyzer gets to see them: the wrapper asks for them under `cfg(rust_analyzer)`. It compares an expansion
//! with a second one in which a word was typed at the cursor, so the block comes first and follows the order of the
//! source; a place where nothing stands yet is shown by its module alone. It is a walk of the tree as it was read, not
//! as it was checked, because it goes on behind unknown names and missing values.

mod offers;

use instant_schema::ValueType;
use instant_schema::instaql::{Holds, Labels, OptionKey};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;

pub(crate) use offers::offers;

use super::member::{Key, List, Member, Object, Value, plain};
use super::tree::{Asked, ComparedInner, Conditions, Field, Filter, Form, OptionInner, Options, Roots};
use crate::literal::{Catalog, EntityView};
use crate::names::is_keyword;

/// The block for a call of `query!`, in either form.
pub(crate) fn query(literal: &str, schema: &TokenStream, tree: &Roots) -> TokenStream {
    let mut shown = Shown::new(literal, schema);
    shown.roots(tree);
    shown.block()
}

/// The block for a call of `fragment!`, of which `tree` has what stands behind `on`: `$users { .. }` reads as a key and
/// its value without the colon.
pub(crate) fn fragment(literal: &str, schema: &TokenStream, tree: &Roots) -> TokenStream {
    let mut shown = Shown::new(literal, schema);
    if let Some(Member::Pair(key, asked)) = tree.members.first() {
        shown.root(key);
        if let Some(entity) = shown.catalog.entity(&key.text()) {
            shown.asked(&entity, asked, Level::Nested);
        }
    } else {
        shown.place(&quote!(roots));
    }
    shown.block()
}

/// An identifier for a name: raw where it is a keyword, none where Rust has no way to write it.
fn identifier(name: &str) -> Option<Ident> {
    let raw = syn::parse_str(&format!("r#{name}")).ok()?;
    Some(if is_keyword(name) { raw } else { Ident::new(name, Span::call_site()) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Nested,
}

/// The paths shown so far.
struct Shown<'a> {
    catalog: Catalog,
    schema: &'a TokenStream,
    statements: TokenStream,
}

impl<'a> Shown<'a> {
    fn new(literal: &str, schema: &'a TokenStream) -> Self {
        Self { catalog: Catalog::new(literal), schema, statements: TokenStream::new() }
    }

    fn block(self) -> TokenStream {
        let statements = self.statements;
        quote!(const _: () = { fn shown() { #statements } };)
    }

    /// Shows a place where a name could be typed.
    fn place(&mut self, place: &TokenStream) {
        let schema = self.schema;
        self.statements.extend(quote!(let _ = #schema::__query::#place;));
    }

    /// Shows a name at its place.
    fn name(&mut self, place: &TokenStream, name: &str, span: Span) {
        if name.is_empty() {
            return self.place(place);
        }
        if let Some(mut name) = identifier(name) {
            name.set_span(span);
            self.place(&quote!(#place::#name));
        }
    }

    /// Shows a type where a form could be: a fragment.
    fn fragment(&mut self, value: &Value) {
        if value.is_path(true) && !value.is_missing() {
            let path = value.stream();
            self.statements.extend(quote!(let _: #path;));
        }
    }

    fn roots(&mut self, tree: &Roots) {
        for (key, asked) in tree.pairs() {
            self.root(key);
            if let Some(entity) = self.catalog.entity(&key.text()) {
                self.asked(&entity, asked, Level::Root);
            }
        }
        self.place(&quote!(roots));
    }

    /// The name of a root entity, or of the rule parameters.
    fn root(&mut self, key: &Key) {
        let (name, span) = (key.text(), key.span());
        if let Some(parameters) = name.strip_prefix("$$") {
            self.name(&quote!(parameters), parameters, span);
        } else if let Some(system) = name.strip_prefix('$') {
            self.name(&quote!(system), system, span);
        } else {
            self.name(&quote!(roots), &name, span);
        }
    }

    fn asked(&mut self, entity: &EntityView, asked: &Asked, level: Level) {
        match &asked.form {
            Some(form) => self.form(entity, form, level),
            None => self.fragment(&asked.value),
        }
    }

    fn form(&mut self, entity: &EntityView, form: &Form, level: Level) {
        let module = &entity.module;
        let place = quote!(on::#module::form);
        for member in &form.members {
            match member {
                Member::Pair(_, Field::Options(options)) => self.options(entity, options, level),
                Member::Pair(key, Field::Asked(asked)) => {
                    self.name(&place, &key.text(), key.span());
                    let target = entity.link(&key.text()).and_then(|link| self.catalog.entity(&link.target));
                    if let Some(target) = target {
                        self.asked(&target, asked, Level::Nested);
                    }
                }
                Member::Spread(value) => self.fragment(value),
                Member::Splice(_) => {}
            }
        }
        self.place(&place);
    }

    fn options(&mut self, entity: &EntityView, options: &Options, level: Level) {
        let Some(options) = &options.options else { return };
        let place = if level == Level::Root { quote!(options) } else { quote!(nested_options) };
        for (key, option) in options.pairs() {
            self.name(&place, &key.text(), key.span());
            match &option.inner {
                OptionInner::Filter(filter) => self.filter(entity, filter),
                OptionInner::Order(order) => self.order(entity, order, level),
                OptionInner::Fields(names) => self.fields(entity, names),
                OptionInner::Nothing if OptionKey::parse(&key.text()) == Some(OptionKey::Aggregate) => {
                    self.word(&quote!(aggregates), &option.value);
                }
                OptionInner::Nothing => {}
            }
        }
        self.place(&place);
    }

    fn filter(&mut self, entity: &EntityView, filter: &Filter) {
        let Filter::Conditions(Conditions { members, .. }) = filter else { return };
        for (key, compared) in members.pairs() {
            let operators = self.path(entity, key);
            match (&compared.inner, operators) {
                (ComparedInner::Filters(filters), _) => {
                    for filter in &filters.elements {
                        self.filter(entity, filter);
                    }
                }
                (ComparedInner::Operators(object), Some(operators)) => self.operators(&operators, object),
                _ => {}
            }
        }
        let module = &entity.module;
        self.place(&quote!(on::#module::conditions));
    }

    /// A dotted path. Gives the operators for what it leads to.
    fn path(&mut self, entity: &EntityView, key: &Key) -> Option<TokenStream> {
        let (last, links) = key.segments.split_last()?;
        let (mut at, mut place) = (entity.clone(), quote!(conditions));
        for (name, span) in links {
            let module = &at.module;
            self.name(&quote!(on::#module::#place), name, *span);
            place = quote!(steps);
            at = self.catalog.entity(&at.link(name)?.target)?;
        }
        let (module, (name, span)) = (&at.module, last);
        self.name(&quote!(on::#module::#place), name, *span);
        Some(operators_for(at.holds(name)))
    }

    /// `{ $gt: 5 }`; braces without `$` hold a Rust expression.
    fn operators(&mut self, place: &TokenStream, operators: &Object) {
        for (key, _) in operators.pairs() {
            if let Some(operator) = key.text().strip_prefix('$') {
                self.name(place, operator, key.span());
            }
        }
    }

    fn order(&mut self, entity: &EntityView, order: &Object, level: Level) {
        let module = &entity.module;
        let place =
            if level == Level::Root { quote!(on::#module::order) } else { quote!(on::#module::nested_order) };
        for (key, direction) in order.pairs() {
            self.name(&place, &key.text(), key.span());
            self.word(&quote!(directions), direction);
        }
        self.place(&place);
    }

    /// A value that is one of a few words.
    fn word(&mut self, place: &TokenStream, value: &Value) {
        match value.tokens.as_slice() {
            [] => self.place(place),
            [TokenTree::Ident(word)] => self.name(place, &plain(word), word.span()),
            _ => {}
        }
    }

    fn fields(&mut self, entity: &EntityView, names: &List) {
        let module = &entity.module;
        let place = quote!(on::#module::fields);
        for token in names.elements.iter().flat_map(|name| &name.tokens) {
            if let TokenTree::Ident(name) = token {
                self.name(&place, &plain(name), name.span());
            }
        }
        self.place(&place);
    }
}

/// The module of the operators that work on an attribute; on ids where there is none.
fn operators_for(attribute: Option<Holds>) -> TokenStream {
    match attribute {
        Some(holds @ Holds::Values { value_type: ValueType::String, .. }) if holds.sorts() => {
            quote!(pattern_operators)
        }
        Some(holds) if holds.sorts() => quote!(comparing_operators),
        _ => quote!(operators),
    }
}

#[cfg(test)]
mod tests;
