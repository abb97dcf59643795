//! `$: { .. }`: the options of a form.

use instant_schema::instaql::{Aggregate, Direction, OptionKey, ask_for_order, judge, names};
use instant_schema::rule;
use proc_macro2::{Delimiter, Span};
use quote::quote;
use serde_json::{Map, Value as Json};

use super::condition;
use super::form::Level;
use super::member::{self, Key, Marker, Member, Value, elements, members};
use super::plan::{Fit, Plan};
use super::value::{Literal, refuse_optional};
use crate::literal::EntityView;

/// The options of a form as they were read.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) json: Map<String, Json>,
    /// The labels that `fields` lists, where it is given.
    pub(crate) fields: Option<Vec<String>>,
    /// The markers that `fields` carries.
    pub(crate) markers: Vec<(String, Marker)>,
    /// Where `aggregate` stands.
    pub(crate) aggregate: Option<Span>,
}

/// Reads the value of `$`.
pub(crate) fn read(
    plan: &mut Plan,
    entity: &EntityView,
    value: &Value,
    level: Level<'_>,
    path: &str,
) -> Options {
    let mut options = Options::default();
    let Some(group) = value.group(Delimiter::Brace) else {
        plan.diagnostics.report(value.span, "`$` takes options: `$: { where: { .. }, limit: 10 }`");
        return options;
    };
    let mut page_size: Option<OptionKey> = None;
    for member in members(group.stream(), &mut plan.diagnostics) {
        let (key, value) = match member {
            Member::Pair(key, value) => (key, value),
            Member::Splice(value) | Member::Spread(value) => {
                plan.diagnostics
                    .report(value.span, "expected an option; a filter belongs in `where: #filter`");
                continue;
            }
        };
        let name = key.text();
        let Some(option) = OptionKey::parse(&name) else {
            plan.diagnostics.breach(key.span(), rule::unknown_option(&name));
            continue;
        };
        if options.json.contains_key(&name) {
            plan.diagnostics.breach(key.span(), rule::duplicate_key(&name));
            continue;
        }
        if let Level::Link(link) = level
            && option.root_only()
        {
            plan.diagnostics.breach(key.span(), rule::root_only(option, link));
            continue;
        }
        if option.sizes_page() {
            if let Some(earlier) = page_size {
                plan.diagnostics.breach(key.span(), rule::one_page_size(option, earlier));
            }
            page_size = page_size.or(Some(option));
        }
        if value.is_missing() {
            plan.diagnostics.report(key.span(), format!("expected a value: `{name}: ..`"));
            continue;
        }
        check_marker(plan, &key, option, &value);
        let path = format!("{path}.{name}");
        let json = match option {
            OptionKey::Where => condition::read(plan, entity, &value, key.is_optional(), &path),
            OptionKey::Order => order(plan, entity, &value, level, key.is_optional(), &path),
            OptionKey::Fields => fields(plan, entity, &value, &mut options),
            OptionKey::Aggregate => {
                options.aggregate = Some(key.span());
                aggregate(plan, &value)
            }
            OptionKey::Limit | OptionKey::First | OptionKey::Last | OptionKey::Offset => {
                size(plan, option, &value, key.is_optional(), &path)
            }
            OptionKey::After | OptionKey::Before => {
                let fit =
                    Fit::new(quote!(::instant_admin::query::operand::IntoCursor::into_cursor), "cursor");
                plan.fill(value.stream(), value.span, fit, key.is_optional(), path)
            }
            OptionKey::AfterInclusive | OptionKey::BeforeInclusive => {
                flag(plan, option, &value, key.is_optional(), &path)
            }
        };
        options.json.insert(name, json);
    }
    ask_for_order(&mut options.json);
    options
}

/// Page options, filters and orders may be left out at run time; the others say what the query is.
fn check_marker(plan: &mut Plan, key: &Key, option: OptionKey, value: &Value) {
    let Some((marker, span)) = key.marker else { return };
    let fixed = match option {
        OptionKey::Where | OptionKey::Order => value.splice().is_none(),
        OptionKey::Fields | OptionKey::Aggregate => true,
        _ => false,
    };
    if fixed || marker == Marker::Required {
        plan.diagnostics.report(span, format!("`{}` takes no marker", option.name()));
    }
}

fn size(plan: &mut Plan, option: OptionKey, value: &Value, optional: bool, path: &str) -> Json {
    match Literal::of(&value.tokens) {
        Some(Literal::Number(number)) if judge::is_count(option, &number) => {
            refuse_optional(plan, value.span, optional);
            Json::Number(number)
        }
        Some(Literal::Number(number)) => {
            plan.diagnostics.breach(value.span, rule::page_size(option, &number.to_string()));
            Json::Null
        }
        Some(literal) => {
            plan.diagnostics.breach(value.span, rule::page_size(option, literal.kind().described()));
            Json::Null
        }
        None => {
            let function = if option == OptionKey::Offset { "offset" } else { "page_size" };
            let fit = Fit::new(quote!(::instant_admin::query::operand::RowCount::row_count), function);
            plan.fill(value.stream(), value.span, fit, optional, path.to_owned())
        }
    }
}

