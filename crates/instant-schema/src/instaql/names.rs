//! Names in a query: what each means in the schema, or what was probably meant.

use super::judge::{self, Holds, Subject};
use super::rule::{self, Breach};
use super::{RULE_PARAMS, SERVER_CREATED_AT};
use crate::model::{Attribute, LinkRef, Schema, ValueType};

/// A path of `where`: links, and what the last label means.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedPath<'a> {
    /// The links on the way, all labels but the last.
    pub hops: Vec<LinkRef<'a>>,
    /// What is compared.
    pub subject: Subject<'a>,
}

/// What a path of `where` means, from `entity` on. The error comes with the place of the label it is about.
///
/// ```
/// use instant_schema::Schema;
/// use instant_schema::instaql::{Holds, resolve};
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {}}, "tags": {"attrs": {"label": {"valueType": "string"}}}},
///         "links": {"l": {"forward": {"on": "posts", "has": "many", "label": "tags"},
///                         "reverse": {"on": "tags", "has": "many", "label": "posts"}}}}"#,
/// )?;
/// let path = resolve(&schema, "posts", &["tags", "label"]).unwrap();
/// assert_eq!((path.hops[0].label(), path.subject.entity), ("tags", "tags"));
/// let (place, breach) = resolve(&schema, "posts", &["tags", "lable"]).unwrap_err();
/// assert_eq!(place, 1);
/// assert!(breach.message.contains("did you mean `label`?"));
/// # Ok::<(), instant_schema::SchemaErrors>(())
/// ```
pub fn resolve<'a>(
    schema: &'a Schema,
    entity: &'a str,
    labels: &[&str],
) -> Result<ResolvedPath<'a>, (usize, Breach)> {
    let (last, ways) = labels.split_last().unwrap_or((&"", &[]));
    let mut on = entity;
    let mut hops = Vec::with_capacity(ways.len());
    for (place, label) in ways.iter().enumerate() {
        let link = hop(schema, on, label, &labels[place..]).map_err(|breach| (place, breach))?;
        on = link.target();
        hops.push(link);
    }
    let subject = subject(schema, on, last).map_err(|breach| (ways.len(), breach))?;
    Ok(ResolvedPath { hops, subject })
}

/// The entity of that name, as the schema spells it.
pub(super) fn entity<'a>(schema: &'a Schema, name: &str) -> Result<&'a str, Breach> {
    let found = schema.entities.get_key_value(name);
    found
        .map(|(name, _)| name.as_str())
        .ok_or_else(|| rule::unknown_entity(name, schema.entities.keys().map(String::as_str).collect()))
}

/// The link that a nested form asks for.
pub(super) fn child<'a>(schema: &'a Schema, entity: &str, label: &str) -> Result<LinkRef<'a>, Breach> {
    if let Some(link) = schema.link(entity, label) {
        return Ok(link);
    }
    Err(if label == RULE_PARAMS {
        rule::nested_rule_params()
    } else if label == "id" || schema.attribute(entity, label).is_some() {
        rule::attribute_as_link(entity, label)
    } else {
        rule::unknown_link(entity, label, links(schema, entity))
    })
}

/// Whether a form can be ordered by a name. Linked entities are sorted after they were selected, by any
/// attribute; root entities need an index.
pub(super) fn order(schema: &Schema, entity: &str, label: &str, is_root: bool) -> Result<(), Breach> {
    if label == SERVER_CREATED_AT {
        return Ok(());
    }
    let usable = |attribute: &Attribute| attribute.indexed && attribute.value_type != ValueType::Json;
    let names = |keep: &dyn Fn(&Attribute) -> bool| {
        let attributes = schema.entity(entity).into_iter().flat_map(|entity| &entity.attributes);
        let kept = attributes.filter(|(_, attribute)| keep(attribute)).map(|(label, _)| label.as_str());
        kept.chain([SERVER_CREATED_AT]).collect::<Vec<_>>()
    };
    match schema.attribute(entity, label) {
        Some(_) if !is_root => Ok(()),
        Some(Attribute { value_type, indexed, .. }) => {
            judge::root_order(entity, label, *value_type, *indexed, names(&usable))
        }
        None if schema.link(entity, label).is_some() => Err(rule::order_link(entity, label)),
        None if label.contains('.') => Err(rule::order_path(label)),
        None => Err(rule::unknown_attribute(entity, label, names(&|_| true))),
    }
}

/// Whether `fields` can list a name.
pub(super) fn field(schema: &Schema, entity: &str, label: &str) -> Result<(), Breach> {
    if label == "id" || schema.attribute(entity, label).is_some() {
        Ok(())
    } else if schema.link(entity, label).is_some() {
        Err(rule::link_in_fields(entity, label))
    } else {
        Err(rule::unknown_attribute(entity, label, attributes(schema, entity)))
    }
}

fn hop<'a>(schema: &'a Schema, on: &str, label: &str, rest: &[&str]) -> Result<LinkRef<'a>, Breach> {
    if let Some(link) = schema.link(on, label) {
        return Ok(link);
    }
    let dotted = rest.join(".");
    Err(if schema.attribute(on, &dotted).is_some() {
        rule::unaddressable(on, &dotted)
    } else if label == "id" || schema.attribute(on, label).is_some() {
        rule::not_a_link(on, label, links(schema, on))
    } else {
        rule::unknown_link(on, label, links(schema, on))
    })
}

fn subject<'a>(schema: &'a Schema, on: &'a str, label: &str) -> Result<Subject<'a>, Breach> {
    if label == "id" {
        return Ok(Subject { entity: on, name: "id", holds: Holds::Ids });
    }
    let attributes = schema.entity(on).map(|entity| &entity.attributes);
    if let Some((name, attribute)) = attributes.and_then(|attributes| attributes.get_key_value(label)) {
        let holds = Holds::Values { value_type: attribute.value_type, indexed: attribute.indexed };
        return Ok(Subject { entity: on, name, holds });
    }
    match schema.link(on, label) {
        Some(link) => Ok(Subject { entity: on, name: link.label(), holds: Holds::Ids }),
        None => Err(rule::unknown_name(on, label, self::attributes(schema, on), links(schema, on))),
    }
}

/// `id` and the attributes of an entity.
fn attributes<'a>(schema: &'a Schema, entity: &str) -> Vec<&'a str> {
    let labels = schema.entity(entity).into_iter().flat_map(|entity| entity.attributes.keys());
    std::iter::once("id").chain(labels.map(String::as_str)).collect()
}

fn links<'a>(schema: &'a Schema, entity: &str) -> Vec<&'a str> {
    schema.links_of(entity).map(|link| link.label()).collect()
}
