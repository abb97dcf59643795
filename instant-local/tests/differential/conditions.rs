//! What a `where` finds, by trying every way to follow its paths.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::world::{World, equal};

/// Which triples may be seen, by the entity type and id of the owner, and the label; `id` for the entity itself.
pub type Sees<'a> = &'a dyn Fn(&str, Uuid, &str) -> bool;

/// A condition whose paths mean what they say: `$not` and `$isNull` are written out.
#[derive(Debug, Clone)]
enum Term {
    All(Vec<Term>),
    Any(Vec<Term>),
    Path(Vec<String>, Value),
}

pub struct Conditions<'a> {
    world: &'a World,
    sees: Sees<'a>,
    etype: &'a str,
    /// These hold for one choice of linked entities, all others for one each.
    shared: Vec<(Vec<String>, Value)>,
    others: Vec<Term>,
}

type Variables = HashMap<(String, usize), Uuid>;

impl<'a> Conditions<'a> {
    pub fn of(world: &'a World, sees: Sees<'a>, etype: &'a str, filter: &Value) -> Self {
        let (mut shared, mut others) = (Vec::new(), Vec::new());
        for (key, value) in filter.as_object().into_iter().flatten() {
            match term(world, etype, key, value) {
                Term::Path(path, test) => shared.push((path, test)),
                other => others.push(other),
            }
        }
        Self { world, sees, etype, shared, others }
    }

    pub fn hold(&self, id: Uuid) -> bool {
        self.ways(&self.shared, id) > 0 && self.others.iter().all(|term| self.holds(term, id))
    }

    /// In how many ways the paths of an `and` without `or` hold.
    pub fn rows(&self, id: Uuid) -> u64 {
        assert!(self.others.is_empty(), "rows of `or` are counted elsewhere");
        self.ways(&self.shared, id)
    }

    /// Whether an id without an entity can pass: only links find those.
    fn holds(&self, term: &Term, id: Uuid) -> bool {
        match term {
            Term::All(terms) => terms.iter().all(|term| self.holds(term, id)),
            Term::Any(terms) => terms.iter().any(|term| self.holds(term, id)),
            Term::Path(path, test) => self.ways(&[(path.clone(), test.clone())], id) > 0,
        }
    }

    fn ways(&self, tests: &[(Vec<String>, Value)], id: Uuid) -> u64 {
        self.each(tests, id, &mut Variables::new())
    }

    fn each(&self, tests: &[(Vec<String>, Value)], id: Uuid, variables: &mut Variables) -> u64 {
        match tests {
            [] => 1,
            [(path, test), rest @ ..] => self.follow(self.etype, id, path, 0, test, &(rest, id), variables),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a walk has a place, a way to go and what follows")]
    fn follow(
        &self,
        etype: &str,
        at: Uuid,
        path: &[String],
        depth: usize,
        test: &Value,
        then: &(&[(Vec<String>, Value)], Uuid),
        variables: &mut Variables,
    ) -> u64 {
        let [label, rest @ ..] = path else { return 0 };
        if rest.is_empty() {
            return match self.ends(etype, at, label, test) {
                0 => 0,
                ends => ends * self.each(then.0, then.1, variables),
            };
        }
        let way = self.world.schema.way(etype, label).unwrap();
        let variable = (way.to.to_owned(), depth + 1);
        let chosen = variables.get(&variable).copied();
        let mut ways = 0;
        for far in self.links(etype, at, label) {
            if chosen.is_some_and(|chosen| chosen != far) {
                continue;
            }
            variables.insert(variable.clone(), far);
            ways += self.follow(way.to, far, rest, depth + 1, test, then, variables);
        }
        match chosen {
            Some(chosen) => variables.insert(variable, chosen),
            None => variables.remove(&variable),
        };
        ways
    }

    /// The visible links of an entity.
    fn links(&self, etype: &str, at: Uuid, label: &str) -> Vec<Uuid> {
        let way = self.world.schema.way(etype, label).unwrap();
        let link = &self.world.schema.links[way.link];
        let linked = self.world.linked(etype, at, label).into_iter();
        linked
            .filter(|(_, owner)| (self.sees)(&link.owner, *owner, &link.label))
            .map(|(far, _)| far)
            .collect()
    }

    /// How many triples at the end of a path pass the test.
    fn ends(&self, etype: &str, at: Uuid, label: &str, test: &Value) -> u64 {
        let is_link = self.world.schema.way(etype, label).is_some();
        let operator = test.as_object().and_then(|test| test.iter().next());
        if let Some((operator, operand)) = operator
            && operator == "$isNull"
        {
            let exists = self.world.get(etype, at).is_some() && (self.sees)(etype, at, "id");
            let has = if is_link {
                !self.world.linked(etype, at, label).is_empty()
            } else {
                label == "id" || self.world.value(etype, at, label).is_some_and(|value| !value.is_null())
            };
            return u64::from(exists && has != operand.as_bool().unwrap());
        }
        let attr = self.world.schema.attr(etype, label);
        // Without an index, "not this" is found as "no such value", which shows nothing of the value.
        let unindexed = attr.is_some_and(|attr| !attr.indexed && !attr.unique);
        let needs_value = !(unindexed && test.get("$not").is_some());
        let values: Vec<Value> = if is_link {
            self.links(etype, at, label).into_iter().map(|id| json!(id)).collect()
        } else if !(self.sees)(etype, at, if needs_value { label } else { "id" }) {
            Vec::new()
        } else if label == "id" {
            self.world.get(etype, at).map(|_| json!(at)).into_iter().collect()
        } else {
            self.world.value(etype, at, label).into_iter().collect()
        };
        // Values of unique attributes are found in an index without nulls, where their type is not checked.
        let skips_null = attr.is_some_and(|attr| attr.unique && !(attr.indexed && attr.typed()));
        let passes = |value: &&Value| !(skips_null && value.is_null()) && passes(value, test);
        values.iter().filter(passes).count() as u64
    }
}

fn passes(value: &Value, test: &Value) -> bool {
    let Some((operator, operand)) = test.as_object().and_then(|test| test.iter().next()) else {
        return !value.is_null() && equal(value, test);
    };
    let as_text = |value: &Value| value.as_str().map(str::to_owned);
    match operator.as_str() {
        "$in" => operand.as_array().unwrap().iter().any(|one| equal(value, one)),
        "$not" => !equal(value, operand),
        "$like" => as_text(value).is_some_and(|text| like(operand.as_str().unwrap(), &text)),
        "$ilike" => as_text(value).is_some_and(|text| like(&operand.as_str().unwrap().to_lowercase(), &text)),
        // As JSON, null is below every string.
        "$lt" | "$lte" if operand.is_string() && value.is_null() => true,
        _ if value.is_null() => false,
        compared => {
            let ordering = compare(value, operand);
            match compared {
                "$gt" => ordering.is_gt(),
                "$gte" => ordering.is_ge(),
                "$lt" => ordering.is_lt(),
                "$lte" => ordering.is_le(),
                other => panic!("no rule for {other}"),
            }
        }
    }
}

/// Compares values of one type; null comes first.
pub fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (a, b) => b.is_null().cmp(&a.is_null()),
    }
}

