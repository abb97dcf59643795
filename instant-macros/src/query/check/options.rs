//! `$: { .. }`: the options of a form.

use instant_schema::instaql::{Aggregate, Direction, OptionKey, judge, names};
use instant_schema::rule;
use proc_macro2::Span;

use super::checker::{Checker, Site};
use super::value::Literal;
use crate::literal::EntityView;
use crate::query::checked::{Conversion, Operand, OptionPart};
use crate::query::member::{Key, List, Marker, Member, Object, Value};
use crate::query::tree::{OptionInner, OptionValue, Options};

/// The options of a form, and what they say about its rows.
#[derive(Default)]
pub(super) struct CheckedOptions {
    pub(super) parts: Vec<(OptionKey, OptionPart)>,
    /// The labels that `fields` lists, where it is given.
    pub(super) fields: Option<Vec<String>>,
    /// The markers in `fields`.
    pub(super) markers: Vec<(String, Marker)>,
    /// The place of `aggregate`.
    pub(super) aggregate: Option<Span>,
}

impl CheckedOptions {
    fn has(&self, option: OptionKey) -> bool {
        self.parts.iter().any(|(known, _)| *known == option)
    }
}

impl Checker {
    /// Checks the value of `$` under the link `link`, or at a root.
    pub(super) fn options(
        &mut self,
        entity: &EntityView,
        options: &Options,
        link: Option<&str>,
    ) -> CheckedOptions {
        let mut checked = CheckedOptions::default();
        let Some(Object { members, mistakes }) = &options.options else {
            let message = "`$` takes options: `$: { where: { .. }, limit: 10 }`";
            self.diagnostics.report(options.value.span, message);
            return checked;
        };
        self.repeat(mistakes);
        let mut page_size: Option<OptionKey> = None;
        for member in members {
            let (key, value) = match member {
                Member::Pair(key, value) => (key, value),
                Member::Splice(value) | Member::Spread(value) => {
                    let message = "expected an option; a filter belongs in `where: #filter`";
                    self.diagnostics.report(value.span, message);
                    continue;
                }
            };
            let name = key.text();
            let Some(option) = OptionKey::parse(&name) else {
                self.diagnostics.problem(key.span(), rule::unknown_option(&name));
                continue;
            };
            if checked.has(option) {
                self.diagnostics.problem(key.span(), rule::duplicate_key(&name));
                continue;
            }
            if let Some(link) = link.filter(|_| option.root_only()) {
                self.diagnostics.problem(key.span(), rule::root_only(option, link));
                continue;
            }
            if option.sizes_page() {
                if let Some(earlier) = page_size {
                    self.diagnostics.problem(key.span(), rule::one_page_size(option, earlier));
                }
                page_size = page_size.or(Some(option));
            }
            if value.value.is_missing() {
                self.diagnostics.report(key.span(), format!("expected a value: `{name}: ..`"));
                continue;
            }
            self.check_marker(key, option, &value.value);
            let part = self.option(entity, key, option, value, link.is_none(), &mut checked);
            checked.parts.push((option, part));
        }
        checked
    }

    fn option(
        &mut self,
        entity: &EntityView,
        key: &Key,
        option: OptionKey,
        OptionValue { value, inner }: &OptionValue,
        is_root: bool,
        options: &mut CheckedOptions,
    ) -> OptionPart {
        let site = Site { value, optional: key.is_optional() };
        let operand = match (option, inner) {
            (_, OptionInner::Filter(filter)) => {
                return OptionPart::Filter(self.filter(entity, filter, site.optional));
            }
            (_, OptionInner::Order(order)) => {
                return OptionPart::Order(self.order(entity, order, value.span, is_root));
            }
            (_, OptionInner::Fields(names)) => self.fields(entity, names, options),
            (OptionKey::Order, _) => self.order_at_run_time(entity, site),
            (OptionKey::Fields, _) => {
                let message = "`fields` takes a list of attributes: `fields: [title]`";
                self.diagnostics.report(value.span, message);
                Operand::NOTHING
            }
            (OptionKey::Aggregate, _) => {
                options.aggregate = Some(key.span());
                self.aggregate(value)
            }
            (OptionKey::Limit | OptionKey::First | OptionKey::Last | OptionKey::Offset, _) => {
                self.size(option, site)
            }
            (OptionKey::AfterInclusive | OptionKey::BeforeInclusive, _) => self.flag(option, site),
            (OptionKey::After | OptionKey::Before, _) => self.expression(site, Conversion::Cursor),
            // Its value is always read as a filter.
            (OptionKey::Where, _) => Operand::NOTHING,
        };
        OptionPart::Operand(operand)
    }

    /// Page options, filters and orders may be left out at run time; the others say what the query is.
    fn check_marker(&mut self, key: &Key, option: OptionKey, value: &Value) {
        let Some((marker, span)) = key.marker else { return };
        let fixed = match option {
            OptionKey::Where | OptionKey::Order => value.splice().is_none(),
            OptionKey::Fields | OptionKey::Aggregate => true,
            _ => false,
        };
        if fixed || marker == Marker::Required {
            self.diagnostics.report(span, format!("`{}` takes no marker", option.name()));
        }
    }

