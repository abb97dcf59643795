//! What the names in a query mean, or which names were probably meant.
//!
//! `query!` and the JSON checks share these functions. They need only [`Labels`] from a schema.

use super::judge::{self, Holds, Passages, Subject};
use super::{MAX_LABELS, RULE_PARAMS, SERVER_CREATED_AT};
use crate::model::Schema;
use crate::operator::Operator;
use crate::option::OptionKey;
use crate::rule::{self, Problem};

/// The attributes and links of one entity. [`EntityRef`] takes them from a whole schema, `query!` from a part of one.
pub trait Labels: Clone {
    /// The entity's name.
    fn name(&self) -> &str;
    /// What an attribute holds; `None` for `id`.
    fn holds(&self, attribute: &str) -> Option<Holds>;
    /// The entity that a link leads to.
    fn target(&self, link: &str) -> Option<Self>;
    /// The labels of all attributes except `id`.
    fn attributes(&self) -> Vec<&str>;
    /// The labels of all links.
    fn links(&self) -> Vec<&str>;

    /// Whether it has an attribute or link with this label; `id` counts as neither.
    fn has(&self, label: &str) -> bool {
        self.holds(label).is_some() || self.target(label).is_some()
    }

    /// `id` and the attributes, for messages.
    fn values(&self) -> Vec<&str> {
        std::iter::once("id").chain(self.attributes()).collect()
    }
}

/// An entity in its schema.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntityRef<'a> {
    schema: &'a Schema,
    name: &'a str,
}

impl<'a> EntityRef<'a> {
    /// Returns the entity with this name, if the schema has it.
    pub fn find(schema: &'a Schema, name: &str) -> Option<Self> {
        schema.entities.get_key_value(name).map(|(name, _)| Self { schema, name })
    }
}

impl Labels for EntityRef<'_> {
    fn name(&self) -> &str {
        self.name
    }

    fn holds(&self, attribute: &str) -> Option<Holds> {
        self.schema.attribute(self.name, attribute).map(Holds::of)
    }

    fn target(&self, link: &str) -> Option<Self> {
        Self::find(self.schema, self.schema.link(self.name, link)?.target())
    }

    fn attributes(&self) -> Vec<&str> {
        self.schema.entities[self.name].attributes.keys().map(String::as_str).collect()
    }

    fn links(&self) -> Vec<&str> {
        self.schema.links_of(self.name).map(|link| link.label()).collect()
    }
}

/// A path of `where`: links, and what the last label means.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPath<'l, E> {
    /// The links on the way: all labels except the last, each with the name of the entity it leads to.
    pub links: Vec<(&'l str, String)>,
    /// The entity that has the last label.
    pub on: E,
    /// The last label.
    pub name: &'l str,
    /// What it means there.
    pub end: End<E>,
}

/// What is at the end of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum End<E> {
    /// The ids of this entity: the label is `id` or a link.
    Ids(E),
    /// The values of an attribute.
    Values(Holds),
}

impl<E: Labels> ResolvedPath<'_, E> {
    /// Returns what a condition on the path compares.
    pub fn subject(&self) -> Subject<'_> {
        let holds = match self.end {
            End::Ids(_) => Holds::Ids,
            End::Values(holds) => holds,
        };
        Subject { entity: self.on.name(), name: self.name, holds }
    }

    /// Reads an operator on what the path leads to. `path` is the path as it is written.
    pub fn operator(&self, path: &str, spelling: &str) -> Result<Operator, Problem> {
        Operator::parse(spelling).ok_or_else(|| match &self.end {
            End::Ids(target) if self.name != "id" && (spelling == "id" || target.has(spelling)) => {
                rule::name_below_link(path, spelling)
            }
            _ => rule::unknown_operator(spelling),
        })
    }

    /// Adds the links of the path to `passages`; fails as [`Passages::pass`] does.
    pub fn pass(&self, passages: &mut Passages) -> Result<(), (usize, Problem)> {
        let links: Vec<_> = self.links.iter().map(|(label, target)| (*label, target.as_str())).collect();
        passages.pass(&links)
    }
}

