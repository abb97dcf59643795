//! Checking a `where`: its conditions, groups, operators and operands.

use serde_json::{Map, Value};

use super::MAX_DEPTH;
use super::check::{Checker, Scope};
use super::judge::{self, Passages, Subject, ValueKind};
use super::names::{self, EntityRef, ResolvedPath};
use crate::ValueType;
use crate::operator::{Operand, Operator};
use crate::path::Path;
use crate::rule;

impl<'a> Checker<'a> {
    /// Checks the `where` of a form: its conditions share the entities that their paths pass through.
    pub(super) fn top_filter(&mut self, value: &Value, scope: Scope<'a>, path: &Path, depth: usize) {
        self.filter(value, scope, path, None, depth);
    }

    /// Checks the conditions of an object. `joint` is `and` or `or` where the object is an element of it.
    fn filter(&mut self, value: &Value, scope: Scope<'a>, path: &Path, joint: Option<&str>, depth: usize) {
        if depth == MAX_DEPTH {
            self.note(path, rule::too_deep(MAX_DEPTH));
            return;
        }
        let members = self.object(value, path, "`where`", "an object of conditions: `{ title: \"..\" }`");
        if let Some(joint) = joint.filter(|_| members.is_some_and(Map::is_empty)) {
            self.note(path, rule::empty_member(joint));
        }
        let mut passages = joint.is_none().then(Passages::default);
        for (key, value) in members.into_iter().flatten() {
            let path = path.key(key);
            match (value, names::joins(scope.as_ref(), key, value.is_array())) {
                (Value::Array(list), true) => self.group(key, list, scope, &path, depth),
                (_, true) => {
                    let place = format!("`{key}`");
                    let got = ValueKind::of(value).described();
                    self.note(&path, rule::shape(&place, "a list of conditions: `[{ .. }, { .. }]`", got));
                }
                (_, false) => self.condition(key, value, scope, &path, passages.as_mut()),
            }
        }
    }

    fn group(&mut self, name: &str, list: &[Value], scope: Scope<'a>, path: &Path, depth: usize) {
        if list.is_empty() {
            self.note(path, rule::empty_list(name));
        }
        for (place, filter) in list.iter().enumerate() {
            self.filter(filter, scope, &path.index(place), Some(name), depth + 1);
        }
    }

    fn condition(
        &mut self,
        key: &str,
        value: &Value,
        scope: Scope<'a>,
        path: &Path,
        passages: Option<&mut Passages>,
    ) {
        let labels: Vec<&str> = key.split('.').collect();
        let resolved = scope.map(|on| names::resolve(&on, &labels).map_err(|(_, problem)| problem));
        let resolved = match resolved {
            None => None,
            Some(resolved) => match self.noted(path, resolved) {
                Some(resolved) => Some(resolved),
                None => return,
            },
        };
        let (operator, operand, place) = match value {
            Value::Object(operators) => match self.operator(key, operators, resolved.as_ref(), path) {
                Some((operator, operand, place)) => (Some(operator), operand, place),
                None => return,
            },
            value => (None, value, path.clone()),
        };
        let Some(resolved) = resolved else {
            self.compare_unknown(operator, operand, &place);
            return;
        };
        self.compare(&resolved.subject(), operator, operand, &place);
        if let Some(passages) = passages.filter(|_| judge::shares_links(operator)) {
            self.noted(path, resolved.pass(passages).map_err(|(_, problem)| problem));
        }
    }

    /// Returns the operator of `{ $gt: 5 }`, its operand, and the place of the operand.
    fn operator<'v>(
        &mut self,
        key: &str,
        operators: &'v Map<String, Value>,
        resolved: Option<&ResolvedPath<'_, EntityRef<'a>>>,
        path: &Path,
    ) -> Option<(Operator, &'v Value, Path)> {
        let mut found: Option<(&str, Operator, &Value, Path)> = None;
        for (spelling, operand) in operators {
            let place = path.key(spelling);
            let operator = match resolved {
                Some(resolved) => resolved.operator(key, spelling),
                None => Operator::parse(spelling).ok_or_else(|| rule::unknown_operator(spelling)),
            };
            match (operator, &found) {
                (Err(problem), _) => self.note(&place, problem),
                (Ok(_), Some((first, ..))) => {
                    self.note(&place, rule::one_operator(key, first, spelling));
                }
                (Ok(operator), None) => found = Some((spelling, operator, operand, place)),
            }
        }
        if operators.is_empty() {
            self.note(path, rule::no_operator(key));
        }
        found.map(|(_, operator, operand, place)| (operator, operand, place))
    }

    fn compare(&mut self, subject: &Subject<'_>, operator: Option<Operator>, operand: &Value, place: &Path) {
        // A value is not checked where its operator does not fit.
        if self.noted(place, judge::operator(subject, operator)).is_none()
            || self.noted(place, judge::operand(subject, operator, ValueKind::of(operand))).is_none()
        {
            return;
        }
        let takes = operator.map_or(Operand::Value, Operator::operand);
        match (takes, operand) {
            (Operand::List, Value::Array(list)) => {
                for (index, value) in list.iter().enumerate() {
                    let place = place.index(index);
                    if self.noted(&place, judge::element(subject, ValueKind::of(value))).is_some()
                        && let Value::String(text) = value
                    {
                        self.noted(&place, judge::text(subject, text));
                    }
                }
            }
            (Operand::Value, Value::String(text)) => {
                self.noted(place, judge::text(subject, text));
            }
            _ => {}
        }
    }

    /// Checks an operand whose attribute is unknown: notes values that no attribute can be compared with.
    fn compare_unknown(&mut self, operator: Option<Operator>, operand: &Value, place: &Path) {
        // A json attribute with an index takes every value that any attribute takes.
        let holds = judge::Holds::Values { value_type: ValueType::Json, indexed: true };
        let subject = Subject { entity: "?", name: "?", holds };
        let kind = ValueKind::of(operand);
        let fits = judge::operand(&subject, operator, kind).is_ok();
        let elements = operand.as_array().filter(|_| operator.map(Operator::operand) == Some(Operand::List));
        let elements_fit = elements
            .into_iter()
            .flatten()
            .all(|value| judge::element(&subject, ValueKind::of(value)).is_ok());
        if !fits || !elements_fit {
            let name = operator.map_or("equality", Operator::name);
            let wanted = match operator.map_or(Operand::Value, Operator::operand) {
                Operand::Value => "a string, a number, `true` or `false`",
                Operand::List => "a list of strings, numbers, booleans and nulls",
                Operand::Boolean => "`true` or `false`",
                Operand::Pattern => "a string",
            };
            self.note(place, rule::shape(&format!("`{name}`"), wanted, kind.described()));
        }
    }
}
