//! `where`: conditions on the attributes and links of an entity.

use instant_schema::instaql::judge::{self, Passages};
use instant_schema::instaql::{Operator, names};
use instant_schema::rule;
use proc_macro2::Span;

use super::checker::{Checker, Site};
use super::value::Subject;
use crate::literal::EntityView;
use crate::query::checked::{Condition, Conversion, Filter, Operand};
use crate::query::member::{Key, List, Marker, Member, Object, Value};
use crate::query::tree::{self, Compared, ComparedInner, Conditions};

/// Whether conditions are directly in `where`, where paths share the entities they pass through, or in a member of `and`
/// or `or`, where each has its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nesting<'n> {
    Top,
    /// An element of `and` or `or`.
    In(&'n str),
}

impl Checker {
    /// Checks the value of `where`.
    pub(super) fn filter(&mut self, entity: &EntityView, filter: &tree::Filter, optional: bool) -> Filter {
        match filter {
            tree::Filter::Splice(splice) => {
                Filter::Spliced(self.spliced_filter(entity, Site { value: splice, optional }))
            }
            tree::Filter::Conditions(conditions) => self.conditions(entity, conditions, Nesting::Top),
            tree::Filter::Other(span) => {
                let message = "`where` takes `{ .. }`, or `#filter` for a filter made at run time";
                self.diagnostics.report(*span, message);
                Filter::Missing
            }
        }
    }

    fn spliced_filter(&mut self, entity: &EntityView, site: Site<'_>) -> Operand {
        let expected = "a filter after `#`, such as a variable of type `Where<..>`";
        self.splice(site, Conversion::Filter(entity.clone()), expected)
    }

    fn conditions(&mut self, entity: &EntityView, conditions: &Conditions, nesting: Nesting<'_>) -> Filter {
        if !self.enter(conditions.span) {
            return Filter::Missing;
        }
        let Object { members, mistakes } = &conditions.members;
        self.repeat(mistakes);
        if let (Nesting::In(joint), true) = (nesting, members.is_empty() && mistakes.is_empty()) {
            self.diagnostics.problem(conditions.span, rule::empty_member(joint));
        }
        let mut checked: Vec<Condition> = Vec::new();
        let mut names = Vec::new();
        let mut passages = Passages::default();
        for member in members {
            let (key, compared) = match member {
                Member::Pair(key, compared) => (key, compared),
                Member::Splice(splice) => {
                    checked.push(Condition::Spliced(self.spliced_filter(entity, Site::always(splice))));
                    continue;
                }
                Member::Spread(value) => {
                    let message = "`where` has no `..`; write `#filter` to add a filter";
                    self.diagnostics.report(value.span, message);
                    continue;
                }
            };
            let name = key.text();
            if names.contains(&name) {
                self.diagnostics.problem(key.span(), rule::duplicate_path(&name));
            }
            let condition = match &compared.inner {
                ComparedInner::Filters(filters) => self.joined(entity, key, &compared.value, filters),
                _ if names::joins(Some(entity), &name, false) => {
                    let message = format!("`{name}` takes a list: `{name}: [{{ .. }}, {{ .. }}]`");
                    self.diagnostics.report(compared.value.span, message);
                    None
                }
                _ => {
                    self.condition(entity, key, compared, (nesting == Nesting::Top).then_some(&mut passages))
                }
            };
            if let Some(condition) = condition {
                checked.push(condition);
                names.push(name);
            }
        }
        self.leave();
        Filter::Conditions(checked)
    }

    /// `and: [{ .. }, #filter]`, `or: [..]`
    fn joined(
        &mut self,
        entity: &EntityView,
        key: &Key,
        value: &Value,
        filters: &List<tree::Filter>,
    ) -> Option<Condition> {
        let name = key.text();
        if let Some((_, span)) = key.marker {
            self.diagnostics.report(span, format!("`{name}` takes no marker"));
        }
        self.repeat(&filters.mistakes);
        if filters.elements.is_empty() {
            self.diagnostics.problem(value.span, rule::empty_list(&name));
            return None;
        }
        let filters = filters.elements.iter().map(|filter| match filter {
            tree::Filter::Splice(splice) => {
                Filter::Spliced(self.spliced_filter(entity, Site::always(splice)))
            }
            tree::Filter::Conditions(conditions) => self.conditions(entity, conditions, Nesting::In(&name)),
            tree::Filter::Other(span) => {
                let message = format!("`{name}` joins conditions: write each as `{{ name: value }}`");
                self.diagnostics.report(*span, message);
                Filter::Missing
            }
        });
        let filters = filters.collect();
        Some(Condition::Joined(name, filters))
    }

