//! What conditions stand for: `$not` and `$isNull` also find what their path does not reach, and an `or` of one attribute
//! is a list of its values.

use indexmap::IndexMap;
use serde_json::Value;

use super::Resolver;
use crate::instaql::parse::{Condition, PathTest, Test};

/// A condition written out: each path has one test that means what it says.
pub(super) enum Term {
    /// All of two or more.
    All(Vec<Term>),
    /// At least one of two or more.
    Any(Vec<Term>),
    Path {
        path: Vec<String>,
        test: Test,
    },
}

impl Resolver<'_> {
    pub(super) fn expand(&self, conditions: &[Condition]) -> Vec<Term> {
        conditions.iter().map(|condition| self.term(condition)).collect()
    }

    fn term(&self, condition: &Condition) -> Term {
        match condition {
            Condition::All(members) => all(self.expand(members)),
            Condition::Any(branches) => {
                let (others, listed) = self.listed(branches);
                let others = others.into_iter().map(|branch| all(self.expand(branch)));
                any(others.chain(listed).collect())
            }
            Condition::Path(test) => self.path_term(test),
        }
    }

    fn path_term(&self, PathTest { path, test, negates, .. }: &PathTest) -> Term {
        let term = Term::Path { path: path.clone(), test: test.clone() };
        // A path can end after its first label, after the second, and so on.
        let broken = |most: usize| {
            let null = |end| Term::Path { path: path[..end].to_vec(), test: Test::IsNull(true) };
            (1..=most).map(null).collect::<Vec<_>>()
        };
        if *negates {
            // The index has a null where there is no value, which passes already.
            let most = if self.is_indexed(path) { path.len() - 1 } else { path.len() };
            return any([term].into_iter().chain(broken(most)).collect());
        }
        if matches!(test, Test::IsNull(true)) && path.len() > 1 {
            return any(broken(path.len()));
        }
        term
    }

    /// Takes from the elements of an `or` those that only ask for one value of one path, and makes one list of the
    /// values of each path.
    ///
    /// A single `{"$isNull": true}` on an indexed attribute is the value null there. So the path has to lead to an
    /// entity, which it need not do elsewhere.
    fn listed<'c>(&self, branches: &'c [Vec<Condition>]) -> (Vec<&'c [Condition]>, Vec<Term>) {
        let mut others = Vec::new();
        let mut lists: IndexMap<&[String], Vec<Value>> = IndexMap::new();
        for branch in branches {
            match branch.as_slice() {
                [Condition::Path(PathTest { path, test: Test::Equal(value), .. })]
                    if !path.first().is_some_and(|label| label.starts_with('$')) =>
                {
                    lists.entry(path).or_default().push(value.clone());
                }
                [Condition::Path(PathTest { path, test: Test::IsNull(true), alone: true, .. })]
                    if self.is_indexed(path) =>
                {
                    lists.entry(path).or_default().push(Value::Null);
                }
                other => others.push(other),
            }
        }
        let listed = lists
            .into_iter()
            .map(|(path, values)| Term::Path { path: path.to_vec(), test: Test::In(values) });
        (others, listed.collect())
    }

    /// Whether a path ends in an attribute or a link that has an index of its values.
    fn is_indexed(&self, path: &[String]) -> bool {
        let Some((last, links)) = path.split_last() else { return false };
        let entity = links.iter().try_fold(self.entity, |entity, label| {
            let (stored, side) = self.catalog.resolve(entity, label)?;
            stored.is_link().then(|| stored.target(side))
        });
        let stored = entity.and_then(|entity| self.catalog.forward(entity, last));
        stored.is_some_and(|stored| stored.attr.indexed)
    }
}

fn all(terms: Vec<Term>) -> Term {
    single_or(terms, Term::All)
}

fn any(terms: Vec<Term>) -> Term {
    single_or(terms, Term::Any)
}

/// One term stands for itself, so that the paths of a `where` share variables with it.
fn single_or(mut terms: Vec<Term>, several: fn(Vec<Term>) -> Term) -> Term {
    match terms.pop() {
        Some(only) if terms.is_empty() => only,
        last => {
            terms.extend(last);
            several(terms)
        }
    }
}
