//! `where`: conditions on the attributes and links of an entity.

use instant_schema::instaql::judge::{self, Passages};
use instant_schema::instaql::{Operator, rule};
use proc_macro2::{Delimiter, Group, TokenTree};
use quote::quote;
use serde_json::{Map, Value as Json};

use super::member::{Key, Member, Value, elements, members};
use super::plan::{Fit, Plan};
use super::value::{self, Subject};
use crate::literal::EntityView;

/// Whether conditions stand directly in `where`, where paths share the entities they pass through, or in a member
/// of `and` or `or`, where each has its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Top,
    Inner,
}

/// Reads the value of `where`.
pub(crate) fn read(plan: &mut Plan, entity: &EntityView, value: &Value, path: &str) -> Json {
    if let Some(splice) = spliced(value) {
        return filter(plan, entity, &splice, path);
    }
    let Some(group) = value.group(Delimiter::Brace) else {
        let message = "`where` takes `{ .. }`, or `#filter` for a filter made at run time";
        plan.diagnostics.report(value.span, message);
        return Json::Null;
    };
    conditions(plan, entity, group, Level::Top, path)
}

/// `#filter` as a whole value.
fn spliced(value: &Value) -> Option<Value> {
    match value.tokens.as_slice() {
        [TokenTree::Punct(hash), rest @ ..] if hash.as_char() == '#' => {
            let span = rest.first().map_or_else(|| hash.span(), TokenTree::span);
            Some(Value { tokens: rest.to_vec(), span })
        }
        _ => None,
    }
}

