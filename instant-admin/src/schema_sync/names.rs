//! Which names a request needs, and which of them an error says the server lacks.

use instant_schema::{Schema, Step, Target};
use serde_json::Value;

use crate::error::Error;

/// An entity and its attribute or link.
pub(crate) type Name = (String, String);

/// What to create for a transaction that was refused because the server lacks attributes that it writes.
pub(crate) fn lacking_for_steps(schema: &Schema, refused: &Error, steps: &[Step]) -> Option<Vec<Name>> {
    lacks_attributes(refused).then(|| of_steps(schema, steps))
}

/// What to create for a query that was refused because the server lacks what it orders by; nothing where the schema
/// does not have it either.
pub(crate) fn lacking_for_order(schema: &Schema, refused: &Error) -> Option<Vec<Name>> {
    let (entity, label) = lacking_order(refused)?;
    let is_known =
        schema.entity(&entity).is_some() && (label == "id" || schema.attribute(&entity, &label).is_some());
    is_known.then(|| vec![(entity.clone(), "id".to_owned()), (entity, label)])
}

/// Whether a transaction was refused because the server lacks attributes that it writes.
fn lacks_attributes(refused: &Error) -> bool {
    let errors = refused.hint().and_then(|hint| hint["errors"].as_array());
    let lacking =
        |error: &Value| error["hint"]["attributes"].as_array().is_some_and(|names| !names.is_empty());
    refused.is_validation() && errors.is_some_and(|errors| errors.iter().any(lacking))
}

/// The entity and attribute that a query was refused for, because it orders by what the server lacks.
fn lacking_order(refused: &Error) -> Option<Name> {
    let errors = refused.hint()?["errors"].as_array()?;
    let order = errors.iter().find(|error| error["expected"] == "supported-order?")?;
    let rest = order["message"].as_str()?.strip_prefix("There is no `")?.strip_suffix('.')?;
    let (label, entity) = rest.split_once("` attribute for ")?;
    Some((entity.to_owned(), label.to_owned()))
}

/// The entity for which no required attribute can be created, because it already has data.
pub(super) fn populated_entity(refused: &Error) -> Option<String> {
    let hint = refused.hint().filter(|_| refused.is_validation())?;
    let message = hint["errors"][0]["message"].as_str().unwrap_or(refused.message());
    if !message.contains("Can't create attribute `") || !message.contains("` as required") {
        return None;
    }
    hint["input"]["forward-identity"][1].as_str().map(str::to_owned)
}

/// Every name that a transaction touches, each once: attributes and links, the `id`s that make the entities
/// exist, and what lookups look by. Links are followed through the schema to the entities they lead to.
fn of_steps(schema: &Schema, steps: &[Step]) -> Vec<Name> {
    let mut names = Names { schema, found: Vec::new() };
    for step in steps {
        names.step(step);
    }
    names.found
}

struct Names<'a> {
    schema: &'a Schema,
    found: Vec<Name>,
}

