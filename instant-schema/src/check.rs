//! Checks of a schema beyond its shape: the rules of the server for names, links and system entities.

use std::collections::HashMap;

use crate::catalog;
use crate::model::{Direction, Has, Link, Schema};
use crate::path::Path;
use crate::rule::{self, Problem};

/// Returns everything that is wrong with the schema, and where.
pub(crate) fn check(schema: &Schema) -> Vec<(Path, Problem)> {
    let mut problems = Vec::new();
    entities(schema, &mut problems);
    for (name, link) in &schema.links {
        link_rules(schema, name, link, &mut problems);
    }
    repeated_labels(schema, &mut problems);
    for (name, room) in &schema.rooms {
        let path = Path::of(["rooms", name.as_str()]);
        blank(name, "room", &path, &mut problems);
        for topic in room.topics.iter().flat_map(|topics| topics.keys()) {
            blank(topic, "topic", &path.key("topics").key(topic), &mut problems);
        }
    }
    problems
}

fn entities(schema: &Schema, problems: &mut Vec<(Path, Problem)>) {
    for (name, entity) in &schema.entities {
        let path = Path::of(["entities", name.as_str()]);
        blank(name, "entity", &path, problems);
        let is_reserved = name.starts_with('$') && !catalog::is_open_entity(name);
        if is_reserved {
            problems.push((path.clone(), rule::reserved_name(name)));
        }
        for (label, attribute) in &entity.attributes {
            let path = path.key("attrs").key(label);
            blank(label, "attribute", &path, problems);
            if attribute.required && is_users_own(name, label) && !is_reserved {
                problems.push((path.key("required"), rule::required_of_system(name, "attribute", label)));
            }
        }
    }
}

fn link_rules(schema: &Schema, name: &str, link: &Link, problems: &mut Vec<(Path, Problem)>) {
    let path = Path::of(["links", name]);
    let is_system = is_system_link(link);
    for (direction, side) in [(Direction::Forward, &link.forward), (Direction::Reverse, &link.reverse)] {
        let path = path.key(if direction == Direction::Forward { "forward" } else { "reverse" });
        blank(&side.label, "link", &path.key("label"), problems);
        if !schema.entities.contains_key(&side.on) {
            let entities = schema.entities.keys().map(String::as_str);
            problems.push((path.key("on"), rule::missing_entity(&side.on, entities)));
        }
        if side.cascade && side.has == Has::Many {
            problems.push((path.key("onDelete"), rule::cascade_to_many(&side.on, &side.label)));
        }
        if direction == Direction::Forward
            && side.required == Some(true)
            && is_users_own(&side.on, &side.label)
        {
            problems.push((path.key("required"), rule::required_of_system(&side.on, "link", &side.label)));
        }
        // Where the schema lists the attribute, the label is reported as a repeated one.
        let is_listed = schema.attribute(&side.on, &side.label).is_some();
        if !is_system && !is_listed && catalog::attr(&side.on, &side.label).is_some() {
            problems.push((path.key("label"), rule::taken_by_system(&side.on, &side.label)));
        }
    }
}

/// Labels are names on an entity: attributes and both sides of links share one space.
fn repeated_labels(schema: &Schema, problems: &mut Vec<(Path, Problem)>) {
    let mut links: HashMap<(&str, &str), String> = HashMap::new();
    for (name, link) in &schema.links {
        for (key, side) in [("forward", &link.forward), ("reverse", &link.reverse)] {
            let path = Path::of(["links", name.as_str(), key, "label"]);
            let (on, label) = (side.on.as_str(), side.label.as_str());
            if label == "id" {
                problems.push((path, rule::link_named_id()));
            } else if schema.attribute(on, label).is_some() {
                problems.push((path, rule::taken_by_attribute(on, label)));
            } else if let Some(other) = links.get(&(on, label)) {
                problems.push((path, rule::taken_by_link(on, label, other)));
            } else {
                links.insert((on, label), format!("`{key}` of `{name}`"));
            }
        }
    }
}

fn blank(name: &str, what: &str, path: &Path, problems: &mut Vec<(Path, Problem)>) {
    if name.trim().is_empty() {
        problems.push((path.clone(), rule::blank_name(what)));
    }
}

/// Whether the app adds this name to a system entity.
fn is_users_own(entity: &str, label: &str) -> bool {
    entity.starts_with('$') && catalog::attr(entity, label).is_none()
}

/// Whether the link is one of the system, by its names.
pub(crate) fn is_system_link(link: &Link) -> bool {
    catalog::attr(&link.forward.on, &link.forward.label).is_some_and(|attr| {
        attr.forward_identity.entity() == link.forward.on
            && attr.forward_identity.label() == link.forward.label
            && attr.reverse_identity.as_ref().is_some_and(|reverse| {
                reverse.entity() == link.reverse.on && reverse.label() == link.reverse.label
            })
    })
}