fn flag(plan: &mut Plan, option: OptionKey, value: &Value, optional: bool, path: &str) -> Json {
    match Literal::of(&value.tokens) {
        Some(Literal::Boolean(flag)) => {
            refuse_optional(plan, value.span, optional);
            Json::Bool(flag)
        }
        Some(_) => {
            plan.diagnostics.report(value.span, format!("`{}` takes `true` or `false`", option.name()));
            Json::Null
        }
        None => plan.fill(value.stream(), value.span, Fit::flag(), optional, path.to_owned()),
    }
}

/// `order: { createdAt: desc }`, `order: { createdAt: #direction }`, `order: #order`
fn order(
    plan: &mut Plan,
    entity: &EntityView,
    value: &Value,
    level: Level<'_>,
    optional: bool,
    path: &str,
) -> Json {
    if let Some(order) = value.splice() {
        let entity = plan.entity_type(entity);
        let fit =
            Fit::new(quote!(::instant_admin::query::operand::IntoOrder::<#entity>::into_order), "given");
        return splice(
            plan,
            &order,
            fit,
            optional,
            path,
            "an order after `#`, such as a variable of type `Order<..>`",
        );
    }
    let Some(group) = value.group(Delimiter::Brace) else {
        let mut breach = rule::one_order_key();
        breach.message.push_str(", or `#order` for an `Order` that is made at run time");
        plan.diagnostics.breach(value.span, breach);
        return Json::Null;
    };
    let mut read = Map::new();
    let mut first = true;
    for member in members(group.stream(), &mut plan.diagnostics) {
        let Member::Pair(key, direction) = member else {
            plan.diagnostics.breach(value.span, rule::one_order_key());
            continue;
        };
        if !std::mem::take(&mut first) {
            plan.diagnostics.breach(key.span(), rule::one_order_key());
            continue;
        }
        if let Some((_, span)) = key.marker {
            plan.diagnostics.report(span, "`order` takes no marker");
        }
        let judged = names::order(entity, &key.text(), matches!(level, Level::Root));
        plan.diagnostics.judge(key.span(), judged);
        let path = format!("{path}.{}", key.text());
        read.insert(key.text(), direction_of(plan, &direction, &path));
    }
    if first {
        plan.diagnostics.breach(value.span, rule::one_order_key());
    }
    Json::Object(read)
}

/// `asc`, `desc` or `#direction`
fn direction_of(plan: &mut Plan, direction: &Value, path: &str) -> Json {
    if let Some(direction) = direction.splice() {
        let fit = Fit::new(quote!(::instant_admin::query::operand::IntoDirection::into_direction), "given");
        let expected = "a direction after `#`, such as a variable of type `Direction`";
        return splice(plan, &direction, fit, false, path, expected);
    }
    if direction.is_missing() {
        plan.diagnostics.report(direction.span, "expected a direction: `: asc` or `: desc`");
        return Json::Null;
    }
    let word = direction.word().unwrap_or_else(|| direction.stream().to_string());
    if Direction::from_name(&word).is_none() {
        let mut breach = rule::order_direction(&word);
        breach.message.push_str(", or `#direction` for a `Direction` that is known at run time");
        plan.diagnostics.breach(direction.span, breach);
    }
    Json::String(word)
}

/// What is made at run time, which is spliced in with `#`.
pub(crate) fn splice(
    plan: &mut Plan,
    value: &Value,
    fit: Fit,
    optional: bool,
    path: &str,
    expected: &str,
) -> Json {
    if value.is_missing() {
        plan.diagnostics.report(value.span, format!("expected {expected}"));
        return Json::Null;
    }
    plan.fill(value.stream(), value.span, fit, optional, path.to_owned())
}

/// `fields: [title, createdAt?]`
fn fields(plan: &mut Plan, entity: &EntityView, value: &Value, options: &mut Options) -> Json {
    let Some(group) = value.group(Delimiter::Bracket) else {
        plan.diagnostics.report(value.span, "`fields` takes a list of attributes: `fields: [title]`");
        return Json::Null;
    };
    let mut chosen: Vec<String> = Vec::new();
    for element in elements(group.stream(), &mut plan.diagnostics) {
        let Some(key) = member::name(&element) else {
            plan.diagnostics.report(element.span, "expected the name of an attribute");
            continue;
        };
        let label = key.text();
        if chosen.contains(&label) {
            plan.diagnostics.breach(key.span(), rule::duplicate_key(&label));
        } else if plan.diagnostics.judge(key.span(), names::field(entity, &label)).is_some() {
            match key.marker {
                Some((_, span)) if label == "id" => {
                    plan.diagnostics.report(span, "`id` is always part of a row: write it without a marker");
                }
                marker => options.markers.extend(marker.map(|(marker, _)| (label.clone(), marker))),
            }
            chosen.push(label);
        }
    }
    let json = chosen.iter().cloned().map(Json::String).collect();
    options.fields = Some(chosen);
    json
}

/// `aggregate: count`
fn aggregate(plan: &mut Plan, value: &Value) -> Json {
    let word = value.word().unwrap_or_else(|| value.stream().to_string());
    if Aggregate::from_name(&word).is_none() {
        plan.diagnostics.breach(value.span, rule::aggregate(&word));
    }
    Json::String(word)
}