    fn size(&mut self, option: OptionKey, site: Site<'_>) -> Operand {
        let problem = match Literal::of(&site.value.tokens) {
            None => {
                let is_offset = option == OptionKey::Offset;
                let conversion = if is_offset { Conversion::Offset } else { Conversion::PageSize };
                return self.expression(site, conversion);
            }
            Some(Literal::Number(number)) if judge::is_count(option, &number) => {
                self.refuse_optional(site);
                return Operand::Json(number.into());
            }
            Some(Literal::Number(number)) => rule::page_size(option, &number.to_string()),
            Some(literal) => rule::page_size(option, literal.kind().described()),
        };
        self.diagnostics.problem(site.span(), problem);
        Operand::NOTHING
    }

    fn flag(&mut self, option: OptionKey, site: Site<'_>) -> Operand {
        match Literal::of(&site.value.tokens) {
            None => self.expression(site, Conversion::Flag),
            Some(Literal::Boolean(flag)) => {
                self.refuse_optional(site);
                Operand::Json(flag.into())
            }
            Some(_) => {
                let message = format!("`{}` takes `true` or `false`", option.name());
                self.diagnostics.report(site.span(), message);
                Operand::NOTHING
            }
        }
    }

    /// `order: #order`
    fn order_at_run_time(&mut self, entity: &EntityView, site: Site<'_>) -> Operand {
        let Some(order) = site.value.splice() else {
            let mut problem = rule::one_order_key();
            problem.message.push_str(", or `#order` for an `Order` that is made at run time");
            self.diagnostics.problem(site.span(), problem);
            return Operand::NOTHING;
        };
        let expected = "an order after `#`, such as a variable of type `Order<..>`";
        self.splice(Site { value: &order, ..site }, Conversion::Order(entity.clone()), expected)
    }

    /// `order: { createdAt: desc }`, `order: { createdAt: #direction }`
    fn order(
        &mut self,
        entity: &EntityView,
        order: &Object,
        place: Span,
        is_root: bool,
    ) -> Option<(String, Operand)> {
        let mut checked = None;
        self.repeat(&order.mistakes);
        for member in &order.members {
            let Member::Pair(key, direction) = member else {
                self.diagnostics.problem(place, rule::one_order_key());
                continue;
            };
            if checked.is_some() {
                self.diagnostics.problem(key.span(), rule::one_order_key());
                continue;
            }
            if let Some((_, span)) = key.marker {
                self.diagnostics.report(span, "`order` takes no marker");
            }
            let label = key.text();
            let judged = names::order(entity, &label, is_root);
            self.diagnostics.judge(key.span(), judged);
            checked = Some((label, self.direction(direction)));
        }
        if checked.is_none() {
            self.diagnostics.problem(place, rule::one_order_key());
        }
        checked
    }

    /// `asc`, `desc` or `#direction`
    fn direction(&mut self, direction: &Value) -> Operand {
        if let Some(direction) = direction.splice() {
            let expected = "a direction after `#`, such as a variable of type `Direction`";
            return self.splice(Site::always(&direction), Conversion::Direction, expected);
        }
        if direction.is_missing() {
            self.diagnostics.report(direction.span, "expected a direction: `: asc` or `: desc`");
            return Operand::NOTHING;
        }
        let word = direction.word().unwrap_or_else(|| direction.stream().to_string());
        if Direction::from_name(&word).is_none() {
            let mut problem = rule::order_direction(&word);
            problem.message.push_str(", or `#direction` for a `Direction` that is known at run time");
            self.diagnostics.problem(direction.span, problem);
        }
        Operand::Json(word.into())
    }

    /// `fields: [title, createdAt?]`
    fn fields(&mut self, entity: &EntityView, names: &List, options: &mut CheckedOptions) -> Operand {
        let mut chosen: Vec<String> = Vec::new();
        self.repeat(&names.mistakes);
        for element in &names.elements {
            let Some(key) = Key::of_element(element) else {
                self.diagnostics.report(element.span, "expected the name of an attribute");
                continue;
            };
            let label = key.text();
            if chosen.contains(&label) {
                self.diagnostics.problem(key.span(), rule::duplicate_key(&label));
            } else if self.diagnostics.judge(key.span(), names::field(entity, &label)).is_some() {
                match key.marker {
                    Some((_, span)) if label == "id" => {
                        let message = "`id` is always part of a row: write it without a marker";
                        self.diagnostics.report(span, message);
                    }
                    marker => options.markers.extend(marker.map(|(marker, _)| (label.clone(), marker))),
                }
                chosen.push(label);
            }
        }
        let json = chosen.iter().map(String::as_str).collect();
        options.fields = Some(chosen);
        Operand::Json(json)
    }

    /// `aggregate: count`
    fn aggregate(&mut self, value: &Value) -> Operand {
        let word = value.word().unwrap_or_else(|| value.stream().to_string());
        if Aggregate::from_name(&word).is_none() {
            self.diagnostics.problem(value.span, rule::aggregate(&word));
        }
        Operand::Json(word.into())
    }
}