fn like(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, first) => first.is_none(),
        (Some('%'), first) => {
            like(&pattern[1..], text) || first.is_some_and(|first| like(pattern, &text[first.len_utf8()..]))
        }
        (Some('_'), Some(first)) => like(&pattern[1..], &text[first.len_utf8()..]),
        (Some(one), Some(first)) => {
            one == first && like(&pattern[one.len_utf8()..], &text[first.len_utf8()..])
        }
        (Some(_), None) => false,
    }
}

/// Writes a condition out.
fn term(world: &World, etype: &str, key: &str, value: &Value) -> Term {
    let members = |filter: &Value| -> Vec<Term> {
        filter.as_object().unwrap().iter().map(|(key, value)| term(world, etype, key, value)).collect()
    };
    match (key, value) {
        ("and", Value::Array(list)) => one_or(list.iter().flat_map(members).collect(), Term::All),
        ("or", Value::Array(list)) => {
            let mut values: Vec<(String, Vec<Value>)> = Vec::new();
            let mut terms = Vec::new();
            for element in list {
                let only = element.as_object().unwrap().iter().next();
                match only.and_then(|(path, test)| Some((path, one_value(world, etype, path, test)?))) {
                    Some((path, value)) if element.as_object().unwrap().len() == 1 => {
                        match values.iter_mut().find(|(other, _)| other == path) {
                            Some((_, list)) => list.push(value),
                            None => values.push((path.clone(), vec![value])),
                        }
                    }
                    _ => terms.push(one_or(members(element), Term::All)),
                }
            }
            terms.extend(
                values.into_iter().map(|(path, list)| Term::Path(split(&path), json!({ "$in": list }))),
            );
            one_or(terms, Term::Any)
        }
        (path, test) => {
            let path = split(path);
            let null = |end: usize| Term::Path(path[..end].to_vec(), json!({ "$isNull": true }));
            if test.get("$not").is_some() {
                let last = if is_indexed(world, etype, &path) { path.len() - 1 } else { path.len() };
                let nulls = (1..=last).map(null);
                return one_or(
                    [Term::Path(path.clone(), test.clone())].into_iter().chain(nulls).collect(),
                    Term::Any,
                );
            }
            if *test == json!({ "$isNull": true }) {
                return one_or((1..=path.len()).map(null).collect(), Term::Any);
            }
            Term::Path(path, test.clone())
        }
    }
}

/// The value that an element of an `or` asks for, where it asks for nothing else.
fn one_value(world: &World, etype: &str, path: &str, test: &Value) -> Option<Value> {
    if matches!(path, "and" | "or") {
        return None;
    }
    match test {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(test.clone()),
        test if *test == json!({ "$isNull": true }) && is_indexed(world, etype, &split(path)) => {
            Some(Value::Null)
        }
        _ => None,
    }
}

fn is_indexed(world: &World, etype: &str, path: &[String]) -> bool {
    let (last, links) = path.split_last().unwrap();
    let etype = links.iter().fold(etype, |etype, label| world.schema.way(etype, label).unwrap().to);
    world.schema.attr(etype, last).is_some_and(|attr| attr.indexed)
}

fn split(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}

fn one_or(mut terms: Vec<Term>, several: fn(Vec<Term>) -> Term) -> Term {
    if terms.len() == 1 { terms.remove(0) } else { several(terms) }
}