impl Names<'_> {
    fn step(&mut self, Step { entity, target, action, .. }: &Step) {
        let writes = action.attributes().is_some() || action.links().is_some();
        if writes {
            self.add(entity, "id");
        }
        self.target(entity, target);
        for label in action.attributes().into_iter().flat_map(|attributes| attributes.keys()) {
            self.add(entity, label);
        }
        for (label, targets) in action.links().into_iter().flatten() {
            self.link(entity, label, targets);
        }
    }

    fn link(&mut self, entity: &str, label: &str, targets: &[Target]) {
        self.add(entity, label);
        let Some(link) = self.schema.link(entity, label) else { return };
        let far = link.target().to_owned();
        self.add(&far, "id");
        for target in targets {
            self.target(&far, target);
        }
    }

    /// A lookup by `link.id` addresses an entity by its unique link.
    fn target(&mut self, entity: &str, target: &Target) {
        let Target::Lookup { attribute, .. } = target else { return };
        match attribute.strip_suffix(".id") {
            Some(link) if self.schema.attribute(entity, attribute).is_none() => self.link(entity, link, &[]),
            _ => self.add(entity, attribute),
        }
    }

    fn add(&mut self, entity: &str, label: &str) {
        let known = self.found.iter().any(|(known_entity, known)| known_entity == entity && known == label);
        if !known {
            self.found.push((entity.to_owned(), label.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use instant_schema::instaml::Action;
    use serde_json::json;
    use uuid::Uuid;

    fn schema() -> Schema {
        let attr =
            json!({ "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } });
        let text = json!({
            "entities": { "posts": { "attrs": { "slug": attr, "title": attr } }, "authors": { "attrs": { "handle": attr } } },
            "links": { "postsAuthor": {
                "forward": { "on": "posts", "has": "one", "label": "author" },
                "reverse": { "on": "authors", "has": "many", "label": "posts" } } },
        });
        Schema::from_json(&text.to_string()).unwrap()
    }

    fn lookup(attribute: &str) -> Target {
        Target::Lookup { attribute: attribute.to_owned(), value: json!("x") }
    }

    fn names(steps: &[Step]) -> Vec<String> {
        of_steps(&schema(), steps).into_iter().map(|(entity, label)| format!("{entity}.{label}")).collect()
    }

    #[test]
    fn a_link_needs_the_entity_it_leads_to_and_what_its_lookup_looks_by() {
        let links = vec![("author".to_owned(), vec![lookup("handle"), Target::Id(Uuid::nil())])];
        let step = Step::new("posts", lookup("slug"), Action::Link(links));
        assert_eq!(
            names(&[step]),
            ["posts.id", "posts.slug", "posts.author", "authors.id", "authors.handle"]
        );
        let links = vec![("posts".to_owned(), vec![Target::Id(Uuid::nil())])];
        let step = Step::new("authors", Target::Id(Uuid::nil()), Action::Unlink(links));
        assert_eq!(names(&[step]), ["authors.id", "authors.posts", "posts.id"]);
    }

    #[test]
    fn a_lookup_by_a_link_needs_the_link() {
        let step = Step::new("posts", lookup("author.id"), Action::Delete);
        assert_eq!(names(&[step]), ["posts.author", "authors.id"]);
    }

    #[test]
    fn attributes_are_named_once() {
        let attributes = json!({ "title": "a", "id": "b" }).as_object().unwrap().clone();
        let step = Step::new("posts", Target::Id(Uuid::nil()), Action::Update { attributes, upsert: None });
        assert_eq!(names(&[step.clone(), step]), ["posts.id", "posts.title"]);
    }

    fn refused(hint: Value) -> Error {
        Error::new(ErrorKind::Validation, "no").with_server_details(None, Some(hint), None)
    }

    #[test]
    fn each_reason_for_a_refusal_is_recognized() {
        assert!(lacks_attributes(&refused(json!({ "errors": [{ "hint": { "attributes": ["posts.x"] } }] }))));
        assert!(!lacks_attributes(&refused(json!({ "errors": [{ "hint": { "attributes": [] } }] }))));
        assert!(!lacks_attributes(&refused(json!({ "errors": "?" }))));

        let order = |message: &str| {
            refused(json!({ "errors": [{ "expected": "supported-order?", "message": message }] }))
        };
        let name = lacking_order(&order("There is no `a b` attribute for posts.")).unwrap();
        assert_eq!(name, ("posts".to_owned(), "a b".to_owned()));
        assert_eq!(lacking_order(&order("The `posts.x` attribute is not indexed.")), None);

        let required = json!({
            "data-type": "attributes", "input": { "forward-identity": ["i", "posts", "title"] },
            "errors": [{ "message": "Can't create attribute `title` as required because `posts` already have entities" }],
        });
        assert_eq!(populated_entity(&refused(required)).as_deref(), Some("posts"));
        assert_eq!(populated_entity(&refused(json!({ "errors": [] }))), None);
    }
}