    /// `author.handle: value`. `passages` are the links that the conditions beside this one pass.
    fn condition(
        &mut self,
        entity: &EntityView,
        key: &Key,
        compared: &Compared,
        passages: Option<&mut Passages>,
    ) -> Option<Condition> {
        let (name, site) = (key.text(), Site { value: &compared.value, optional: key.is_optional() });
        if let Some((Marker::Required, span)) = key.marker {
            self.diagnostics.report(span, "`!` has no meaning in `where`");
        }
        let labels: Vec<&str> = key.segments.iter().map(|(label, _)| label.as_str()).collect();
        let span_of = |label: usize| -> Span { key.segments[label].1 };
        let subject = match names::resolve(entity, &labels) {
            Ok(subject) => subject,
            Err((label, problem)) => {
                self.diagnostics.problem(span_of(label), problem);
                return None;
            }
        };
        if site.value.is_missing() {
            let message = format!("expected a value: `{name}: value` or `{name}: {{ $operator: value }}`");
            self.diagnostics.report(key.span(), message);
            return None;
        }
        let (operator, spelling, operand) = if let ComparedInner::Operators(operators) = &compared.inner {
            let (spelling, operator, operand) = self.operators(&subject, &name, operators, site)?;
            (Some(operator), Some(spelling), operand)
        } else {
            let judged = judge::operator(&subject.subject(), None);
            self.diagnostics.judge(key.span(), judged)?;
            (None, None, self.operand(&subject, None, site))
        };
        if let Some(passages) = passages.filter(|_| judge::shares_links(operator))
            && let Err((label, problem)) = subject.pass(passages)
        {
            self.diagnostics.problem(span_of(label), problem);
        }
        Some(Condition::Compared { path: name, operator: spelling, operand })
    }

    /// `{ $gt: 5 }`: the operator as it is spelled and as it is meant, and its operand.
    fn operators(
        &mut self,
        subject: &Subject<'_>,
        name: &str,
        operators: &Object,
        site: Site<'_>,
    ) -> Option<(String, Operator, Operand)> {
        let place = site.span();
        let mut found: Option<(String, Operator, Operand)> = None;
        self.repeat(&operators.mistakes);
        for member in &operators.members {
            let Member::Pair(key, value) = member else {
                self.diagnostics.report(place, "expected an operator: `{ $gt: 5 }`");
                continue;
            };
            let spelling = key.text();
            if let Some((_, span)) = key.marker {
                let message = format!("write the `?` after the name: `{name}?: {{ {spelling}: .. }}`");
                self.diagnostics.report(span, message);
            }
            let operator = subject.operator(name, &spelling);
            let Some(operator) = self.diagnostics.judge(key.span(), operator) else { continue };
            if let Some((first, ..)) = &found {
                self.diagnostics.problem(key.span(), rule::one_operator(name, first, &spelling));
                continue;
            }
            let judged = judge::operator(&subject.subject(), Some(operator));
            let fits = self.diagnostics.judge(key.span(), judged).is_some();
            if value.is_missing() {
                self.diagnostics.report(key.span(), format!("expected a value: `{spelling}: value`"));
                continue;
            }
            // A value for an operator that does not fit would be reported twice.
            let operand = if fits {
                self.operand(subject, Some(operator), Site { value, ..site })
            } else {
                Operand::NOTHING
            };
            found = Some((spelling, operator, operand));
        }
        if operators.members.is_empty() {
            self.diagnostics.problem(place, rule::no_operator(name));
        }
        found
    }
}