/// Returns what a path of `where` means, starting at `entity`.
///
/// # Errors
/// The index of the label that is wrong, and the problem.
///
/// ```
/// use instant_schema::Schema;
/// use instant_schema::instaql::{EntityRef, resolve};
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {}}, "tags": {"attrs": {"label": {"valueType": "string"}}}},
///         "links": {"l": {"forward": {"on": "posts", "has": "many", "label": "tags"},
///                         "reverse": {"on": "tags", "has": "many", "label": "posts"}}}}"#,
/// )?;
/// let posts = EntityRef::find(&schema, "posts").unwrap();
/// let path = resolve(&posts, &["tags", "label"]).unwrap();
/// assert_eq!((path.links[0].0, path.subject().entity), ("tags", "tags"));
/// let (place, problem) = resolve(&posts, &["tags", "lable"]).unwrap_err();
/// assert_eq!(place, 1);
/// assert!(problem.message.contains("did you mean `label`?"));
/// # Ok::<(), instant_schema::Problems>(())
/// ```
pub fn resolve<'l, E: Labels>(
    entity: &E,
    labels: &[&'l str],
) -> Result<ResolvedPath<'l, E>, (usize, Problem)> {
    if labels.len() > MAX_LABELS {
        return Err((MAX_LABELS, rule::too_long(MAX_LABELS)));
    }
    let (name, ways) = labels.split_last().unwrap_or((&"", &[]));
    let mut on = entity.clone();
    let mut links = Vec::with_capacity(ways.len());
    for (place, label) in ways.iter().enumerate() {
        let Some(target) = on.target(label) else {
            return Err((place, no_way_on(&on, &labels[place..])));
        };
        on = target;
        links.push((*label, on.name().to_owned()));
    }
    let end = if *name == "id" {
        End::Ids(on.clone())
    } else if let Some(holds) = on.holds(name) {
        End::Values(holds)
    } else if let Some(target) = on.target(name) {
        End::Ids(target)
    } else if name.is_empty() && !ways.is_empty() {
        return Err((ways.len(), rule::unfinished_path()));
    } else {
        return Err((ways.len(), unknown(&on, name)));
    };
    Ok(ResolvedPath { links, on, name, end })
}

/// Reports that an entity has neither an attribute nor a link with this name.
pub fn unknown<E: Labels>(entity: &E, name: &str) -> Problem {
    rule::unknown_name(entity.name(), name, entity.values(), entity.links())
}

/// Whether a key of `where` joins conditions: `and` and `or` do, except where the entity has an attribute or link with
/// that name and the value is not a list.
pub fn joins<E: Labels>(entity: Option<&E>, key: &str, is_list: bool) -> bool {
    matches!(key, "and" | "or") && (is_list || entity.is_some_and(|entity| !entity.has(key)))
}

/// Returns the entity of a nested form.
pub fn child<E: Labels>(entity: &E, label: &str) -> Result<E, Problem> {
    if let Some(target) = entity.target(label) {
        return Ok(target);
    }
    Err(if label == "id" || entity.holds(label).is_some() {
        rule::attribute_as_link(entity.name(), label)
    } else if label == RULE_PARAMS {
        rule::nested_rule_params()
    } else if let Some(option) = OptionKey::parse(label) {
        rule::option_as_link(option)
    } else {
        rule::unknown_link(entity.name(), label, entity.links())
    })
}

/// Whether a form can be ordered by a name. Root entities need an index. Linked entities are sorted after they were
/// selected, so any attribute will do.
pub fn order<E: Labels>(entity: &E, label: &str, is_root: bool) -> Result<(), Problem> {
    if label == SERVER_CREATED_AT {
        return Ok(());
    }
    let names = |keep: fn(Holds) -> bool| {
        let kept = |label: &&str| entity.holds(label).is_some_and(keep);
        let attributes = entity.attributes().into_iter().filter(kept);
        std::iter::once(SERVER_CREATED_AT).chain(attributes).collect()
    };
    match entity.holds(label) {
        Some(_) if !is_root => Ok(()),
        Some(holds) => {
            let subject = Subject { entity: entity.name(), name: label, holds };
            judge::root_order(&subject, || names(Holds::sorts))
        }
        None if entity.target(label).is_some() => Err(rule::order_link(entity.name(), label)),
        None if label.contains('.') => Err(rule::order_path(label)),
        None => Err(rule::unknown_attribute(entity.name(), label, names(|_| true))),
    }
}

/// Whether `fields` can contain a name.
pub fn field<E: Labels>(entity: &E, label: &str) -> Result<(), Problem> {
    if label == "id" || entity.holds(label).is_some() {
        Ok(())
    } else if entity.target(label).is_some() {
        Err(rule::link_in_fields(entity.name(), label))
    } else {
        Err(rule::unknown_attribute(entity.name(), label, entity.values()))
    }
}

/// Why a path cannot go on after the first of these labels.
fn no_way_on<E: Labels>(on: &E, labels: &[&str]) -> Problem {
    let (label, rest) = (labels[0], labels.join("."));
    if on.holds(&rest).is_some() {
        rule::unaddressable(on.name(), &rest)
    } else if label == "id" || on.holds(label).is_some() {
        rule::not_a_link(on.name(), label, on.links())
    } else {
        rule::unknown_link(on.name(), label, on.links())
    }
}
