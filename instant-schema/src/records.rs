//! The attribute records behind a schema, and the form in which a server shows its own.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::attr::{Attr, Cardinality, Identity};
use crate::catalog;
use crate::check::is_system_link;
use crate::model::{Attribute, Has, Link, Schema};
use crate::rule::{self, Problem, Problems};

/// How the keys of `refs` are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefKeys {
    /// `["posts" "author" "$users" "posts"]`, as all endpoints but one have it.
    Vector,
    /// `posts-author-$users-posts`, as `GET /admin/schema` has it.
    Dashes,
}

/// The records that a schema asks for, without those of the system catalog, and without entities whose names only the
/// system may use. They have the nil id, since only a server's records have one; so have their identities.
pub fn wanted(schema: &Schema) -> Vec<Attr> {
    let values = schema.entities.iter().flat_map(|(entity, definition)| {
        definition
            .attributes
            .iter()
            .filter(move |(label, _)| catalog::attr(entity, label).is_none())
            .filter(move |_| !entity.starts_with('$') || catalog::is_open_entity(entity))
            .map(move |(label, attribute)| value_record(entity, label, attribute))
    });
    let links = schema.links.values().filter(|link| !is_bare_system_link(link)).map(link_record);
    values.chain(links).map(|attr| with_ids(attr, Uuid::nil)).collect()
}

/// The records for exactly the names that a server said are missing (`entity.label`, from either side of a
/// link), each once, with everything the schema says of them. `id` makes the entity.
pub fn attrs_for<'a>(
    schema: &Schema,
    missing: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Attr>, Problems> {
    let mut attrs: Vec<Attr> = Vec::new();
    let mut unknown = Vec::new();
    for name in missing {
        // Both parts may hold dots, so every dot may be the one between them.
        let splits = name.match_indices('.').map(|(at, _)| (&name[..at], &name[at + 1..]));
        match splits.into_iter().find_map(|(entity, label)| record(schema, entity, label)) {
            Some(attr) if attrs.iter().any(|other| names(other) == names(&attr)) => {}
            Some(attr) => attrs.push(attr),
            None => unknown.push(unknown_name(schema, name, name.rsplit_once('.'))),
        }
    }
    Problems::check(unknown).map(|()| attrs)
}

/// A server's attributes as it shows them: `{"refs": {..}, "blobs": {entity: {label: record}}}`, hidden
/// ones left out.
pub fn refs_and_blobs(attrs: &[Attr], keys: RefKeys) -> Value {
    grouped(&shown(attrs), keys, |attr| json!(attr))
}

/// A schema in the form in which a server shows its own attributes: what [`wanted`] returns, with null for all that only
/// a server's records have.
///
/// ```
/// use instant_schema::{Schema, plan};
/// use serde_json::{Value, json};
///
/// let schema = Schema::from_json(r#"{"entities":{"posts":{"attrs":{"title":{"valueType":"json"}}}}}"#)?;
/// let title = &plan::new_schema(&schema)["blobs"]["posts"]["title"];
/// assert_eq!(title["forward-identity"], json!([null, "posts", "title"]));
/// assert_eq!(title["checked-data-type"], Value::Null);
/// # Ok::<(), instant_schema::Problems>(())
/// ```
pub fn new_schema(schema: &Schema) -> Value {
    grouped(&wanted(schema), RefKeys::Vector, unborn)
}

/// The record of an attribute that no server has.
fn unborn(attr: &Attr) -> Value {
    let identity = |Identity(_, entity, label): &Identity| json!([null, entity, label]);
    let mut record = json!({
        "id": null,
        "value-type": attr.stored_as,
        "cardinality": attr.cardinality,
        "forward-identity": identity(&attr.forward_identity),
        "unique?": attr.unique,
        "index?": attr.indexed,
        "required?": attr.required,
    });
    if attr.is_ref() {
        record["reverse-identity"] = json!(attr.reverse_identity.as_ref().map(identity));
        record["on-delete"] = json!(attr.on_delete);
        record["on-delete-reverse"] = json!(attr.on_delete_reverse);
    } else {
        let is_of_system = attr.forward_identity.entity().starts_with('$');
        record["catalog"] = json!(if is_of_system { "system" } else { "user" });
        record["checked-data-type"] = json!(attr.checked_data_type);
    }
    record
}

