//! The rules of schemas, each with the one sentence for its breach.

use super::Rule;
use super::problem::Problem;
use crate::catalog::{self, OPEN_ENTITIES};
use crate::suggest::{closest, hint, list};
use crate::value_type::ValueType;

/// Names that other schema languages use, and what they are here.
const FOREIGN_TYPES: [(ValueType, &[&str]); 5] = [
    (ValueType::String, &["str", "text", "varchar", "uuid", "enum", "id"]),
    (ValueType::Number, &["int", "integer", "float", "double", "decimal", "bigint", "real", "num"]),
    (ValueType::Boolean, &["bool"]),
    (ValueType::Date, &["datetime", "timestamp", "timestamptz", "time", "instant"]),
    (ValueType::Json, &["any", "jsonb", "object", "array", "map", "list", "unknown"]),
];

/// A schema file is JSON. `message` says what is wrong with this text.
pub(crate) fn syntax(message: impl Into<String>) -> Problem {
    Problem::new(Rule::Syntax, message)
}

/// A schema file is UTF-8.
pub(crate) fn not_utf8() -> Problem {
    syntax("this byte is not UTF-8: save the file as UTF-8")
}

/// A name is given once.
pub(crate) fn repeated_member(name: &str) -> Problem {
    let message = format!("`{name}` is given twice in one object: remove or rename one");
    Problem::new(Rule::DuplicateKey, message)
}

/// A value is of the JSON type that its place needs. Both types have their article, `write` shows a value.
pub(crate) fn wrong_shape(expected: &str, got: &str, write: &str) -> Problem {
    Problem::new(Rule::Shape, format!("expected {expected}, got {got}: write {write}"))
}

/// A member is there.
pub(crate) fn missing_member(name: &str, example: &str) -> Problem {
    Problem::new(Rule::MissingMember, format!("`{name}` is missing: add {name:?}: {example}"))
}

/// A value type is one of five words in a string.
pub(crate) fn value_type_shape(got: &str) -> Problem {
    let all = list(ValueType::ALL.map(ValueType::name));
    Problem::new(Rule::Shape, format!("expected a value type, got {got}: write one of {all}"))
}

/// There is no such value type.
pub(crate) fn unknown_value_type(name: &str) -> Problem {
    let names = ValueType::ALL.map(ValueType::name);
    let lower = name.to_lowercase();
    let foreign = FOREIGN_TYPES.iter().find(|(_, names)| names.contains(&lower.as_str()));
    let advice = match (foreign, closest(name, names)) {
        (Some((meant, _)), _) => format!("write `{}`. The", meant.name()),
        (None, Some(meant)) => format!("did you mean `{meant}`? The"),
        (None, None) => "the".to_owned(),
    };
    let message = format!("unknown value type `{name}`: {advice} value types are {}", list(names));
    Problem::new(Rule::UnknownType, message)
}

/// `has` is `one` or `many`.
pub(crate) fn unknown_cardinality(name: &str) -> Problem {
    Problem::new(Rule::UnknownWord, format!("`{name}` is not a cardinality: write `one` or `many`"))
}

/// `onDelete` is `cascade`.
pub(crate) fn unknown_on_delete(name: &str) -> Problem {
    let message = format!("`{name}` is not a value of `onDelete`: write `cascade`, or leave it out");
    Problem::new(Rule::UnknownWord, message)
}

/// A name has letters. `what` is what it names: "entity".
pub(crate) fn blank_name(what: &str) -> Problem {
    Problem::new(Rule::BlankName, format!("the name of this {what} is blank: give it a name"))
}

/// Names that start with `$` are the system's.
pub(crate) fn reserved_name(name: &str) -> Problem {
    let (open, free) = (list(OPEN_ENTITIES), name.trim_start_matches('$'));
    let message = if catalog::is_system_entity(name) {
        format!(
            "`{name}` is internal to the system: the only system entities that a schema can list are {open}"
        )
    } else if let Some(meant) = closest(name, OPEN_ENTITIES) {
        format!("names with `$` belong to the system: did you mean `{meant}`, or `{free}`?")
    } else if free.is_empty() {
        format!("names with `$` belong to the system, which offers {open}")
    } else {
        format!("names with `$` belong to the system, which offers {open}: write `{free}`")
    };
    Problem::new(Rule::ReservedName, message)
}

/// The app's own names on system entities are optional. `what` is what the label names: "attribute" or "link".
pub(crate) fn required_of_system(entity: &str, what: &str, label: &str) -> Problem {
    let message = format!(
        "`{entity}` is a system entity, so your {what} `{label}` cannot be required there: write \
         \"required\": false"
    );
    Problem::new(Rule::SystemEntity, message)
}

/// A link stands on entities that the schema lists.
pub(crate) fn missing_entity<'a>(name: &str, entities: impl IntoIterator<Item = &'a str>) -> Problem {
    let message = if catalog::is_open_entity(name) {
        format!(
            "this links to `{name}`, which the schema does not list: add {name:?}: {{\"attrs\": {{}}}} to `entities`"
        )
    } else {
        format!("there is no entity `{name}`: {}", hint(name, "entities", entities))
    };
    Problem::new(Rule::UnknownEntity, message)
}

/// Only a side that leads to one entity cascades.
pub(crate) fn cascade_to_many(entity: &str, label: &str) -> Problem {
    let message = format!(
        "`{label}` of `{entity}` leads to many entities, and only a side with \"has\": \"one\" can cascade: remove \
         `onDelete` here, or set it on the other side if that has one"
    );
    Problem::new(Rule::CascadeToMany, message)
}

/// A system attribute keeps its name.
pub(crate) fn taken_by_system(entity: &str, label: &str) -> Problem {
    let message = format!("`{entity}.{label}` is a system attribute: choose another label for this link");
    Problem::new(Rule::TakenLabel, message)
}

/// Every entity has an `id`.
pub(crate) fn link_named_id() -> Problem {
    let message = "every entity has an attribute `id`: choose another label for this link";
    Problem::new(Rule::TakenLabel, message)
}

/// A link is not called like an attribute.
pub(crate) fn taken_by_attribute(entity: &str, label: &str) -> Problem {
    let message =
        format!("`{entity}` already has an attribute `{label}`: choose another label for this link");
    Problem::new(Rule::TakenLabel, message)
}

/// Two links of one entity have two names. `other` says where the first is.
pub(crate) fn taken_by_link(entity: &str, label: &str, other: &str) -> Problem {
    let message =
        format!("`{entity}` already has a link `{label}` ({other}): choose another label for this one");
    Problem::new(Rule::TakenLabel, message)
}
