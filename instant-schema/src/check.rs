//! What a schema may say beyond its shape: the rules the server has for names, links and system entities.

use std::collections::HashMap;

use crate::catalog;
use crate::model::{Direction, Has, Link, LinkSide, Schema};
use crate::path::Path;
use crate::suggest;

/// Everything that is wrong with the schema, and where.
pub(crate) fn check(schema: &Schema) -> Vec<(Path, String)> {
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

fn entities(schema: &Schema, problems: &mut Vec<(Path, String)>) {
    for (name, entity) in &schema.entities {
        let path = Path::of(["entities", name.as_str()]);
        blank(name, "entity", &path, problems);
        let is_reserved = name.starts_with('$') && !catalog::is_open_entity(name);
        if is_reserved {
            problems.push((path.clone(), reserved(name)));
        }
        for (label, attribute) in &entity.attributes {
            let path = path.key("attrs").key(label);
            blank(label, "attribute", &path, problems);
            if attribute.required && is_users_own(name, label) && !is_reserved {
                let message = format!(
                    "`{name}` is kept by the system, so your attribute `{label}` cannot be required there: write \
                     \"required\": false"
                );
                problems.push((path.key("required"), message));
            }
        }
    }
}

fn link_rules(schema: &Schema, name: &str, link: &Link, problems: &mut Vec<(Path, String)>) {
    let path = Path::of(["links", name]);
    let is_system = is_system_link(link);
    for (direction, side) in [(Direction::Forward, &link.forward), (Direction::Reverse, &link.reverse)] {
        let path = path.key(if direction == Direction::Forward { "forward" } else { "reverse" });
        blank(&side.label, "link", &path.key("label"), problems);
        if !schema.entities.contains_key(&side.on) {
            problems.push((path.key("on"), missing_entity(schema, &side.on)));
        }
        if side.cascade && side.has == Has::Many {
            let message = format!(
                "`{}` of `{}` leads to many entities, and only a side with \"has\": \"one\" can cascade: remove \
                 `onDelete` here, or set it on the other side if that has one",
                side.label, side.on
            );
            problems.push((path.key("onDelete"), message));
        }
        if direction == Direction::Forward
            && side.required == Some(true)
            && is_users_own(&side.on, &side.label)
        {
            let message = format!(
                "`{}` is kept by the system, so your link `{}` cannot be required there: write \"required\": false",
                side.on, side.label
            );
            problems.push((path.key("required"), message));
        }
        // Where the file lists the attribute, the label is already one too many.
        let is_listed = schema.attribute(&side.on, &side.label).is_some();
        if !is_system && !is_listed && catalog::attr(&side.on, &side.label).is_some() {
            problems.push((path.key("label"), taken_by_system(side)));
        }
    }
}

/// Labels are names on an entity: attributes and both sides of links share one space.
fn repeated_labels(schema: &Schema, problems: &mut Vec<(Path, String)>) {
    let mut links: HashMap<(&str, &str), String> = HashMap::new();
    for (name, link) in &schema.links {
        for (key, side) in [("forward", &link.forward), ("reverse", &link.reverse)] {
            let path = Path::of(["links", name.as_str(), key, "label"]);
            let (on, label) = (side.on.as_str(), side.label.as_str());
            if label == "id" {
                let message = "every entity has an attribute `id`: choose another label for this link";
                problems.push((path, message.to_owned()));
            } else if schema.attribute(on, label).is_some() {
                let message =
                    format!("`{on}` already has an attribute `{label}`: choose another label for this link");
                problems.push((path, message));
            } else if let Some(other) = links.get(&(on, label)) {
                let message = format!(
                    "`{on}` already has a link `{label}` ({other}): choose another label for this one"
                );
                problems.push((path, message));
            } else {
                links.insert((on, label), format!("`{key}` of `{name}`"));
            }
        }
    }
}

fn blank(name: &str, what: &str, path: &Path, problems: &mut Vec<(Path, String)>) {
    if name.trim().is_empty() {
        problems.push((path.clone(), format!("the name of this {what} is blank: give it a name")));
    }
}

fn reserved(name: &str) -> String {
    let open = suggest::list(catalog::OPEN_ENTITIES);
    let free = name.trim_start_matches('$');
    if catalog::is_system_entity(name) {
        return format!("`{name}` is internal to the system: of its entities a schema can only list {open}");
    }
    match suggest::closest(name, catalog::OPEN_ENTITIES) {
        Some(meant) => format!("names with `$` belong to the system: did you mean `{meant}`, or `{free}`?"),
        None if free.is_empty() => format!("names with `$` belong to the system, which offers {open}"),
        None => format!("names with `$` belong to the system, which offers {open}: write `{free}`"),
    }
}

fn missing_entity(schema: &Schema, name: &str) -> String {
    if catalog::is_open_entity(name) {
        return format!(
            "this links to `{name}`, which the schema does not list: add {name:?}: {{\"attrs\": {{}}}} to `entities`"
        );
    }
    let names = schema.entities.keys().map(String::as_str);
    format!("there is no entity `{name}`: {}", suggest::hint(name, "entities", names))
}

fn taken_by_system(side: &LinkSide) -> String {
    format!("`{}.{}` is a system attribute: choose another label for this link", side.on, side.label)
}

/// Whether the name is one that the app adds to a system entity.
fn is_users_own(entity: &str, label: &str) -> bool {
    entity.starts_with('$') && catalog::attr(entity, label).is_none()
}

/// Whether the link is one that the system has, whatever else the file says of it.
pub(crate) fn is_system_link(link: &Link) -> bool {
    catalog::attr(&link.forward.on, &link.forward.label).is_some_and(|attr| {
        attr.forward_identity.entity() == link.forward.on
            && attr.forward_identity.label() == link.forward.label
            && attr.reverse_identity.as_ref().is_some_and(|reverse| {
                reverse.entity() == link.reverse.on && reverse.label() == link.reverse.label
            })
    })
}
