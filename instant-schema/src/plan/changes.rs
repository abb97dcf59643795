//! Changes that a schema cannot express: names that became others, and attributes that go.

use std::collections::HashSet;

use uuid::Uuid;

use super::PlanStep;
use crate::attr::{Attr, AttrUpdate, Identity};
use crate::catalog;
use crate::model::Schema;
use crate::records::names;
use crate::rule::{self, Problem};

/// Renames and deletions to plan before everything else. They are never guessed from a schema.
///
/// Names are written `entity.label`; a link goes by its name on either side. A whole entity is deleted by its name alone.
///
/// ```
/// use instant_schema::plan::{self, Changes, PlanOptions};
/// use instant_schema::{Attr, Schema};
///
/// let schema = Schema::from_json(r#"{"entities":{"posts":{"attrs":{"headline":{"valueType":"json"}}}}}"#)?;
/// let server = [Attr::id_of("posts"), Attr::blob("posts", "title"), Attr::blob("posts", "old")];
/// let mut changes = Changes::default();
/// changes.rename("posts.title", "posts.headline");
/// changes.delete("posts.old");
/// let plan = plan::plan_with(&schema, &server, PlanOptions::default(), &changes)?;
/// let lines: Vec<String> = plan.changes.iter().map(ToString::to_string).collect();
/// assert_eq!(lines, ["rename `posts.title` to `posts.headline`", "delete `posts.old`"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    renames: Vec<(String, String)>,
    deletions: Vec<String>,
}

/// What explicit changes come to.
pub(super) struct Resolved {
    pub(super) renames: Vec<PlanStep>,
    pub(super) deletions: Vec<PlanStep>,
    /// The server's attributes after both.
    pub(super) attrs: Vec<Attr>,
    pub(super) problems: Vec<Problem>,
}

impl Changes {
    /// Plans to give the attribute or link `from` the name `to`. Its values stay.
    pub fn rename(&mut self, from: impl Into<String>, to: impl Into<String>) {
        self.renames.push((from.into(), to.into()));
    }

    /// Plans to delete an attribute, a link, or an entity with all it has. A server keeps what is deleted for a while.
    pub fn delete(&mut self, name: impl Into<String>) {
        self.deletions.push(name.into());
    }

    pub(super) fn resolve(&self, schema: &Schema, current: &[Attr]) -> Resolved {
        let attrs = current.iter().filter(|attr| attr.deletion_marked_at.is_none()).cloned().collect();
        let mut resolved =
            Resolved { renames: Vec::new(), deletions: Vec::new(), attrs, problems: Vec::new() };
        for (from, to) in &self.renames {
            match rename(schema, &mut resolved.attrs, from, to) {
                Ok(step) => resolved.renames.push(step),
                Err(problem) => resolved.problems.push(problem),
            }
        }
        for name in &self.deletions {
            match deleted(schema, &resolved.attrs, name) {
                Ok(ids) => {
                    resolved.attrs.retain(|attr| !ids.contains(&attr.id));
                    resolved.deletions.extend(ids.into_iter().map(PlanStep::DeleteAttr));
                }
                Err(problem) => resolved.problems.push(problem),
            }
        }
        resolved
    }
}

fn rename(schema: &Schema, attrs: &mut [Attr], from: &str, to: &str) -> Result<PlanStep, Problem> {
    let (at, side) = find(attrs, from)?;
    let attr = &attrs[at];
    let Identity(_, entity, label) = identity(attr, side);
    let (entity, label) = (entity.clone(), label.clone());
    let wanted = to.strip_prefix(&format!("{entity}.")).filter(|label| !label.is_empty());
    let wanted = wanted.ok_or_else(|| rule::rename_leaves_entity(from, to, &entity))?.to_owned();
    if is_in(schema, &entity, &label) {
        return Err(rule::renamed_is_in_schema(from));
    }
    if !is_in(schema, &entity, &wanted) {
        return Err(rule::rename_not_in_schema(from, to));
    }
    if find(attrs, to).is_ok() {
        return Err(rule::rename_to_taken(from, to));
    }
    let attr = &mut attrs[at];
    match side {
        Side::Forward => attr.forward_identity.2 = wanted,
        Side::Reverse => {
            if let Some(reverse) = &mut attr.reverse_identity {
                reverse.2 = wanted;
            }
        }
    }
    Ok(PlanStep::UpdateAttr(AttrUpdate {
        id: attr.id,
        stored_as: None,
        cardinality: None,
        forward_identity: Some(attr.forward_identity.clone()),
        reverse_identity: attr.reverse_identity.clone(),
        unique: None,
        indexed: None,
        required: None,
        // A change always sets the cascades, so that leaving them out would clear them.
        on_delete: attr.on_delete.clone(),
        on_delete_reverse: attr.on_delete_reverse.clone(),
    }))
}

