//! Forms: what is asked of one entity, and which rows it gives.

use instant_schema::instaql::{RULE_PARAMS, names};
use instant_schema::{Problem, Rule, rule};
use proc_macro2::Span;

use super::checker::{Checker, Site};
use super::options::CheckedOptions;
use crate::literal::{AttributeView, EntityView};
use crate::query::checked::{Conversion, Form, FormPart, Fragment, LinkForm, Query, Root, Rows, WrittenForm};
use crate::query::member::{Key, Marker, Member, Value};
use crate::query::tree::{self, Asked, Field, Roots};

/// The place of a form.
#[derive(Clone, Copy)]
pub(crate) enum FormPlace<'a> {
    Root,
    /// A link of that label.
    Link(&'a str),
    /// A fragment, on the entity that it calls so.
    Fragment(&'a str),
}

impl<'a> FormPlace<'a> {
    /// The name that refusals of root options say; `None` at a root.
    fn below(self) -> Option<&'a str> {
        match self {
            Self::Root => None,
            Self::Link(name) | Self::Fragment(name) => Some(name),
        }
    }

    fn is_fragment(self) -> bool {
        matches!(self, Self::Fragment(_))
    }
}

/// Checks the whole query: one form for each root entity.
pub(crate) fn query(checker: &mut Checker, tree: &Roots) -> Query {
    let mut query = Query { roots: Vec::new() };
    let mut known: Vec<String> = Vec::new();
    checker.repeat(&tree.mistakes);
    for member in &tree.members {
        let (key, asked) = match member {
            Member::Pair(key, asked) => (key, asked),
            Member::Splice(value) | Member::Spread(value) => {
                checker.diagnostics.report(value.span, "expected a root entity: `posts: {}`");
                continue;
            }
        };
        let name = key.text();
        if known.contains(&name) {
            checker.diagnostics.problem(key.span(), rule::duplicate_key(&name));
            continue;
        }
        if name == RULE_PARAMS {
            let params = checker.expression(Site::always(&asked.value), Conversion::RuleParams);
            query.roots.push(Root::RuleParams(params));
        } else {
            if let Some((_, span)) = key.marker {
                let message = "a root entity takes no marker: it is always a list";
                checker.diagnostics.report(span, message);
            }
            let Some(entity) = checker.entity(&name, key.span()) else { continue };
            let form = form(checker, &entity, key, asked, FormPlace::Root);
            query.roots.push(Root::Entity(name.clone(), form));
        }
        known.push(name);
    }
    query
}

/// Checks what is asked of an entity: a form, or a fragment.
fn form(checker: &mut Checker, entity: &EntityView, key: &Key, asked: &Asked, place: FormPlace<'_>) -> Form {
    let value = &asked.value;
    if value.is_missing() {
        let name = key.text();
        checker.diagnostics.report(key.span(), format!("expected what to ask of it: `{name}: {{}}`"));
    } else if asked.form.is_none() {
        if value.is_path(checker.editor) {
            return Form::Fragment(fragment(entity, value));
        }
        let message = format!("expected `{{ .. }}` or a fragment on `{}`", entity.name);
        checker.diagnostics.report(value.span, message);
    }
    let whole = || WrittenForm { entity: entity.clone(), parts: Vec::new(), rows: Rows::Entity };
    if !checker.enter(value.span) {
        return Form::Written(whole());
    }
    let written = asked.form.as_ref().map_or_else(whole, |form| form_body(checker, entity, form, place));
    checker.leave();
    Form::Written(written)
}

fn fragment(on: &EntityView, value: &Value) -> Fragment {
    Fragment { on: on.clone(), path: value.stream(), span: value.span }
}

/// The members of a form, as far as they decide its rows.
#[derive(Default)]
struct Body<'a> {
    parts: Vec<FormPart>,
    options: CheckedOptions,
    markers: Vec<(String, Marker)>,
    has_links: bool,
    spread: Option<&'a Value>,
}

/// Checks what is between the braces of a form.
pub(crate) fn form_body(
    checker: &mut Checker,
    entity: &EntityView,
    form: &tree::Form,
    place: FormPlace<'_>,
) -> WrittenForm {
    let mut body = Body::default();
    let mut known: Vec<String> = Vec::new();
    checker.repeat(&form.mistakes);
    for member in &form.members {
        let (key, field) = match member {
            Member::Pair(key, field) => (key, field),
            Member::Spread(value) => {
                spread(checker, value, &mut body);
                continue;
            }
            Member::Splice(value) => {
                let message = "a filter belongs in the options: `$: { where: #filter }`";
                checker.diagnostics.report(value.span, message);
                continue;
            }
        };
        let label = key.text();
        if known.contains(&label) {
            checker.diagnostics.problem(key.span(), rule::duplicate_key(&label));
            continue;
        }
        match field {
            Field::Options(options) => {
                body.options = checker.options(entity, options, place.below());
                body.parts.push(FormPart::Options(std::mem::take(&mut body.options.parts)));
                known.push(label);
            }
            Field::Asked(asked) => match names::child(entity, &label) {
                Ok(target) => {
                    body.parts.push(FormPart::Link(Box::new(link(checker, entity, key, &target, asked))));
                    body.has_links = true;
                    known.push(label);
                }
                Err(problem) => body.markers.extend(attribute(checker, entity, key, &asked.value, problem)),
            },
        }
    }
    let rows = rows(checker, entity, &mut body, place);
    WrittenForm { entity: entity.clone(), parts: body.parts, rows }
}

