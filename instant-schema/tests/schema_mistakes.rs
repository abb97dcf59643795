//! Mistakes in a schema: each is reported at its place, with what to write instead.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use instant_schema::{Has, Link, LinkSide, Problems, Schema};

fn problems(text: &str) -> Vec<String> {
    Schema::from_json(text).unwrap_err().iter().map(ToString::to_string).collect()
}

/// A schema of one entity `posts` with these attributes, and these links.
fn posts(attrs: &str, links: &str) -> String {
    format!(
        r#"{{"entities":{{"posts":{{"attrs":{{{attrs}}}}},"$users":{{"attrs":{{}}}}}},"links":{{{links}}}}}"#
    )
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
            "line 2, column 115: at `entities.$users.attrs.nick.required`: `$users` is a system entity, so your \
             attribute `nick` cannot be required there: write \"required\": false",
            "line 6, column 76: at `links.a.forward.required`: `$users` is a system entity, so your link `pin` \
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
        Schema::from_json(text).unwrap_err().iter().map(|p| p.place.path().unwrap().to_string()).collect();
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
        .iter()
        .map(|p| format!("{} {}", p.place.position().unwrap().line, p.place.path().unwrap()))
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
        ["line 1, column 31: at `entities.a`: `a` is given twice in one object: remove or rename one"]
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
    let errors: Problems = schema.check().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "at `links.l.forward.on`: there is no entity `a`: there are no entities\n\
         at `links.l.reverse.on`: there is no entity `a`: there are no entities"
    );
}
