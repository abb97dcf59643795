//! Reading `instant.schema.json` and writing it back.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use instant_schema::{Attribute, Direction, Entity, Has, Link, LinkSide, Room, Schema, ValueType};
use proptest::prelude::*;

const OFFICIAL: &str = include_str!("fixtures/official.schema.json");

fn round_trips(text: &str) {
    assert_eq!(Schema::from_json(text).unwrap().to_json(), text);
}

#[test]
fn an_official_file_is_given_back_byte_for_byte() {
    round_trips(OFFICIAL);
}

#[test]
fn an_official_file_means_what_it_says() {
    let schema = Schema::from_json(OFFICIAL).unwrap();
    assert_eq!(
        schema.entities.keys().collect::<Vec<_>>(),
        ["$files", "$streams", "$users", "posts", "comments"]
    );
    let slug = schema.attribute("posts", "slug").unwrap();
    let mut expected = Attribute::new(ValueType::String);
    (expected.indexed, expected.unique) = (true, true);
    assert_eq!(*slug, expected);
    let meta = schema.attribute("posts", "meta").unwrap();
    assert_eq!((meta.value_type, meta.required), (ValueType::Json, false));

    let author = schema.link("posts", "author").unwrap();
    assert_eq!((author.name, author.target(), author.has()), ("postsAuthor", "$users", Has::One));
    assert_eq!((author.direction, author.is_required()), (Direction::Forward, true));
    let posts = schema.link("$users", "posts").unwrap();
    assert_eq!((posts.target(), posts.has(), posts.is_required()), ("posts", Has::Many, false));
    assert!(schema.links["commentsPost"].forward.cascade);
    assert!(schema.links["$streams$files"].reverse.cascade);

    let chat = &schema.rooms["chat"];
    assert_eq!(chat.presence.attributes["name"].value_type, ValueType::String);
    assert_eq!(chat.topics.as_ref().unwrap()["emoji"].attributes.len(), 1);
    assert!(schema.rooms["lobby"].topics.is_none());
}

#[test]
fn variants_of_official_files_are_given_back_byte_for_byte() {
    let metadata = r#"{"derivedType":{"type":"string","origin":"checked"},"z":1,"a":[1.5,null,"\u0007\"ü"]}"#;
    let attr = format!(
        r#"{{"valueType":"string","required":false,"isIndexed":true,"config":{{"indexed":true,"unique":false}},"metadata":{metadata}}}"#
    );
    round_trips(&format!(
        r#"{{"entities":{{"ü b":{{"attrs":{{"x.y":{attr}}},"links":{{}}}}}},"links":{{}},"rooms":{{}}}}"#
    ));

    // Authored order of members, an explicit `required: false`, and members nobody knows.
    let link = r#"{"reverse":{"label":"b","on":"y","has":"many"},"forward":{"on":"x","label":"a","has":"one","required":false,"onDelete":"cascade","note":{"k":1}}}"#;
    round_trips(&format!(
        r#"{{"entities":{{"x":{{"attrs":{{}},"links":{{"a":{{"entityName":"y","cardinality":"one"}}}}}},"y":{{"attrs":{{}},"links":{{"b":{{"entityName":"x","cardinality":"many"}}}}}}}},"links":{{"xy":{link}}},"rooms":{{}}}}"#
    ));

    // Rooms with topics first, with none, and with empty ones.
    round_trips(
        r#"{"entities":{},"links":{},"rooms":{"a":{"topics":{"t":{"attrs":{},"links":{}}},"presence":{"attrs":{},"links":{}}},"b":{"presence":{"attrs":{},"links":{}},"topics":{}},"c":{"presence":{"attrs":{},"links":{}}}}}"#,
    );

    // `id` listed among the attributes, where the file has it.
    let id = r#"{"valueType":"string","required":true,"isIndexed":false,"config":{"indexed":false,"unique":true},"metadata":{}}"#;
    let text = format!(
        r#"{{"entities":{{"x":{{"attrs":{{"a":{id},"id":{id},"b":{id}}},"links":{{}}}}}},"links":{{}},"rooms":{{}}}}"#
    );
    round_trips(&text);
    let schema = Schema::from_json(&text).unwrap();
    assert_eq!(schema.entities["x"].attributes.keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn labels_that_are_array_indexes_are_listed_first_as_javascript_does() {
    let link = |n: u8, fwd: &str, rev: &str| {
        format!(
            r#""l{n}":{{"forward":{{"on":"x","has":"many","label":"{fwd}"}},"reverse":{{"on":"x","has":"many","label":"{rev}"}}}}"#
        )
    };
    let far = r#"{"entityName":"x","cardinality":"many"}"#;
    round_trips(&format!(
        r#"{{"entities":{{"x":{{"attrs":{{}},"links":{{"2":{far},"10":{far},"b":{far},"01":{far}}}}}}},"links":{{{},{}}},"rooms":{{}}}}"#,
        link(1, "b", "10"),
        link(2, "01", "2"),
    ));
}

#[test]
fn takes_what_the_official_reader_takes() {
    let schema = Schema::from_json(
        r#"{"entities":{"posts":{"attrs":{
            "a":{"valueType":"string"},
            "b":{"valueType":"number","required":null,"config":null,"isIndexed":true,"metadata":null},
            "c":{"valueType":"date","required":true,"isIndexed":false,"config":{"indexed":true}}},
            "links":"derived"}},
          "links":null,"rooms":null,"extra":[1]}"#,
    )
    .unwrap();
    let attributes = &schema.entities["posts"].attributes;
    let flags =
        |label: &str| (attributes[label].required, attributes[label].indexed, attributes[label].unique);
    assert_eq!(flags("a"), (false, false, false));
    assert_eq!(flags("b"), (false, false, false));
    assert_eq!(flags("c"), (true, true, false));
    assert_eq!((schema.links.len(), schema.rooms.len()), (0, 0));
    assert!(Schema::from_json("\u{feff}{\"entities\":{}}").is_ok());
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let value_type = proptest::sample::select(&ValueType::ALL[..]);
    (value_type, any::<[bool; 3]>()).prop_map(|(value_type, flags)| {
        let mut attribute = Attribute::new(value_type);
        [attribute.required, attribute.indexed, attribute.unique] = flags;
        attribute
    })
}