fn filter(plan: &mut Plan, entity: &EntityView, splice: &Value, path: &str) -> Json {
    if splice.is_missing() {
        plan.diagnostics
            .report(splice.span, "expected a filter after `#`, such as a variable of type `Where<..>`");
        return Json::Null;
    }
    let entity = plan.entity_type(entity);
    let fit = Fit::new(quote!(::instant_admin::IntoFilter::<#entity>::into_filter), "filter");
    plan.fill(splice.stream(), splice.span, fit, false, path.to_owned())
}

fn conditions(plan: &mut Plan, entity: &EntityView, group: &Group, level: Level, path: &str) -> Json {
    if !plan.enter(group.span_open()) {
        return Json::Null;
    }
    let mut read = Map::new();
    let mut spliced = Vec::new();
    let mut passages = Passages::default();
    for member in members(group.stream(), &mut plan.diagnostics) {
        let (key, value) = match member {
            Member::Pair(key, value) => (key, value),
            Member::Splice(splice) => {
                spliced.push(filter(plan, entity, &splice, path));
                continue;
            }
            Member::Spread(value) => {
                plan.diagnostics.report(value.span, "`where` has no `..`; write `#filter` to add a filter");
                continue;
            }
        };
        let name = key.text();
        if read.contains_key(&name) {
            plan.diagnostics.breach(key.span(), rule::duplicate_path(&name));
        }
        let path = format!("{path}.{name}");
        let condition = match (name.as_str(), value.group(Delimiter::Bracket)) {
            ("and" | "or", Some(group)) => joined(plan, entity, &key, group, &path),
            _ => condition(plan, entity, &key, &value, level, &mut passages, &path),
        };
        if let Some(condition) = condition {
            read.insert(name, condition);
        }
    }
    if !spliced.is_empty() {
        match read.get_mut("and") {
            Some(Json::Array(all)) => all.append(&mut spliced),
            _ => {
                read.insert("and".to_owned(), Json::Array(spliced));
            }
        }
    }
    plan.leave();
    Json::Object(read)
}

/// `and: [{ .. }, #filter]`, `or: [..]`
fn joined(plan: &mut Plan, entity: &EntityView, key: &Key, group: &Group, path: &str) -> Option<Json> {
    refuse_markers(plan, key);
    let elements = elements(group.stream());
    if elements.is_empty() {
        plan.diagnostics.breach(group.span(), rule::empty_list(&key.text()));
        return None;
    }
    let one = |element: &Value| {
        if let Some(splice) = spliced(element) {
            return filter(plan, entity, &splice, path);
        }
        let Some(group) = element.group(Delimiter::Brace) else {
            let message = format!("`{}` joins conditions: write each as `{{ name: value }}`", key.text());
            plan.diagnostics.report(element.span, message);
            return Json::Null;
        };
        conditions(plan, entity, group, Level::Inner, path)
    };
    Some(Json::Array(elements.iter().map(one).collect()))
}

fn refuse_markers(plan: &mut Plan, key: &Key) {
    if let Some((_, span)) = key.marker {
        plan.diagnostics.report(span, format!("`{}` takes no marker", key.text()));
    }
}

fn condition(
    plan: &mut Plan,
    entity: &EntityView,
    key: &Key,
    value: &Value,
    level: Level,
    passages: &mut Passages,
    path: &str,
) -> Option<Json> {
    let name = key.text();
    if matches!(name.as_str(), "and" | "or")
        && entity.attribute(&name).is_none()
        && entity.link(&name).is_none()
    {
        plan.diagnostics.report(value.span, format!("`{name}` takes a list: `{name}: [{{ .. }}, {{ .. }}]`"));
        return None;
    }
    let optional = key.is_optional();
    if let Some((super::member::Marker::Required, span)) = key.marker {
        plan.diagnostics.report(span, "`!` has no meaning in `where`");
    }
    let subject = subject(plan, entity, key)?;
    if value.is_missing() {
        let message = format!("expected a value: `{name}: value` or `{name}: {{ $operator: value }}`");
        plan.diagnostics.report(key.span(), message);
        return None;
    }
    let operator_object = value.group(Delimiter::Brace).filter(|group| is_operators(group));
    let (operator, json) = match operator_object {
        None => (None, value::operand(plan, &subject, None, value, optional, path)),
        Some(group) => {
            let (operator, json) = operators(plan, &subject, &name, group, optional, path)?;
            (Some(operator), json)
        }
    };
    if level == Level::Top && judge::shares_links(operator) {
        note_passages(plan, entity, key, passages);
    }
    Some(json)
}

/// Follows a path to what it ends in, and reports the first name that leads nowhere.
fn subject(plan: &mut Plan, entity: &EntityView, key: &Key) -> Option<Subject> {
    let (last, links) = key.segments.split_last()?;
    let mut at = entity.clone();
    for (place, (name, span)) in links.iter().enumerate() {
        let Some(link) = at.link(name) else {
            let rest: Vec<&str> = key.segments[place..].iter().map(|(name, _)| name.as_str()).collect();
            let dotted = rest.join(".");
            let breach = if at.attribute(&dotted).is_some() {
                rule::unaddressable(&at.name, &dotted)
            } else if name == "id" || at.attribute(name).is_some() {
                rule::not_a_link(&at.name, name, at.link_names())
            } else {
                rule::unknown_link(&at.name, name, at.link_names())
            };
            plan.diagnostics.breach(*span, breach);
            return None;
        };
        at = plan.catalog.entity(&link.target)?;
    }
    let (name, span) = last;
    let subject = if name == "id" {
        Some(Subject::Id { of: at.clone(), on: at.name.clone(), name: name.clone() })
    } else if let Some(attribute) = at.attribute(name) {
        Some(Subject::Attribute(at.clone(), attribute.clone()))
    } else if let Some(link) = at.link(name) {
        let of = plan.catalog.entity(&link.target)?;
        Some(Subject::Id { of, on: at.name.clone(), name: name.clone() })
    } else {
        None
    };
    if name.is_empty() {
        plan.diagnostics.report(*span, "expected a name after `.`");
    } else if subject.is_none() {
        let breach = rule::unknown_name(&at.name, name, at.attribute_names(), at.link_names());
        plan.diagnostics.breach(*span, breach);
    }
    subject
}

/// Reports a path that would be about the same entity as an earlier one that goes another way.
fn note_passages(plan: &mut Plan, entity: &EntityView, key: &Key, passages: &mut Passages) {
    let mut at = entity.clone();
    let mut links: Vec<(&str, String)> = Vec::new();
    for (name, _) in key.segments.iter().take(key.segments.len() - 1) {
        let Some(target) = at.link(name).map(|link| link.target.clone()) else { return };
        let Some(next) = plan.catalog.entity(&target) else { return };
        links.push((name, target));
        at = next;
    }
    let links: Vec<(&str, &str)> = links.iter().map(|(label, target)| (*label, target.as_str())).collect();
    if let Err((place, breach)) = passages.pass(&links) {
        plan.diagnostics.breach(key.segments[place].1, breach);
    }
}

/// Whether braces hold operators rather than a Rust block: `{ $gt: 5 }`, and `{ gt: 5 }` by mistake.
fn is_operators(group: &Group) -> bool {
    let tokens: Vec<TokenTree> = group.stream().into_iter().take(3).collect();
    let is = |token: Option<&TokenTree>, letter: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == letter);
    match tokens.as_slice() {
        [] => true,
        [first, ..] if is(Some(first), '$') => true,
        [TokenTree::Ident(_), rest @ ..] => is(rest.first(), ':') && !is(rest.get(1), ':'),
        [TokenTree::Literal(_), rest @ ..] => is(rest.first(), ':'),
        _ => false,
    }
}

/// `{ $gt: 5 }`
fn operators(
    plan: &mut Plan,
    subject: &Subject,
    name: &str,
    group: &Group,
    optional: bool,
    path: &str,
) -> Option<(Operator, Json)> {
    let mut found: Option<(String, Operator, Json)> = None;
    let mut empty = true;
    for member in members(group.stream(), &mut plan.diagnostics) {
        empty = false;
        let Member::Pair(key, value) = member else {
            plan.diagnostics.report(group.span(), "expected an operator: `{ $gt: 5 }`");
            continue;
        };
        let spelling = key.text();
        if let Some((_, span)) = key.marker {
            let message = format!("write the `?` after the name: `{name}?: {{ {spelling}: .. }}`");
            plan.diagnostics.report(span, message);
        }
        let Some(operator) = Operator::parse(&spelling) else {
            plan.diagnostics.breach(key.span(), rule::unknown_operator(&spelling));
            continue;
        };
        if let Some((first, ..)) = &found {
            plan.diagnostics.breach(key.span(), rule::one_operator(name, first, &spelling));
            continue;
        }
        let judged = judge::operator(&subject.judged(), operator);
        let fits = judged.is_ok();
        plan.diagnostics.judge(key.span(), judged);
        if value.is_missing() {
            plan.diagnostics.report(key.span(), format!("expected a value: `{spelling}: value`"));
            continue;
        }
        let path = format!("{path}.{spelling}");
        // A value for an operator that does not fit would be reported twice.
        let json = if fits {
            value::operand(plan, subject, Some(operator), &value, optional, &path)
        } else {
            Json::Null
        };
        found = Some((spelling, operator, json));
    }
    if empty {
        plan.diagnostics.breach(group.span(), rule::no_operator(name));
    }
    let (spelling, operator, json) = found?;
    Some((operator, Json::Object(Map::from_iter([(spelling, json)]))))
}
