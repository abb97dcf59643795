//! The template of a query's InstaQL: JSON with a numbered mark in the place of each value that is known at run time.

use instant_schema::instaql::{MARK, OPTIONS, OptionKey, RULE_PARAMS, ask_for_order};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use serde_json::{Map, Value as Json, json};

use super::Place;
use super::conversion::{Calls, calls};
use crate::query::checked::{
    Condition, Expression, Filter, Form, FormPart, Fragment, Operand, OptionPart, Query, Root, Rows,
    WrittenForm,
};

/// The JSON, and the values that fill it.
pub(crate) struct Template {
    pub(crate) json: Json,
    pub(crate) holes: Vec<Hole>,
}

/// A value that is known at run time.
pub(crate) struct Hole {
    source: Source,
    span: Span,
    calls: Calls,
    pub(crate) optional: bool,
    /// Its place in the query, for errors: `posts.$.where.title`.
    path: String,
}

/// Where a value comes from.
enum Source {
    /// An expression of the user.
    Expression(TokenStream),
    Fragment(Fragment),
}

impl Template {
    /// Writes the template of a query.
    pub(crate) fn of_query(query: &Query, place: &Place) -> Self {
        let mut writer = Writer { place, holes: Vec::new() };
        let roots = query.roots.iter().map(|root| match root {
            Root::Entity(name, form) => (name.clone(), writer.form(form, name)),
            Root::RuleParams(params) => (RULE_PARAMS.to_owned(), writer.operand(params, RULE_PARAMS)),
        });
        Self { json: Json::Object(roots.collect()), holes: writer.holes }
    }

    /// Writes the template of a fragment's form.
    pub(crate) fn of_fragment(form: &WrittenForm, name: &str, place: &Place) -> Self {
        let mut writer = Writer { place, holes: Vec::new() };
        Self { json: writer.written(form, name), holes: writer.holes }
    }

    /// The fragments in the template.
    pub(super) fn fragments(&self) -> impl Iterator<Item = &Fragment> {
        self.holes.iter().filter_map(|hole| match &hole.source {
            Source::Fragment(fragment) => Some(fragment),
            Source::Expression(_) => None,
        })
    }

