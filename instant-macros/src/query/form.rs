//! Forms: what is asked of one entity, `{ $: { .. }, author: {}, comments: Card }`, and the row it gives.

use instant_schema::instaql::{RULE_PARAMS, names};
use instant_schema::{Problem, Rule, rule};
use proc_macro2::{Delimiter, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use serde_json::{Map, Value as Json};

use super::member::{Key, Marker, Member, Value, members};
use super::options::{self, Options};
use super::plan::{Fit, Plan, Struct};
use crate::literal::{AttributeView, EntityView};
use crate::names as rust_names;
use crate::row::{Column, Field};

/// Where a form stands.
#[derive(Clone, Copy)]
pub(crate) enum Level<'a> {
    Root,
    /// Under a link of that label.
    Link(&'a str),
}

/// A form as it was read.
pub(crate) struct Form {
    pub(crate) json: Json,
    pub(crate) rows: Rows,
}

/// What a form's rows decode to.
pub(crate) enum Rows {
    /// This type.
    Type(TokenStream),
    /// A fragment, with its trait: `<Card as Fragment<User>>`.
    Fragment(TokenStream, TokenStream),
    /// No rows but a number.
    Count,
}

/// The whole query: one form for each root entity. Gives the template and the fields of the answer.
pub(crate) fn roots(plan: &mut Plan, tokens: TokenStream) -> (Json, Vec<Field>) {
    let mut template = Map::new();
    let mut fields: Vec<Field> = Vec::new();
    for member in members(tokens, &mut plan.diagnostics) {
        let (key, value) = match member {
            Member::Pair(key, value) => (key, value),
            Member::Splice(value) | Member::Spread(value) => {
                plan.diagnostics.report(value.span, "expected a root entity: `posts: {}`");
                continue;
            }
        };
        let name = key.text();
        if template.contains_key(&name) {
            plan.diagnostics.breach(key.span(), rule::duplicate_key(&name));
            continue;
        }
        if name == RULE_PARAMS {
            let fit = Fit::new(quote!(::instant_admin::value::RuleParams::rule_params), "rule_params");
            let json = plan.fill(value.stream(), value.span, fit, false, name.clone());
            template.insert(name, json);
            continue;
        }
        if let Some((_, span)) = key.marker {
            plan.diagnostics.report(span, "a root entity takes no marker: it is always a list");
        }
        let Some(entity) = plan.entity(&name, key.span()) else { continue };
        let wanted = entity.type_name.to_string();
        let form = read(plan, &entity, &key, &value, Level::Root, &wanted, &name);
        let (column, fragment) = match form.rows {
            Rows::Type(row) => (Column::Root(row), None),
            Rows::Fragment(row, fragment) => (Column::Root(row), Some(fragment)),
            Rows::Count => (Column::Count, None),
        };
        fields.push(Field { name: entity.module.clone(), label: name.clone(), column, fragment });
        template.insert(name, form.json);
    }
    (Json::Object(template), fields)
}

/// Reads one form. `wanted` is the name its struct would like to have.
pub(crate) fn read(
    plan: &mut Plan,
    entity: &EntityView,
    key: &Key,
    value: &Value,
    level: Level<'_>,
    wanted: &str,
    path: &str,
) -> Form {
    if value.is_missing() {
        let name = key.text();
        plan.diagnostics.report(key.span(), format!("expected what to ask of it: `{name}: {{}}`"));
    } else if value.group(Delimiter::Brace).is_none() {
        if value.is_path(plan.editor) {
            return fragment(plan, entity, value, path);
        }
        let message = format!("expected `{{ .. }}` or a fragment on `{}`", entity.name);
        plan.diagnostics.report(value.span, message);
    }
    let body = value.group(Delimiter::Brace).map(proc_macro2::Group::stream).unwrap_or_default();
    if !plan.enter(value.span) {
        return Form { json: Json::Null, rows: Rows::Type(plan.entity_type(entity)) };
    }
    let form = body_of(plan, entity, body, level, wanted, path);
    plan.leave();
    form
}

/// A type written where a form could be: a fragment.
fn fragment(plan: &mut Plan, entity: &EntityView, value: &Value, path: &str) -> Form {
    let (on, row) = (plan.entity_type(entity), value.stream());
    // What a fragment holds is known to its own impl, which is told how deep in others it is.
    let constant = std::mem::replace(&mut plan.constant, false);
    let depth = if constant { quote!(depth + 1) } else { quote!(0) };
    // Errors are to point at the user's place; in an editor, go-to there would lead to each of these names.
    let place = if plan.editor { Span::call_site() } else { value.span };
    let fragment = quote_spanned!(place=> <#row as ::instant_admin::Fragment<#on>>);
    let fit = Fit::new(quote_spanned!(place=> #fragment::form), "given");
    let json = plan.fill(depth, value.span, fit, false, path.to_owned());
    plan.constant = constant;
    Form { json, rows: Rows::Fragment(row, fragment) }
}

/// Reads what stands between the braces of a form.
pub(crate) fn body_of(
    plan: &mut Plan,
    entity: &EntityView,
    tokens: TokenStream,
    level: Level<'_>,
    wanted: &str,
    path: &str,
) -> Form {
    let mut template = Map::new();
    let mut options = Options::default();
    let mut markers: Vec<(String, Marker)> = Vec::new();
    let mut links: Vec<Field> = Vec::new();
    let mut spread: Option<Value> = None;
    // The struct gets its name before those of its links, so that numbers count from the outside in.
    let name = plan.claim_name(wanted);
    let slot = plan.structs.len();
    plan.structs.push(Struct { name: name.clone(), entity: entity.name.clone(), fields: Vec::new() });

    for member in members(tokens, &mut plan.diagnostics) {
        let (key, value) = match member {
            Member::Pair(key, value) => (key, value),
            Member::Spread(value) => {
                if spread.is_some() {
                    plan.diagnostics.report(value.span, "one fragment says all there is in a row: keep one");
                } else if value.is_missing() || !value.is_path(plan.editor) {
                    plan.diagnostics.report(value.span, "expected a fragment after `..`");
                } else {
                    spread = Some(value);
                }
                continue;
            }
            Member::Splice(value) => {
                plan.diagnostics
                    .report(value.span, "a filter belongs in the options: `$: { where: #filter }`");
                continue;
            }
        };
        let label = key.text();
        if template.contains_key(&label) {
            plan.diagnostics.breach(key.span(), rule::duplicate_key(&label));
            continue;
        }
        let path = format!("{path}.{label}");
        if label == "$" {
            options = options::read(plan, entity, &value, level, &path);
            template.insert(label, Json::Object(std::mem::take(&mut options.json)));
        } else {
            match names::child(entity, &label) {
                Ok(target) => {
                    let (json, field) = under(plan, entity, &key, &target, &value, &name.to_string(), &path);
                    links.extend(field);
                    template.insert(label, json);
                }
                Err(breach) => markers.extend(attribute(plan, entity, &key, &value, breach)),
            }
        }
    }

    if let Some(fragment_type) = spread {
        plan.structs.remove(slot);
        if !links.is_empty() || !markers.is_empty() || options.fields.is_some() {
            let message =
                "a fragment says all there is in a row: only `$` can stand beside it, without `fields`";
            plan.diagnostics.report(fragment_type.span, message);
        }
        if plan.constant && slot == 0 {
            let message =
                "this would be the same fragment under another name: use this one, or write out its form";
            plan.diagnostics.report(fragment_type.span, message);
        }
        let form = fragment(plan, entity, &fragment_type, path);
        template.insert("..".to_owned(), form.json);
        return Form { json: Json::Object(template), rows: form.rows };
    }
    if let Some(span) = options.aggregate {
        plan.structs.remove(slot);
        if !links.is_empty() || options.fields.is_some() {
            plan.diagnostics.breach(span, rule::aggregate_alone());
        }
        return Form { json: Json::Object(template), rows: Rows::Count };
    }
    markers.extend(options.markers);
    // A fragment's own struct has the fragment's name even where it holds the whole entity.
    let is_fragment = plan.constant && slot == 0;
    if links.is_empty() && markers.is_empty() && options.fields.is_none() && !is_fragment {
        plan.structs.remove(slot);
        return Form { json: Json::Object(template), rows: Rows::Type(plan.entity_type(entity)) };
    }
    let id = Column::Id(plan.id_type(entity));
    let mut fields = vec![Field::new(&format_ident!("id"), "id", id)];
    let chosen = |label: &String| options.fields.as_ref().is_none_or(|fields| fields.contains(label));
    for attribute in entity.attributes.iter().filter(|attribute| chosen(&attribute.label)) {
        let marker = markers.iter().find(|(label, _)| *label == attribute.label).map(|(_, marker)| *marker);
        fields.push(plan.attribute_field(entity, attribute, marker));
    }
    fields.extend(links);
    plan.structs[slot].fields = fields;
    Form { json: Json::Object(template), rows: Rows::Type(quote!(#name)) }
}

impl Plan {
    fn attribute_field(
        &self,
        entity: &EntityView,
        attribute: &AttributeView,
        marker: Option<Marker>,
    ) -> Field {
        let value = self.value_type(entity, attribute);
        let column = match (marker, attribute.required) {
            (Some(Marker::Optional), _) | (None, false) => Column::Optional(value),
            (None, true) => Column::Required(value),
            (Some(Marker::Required), _) => Column::Asserted(value),
        };
        Field::new(&attribute.field, &attribute.label, column)
    }
}

/// The form under a link to `target`, and the field it gives.
fn under(
    plan: &mut Plan,
    entity: &EntityView,
    key: &Key,
    target: &EntityView,
    value: &Value,
    parent: &str,
    path: &str,
) -> (Json, Option<Field>) {
    let label = key.text();
    let own = parent.strip_prefix(plan.prefix.as_str()).unwrap_or(parent);
    let wanted = format!("{own}{}", rust_names::row_name(&label));
    let form = read(plan, target, key, value, Level::Link(&label), &wanted, path);
    let link = entity.link(&label).expect("the target is a link's");
    let (row, fragment) = match form.rows {
        Rows::Type(row) => (row, None),
        Rows::Fragment(row, fragment) => (row, Some(fragment)),
        Rows::Count => return (form.json, None),
    };
    let column = match (link.many, key.marker) {
        (true, None) => Column::Many(row),
        (true, Some((_, span))) => {
            let message = format!("`{}` leads to many: it is always a list, without a marker", link.label);
            plan.diagnostics.report(span, message);
            Column::Many(row)
        }
        (false, Some((Marker::Required, _))) if link.required => Column::RequiredOne(row),
        (false, Some((Marker::Required, span))) => {
            let message = format!(
                "the schema does not require the link `{}` of `{}`, so it may be missing; write it without `!`",
                link.label, entity.name
            );
            plan.diagnostics.report(span, message);
            Column::One(row)
        }
        (false, Some((Marker::Optional, span))) => {
            plan.diagnostics.report(span, "a link to one is an `Option` already; write it without `?`");
            Column::One(row)
        }
        (false, None) => Column::One(row),
    };
    (form.json, Some(Field { name: link.field.clone(), label: link.label.clone(), column, fragment }))
}

/// A name in a form that is no link: an attribute needs a marker, since attributes come along by themselves.
fn attribute(
    plan: &mut Plan,
    entity: &EntityView,
    key: &Key,
    value: &Value,
    no_link: Problem,
) -> Option<(String, Marker)> {
    let label = key.text();
    let is_form = value.group(Delimiter::Brace).is_some();
    let is_attribute = entity.attribute(&label).is_some();
    if label == "id" && !is_form {
        plan.diagnostics.report(key.span(), "`id` is always part of a row: leave it out");
        return None;
    }
    if is_attribute && !is_form && !value.is_missing() {
        let message = format!(
            "`{label}` is an attribute of `{}`: to filter by it write `$: {{ where: {{ {label}: .. }} }}`",
            entity.name
        );
        plan.diagnostics.report(key.span(), message);
        return None;
    }
    if !is_attribute || is_form || key.marker.is_none() {
        let either = value.is_missing() && no_link.rule == Rule::UnknownLink;
        let breach = if either { names::unknown(entity, &label) } else { no_link };
        plan.diagnostics.breach(key.span(), breach);
    }
    key.marker.filter(|_| is_attribute).map(|(marker, _)| (label, marker))
}