fn grouped(attrs: &[Attr], keys: RefKeys, show: fn(&Attr) -> Value) -> Value {
    let (mut refs, mut blobs) = (Map::new(), Map::new());
    for attr in attrs {
        let Identity(_, entity, label) = &attr.forward_identity;
        match &attr.reverse_identity {
            Some(Identity(_, far_entity, far_label)) if attr.is_ref() => {
                let parts = [entity, label, far_entity, far_label];
                let key = match keys {
                    RefKeys::Vector => format!("[{}]", parts.map(|part| json!(part).to_string()).join(" ")),
                    RefKeys::Dashes => parts.map(String::as_str).join("-"),
                };
                refs.insert(key, show(attr));
            }
            _ => {
                let labels = blobs.entry(entity.clone()).or_insert_with(|| json!({}));
                labels[label.as_str()] = show(attr);
            }
        }
    }
    json!({ "refs": refs, "blobs": blobs })
}

/// The attributes in a server's `{"refs", "blobs"}`: the inverse of [`refs_and_blobs`].
pub fn from_refs_and_blobs(schema: &Value) -> Result<Vec<Attr>, serde_json::Error> {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let blobs = members(&schema["blobs"]).into_iter().flat_map(|(_, labels)| members(&labels));
    blobs.chain(members(&schema["refs"])).map(|(_, record)| serde_json::from_value(record)).collect()
}

/// What schemas show of a server's attributes. `$files.url` is computed for every file, hence never missing.
pub(crate) fn shown(attrs: &[Attr]) -> Vec<Attr> {
    let url = catalog::attr("$files", "url").map(|attr| attr.id);
    let shown = attrs.iter().filter(|attr| !catalog::is_hidden(attr) && attr.deletion_marked_at.is_none());
    shown.map(|attr| Attr { required: attr.required || Some(attr.id) == url, ..attr.clone() }).collect()
}

/// Both names of a record: what makes two records the same attribute.
pub(crate) fn names(attr: &Attr) -> ((&str, &str), Option<(&str, &str)>) {
    (name(&attr.forward_identity), attr.reverse_identity.as_ref().filter(|_| attr.is_ref()).map(name))
}

pub(crate) fn name(identity: &Identity) -> (&str, &str) {
    (identity.entity(), identity.label())
}

fn value_record(entity: &str, label: &str, attribute: &Attribute) -> Attr {
    Attr {
        unique: attribute.unique,
        indexed: attribute.indexed,
        required: attribute.required,
        checked_data_type: attribute.value_type.checked(),
        ..Attr::blob(entity, label)
    }
}

/// has/has -> cardinality and uniqueness: the forward side's `has` is the cardinality, and the reverse
/// side's `one` says that no two sources share a target.
fn link_record(link: &Link) -> Attr {
    let cascade = |is_on: bool| is_on.then(|| "cascade".to_owned());
    let (forward, reverse) = (&link.forward, &link.reverse);
    Attr {
        cardinality: match forward.has {
            Has::One => Cardinality::One,
            Has::Many => Cardinality::Many,
        },
        unique: reverse.has == Has::One,
        required: forward.required == Some(true),
        on_delete: cascade(forward.cascade),
        on_delete_reverse: cascade(reverse.cascade),
        ..Attr::link(&*forward.on, &*forward.label, &*reverse.on, &*reverse.label)
    }
}

/// Whether the link is one of the system as every server has it, but for its cascades. A server passes over such a link;
/// with cascades it compares it with its own.
fn is_bare_system_link(link: &Link) -> bool {
    let asked = link_record(link);
    is_system_link(link)
        && asked.on_delete.is_none()
        && asked.on_delete_reverse.is_none()
        && catalog::attr(&link.forward.on, &link.forward.label)
            .is_some_and(|attr| attr.cardinality == asked.cardinality && attr.unique == asked.unique)
}

fn record(schema: &Schema, entity: &str, label: &str) -> Option<Attr> {
    let definition = schema.entity(entity)?;
    match definition.attributes.get(label) {
        Some(attribute) => Some(value_record(entity, label, attribute)),
        None if label == "id" => Some(Attr::id_of(entity)),
        None => schema.link(entity, label).map(|link| link_record(link.link)),
    }
}

fn unknown_name(schema: &Schema, name: &str, split: Option<(&str, &str)>) -> Problem {
    let (entity, label) = split.unwrap_or((name, ""));
    let Some(definition) = schema.entity(entity) else {
        let entities = schema.entities.keys().map(String::as_str);
        return rule::not_in_schema(name, entity, "entities", entities);
    };
    let links = schema.links_of(entity).map(|link| link.label());
    let names = definition.attributes.keys().map(String::as_str).chain(links);
    rule::not_in_schema(name, label, "attributes and links", names)
}

pub(crate) fn with_ids(mut attr: Attr, id: fn() -> Uuid) -> Attr {
    attr.id = id();
    attr.forward_identity.0 = id();
    if let Some(reverse) = &mut attr.reverse_identity {
        reverse.0 = id();
    }
    attr
}
