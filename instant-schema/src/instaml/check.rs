//! Checking untyped steps against a schema at run time, by the rules that typed steps keep at compile time.

use serde_json::{Map, Value};

use super::{Step, Target};
use crate::catalog;
use crate::id::parse_id_value;
use crate::instaql::{Holds, ValueKind};
use crate::model::Schema;
use crate::rule::{self, Place, Problem};
use crate::value_type::ValueType;

/// Checks steps against a schema and returns every mismatch: unknown entities, attributes and links, values of
/// the wrong type, lookups by an attribute that is not unique. Each step comes with its index in the transaction.
///
/// Null is a value of every type. Whether a required attribute is missing is left to the server, which knows what
/// the entity has already. The attributes of system entities (`$files.size`) are known without the schema.
///
/// ```
/// use instant_schema::{Schema, Step, instaml};
/// use serde_json::json;
///
/// let schema = Schema::from_json(
///     r#"{"entities": {"posts": {"attrs": {"title": {"valueType": "string"}}}}}"#,
/// )?;
/// let step = json!(["update", "posts", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", { "titel": "Hi" }]);
/// let problems = instaml::check(&schema, [(0, &Step::from_json(&step)?)]);
/// assert_eq!(
///     problems[0].to_string(),
///     "step 0, update posts.titel: `posts` has no attribute `titel`; did you mean `title`?\nattributes: `title`"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check<'s>(schema: &Schema, steps: impl IntoIterator<Item = (usize, &'s Step)>) -> Vec<Problem> {
    let mut checker = Checker { schema, step: 0, problems: Vec::new() };
    for (index, step) in steps {
        checker.step = index;
        checker.step(step);
    }
    checker.problems
}

struct Checker<'a> {
    schema: &'a Schema,
    step: usize,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn step(&mut self, step: &Step) {
        let (action, entity) = (step.action.name(), step.entity.as_str());
        let known = self.schema.entity(entity).is_some() || catalog::is_system_entity(entity);
        if !known {
            let entities = self.schema.entities.keys().map(String::as_str).collect();
            self.note(action, entity, "", rule::unknown_entity(entity, entities));
            return;
        }
        self.target(action, entity, &step.target);
        // The values for permission rules are not part of the schema.
        if let Some(attributes) = step.action.attributes() {
            self.attributes(action, entity, attributes);
        }
        for (label, targets) in step.action.links().into_iter().flatten() {
            self.link(action, entity, label, targets);
        }
    }

    fn attributes(&mut self, action: &str, entity: &str, attributes: &Map<String, Value>) {
        // The server takes the id from the step, and ignores one among the attributes.
        for (label, value) in attributes.iter().filter(|(label, _)| *label != "id") {
            let fits = self.attribute(entity, label).and_then(|held| fits(entity, label, held, value));
            if let Err(problem) = fits {
                self.note(action, entity, label, problem);
            }
        }
    }

    /// The type of an attribute's values; `None` for an attribute that is in the system catalog only.
    fn attribute(&self, entity: &str, label: &str) -> Result<Option<ValueType>, Problem> {
        if let Some(attribute) = self.schema.attribute(entity, label) {
            return Ok(Some(attribute.value_type));
        }
        if self.schema.link(entity, label).is_some() {
            return Err(rule::link_as_attribute(entity, label));
        }
        if catalog::attr(entity, label).is_some() {
            return Ok(None);
        }
        let labels = self.schema.entity(entity).into_iter().flat_map(|entity| entity.attributes.keys());
        Err(rule::unknown_attribute(entity, label, labels.map(String::as_str).collect()))
    }

    fn link(&mut self, action: &str, entity: &str, label: &str, targets: &[Target]) {
        if let Some(link) = self.schema.link(entity, label) {
            let target_entity = link.target();
            for target in targets {
                self.target(action, target_entity, target);
            }
            return;
        }
        if catalog::attr(entity, label).is_some_and(crate::Attr::is_ref) {
            return;
        }
        let problem = if self.schema.attribute(entity, label).is_some() || label == "id" {
            rule::attribute_as_linked(entity, label)
        } else {
            let links = self.schema.links_of(entity).map(|link| link.label()).collect();
            rule::unknown_link(entity, label, links)
        };
        self.note(action, entity, label, problem);
    }

    /// An id needs no check. A lookup goes by a unique attribute, or through a link by `label.id`.
    fn target(&mut self, action: &str, entity: &str, target: &Target) {
        let Target::Lookup { attribute, value } = target else { return };
        let through = attribute.strip_suffix(".id").and_then(|label| self.schema.link(entity, label));
        let is_id = attribute == "id" || through.is_some();
        let problem = if is_id {
            let id = parse_id_value(value);
            id.map_or_else(|| Err(rule::wrong_id(entity, attribute, &value.to_string())), |_| Ok(()))
        } else {
            let held = self.attribute(entity, attribute);
            held.and_then(|held| fits(entity, attribute, held, value))
                .and_then(|()| self.is_unique(entity, attribute))
        };
        if let Err(problem) = problem {
            self.note(action, entity, attribute, problem);
        }
    }

    /// Whether the server finds one entity by the attribute: it is unique, and equal values are found.
    fn is_unique(&self, entity: &str, label: &str) -> Result<(), Problem> {
        let Some(attribute) = self.schema.attribute(entity, label) else { return Ok(()) };
        if attribute.unique {
            let finds_equal = Holds::of(attribute).equals();
            return if finds_equal { Ok(()) } else { Err(rule::date_needs_index(entity, label)) };
        }
        let attributes = self.schema.entity(entity).into_iter().flat_map(|entity| &entity.attributes);
        let unique: Vec<&str> = attributes
            .filter(|(_, it)| it.unique && Holds::of(it).equals())
            .map(|(label, _)| label.as_str())
            .collect();
        Err(rule::not_unique(entity, label, &unique))
    }

    fn note(&mut self, action: &str, entity: &str, label: &str, problem: Problem) {
        let name = if label.is_empty() {
            format!("{action} {entity}")
        } else {
            format!("{action} {entity}.{label}")
        };
        self.problems.push(Problem { place: Place::Step { index: self.step, name }, ..problem });
    }
}

