//! A schema whose names collide in every possible way compiles without a warning, and works.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use instant_admin::tx::Steps;
use instant_admin::{Entity, Id};
use instant_tests::cursed::{self as schema, query, tx};
use serde_json::json;

#[test]
fn entities_keep_their_names_on_the_wire() {
    assert_eq!(schema::Option::NAME, "Option");
    assert_eq!(schema::User::NAME, "users");
    assert_eq!(schema::SystemUser::NAME, "$users");
    assert_eq!(schema::Self_::NAME, "self");
    assert_eq!(schema::Größen::NAME, "größen");
    assert_eq!(tx::tx_2(Id::new()).delete().entities(), ["tx"]);
}

#[test]
fn attributes_named_like_methods_can_be_set() {
    let (builder, option) = (Id::new(), Id::<schema::Option>::new());
    let new = schema::NewBuilder {
        create: "c".into(),
        update: "u".into(),
        fields: "f".into(),
        slot0: "s".into(),
        field: "f".into(),
        y: option.into(),
    };
    let steps = tx::builders(builder)
        .create(new)
        .upsert("up")
        .delete("d")
        .clone("cl")
        .set_rule_params_("rule")
        .set_rule_params("set rule")
        .set_set_some("some")
        .set_merge_x("m")
        .set_link_y("l")
        .merge_x(json!({ "a": 1 }))
        .link_y(option)
        .link_parents([builder])
        .rule_params(json!({ "token": "t" }));
    assert_eq!(
        Steps::to_json(steps).unwrap(),
        json!([
            ["create", "builders", builder, {
                "create": "c", "update": "u", "fields": "f", "slot0": "s", "field": "f", "upsert": "up",
                "delete": "d", "clone": "cl", "rule_params": "rule", "set_rule_params": "set rule", "set_some": "some",
                "merge_x": "m", "link_y": "l"
            }],
            ["link", "builders", builder, { "y": option }],
            ["merge", "builders", builder, { "x": { "a": 1 } }, { "upsert": true }],
            ["link", "builders", builder, { "y": option, "parents": builder }],
            ["ruleParams", "builders", builder, { "token": "t" }],
        ])
    );
}

#[test]
fn labels_that_meet_in_rust_are_told_apart() {
    let post = Id::new();
    let steps = tx::blog_posts(post)
        .create(schema::NewBlogPost { created_at_3: 3.0 })
        .created_at("text")
        .created_at_2("2025-01-01");
    assert_eq!(
        Steps::to_json(steps).unwrap(),
        json!([["create", "blog posts", post, { "created at": 3, "created_at": "text", "createdAt": "2025-01-01" }]])
    );
}

#[test]
fn keywords_are_raw_identifiers() {
    let lookup = schema::types::by_type("t");
    let steps = tx::types(lookup).update().r#async(true).r#dyn("2025-01-01").merge_match(json!({}));
    assert_eq!(
        Steps::to_json(steps).unwrap(),
        json!([
            ["update", "types", ["type", "t"], { "async": true, "dyn": "2025-01-01" }, { "upsert": false }],
            ["merge", "types", ["type", "t"], { "match": {} }, { "upsert": false }],
        ])
    );
}

#[test]
fn a_keyword_of_a_later_edition_is_raw_too() {
    let (generation, state) = (Id::new(), Id::new());
    let steps = (
        tx::r#gen(generation).create(schema::NewGen { r#gen: 1.0 }),
        tx::types(Id::new()).update().merge_gen(json!({})),
        tx::states(state).link_gen(Id::<schema::Vec>::new()),
    );
    assert_eq!(Steps::to_json(steps).unwrap()[0], json!(["create", "gen", generation, { "gen": 1 }]));
    assert_eq!(schema::r#gen::r#gen().eq(1).to_json().unwrap(), json!({ "gen": 1 }));
    let presence = schema::rooms::GenPresence { r#gen: None };
    let _: instant_admin::room::RoomType<schema::rooms::GenPresence> = schema::rooms::r#gen;
    let _: instant_admin::room::Topic<schema::rooms::GenPresence, schema::rooms::GenGen> =
        schema::rooms::r#gen::r#gen;
    assert_eq!(presence.r#gen, None);
    let query = query! { gen: { $: { where: { gen: 1 } } }, states: { gen: { yield: {} } } };
    assert_eq!(
        query.instaql().unwrap(),
        json!({ "gen": { "$": { "where": { "gen": 1 } } }, "states": { "gen": { "yield": {} } } })
    );
}

#[test]
fn names_without_case_are_told_apart_where_types_and_modules_meet() {
    assert_eq!(schema::名前2::NAME, "名前");
    assert_eq!(schema::_404::NAME, "404s");
    assert_eq!(tx::_2fa(Id::<schema::_2fa2>::new()).delete().entities(), ["2fa"]);
    let _: instant_admin::room::Topic<schema::rooms::部屋Presence, schema::rooms::部屋絵2> =
        schema::rooms::部屋::絵;
    let _ = schema::rooms::部屋絵Presence {};
}

trait Entities {
    fn entities(self) -> Vec<String>;
}

impl<T: instant_admin::tx::IntoSteps> Entities for T {
    fn entities(self) -> Vec<String> {
        let steps = Steps::collect(self).unwrap();
        steps.iter().map(|step| step.to_json()[1].as_str().unwrap().to_owned()).collect()
    }
}