    /// `Prepared::<Response>::__new("{\"posts\":{..}}", [..], crate::schema::SCHEMA)`
    pub(super) fn prepared(&self, response: &Ident, place: &Place) -> TokenStream {
        let (template, schema) = (self.json.to_string(), place.paths.schema());
        if self.holes.is_empty() {
            return quote!(::instant_admin::query::Prepared::<#response>::__constant(#template, #schema));
        }
        let parts = self.parts();
        quote!(::instant_admin::query::Prepared::<#response>::__new(#template, [#parts], #schema))
    }

    /// The values as parts of the query: `operand("posts.$.where.title", StringFor::<..>::into_value(v0)), ..`
    pub(super) fn parts(&self) -> TokenStream {
        let parts = self.holes.iter().enumerate().map(|(index, hole)| hole.part(index));
        quote!(#(#parts),*)
    }

    /// Evaluates the user's expressions before `body`, where none of its names are known:
    /// `match (expression,) { (v0,) => { body } }`.
    pub(super) fn evaluated(&self, body: &TokenStream, place: &Place) -> TokenStream {
        let expressions: Vec<_> = self.holes.iter().filter_map(Hole::expression).collect();
        let variables = self.holes.iter().enumerate().filter_map(|(index, hole)| hole.variable(index));
        // Editors ask for completion where a value is still missing, so its place is always there for them.
        if expressions.is_empty() && !place.editor {
            quote!({ #body })
        } else {
            quote!(match (#(#expressions,)*) { (#(#variables,)*) => { #body } })
        }
    }
}

impl Hole {
    /// The user's expression; a fragment has none.
    pub(crate) fn expression(&self) -> Option<&TokenStream> {
        match &self.source {
            Source::Expression(expression) => Some(expression),
            Source::Fragment(_) => None,
        }
    }

    /// The variable that holds the value of the user's expression.
    fn variable(&self, index: usize) -> Option<Ident> {
        self.expression()?;
        // Wholly the user's place, so that an error at it speaks of no macro. Only generated code is in its scope.
        Some(format_ident!("instant_value_{index}", span = self.span))
    }

    /// `operand("posts.$.where.title", StringFor::<..>::into_value(v0))`; for an optional value
    /// `optional("..", Optional::into_option(v0), |v0| operand("..", ..))`.
    fn part(&self, index: usize) -> TokenStream {
        let (path, span, variable) = (&self.path, self.span, self.variable(index));
        let function = Ident::new(self.calls.function, Span::call_site());
        let function = at(quote!(::instant_admin::__private::#function), span);
        let method = at(self.calls.method.clone(), span);
        let part = quote_spanned!(span=> #function(#path, #method(#variable)));
        if !self.optional {
            return part;
        }
        let optional = at(quote!(::instant_admin::__private::optional), span);
        let into_option = at(quote!(::instant_admin::query::operand::Optional::into_option), span);
        quote_spanned!(span=> #optional(#path, #into_option(#variable), |#variable| #part))
    }
}

/// The tokens as if they were written at `place`, but seeing the names they saw: errors then point at the user's value.
fn at(tokens: TokenStream, place: Span) -> TokenStream {
    let moved = |mut token: TokenTree| {
        token.set_span(token.span().located_at(place));
        token
    };
    tokens.into_iter().map(moved).collect()
}

/// A template that is being written.
struct Writer<'a> {
    place: &'a Place,
    holes: Vec<Hole>,
}

impl Writer<'_> {
    /// `{ "$": { .. }, "author": { .. } }`, or the mark of a fragment.
    fn form(&mut self, form: &Form, path: &str) -> Json {
        match form {
            Form::Fragment(fragment) => self.fragment(fragment, path),
            Form::Written(form) => self.written(form, path),
        }
    }

    fn written(&mut self, form: &WrittenForm, path: &str) -> Json {
        let parts = form.parts.iter().map(|part| match part {
            FormPart::Options(options) => {
                (OPTIONS.to_owned(), self.options(options, &format!("{path}.{OPTIONS}")))
            }
            FormPart::Link(link) => {
                let label = &link.link.label;
                (label.clone(), self.form(&link.form, &format!("{path}.{label}")))
            }
        });
        let mut written: Map<String, Json> = parts.collect();
        if let Rows::Fragment(fragment) = &form.rows {
            written.insert("..".to_owned(), self.fragment(fragment, path));
        }
        Json::Object(written)
    }

    fn fragment(&mut self, fragment: &Fragment, path: &str) -> Json {
        let form = self.place.fragment(fragment);
        let method = quote_spanned!(self.place.at(fragment.span)=> #form::form);
        let calls = Calls { method, function: "given" };
        self.hole(Source::Fragment(fragment.clone()), fragment.span, calls, false, path)
    }

    fn options(&mut self, options: &[(OptionKey, OptionPart)], path: &str) -> Json {
        let options = options.iter().map(|(option, part)| {
            let path = format!("{path}.{}", option.name());
            let json = match part {
                OptionPart::Filter(filter) => self.filter(filter, &path),
                OptionPart::Order(order) => {
                    let order = order.iter().map(|(label, direction)| {
                        (label.clone(), self.operand(direction, &format!("{path}.{label}")))
                    });
                    Json::Object(order.collect())
                }
                OptionPart::Operand(operand) => self.operand(operand, &path),
            };
            (option.name().to_owned(), json)
        });
        let mut options: Map<String, Json> = options.collect();
        ask_for_order(&mut options);
        Json::Object(options)
    }

    fn filter(&mut self, filter: &Filter, path: &str) -> Json {
        let conditions = match filter {
            Filter::Spliced(operand) => return self.operand(operand, path),
            Filter::Missing => return Json::Null,
            Filter::Conditions(conditions) => conditions,
        };
        let (mut written, mut spliced) = (Map::new(), Vec::new());
        for condition in conditions {
            match condition {
                Condition::Compared { path: name, operator, operand } => {
                    let path = format!("{path}.{name}");
                    let json = match operator {
                        None => self.operand(operand, &path),
                        Some(operator) => {
                            json!({ operator: self.operand(operand, &format!("{path}.{operator}")) })
                        }
                    };
                    written.insert(name.clone(), json);
                }
                Condition::Joined(name, filters) => {
                    let path = format!("{path}.{name}");
                    let filters = filters.iter().map(|filter| self.filter(filter, &path)).collect();
                    written.insert(name.clone(), filters);
                }
                Condition::Spliced(operand) => spliced.push(self.operand(operand, path)),
            }
        }
        if !spliced.is_empty() {
            join(&mut written, spliced);
        }
        Json::Object(written)
    }

    fn operand(&mut self, operand: &Operand, path: &str) -> Json {
        match operand {
            Operand::Json(json) => json.clone(),
            Operand::List(elements) => elements.iter().map(|element| self.operand(element, path)).collect(),
            Operand::Rust(expression) => {
                let Expression { tokens, span, conversion, optional } = expression.as_ref();
                let calls = calls(conversion, &self.place.paths);
                self.hole(Source::Expression(tokens.clone()), *span, calls, *optional, path)
            }
        }
    }

    /// Adds a value, and returns the mark for it.
    fn hole(&mut self, source: Source, span: Span, calls: Calls, optional: bool, path: &str) -> Json {
        let span = self.place.at(span);
        self.holes.push(Hole { source, span, calls, optional, path: path.to_owned() });
        Json::String(format!("{MARK}{}", self.holes.len() - 1))
    }
}

/// Adds filters that hold too.
fn join(conditions: &mut Map<String, Json>, mut filters: Vec<Json>) {
    let and = conditions.entry("and").or_insert_with(|| json!([]));
    let mut all = match and.take() {
        Json::Array(all) => all,
        // An attribute that is called `and`: its condition goes into the list too.
        condition => vec![json!({ "and": condition })],
    };
    all.append(&mut filters);
    *and = Json::Array(all);
}