fn entity() -> impl Strategy<Value = Entity> {
    let label = r#"[a-z0-9"\\é. ]{0,5}x"#;
    proptest::collection::vec((label, attribute()), 0..4).prop_map(|attributes| {
        let mut entity = Entity::default();
        entity.attributes = attributes.into_iter().collect();
        entity
    })
}

fn room() -> impl Strategy<Value = Room> {
    let topics = proptest::collection::vec(("[a-z]{1,4}", entity()), 0..3);
    (entity(), proptest::option::of(topics)).prop_map(|(presence, topics)| {
        let mut room = Room::default();
        room.presence = presence;
        room.topics = topics.map(|topics| topics.into_iter().collect());
        room
    })
}

prop_compose! {
    fn schema()(
        entities in proptest::collection::vec(("[a-z0-9]{1,4}", entity()), 1..5),
        links in proptest::collection::vec((any::<[prop::sample::Index; 2]>(), any::<[bool; 5]>()), 0..5),
        rooms in proptest::collection::vec(("[a-z]{1,4}", room()), 0..3),
    ) -> Schema {
        let mut schema = Schema::default();
        schema.entities = entities.into_iter().collect();
        schema.rooms = rooms.into_iter().collect();
        let names: Vec<String> = schema.entities.keys().cloned().collect();
        for (n, (ends, [one, reverse_one, required, cascade, reverse_cascade])) in links.into_iter().enumerate() {
            let has = |one| if one { Has::One } else { Has::Many };
            let mut forward = LinkSide::new(ends[0].get(&names), has(one), format!("f{n}y"));
            forward.required = required.then_some(one);
            forward.cascade = cascade && one;
            let mut reverse = LinkSide::new(ends[1].get(&names), has(reverse_one), format!("{n}"));
            reverse.cascade = reverse_cascade && reverse_one;
            schema.links.insert(format!("l{n}"), Link::new(forward, reverse));
        }
        schema
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(schema in schema()) {
        let text = schema.to_json();
        let read = Schema::from_json(&text).unwrap();
        prop_assert_eq!(&read, &schema);
        prop_assert_eq!(read.to_json(), text);
    }

    #[test]
    fn a_file_broken_anywhere_is_an_error_or_a_schema(cut in 0..OFFICIAL.len(), byte in any::<u8>()) {
        let mut bytes = OFFICIAL.as_bytes().to_vec();
        bytes[cut] = byte;
        let _ = Schema::from_slice(&bytes);
        prop_assert!(Schema::from_slice(&OFFICIAL.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = Schema::from_slice(&bytes);
    }
}

#[test]
fn a_required_reverse_side_is_read_and_written_back_byte_for_byte() {
    let text = r#"{"entities":{"rooms":{"attrs":{},"links":{"notes":{"entityName":"notes","cardinality":"many"}}},"notes":{"attrs":{},"links":{"room":{"entityName":"rooms","cardinality":"one"}}}},"links":{"roomNotes":{"forward":{"on":"rooms","has":"many","label":"notes","required":false},"reverse":{"on":"notes","has":"one","label":"room","required":true}}},"rooms":{}}"#;
    let schema = Schema::from_json(text).unwrap();
    assert!(schema.link("notes", "room").unwrap().is_required());
    assert!(!schema.link("rooms", "notes").unwrap().is_required());
    assert_eq!(schema.to_json(), text);
}
