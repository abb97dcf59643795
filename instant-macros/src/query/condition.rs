//! `where`: conditions on the attributes and links of an entity.

use instant_schema::instaql::judge::{self, Passages};
use instant_schema::instaql::{Operator, names};
use instant_schema::rule;
use proc_macro2::{Delimiter, Group, TokenTree};
use quote::quote;
use serde_json::{Map, Value as Json, json};

use super::member::{Key, Member, Value, elements, members};
use super::options;
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
pub(crate) fn read(plan: &mut Plan, entity: &EntityView, value: &Value, optional: bool, path: &str) -> Json {
    if let Some(splice) = value.splice() {
        return filter(plan, entity, &splice, optional, path);
    }
    let Some(group) = value.group(Delimiter::Brace) else {
        let message = "`where` takes `{ .. }`, or `#filter` for a filter made at run time";
        plan.diagnostics.report(value.span, message);
        return Json::Null;
    };
    conditions(plan, entity, group, Level::Top, path)
}

fn filter(plan: &mut Plan, entity: &EntityView, splice: &Value, optional: bool, path: &str) -> Json {
    let entity = plan.entity_type(entity);
    let fit = Fit::new(quote!(::instant_admin::query::operand::IntoFilter::<#entity>::into_filter), "filter");
    options::splice(
        plan,
        splice,
        fit,
        optional,
        path,
        "a filter after `#`, such as a variable of type `Where<..>`",
    )
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
                spliced.push(filter(plan, entity, &splice, false, path));
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
        let list = value.group(Delimiter::Bracket);
        let condition = match (list, names::joins(Some(entity), &name, list.is_some())) {
            (Some(list), true) => joined(plan, entity, &key, list, &path),
            (None, true) => {
                let message = format!("`{name}` takes a list: `{name}: [{{ .. }}, {{ .. }}]`");
                plan.diagnostics.report(value.span, message);
                None
            }
            (_, false) => condition(plan, entity, &key, &value, level, &mut passages, &path),
        };
        if let Some(condition) = condition {
            read.insert(name, condition);
        }
    }
    if !spliced.is_empty() {
        let and = read.entry("and").or_insert_with(|| json!([]));
        let mut all = match and.take() {
            Json::Array(all) => all,
            // An attribute that is called `and`: its condition goes into the list too.
            condition => vec![json!({ "and": condition })],
        };
        all.append(&mut spliced);
        *and = Json::Array(all);
    }
    plan.leave();
    Json::Object(read)
}

/// `and: [{ .. }, #filter]`, `or: [..]`
fn joined(plan: &mut Plan, entity: &EntityView, key: &Key, group: &Group, path: &str) -> Option<Json> {
    refuse_markers(plan, key);
    let elements = elements(group.stream(), &mut plan.diagnostics);
    if elements.is_empty() {
        plan.diagnostics.breach(group.span(), rule::empty_list(&key.text()));
        return None;
    }
    let one = |element: &Value| {
        if let Some(splice) = element.splice() {
            return filter(plan, entity, &splice, false, path);
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
    let optional = key.is_optional();
    if let Some((super::member::Marker::Required, span)) = key.marker {
        plan.diagnostics.report(span, "`!` has no meaning in `where`");
    }
    let labels: Vec<&str> = key.segments.iter().map(|(label, _)| label.as_str()).collect();
    let report =
        |plan: &mut Plan, (place, breach): (usize, _)| plan.diagnostics.breach(key.segments[place].1, breach);
    let subject = names::resolve(entity, &labels).map_err(|wrong| report(plan, wrong)).ok()?;
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
    if level == Level::Top
        && judge::shares_links(operator)
        && let Err(wrong) = subject.pass(passages)
    {
        report(plan, wrong);
    }
    Some(json)
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
    subject: &Subject<'_>,
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
        let fits =
            plan.diagnostics.judge(key.span(), judge::operator(&subject.subject(), operator)).is_some();
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