/// The attributes that go under this name: one, or all of an entity.
fn deleted(schema: &Schema, attrs: &[Attr], name: &str) -> Result<Vec<Uuid>, Problem> {
    let of_entity = |attr: &&Attr| {
        attr.catalog != "system"
            && (attr.forward_identity.entity() == name
                || attr.reverse_identity.as_ref().is_some_and(|reverse| reverse.entity() == name))
    };
    let all: Vec<&Attr> = attrs.iter().filter(of_entity).collect();
    if !all.is_empty() && !catalog::is_system_entity(name) {
        if schema.entity(name).is_some() {
            return Err(rule::deleted_is_in_schema(name));
        }
        if let Some(link) = all.iter().find(|attr| attr.is_ref() && is_wanted(schema, attr)) {
            return Err(rule::deleted_is_in_schema(&shown(link)));
        }
        // The `id` goes last: without it, the entity is gone.
        let (ids, others): (Vec<&Attr>, Vec<&Attr>) =
            all.into_iter().partition(|attr| attr.forward_identity.label() == "id" && !attr.is_ref());
        return Ok(others.into_iter().chain(ids).map(|attr| attr.id).collect());
    }
    let (at, _) = find(attrs, name)?;
    if is_wanted(schema, &attrs[at]) {
        return Err(rule::deleted_is_in_schema(name));
    }
    Ok(vec![attrs[at].id])
}

#[derive(Clone, Copy)]
enum Side {
    Forward,
    Reverse,
}

fn identity(attr: &Attr, side: Side) -> &Identity {
    match (side, &attr.reverse_identity) {
        (Side::Reverse, Some(reverse)) => reverse,
        _ => &attr.forward_identity,
    }
}

/// The attribute of the app that has this name on one of its sides. `id`s and system attributes cannot be changed.
fn find(attrs: &[Attr], name: &str) -> Result<(usize, Side), Problem> {
    let has_name = |identity: &Identity| {
        name.strip_prefix(identity.entity()).and_then(|rest| rest.strip_prefix('.')) == Some(identity.label())
    };
    let found = attrs.iter().enumerate().find_map(|(at, attr)| {
        if has_name(&attr.forward_identity) {
            Some((at, Side::Forward))
        } else {
            let reverse = attr.reverse_identity.as_ref().filter(|reverse| has_name(reverse));
            reverse.map(|_| (at, Side::Reverse))
        }
    });
    let own = |attr: &&Attr| attr.catalog != "system" && attr.forward_identity.label() != "id";
    match found {
        Some((at, side)) if own(&&attrs[at]) => Ok((at, side)),
        Some(_) => Err(rule::change_of_the_server_s_own(name)),
        None => {
            let names: HashSet<String> = attrs.iter().filter(own).map(shown).collect();
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.sort_unstable();
            Err(rule::change_of_nothing(name, names))
        }
    }
}

fn is_in(schema: &Schema, entity: &str, label: &str) -> bool {
    schema.attribute(entity, label).is_some() || schema.link(entity, label).is_some()
}

/// Whether the schema has the attribute, or the link from either side.
fn is_wanted(schema: &Schema, attr: &Attr) -> bool {
    let ((entity, label), reverse) = names(attr);
    is_in(schema, entity, label) || reverse.is_some_and(|(entity, label)| is_in(schema, entity, label))
}

fn shown(attr: &Attr) -> String {
    format!("{}.{}", attr.forward_identity.entity(), attr.forward_identity.label())
}