/// Whether a value can be written: it is null, or of the type of the attribute.
fn fits(entity: &str, label: &str, held: Option<ValueType>, value: &Value) -> Result<(), Problem> {
    let kind = ValueKind::of(value);
    match held {
        None | Some(ValueType::Json) => Ok(()),
        Some(held) if kind == ValueKind::Null || kind.fits(held) => Ok(()),
        Some(held) => Err(rule::wrong_value(entity, label, held, kind.described())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

    fn schema() -> Schema {
        let attribute = |value_type: &str, unique: bool| json!({ "valueType": value_type, "config": { "unique": unique } });
        let schema = json!({
            "entities": {
                "posts": { "attrs": {
                    "title": attribute("string", false), "slug": attribute("string", true),
                    "views": attribute("number", false), "live": attribute("boolean", false),
                    "at": attribute("date", false), "meta": attribute("json", false),
                } },
                "authors": { "attrs": { "name": attribute("string", false) } },
                "$users": { "attrs": { "email": attribute("string", true), "due": attribute("date", true) } },
            },
            "links": { "postsAuthor": {
                "forward": { "on": "posts", "has": "one", "label": "author" },
                "reverse": { "on": "authors", "has": "many", "label": "posts" },
            } },
        });
        Schema::from_json(&schema.to_string()).unwrap()
    }

    fn misfits(steps: &[Value]) -> Vec<String> {
        let steps: Vec<Step> = steps.iter().map(|step| Step::from_json(step).unwrap()).collect();
        check(&schema(), steps.iter().enumerate()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_fits_is_not_mentioned() {
        let all = json!({ "title": "T", "slug": null, "views": 1.5, "live": true, "at": "2024-01-01", "meta": [{}] });
        assert_eq!(
            misfits(&[
                json!(["create", "posts", ID, all]),
                json!(["update", "posts", ["slug", "a"], { "id": ID, "at": 0 }]),
                json!(["merge", "posts", ID, { "meta": { "a": 1 } }]),
                json!(["link", "posts", ID, { "author": ID }]),
                json!(["link", "authors", ID, { "posts": [ID, { "slug": "a" }] }]),
                json!(["update", "posts", ["author.id", ID], { "views": null }]),
                json!(["update", "$users", ID, { "imageURL": "x" }]),
                json!(["update", "$files", ID, { "path": "x" }]),
                json!(["ruleParams", "posts", ID, { "anything": 1 }]),
                json!(["delete", "posts", ID]),
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn unknown_names_come_with_what_was_probably_meant() {
        assert_eq!(
            misfits(&[
                json!(["update", "post", ID, { "title": 1 }]),
                json!(["update", "posts", ID, { "veiws": 1 }]),
                json!(["link", "posts", ID, { "autor": ID }]),
                json!(["delete", "writers", ID]),
            ]),
            [
                "step 0, update post: the schema has no entity `post`; did you mean `posts`?\n\
                 entities: `posts`, `authors`, `$users`",
                "step 1, update posts.veiws: `posts` has no attribute `veiws`; did you mean `views`?\n\
                 attributes: `title`, `slug`, `views`, `live`, `at`, `meta`",
                "step 2, link posts.autor: `posts` has no link `autor`; did you mean `author`?\nlinks: `author`",
                "step 3, delete writers: the schema has no entity `writers`\nentities: `posts`, `authors`, `$users`",
            ]
        );
    }

    #[test]
    fn values_of_another_type_are_named() {
        let wrong = json!({ "title": 1, "views": "2", "live": "yes", "at": true });
        assert_eq!(
            misfits(&[json!(["create", "posts", ID, wrong]), json!(["merge", "posts", ID, { "views": {} }])]),
            [
                "step 0, create posts.title: `posts.title` holds strings, not a number",
                "step 0, create posts.views: `posts.views` holds numbers, not a string",
                "step 0, create posts.live: `posts.live` holds booleans, not a string",
                "step 0, create posts.at: `posts.at` holds dates, not a boolean",
                "step 1, merge posts.views: `posts.views` holds numbers, not an object",
            ]
        );
    }

    #[test]
    fn links_and_attributes_are_told_apart() {
        assert_eq!(
            misfits(&[
                json!(["update", "posts", ID, { "author": ID }]),
                json!(["unlink", "posts", ID, { "title": ID }]),
            ]),
            [
                "step 0, update posts.author: `author` is a link of `posts`, not an attribute: write it with `link`, \
                 to an id or to `{ attribute: value }`",
                "step 1, unlink posts.title: `title` is an attribute of `posts`, not a link: write it with `update`",
            ]
        );
    }

    #[test]
    fn lookups_go_by_unique_attributes_of_the_entity_that_is_meant() {
        assert_eq!(
            misfits(&[
                json!(["update", "posts", ["title", "T"], {}]),
                json!(["update", "posts", ["slug", 7], {}]),
                json!(["link", "posts", ID, { "author": { "name": "Ada" } }]),
                json!(["update", "posts", ["author.id", "Ada"], {}]),
                json!(["delete", "$users", ["due", "2025-01-01"]]),
            ]),
            [
                "step 0, update posts.title: a lookup needs a unique attribute, and `posts.title` is not unique; \
                 unique attributes: `slug`",
                "step 1, update posts.slug: `posts.slug` holds strings, not a number",
                "step 2, link authors.name: a lookup needs a unique attribute, and `authors.name` is not unique; \
                 `authors` has no unique attributes, so name the entity by its id",
                "step 3, update posts.author.id: `posts.author.id` is compared with an id, a UUID, not with \"Ada\"",
                "step 4, delete $users.due: `$users.due` is a date without an index, and the server compares such dates \
                 as text: it misses the same moment in another spelling; add `\"indexed\": true` to its `config` in the \
                 schema's JSON, or `.indexed()` in its TypeScript",
            ]
        );
    }
}
