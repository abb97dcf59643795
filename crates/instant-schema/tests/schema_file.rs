//! Reading, checking and writing `instant.schema.json`.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use instant_schema::{
    Attribute, Direction, Entity, Has, Link, LinkSide, Room, Schema, SchemaErrors, ValueType,
};
use proptest::prelude::*;

const OFFICIAL: &str = include_str!("fixtures/official.schema.json");

fn problems(text: &str) -> Vec<String> {
    Schema::from_json(text).unwrap_err().problems().iter().map(ToString::to_string).collect()
}

/// A schema of one entity `posts` with these attributes, and these links.
fn posts(attrs: &str, links: &str) -> String {
    format!(
        r#"{{"entities":{{"posts":{{"attrs":{{{attrs}}}}},"$users":{{"attrs":{{}}}}}},"links":{{{links}}}}}"#
    )
}

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
    assert_eq!(*slug, Attribute { indexed: true, unique: true, ..Attribute::new(ValueType::String) });
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

#[test]
fn an_unknown_value_type_is_an_error_that_knows_a_better_one() {
    let of = |name: &str| problems(&posts(&format!(r#""a":{{"valueType":{name}}}"#), "")).remove(0);
    let list = "`string`, `number`, `boolean`, `date`, `json`";
    let at = "line 1, column 49: at `entities.posts.attrs.a.valueType`: ";
    assert_eq!(
        of(r#""strng""#),
        format!("{at}unknown value type `strng`: did you mean `string`? The value types are {list}")
    );
    assert_eq!(
        of(r#""timestamp""#),
        format!("{at}unknown value type `timestamp`: write `date`. The value types are {list}")
    );
    assert_eq!(of(r#""zzz""#), format!("{at}unknown value type `zzz`: the value types are {list}"));
    assert_eq!(of("7"), format!("{at}expected a value type, got a number: write one of {list}"));
}

#[test]
fn a_link_to_a_missing_entity_is_an_error() {
    let link = r#""l":{"forward":{"on":"post","has":"many","label":"x"},"reverse":{"on":"$files","has":"many","label":"y"}}"#;
    assert_eq!(
        problems(&posts("", link)),
        [
            "line 1, column 88: at `links.l.forward.on`: there is no entity `post`: did you mean `posts`? \
             Available entities: `posts`, `$users`",
            "line 1, column 137: at `links.l.reverse.on`: this links to `$files`, which the schema does not list: \
             add \"$files\": {\"attrs\": {}} to `entities`",
        ]
    );
}

#[test]
fn cascade_needs_a_side_that_has_one() {
    let link = r#""l":{"forward":{"on":"posts","has":"many","label":"x","onDelete":"cascade"},"reverse":{"on":"posts","has":"one","label":"y","onDelete":"cascade"}}"#;
    let problems = problems(&posts("", link));
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0]
            .starts_with("line 1, column 132: at `links.l.forward.onDelete`: `x` of `posts` leads to many")
    );
    assert!(problems[0].contains("remove `onDelete` here"));
}

#[test]
fn labels_are_unique_among_attributes_and_both_sides_of_links() {
    let side = |label: &str| format!(r#"{{"on":"posts","has":"many","label":"{label}"}}"#);
    let link = |name: &str, forward: &str, reverse: &str| {
        format!(r#""{name}":{{"forward":{},"reverse":{}}}"#, side(forward), side(reverse))
    };
    let text = posts(
        r#""title":{"valueType":"string"}"#,
        &[link("l", "title", "a"), link("m", "a", "b"), link("n", "c", "c"), link("o", "id", "d")].join(","),
    );
    let messages: Vec<_> =
        problems(&text).into_iter().map(|p| p.split_once(": ").unwrap().1.to_owned()).collect();
    let choose = "choose another label for this";
    assert_eq!(
        messages,
        [
            format!("at `links.l.forward.label`: `posts` already has an attribute `title`: {choose} link"),
            format!(
                "at `links.m.forward.label`: `posts` already has a link `a` (`reverse` of `l`): {choose} one"
            ),
            format!(
                "at `links.n.reverse.label`: `posts` already has a link `c` (`forward` of `n`): {choose} one"
            ),
            format!("at `links.o.forward.label`: every entity has an attribute `id`: {choose} link"),
        ]
    );
}

#[test]
fn system_entities_take_nothing_required_of_the_users_own() {
    let text = r#"{"entities":{
        "$users":{"attrs":{"email":{"valueType":"string","required":true},"nick":{"valueType":"string","required":true}}},
        "$files":{"attrs":{"path":{"valueType":"string","required":true}}},
        "posts":{"attrs":{}}},
      "links":{
        "a":{"forward":{"on":"$users","has":"one","label":"pin","required":true},"reverse":{"on":"posts","has":"many","label":"pinned"}},
        "b":{"forward":{"on":"posts","has":"one","label":"file","required":true},"reverse":{"on":"$files","has":"many","label":"posts"}},
        "c":{"forward":{"on":"posts","has":"one","label":"x"},"reverse":{"on":"$users","has":"one","label":"email"}},
        "d":{"forward":{"on":"posts","has":"one","label":"y"},"reverse":{"on":"$users","has":"one","label":"imageURL"}}}}"#;
    assert_eq!(
        problems(text),
        [
            "line 2, column 115: at `entities.$users.attrs.nick.required`: `$users` is kept by the system, so your \
             attribute `nick` cannot be required there: write \"required\": false",
            "line 6, column 76: at `links.a.forward.required`: `$users` is kept by the system, so your link `pin` \
             cannot be required there: write \"required\": false",
            "line 8, column 108: at `links.c.reverse.label`: `$users` already has an attribute `email`: choose \
             another label for this link",
            "line 9, column 108: at `links.d.reverse.label`: `$users.imageURL` is a system attribute: choose \
             another label for this link",
        ]
    );
}

#[test]
fn names_with_a_dollar_belong_to_the_system() {
    let of = |name: &str| problems(&format!(r#"{{"entities":{{"{name}":{{"attrs":{{}}}}}}}}"#)).remove(0);
    assert_eq!(
        of("$user"),
        "line 1, column 14: at `entities.$user`: names with `$` belong to the system: did you mean `$users`, or \
         `user`?"
    );
    assert!(of("$moop").ends_with("which offers `$users`, `$files`, `$streams`: write `moop`"));
    assert!(of("$magicCodes").contains("`$magicCodes` is internal to the system"));
    // On an entity of one's own, labels may start with `$`.
    let link = r#""l":{"forward":{"on":"posts","has":"one","label":"$user"},"reverse":{"on":"$users","has":"many","label":"posts"}}"#;
    assert!(Schema::from_json(&posts("", link)).is_ok());
}

#[test]
fn blank_names_are_errors_and_odd_ones_are_not() {
    let text =
        r#"{"entities":{" ":{"attrs":{"":{"valueType":"json"}}}},"rooms":{"":{"presence":{"attrs":{}}}}}"#;
    let paths: Vec<_> =
        Schema::from_json(text).unwrap_err().problems().iter().map(|p| p.path.to_string()).collect();
    assert_eq!(paths, [r#"entities[" "]"#, r#"entities[" "].attrs[""]"#, r#"rooms[""]"#]);
    let odd = r#""a.b":{"valueType":"json"},"or":{"valueType":"json"},"$":{"valueType":"json"},"日本 語":{"valueType":"json"}"#;
    assert!(Schema::from_json(&posts(odd, "")).is_ok());
}

#[test]
fn wrong_json_types_are_errors_wherever_they_stand() {
    let text = r#"{
  "entities": {
    "a": 1,
    "b": {"attrs": []},
    "c": {},
    "d": {"attrs": {"x": "string", "y": {"valueType": null, "required": "yes", "isIndexed": 0, "config": {"indexed": 1, "unique": []}, "metadata": 3}, "z": {}}}
  },
  "links": {
    "l": [],
    "m": {"forward": {"on": 1, "has": "some", "label": null, "onDelete": "restrict", "required": "no"}},
    "n": {"forward": 2, "reverse": {"on": "a", "has": "one", "label": "q", "required": true, "onDelete": true}}
  },
  "rooms": {"r": null, "s": {"presence": 1, "topics": "t"}, "t": {}}
}"#;
    let found: Vec<_> = Schema::from_json(text)
        .unwrap_err()
        .problems()
        .iter()
        .map(|p| format!("{} {}", p.position.unwrap().line, p.path))
        .collect();
    assert_eq!(
        found,
        [
            "3 entities.a",
            "4 entities.b.attrs",
            "5 entities.c",
            "6 entities.d.attrs.x",
            "6 entities.d.attrs.y.valueType",
            "6 entities.d.attrs.y.required",
            "6 entities.d.attrs.y.isIndexed",
            "6 entities.d.attrs.y.config.indexed",
            "6 entities.d.attrs.y.config.unique",
            "6 entities.d.attrs.y.metadata",
            "6 entities.d.attrs.z",
            "9 links.l",
            "10 links.m",
            "10 links.m.forward.on",
            "10 links.m.forward.has",
            "10 links.m.forward.label",
            "10 links.m.forward.onDelete",
            "10 links.m.forward.required",
            "11 links.n.forward",
            "11 links.n.reverse.required",
            "11 links.n.reverse.onDelete",
            "13 rooms.r",
            "13 rooms.s.presence",
            "13 rooms.s.topics",
            "13 rooms.t",
        ]
    );
    assert_eq!(
        problems("[]"),
        [
            "line 1, column 1: expected an object, got an array: write a schema: {\"entities\": {..}, \"links\": \
          {..}, \"rooms\": {..}}"
        ]
    );
    assert_eq!(
        problems("{}"),
        ["line 1, column 1: `entities` is missing: add \"entities\": {\"posts\": {\"attrs\": {..}}}"]
    );
}

#[test]
fn what_is_no_json_is_an_error_with_its_place() {
    assert_eq!(
        problems("{\n  \"entities\": {\n    \"posts\": {,}\n  }\n}"),
        ["line 3, column 15: at `entities.posts`: expected a name in double quotes here"]
    );
    assert_eq!(
        problems(r#"{"entities":{"a":{"attrs":{}},"a":{"attrs":{}}}}"#),
        [
            "line 1, column 31: at `entities.a`: `a` is here twice in one object: remove or rename one of the two"
        ]
    );
    let bytes = Schema::from_slice(b"{\n \"entities\": \"\xff\"}").unwrap_err();
    assert_eq!(bytes.to_string(), "line 2, column 15: this byte is not UTF-8: save the file as UTF-8");
}

#[test]
fn a_schema_built_in_code_is_checked_without_places() {
    let mut schema = Schema::default();
    schema.links.insert(
        "l".to_owned(),
        Link::new(LinkSide::new("a", Has::One, "b"), LinkSide::new("a", Has::Many, "c")),
    );
    let errors: SchemaErrors = schema.check().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "at `links.l.forward.on`: there is no entity `a`: there are no entities\n\
         at `links.l.reverse.on`: there is no entity `a`: there are no entities"
    );
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let value_type = proptest::sample::select(&ValueType::ALL[..]);
    (value_type, any::<[bool; 3]>()).prop_map(|(value_type, [required, indexed, unique])| Attribute {
        required,
        indexed,
        unique,
        ..Attribute::new(value_type)
    })
}

fn entity() -> impl Strategy<Value = Entity> {
    let label = r#"[a-z0-9"\\é. ]{0,5}x"#;
    proptest::collection::vec((label, attribute()), 0..4)
        .prop_map(|attributes| Entity { attributes: attributes.into_iter().collect(), ..Entity::default() })
}

fn room() -> impl Strategy<Value = Room> {
    let topics = proptest::collection::vec(("[a-z]{1,4}", entity()), 0..3);
    (entity(), proptest::option::of(topics)).prop_map(|(presence, topics)| Room {
        presence,
        topics: topics.map(|topics| topics.into_iter().collect()),
        ..Room::default()
    })
}

prop_compose! {
    fn schema()(
        entities in proptest::collection::vec(("[a-z0-9]{1,4}", entity()), 1..5),
        links in proptest::collection::vec((any::<[prop::sample::Index; 2]>(), any::<[bool; 5]>()), 0..5),
        rooms in proptest::collection::vec(("[a-z]{1,4}", room()), 0..3),
    ) -> Schema {
        let mut schema = Schema {
            entities: entities.into_iter().collect(),
            rooms: rooms.into_iter().collect(),
            ..Schema::default()
        };
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
