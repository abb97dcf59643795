//! From conditions to filters: names become attributes, operands are checked against their types.

mod expand;
mod operand;

use std::sync::Arc;

use instant_schema::Direction;

use super::filter::{End, Filter, Hop, Path};
use super::parse::{Condition, Test};
use super::problem::{At, Query};
use crate::ApiError;
use crate::store::{AttrCatalog, StoredAttr};
use expand::Term;
use operand::{any_value, id_range};

/// Why conditions could not be resolved.
pub(super) enum Unresolved {
    /// A name is unknown, so nothing can match.
    Unknown,
    /// The condition is wrong.
    Wrong(ApiError),
}

impl From<ApiError> for Unresolved {
    fn from(error: ApiError) -> Self {
        Self::Wrong(error)
    }
}

pub(super) struct Resolver<'a> {
    pub catalog: &'a AttrCatalog,
    pub query: Query<'a>,
    /// The path of the form in the query.
    pub at: &'a At,
    /// The entity type that the form selects.
    pub entity: &'a str,
}

impl Resolver<'_> {
    /// Resolves the members of a `where`.
    ///
    /// Its own paths share variables: two paths that reach the same entity type at the same depth reach the same
    /// entity. Paths inside `or` and `and` share nothing.
    pub fn resolve(&self, conditions: &[Condition]) -> Result<Vec<Filter>, Unresolved> {
        let terms = self.expand(conditions);
        // The official server joins a constant at the end before all others.
        let leads = match terms.last() {
            Some(Term::Path { test, .. }) => matches!(test, Test::IsNull(_)),
            _ => true,
        };
        let mut filters = Vec::new();
        let mut groups: Vec<Vec<Path>> = Vec::new();
        for (nth, term) in terms.into_iter().enumerate() {
            match term {
                Term::Path { path, test } => {
                    let path = self.path(&path, &test)?;
                    let (related, others): (Vec<_>, Vec<_>) =
                        groups.into_iter().partition(|group| group.iter().any(|other| shares(other, &path)));
                    groups = others;
                    groups.push(related.into_iter().flatten().chain([path]).collect());
                }
                // Each member holds on its own, so that it can be looked up in an index.
                Term::All(members) => filters.extend(self.each(members, leads && nth == 0)?),
                any @ Term::Any(_) => filters.push(self.filter(any, leads && nth == 0)?),
            }
        }
        filters.extend(groups.into_iter().map(Filter::Exists));
        Ok(filters)
    }

    /// `leads` says whether the first term is joined before all others.
    fn each(&self, terms: Vec<Term>, leads: bool) -> Result<Vec<Filter>, Unresolved> {
        terms.into_iter().enumerate().map(|(nth, term)| self.filter(term, leads && nth == 0)).collect()
    }

    fn filter(&self, term: Term, leads: bool) -> Result<Filter, Unresolved> {
        Ok(match term {
            Term::All(terms) => Filter::All(self.each(terms, leads)?),
            Term::Any(terms) => {
                let branches = terms.into_iter().map(|term| self.filter(term, true));
                Filter::Any { branches: branches.collect::<Result<_, _>>()?, leads }
            }
            Term::Path { path, test } => Filter::Exists(vec![self.path(&path, &test)?]),
        })
    }

    fn path(&self, path: &[String], test: &Test) -> Result<Path, Unresolved> {
        let (last, links) = path.split_last().ok_or(Unresolved::Unknown)?;
        let mut entity = self.entity;
        let mut hops = Vec::with_capacity(links.len());
        for label in links {
            let (stored, side) = self.catalog.resolve(entity, label).ok_or(Unresolved::Unknown)?;
            entity = link_target(entity, label, stored, side)?;
            hops.push(Hop { attr: stored.key, side, variable: (entity.into(), hops.len() + 1) });
        }
        let id_attr = || self.catalog.id_attr(entity).map(|stored| stored.key).ok_or(Unresolved::Unknown);
        if let Test::IdStartsWith(prefix) = test {
            return Ok(Path { hops, end: id_range(id_attr()?, prefix) });
        }
        let (stored, side) = self.catalog.resolve(entity, last).ok_or(Unresolved::Unknown)?;
        let end = if let Test::IsNull(null) = test {
            End::Null { attr: id_attr()?, value: Box::new(any_value(stored, side)), null: *null }
        } else if stored.is_link() {
            self.link_end(stored, side, last, test)?
        } else {
            self.value_end(stored, last, test)?
        };
        Ok(Path { hops, end })
    }
}

/// The entity type that the link `entity.label` leads to.
pub(super) fn link_target<'c>(
    entity: &str,
    label: &str,
    stored: &'c Arc<StoredAttr>,
    side: Direction,
) -> Result<&'c str, ApiError> {
    if stored.is_link() {
        return Ok(stored.target(side));
    }
    let input = serde_json::to_value(&*stored.attr).unwrap_or_default();
    Err(ApiError::invalid("attr", input, format!("{entity}.{label} needs to be a link")))
}

/// Whether two paths pass through the same variable.
fn shares(a: &Path, b: &Path) -> bool {
    a.hops.iter().any(|hop| b.hops.iter().any(|other| other.variable == hop.variable))
}