/// `..Card`
fn spread<'a>(checker: &mut Checker, value: &'a Value, body: &mut Body<'a>) {
    if body.spread.is_some() {
        checker.diagnostics.report(value.span, "one fragment says all there is in a row: keep one");
    } else if value.is_missing() || !value.is_path(checker.editor) {
        checker.diagnostics.report(value.span, "expected a fragment after `..`");
    } else {
        body.spread = Some(value);
    }
}

/// Decides what the rows of a form are.
fn rows(checker: &mut Checker, entity: &EntityView, body: &mut Body<'_>, place: FormPlace<'_>) -> Rows {
    let Body { options, markers, .. } = body;
    if let Some(value) = body.spread {
        if body.has_links || !markers.is_empty() || options.fields.is_some() {
            let message =
                "a fragment says all there is in a row: only `$` can stand beside it, without `fields`";
            checker.diagnostics.report(value.span, message);
        }
        if place.is_fragment() {
            let message =
                "this would be the same fragment under another name: use this one, or write out its form";
            checker.diagnostics.report(value.span, message);
        }
        return Rows::Fragment(fragment(entity, value));
    }
    if let Some(span) = options.aggregate {
        if body.has_links || options.fields.is_some() {
            checker.diagnostics.problem(span, rule::aggregate_alone());
        }
        return Rows::Count;
    }
    markers.append(&mut options.markers);
    // A fragment has a struct of its own even where it holds the whole entity.
    if !body.has_links && markers.is_empty() && options.fields.is_none() && !place.is_fragment() {
        return Rows::Entity;
    }
    let chosen = |attribute: &&AttributeView| {
        options.fields.as_ref().is_none_or(|fields| fields.contains(&attribute.label))
    };
    let attributes = entity.attributes.iter().filter(chosen).map(|attribute| {
        let marker = markers.iter().find(|(label, _)| *label == attribute.label);
        (attribute.clone(), marker.map(|(_, marker)| *marker))
    });
    Rows::Struct(attributes.collect())
}

/// Checks the form of a link to `target`.
fn link(
    checker: &mut Checker,
    entity: &EntityView,
    key: &Key,
    target: &EntityView,
    asked: &Asked,
) -> LinkForm {
    let label = key.text();
    let form = form(checker, target, key, asked, FormPlace::Link(&label));
    let link = entity.link(&label).expect("the target is a link's").clone();
    let is_count = matches!(form, Form::Written(WrittenForm { rows: Rows::Count, .. }));
    let mistake = match key.marker.filter(|_| !is_count) {
        Some((_, span)) if link.many => {
            Some((span, format!("`{label}` leads to many: it is always a list, without a marker")))
        }
        Some((Marker::Required, span)) if !link.required => Some((
            span,
            format!(
                "the schema does not require the link `{label}` of `{}`, so it may be missing; write it without `!`",
                entity.name
            ),
        )),
        Some((Marker::Optional, span)) => {
            Some((span, "a link to one is an `Option` already; write it without `?`".to_owned()))
        }
        Some((Marker::Required, _)) | None => None,
    };
    let asserted = mistake.is_none() && key.marker.is_some();
    if let Some((span, message)) = mistake {
        checker.diagnostics.report(span, message);
    }
    LinkForm { link, asserted, form }
}

/// Checks a name in a form that is not a link: an attribute needs a marker, since attributes come along by themselves.
fn attribute(
    checker: &mut Checker,
    entity: &EntityView,
    key: &Key,
    value: &Value,
    not_a_link: Problem,
) -> Option<(String, Marker)> {
    let label = key.text();
    let is_form = value.group(proc_macro2::Delimiter::Brace).is_some();
    let is_attribute = entity.attribute(&label).is_some();
    let mut report = |span: Span, message: String| checker.diagnostics.report(span, message);
    if label == "id" && !is_form {
        report(key.span(), "`id` is always part of a row: leave it out".to_owned());
        return None;
    }
    if is_attribute && !is_form && !value.is_missing() {
        let message = format!(
            "`{label}` is an attribute of `{}`: to filter by it write `$: {{ where: {{ {label}: .. }} }}`",
            entity.name
        );
        report(key.span(), message);
        return None;
    }
    if !is_attribute || is_form || key.marker.is_none() {
        let either = value.is_missing() && not_a_link.rule == Rule::UnknownLink;
        let problem = if either { names::unknown(entity, &label) } else { not_a_link };
        checker.diagnostics.problem(key.span(), problem);
    }
    key.marker.filter(|_| is_attribute).map(|(marker, _)| (label, marker))
}
