//! Writing `instant.schema.json` as `JSON.stringify(schema)` prints it.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::model::{Attribute, Entity, Link, LinkSide, Room, Schema};

impl Schema {
    /// Returns the schema as compact JSON. A file printed by the official tools comes back byte for byte. In a file that
    /// a person wrote, the derived members (`isIndexed`, the `links` of an entity) are added.
    ///
    /// ```
    /// let text = r#"{"entities":{"tags":{"attrs":{},"links":{}}},"links":{},"rooms":{}}"#;
    /// assert_eq!(instant_schema::Schema::from_json(text)?.to_json(), text);
    /// # Ok::<(), instant_schema::Problems>(())
    /// ```
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// Returns the schema as a JSON value, to be sent within another document.
    pub fn to_value(&self) -> Value {
        let entities = self.entities.iter().map(|(name, entity)| {
            (name.clone(), json!({ "attrs": attrs(entity), "links": self.derived_links(name, entity) }))
        });
        json!({
            "entities": entities.collect::<Map<_, _>>(),
            "links": object(&self.links, link),
            "rooms": object(&self.rooms, room),
        })
    }

    /// The links that a file repeats for each entity.
    fn derived_links(&self, name: &str, entity: &Entity) -> Map<String, Value> {
        let mut links: Vec<(&str, Value)> = self
            .links_of(name)
            .map(|link| {
                let value = json!({ "entityName": link.target(), "cardinality": link.has().name() });
                (link.label(), value)
            })
            .collect();
        // JavaScript objects list names that are array indexes first, in numeric order.
        links.sort_by_key(|(label, _)| {
            (entity.link_order.place(label), array_index(label).map_or((1, 0), |index| (0, index)))
        });
        links.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
    }
}

fn object<T>(items: &IndexMap<String, T>, write: fn(&T) -> Value) -> Value {
    Value::Object(items.iter().map(|(name, item)| (name.clone(), write(item))).collect())
}

fn attrs(entity: &Entity) -> Value {
    let known = entity.attributes.iter().map(|(label, it)| (label.as_str(), Some(attribute(it))));
    Value::Object(entity.layout.write(known.collect()))
}

fn attribute(attribute: &Attribute) -> Value {
    json!({
        "valueType": attribute.value_type.name(),
        "required": attribute.required,
        "isIndexed": attribute.indexed,
        "config": { "indexed": attribute.indexed, "unique": attribute.unique },
        "metadata": attribute.metadata,
    })
}

fn link(link: &Link) -> Value {
    let sides = vec![("forward", Some(side(&link.forward))), ("reverse", Some(side(&link.reverse)))];
    Value::Object(link.layout.write(sides))
}

fn side(side: &LinkSide) -> Value {
    Value::Object(side.layout.write(vec![
        ("on", Some(json!(side.on))),
        ("has", Some(json!(side.has.name()))),
        ("label", Some(json!(side.label))),
        ("required", side.required.map(Value::Bool)),
        ("onDelete", side.cascade.then(|| json!("cascade"))),
    ]))
}

fn room(room: &Room) -> Value {
    let topics = room.topics.as_ref().map(|topics| object(topics, loose_entity));
    let members = vec![("presence", Some(loose_entity(&room.presence))), ("topics", topics)];
    Value::Object(room.layout.write(members))
}

/// The shape of a presence or a topic, which has no links.
fn loose_entity(entity: &Entity) -> Value {
    json!({ "attrs": attrs(entity), "links": {} })
}

/// Returns the number that a name spells, if JavaScript takes it for an array index.
fn array_index(name: &str) -> Option<u32> {
    let index: u32 = name.parse().ok()?;
    (index != u32::MAX && index.to_string() == name).then_some(index)
}
