//! The plan from a schema to the steps that a server needs.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod server;

use instant_schema::plan::{
    PlanOptions, PlanStep, RefKeys, attrs_for, from_refs_and_blobs, new_schema, plan, refs_and_blobs, wanted,
};
use instant_schema::{Attr, Cardinality, CheckedType, Schema, catalog};
use serde_json::{Value, json};
use server::applied;

const OFFICIAL: &str = include_str!("fixtures/official.schema.json");
const BACKGROUND: PlanOptions = PlanOptions { check_types: true, background_updates: true };

fn schema(entities: &Value, links: &Value) -> Schema {
    Schema::from_json(&json!({ "entities": entities, "links": links }).to_string()).unwrap()
}

fn attr(value_type: &str, indexed: bool, unique: bool, required: bool) -> Value {
    json!({ "valueType": value_type, "required": required, "config": { "indexed": indexed, "unique": unique } })
}

fn link(has: &str, reverse_has: &str, forward: &Value, reverse: &Value) -> Value {
    let mut link = json!({
        "forward": { "on": "posts", "has": has, "label": "tags" },
        "reverse": { "on": "tags", "has": reverse_has, "label": "posts" },
    });
    for (side, more) in [("forward", forward), ("reverse", reverse)] {
        for (name, value) in more.as_object().unwrap() {
            link[side][name] = value.clone();
        }
    }
    json!({ "postsTags": link })
}

fn on_empty(schema: &Schema) -> Vec<Attr> {
    applied(catalog::attrs(), &plan(schema, catalog::attrs(), PlanOptions::default()).unwrap())
}

fn said(steps: &[PlanStep]) -> Vec<String> {
    steps.iter().map(ToString::to_string).collect()
}

#[test]
fn a_new_server_gets_ids_then_attributes_then_links() {
    let schema = Schema::from_json(OFFICIAL).unwrap();
    let steps = plan(&schema, catalog::attrs(), PlanOptions::default()).unwrap();
    assert_eq!(
        said(&steps),
        [
            "add-attr posts.id",
            "add-attr comments.id",
            "add-attr $users.nickname",
            "add-attr posts.title",
            "add-attr posts.slug",
            "add-attr posts.meta",
            "add-attr posts.status",
            "add-attr posts.publishedAt",
            "add-attr comments.body",
            "add-attr posts.author",
            "add-attr comments.post",
        ]
    );
    let server = applied(catalog::attrs(), &steps);
    assert_eq!(plan(&schema, &server, PlanOptions::default()).unwrap(), []);
    assert_eq!(plan(&schema, &server, BACKGROUND).unwrap(), []);
}

#[test]
fn payloads_have_the_members_the_server_gives_them() {
    let schema = schema(
        &json!({ "posts": { "attrs": { "slug": attr("string", true, true, true), "meta": attr("json", false, false, false) } },
                 "tags": { "attrs": { "x": attr("date", false, false, false) } } }),
        &link("one", "many", &json!({ "onDelete": "cascade", "required": true }), &json!({})),
    );
    let steps = plan(&schema, &[], PlanOptions::default()).unwrap();
    let payload = |n: usize| {
        let mut step = steps[n].to_json();
        assert_eq!(step[0], "add-attr");
        let payload = step[1].as_object_mut().unwrap();
        assert!(payload.remove("id").unwrap().as_str().unwrap().len() == 36);
        for identity in ["forward-identity", "reverse-identity"] {
            if let Some(identity) = payload.get_mut(identity) {
                identity[0] = json!("_");
            }
        }
        step[1].clone()
    };
    assert_eq!(
        payload(0),
        json!({ "value-type": "blob", "cardinality": "one", "forward-identity": ["_", "posts", "id"],
                "unique?": true, "index?": false })
    );
    assert_eq!(
        payload(2),
        json!({ "value-type": "blob", "cardinality": "one", "forward-identity": ["_", "posts", "slug"],
                "unique?": true, "index?": true, "required?": true, "checked-data-type": "string" })
    );
    assert_eq!(
        payload(3),
        json!({ "value-type": "blob", "cardinality": "one", "forward-identity": ["_", "posts", "meta"],
                "unique?": false, "index?": false, "required?": false })
    );
    assert_eq!(
        payload(5),
        json!({ "value-type": "ref", "cardinality": "one", "forward-identity": ["_", "posts", "tags"],
                "reverse-identity": ["_", "tags", "posts"], "unique?": false, "index?": false, "required?": true,
                "on-delete": "cascade", "on-delete-reverse": null })
    );
    let untyped = plan(&schema, &[], PlanOptions { check_types: false, background_updates: false }).unwrap();
    assert!(untyped[2].to_json()[1].get("checked-data-type").is_none());
}

#[test]
fn has_and_has_give_cardinality_and_uniqueness() {
    for (has, reverse_has, cardinality, unique) in [
        ("many", "many", Cardinality::Many, false),
        ("one", "one", Cardinality::One, true),
        ("many", "one", Cardinality::Many, true),
        ("one", "many", Cardinality::One, false),
    ] {
        let entities = json!({ "posts": { "attrs": {} }, "tags": { "attrs": {} } });
        let schema = schema(&entities, &link(has, reverse_has, &json!({}), &json!({})));
        let attrs = wanted(&schema);
        assert_eq!((attrs[0].cardinality, attrs[0].unique), (cardinality, unique), "{has}/{reverse_has}");
    }
}

#[test]
fn an_entity_without_attributes_makes_nothing() {
    assert_eq!(plan(&schema(&json!({ "posts": { "attrs": {} } }), &json!({})), &[], BACKGROUND).unwrap(), []);
}

#[test]
fn changed_attributes_are_updated_at_once_or_by_jobs() {
    let posts = |title: Value| schema(&json!({ "posts": { "attrs": { "title": title } } }), &json!({}));
    let server = on_empty(&posts(attr("string", true, false, false)));
    let title = server.last().unwrap();

    let strict = posts(attr("number", false, true, true));
    let steps = plan(&strict, &server, PlanOptions::default()).unwrap();
    assert_eq!(said(&steps), ["update-attr posts.title", "check-data-type posts.title"]);
    assert_eq!(
        steps[0].to_json(),
        json!(["update-attr", { "id": title.id, "value-type": "blob", "cardinality": "one",
            "forward-identity": title.forward_identity, "unique?": true, "index?": false, "required?": true }])
    );
    let steps = plan(&strict, &server, BACKGROUND).unwrap();
    assert_eq!(
        steps.iter().map(PlanStep::to_json).collect::<Vec<_>>(),
        [
            json!(["remove-index", { "attr-id": title.id, "forward-identity": title.forward_identity }]),
            json!(["unique", { "attr-id": title.id, "forward-identity": title.forward_identity }]),
            json!(["required", { "attr-id": title.id, "forward-identity": title.forward_identity }]),
            json!(["check-data-type", { "attr-id": title.id, "forward-identity": title.forward_identity,
                "checked-data-type": "number" }]),
        ]
    );
    let changed = applied(&server, &steps);
    assert_eq!(plan(&strict, &changed, BACKGROUND).unwrap(), []);

    let loose = plan(&posts(attr("json", false, false, false)), &changed, BACKGROUND).unwrap();
    assert_eq!(
        said(&loose),
        ["remove-unique posts.title", "remove-required posts.title", "remove-data-type posts.title"]
    );
    let untyped = PlanOptions { check_types: false, background_updates: true };
    let steps = plan(&posts(attr("boolean", false, true, true)), &changed, untyped).unwrap();
    assert_eq!(steps, []);
}

#[test]
fn changed_links_are_updated() {
    let entities = json!({ "posts": { "attrs": {} }, "tags": { "attrs": {} } });
    let of = |has: &str, reverse_has: &str, forward: Value, reverse: Value| {
        schema(&entities, &link(has, reverse_has, &forward, &reverse))
    };
    let server = on_empty(&of("one", "many", json!({ "onDelete": "cascade" }), json!({})));
    let tags = server.last().unwrap();

    let same = of("one", "many", json!({ "onDelete": "cascade" }), json!({}));
    assert_eq!(plan(&same, &server, BACKGROUND).unwrap(), []);

    let required = of("one", "many", json!({ "onDelete": "cascade", "required": true }), json!({}));
    assert_eq!(said(&plan(&required, &server, BACKGROUND).unwrap()), ["required posts.tags"]);
    assert_eq!(said(&plan(&required, &server, PlanOptions::default()).unwrap()), ["update-attr posts.tags"]);

    let other = of("many", "one", json!({}), json!({ "onDelete": "cascade" }));
    let steps = plan(&other, &server, BACKGROUND).unwrap();
    assert_eq!(
        steps.iter().map(PlanStep::to_json).collect::<Vec<_>>(),
        [json!(["update-attr", { "id": tags.id, "value-type": "ref", "cardinality": "many",
            "forward-identity": tags.forward_identity, "reverse-identity": tags.reverse_identity,
            "unique?": true, "index?": false, "required?": false,
            "on-delete": null, "on-delete-reverse": "cascade" }])]
    );
    assert_eq!(plan(&other, &applied(&server, &steps), BACKGROUND).unwrap(), []);
}

#[test]
fn system_attributes_are_never_touched() {
    let schema = schema(
        &json!({
            "$users": { "attrs": { "email": attr("number", false, false, true), "nick": attr("string", false, false, false) } },
            "$files": { "attrs": { "size": attr("string", false, false, false) } },
        }),
        &json!({ "x": {
            "forward": { "on": "$users", "has": "one", "label": "linkedPrimaryUser" },
            "reverse": { "on": "$users", "has": "many", "label": "linkedGuestUsers" } } }),
    );
    let steps = plan(&schema, catalog::attrs(), BACKGROUND).unwrap();
    assert_eq!(said(&steps), ["add-attr $users.nick"]);
}

#[test]
fn a_plan_that_cannot_work_says_why_in_the_servers_words() {
    let entities = json!({ "posts": { "attrs": { "title": attr("string", false, false, false) } }, "tags": { "attrs": {} } });
    let server = on_empty(&schema(&entities, &link("many", "many", &json!({}), &json!({}))));
    let errors = |links: Value| {
        let problems = plan(&schema(&entities, &links), &server, BACKGROUND).unwrap_err();
        problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>()
    };
    let side = |on: &str, label: &str| json!({ "on": on, "has": "many", "label": label });

    let swapped =
        errors(json!({ "l": { "forward": side("tags", "posts"), "reverse": side("posts", "tags") } }));
    assert_eq!(swapped.len(), 1);
    assert!(swapped[0].starts_with("tags->posts: Conflicting link found for attribute. It's possible"));

    let forward =
        errors(json!({ "l": { "forward": side("posts", "tags"), "reverse": side("tags", "other") } }));
    assert!(
        forward[0].starts_with("posts->tags: Duplicate entry found for attribute. Check your schema file")
    );
    let reverse =
        errors(json!({ "l": { "forward": side("posts", "other"), "reverse": side("tags", "posts") } }));
    assert!(reverse[0].starts_with("tags->posts: Duplicate entry found for attribute."));

    let cascade = Schema::from_pushed(&json!({ "entities": entities, "links": {
        "l": { "forward": { "on": "posts", "has": "many", "label": "a", "onDelete": "cascade" }, "reverse": side("tags", "b") } } }))
    .unwrap();
    assert_eq!(
        plan(&cascade, &server, BACKGROUND).unwrap_err().to_string(),
        "posts->a: Cascade delete is only possible on links with `has: 'one'`. Check your full schema in the \
         dashboard: https://www.instantdb.com/dash?s=main&t=explorer"
    );
}

#[test]
fn what_a_server_shows_can_be_read_back() {
    let schema = Schema::from_json(OFFICIAL).unwrap();
    let server = on_empty(&schema);
    let json = refs_and_blobs(&server, RefKeys::Vector);
    assert_eq!(
        json["blobs"].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["$users", "$files", "$streams", "posts", "comments"]
    );
    assert_eq!(
        json["refs"].as_object().unwrap().keys().collect::<Vec<_>>(),
        [
            r#"["$users" "linkedPrimaryUser" "$users" "linkedGuestUsers"]"#,
            r#"["$streams" "$files" "$files" "$stream"]"#,
            r#"["posts" "author" "$users" "posts"]"#,
            r#"["comments" "post" "posts" "comments"]"#,
        ]
    );
    assert_eq!(json["blobs"]["$files"]["url"]["required?"], true);
    assert!(json["blobs"]["$files"].get("size").is_none());
    assert!(refs_and_blobs(&server, RefKeys::Dashes)["refs"].get("posts-author-$users-posts").is_some());

    let read = from_refs_and_blobs(&json).unwrap();
    assert_eq!(refs_and_blobs(&read, RefKeys::Vector)["refs"], json["refs"]);
    assert_eq!(plan(&schema, &read, PlanOptions::default()).unwrap(), []);

    let not_there_yet = new_schema(&schema);
    assert_eq!(not_there_yet["blobs"]["posts"]["slug"]["id"], Value::Null);
    assert_eq!(not_there_yet["blobs"]["posts"]["slug"]["forward-identity"], json!([null, "posts", "slug"]));
}

#[test]
fn missing_names_become_exactly_their_records() {
    let schema = Schema::from_json(OFFICIAL).unwrap();
    let missing = ["posts.id", "posts.slug", "$users.posts", "posts.author", "comments.post"];
    let attrs = attrs_for(&schema, missing).unwrap();
    let found: Vec<_> = attrs
        .iter()
        .map(|attr| format!("{}.{}", attr.forward_identity.entity(), attr.forward_identity.label()))
        .collect();
    assert_eq!(found, ["posts.id", "posts.slug", "posts.author", "comments.post"]);
    assert_eq!((attrs[0].unique, attrs[0].indexed), (true, false));
    let slug = &attrs[1];
    assert_eq!((slug.unique, slug.indexed, slug.required), (true, true, true));
    assert_eq!(slug.checked_data_type, Some(CheckedType::String));
    assert_eq!((attrs[2].cardinality, attrs[2].required), (Cardinality::One, true));
    assert_eq!(attrs[3].on_delete.as_deref(), Some("cascade"));
    assert!(!attrs[3].id.is_nil());
}

#[test]
fn missing_names_that_the_schema_lacks_are_all_reported() {
    let schema = Schema::from_json(OFFICIAL).unwrap();
    let error = attrs_for(&schema, ["posts.slug", "posts.titel", "post.title", "x"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`posts.titel` is not in the schema: did you mean `title`? Available attributes and links: `title`, \
         `slug`, `meta`, `status`, `publishedAt`, `author`, `comments`\n\
         `post.title` is not in the schema: did you mean `posts`? Available entities: `$files`, `$streams`, \
         `$users`, `posts`, `comments`\n\
         `x` is not in the schema: available entities: `$files`, `$streams`, `$users`, `posts`, `comments`"
    );
}

#[test]
fn labels_with_dots_are_found() {
    let entities = json!({ "a.b": { "attrs": { "c.d": attr("string", false, false, false) } } });
    let attrs = attrs_for(&schema(&entities, &json!({})), ["a.b.c.d", "a.b.id"]).unwrap();
    assert_eq!(attrs[0].forward_identity.label(), "c.d");
    assert_eq!(attrs[1].forward_identity.entity(), "a.b");
}

#[test]
fn steps_of_the_official_tools_are_read() {
    let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
    let read = |step: Value| PlanStep::from_json(&step);
    // With the members that the official command line sends.
    let add = json!(["add-attr", { "id": id, "forward-identity": [id, "posts", "title"], "reverse-identity": null,
        "value-type": "blob", "cardinality": "one", "index?": false, "required?": false, "unique?": false,
        "inferred-types": null, "catalog": "user", "on-delete": null, "on-delete-reverse": null,
        "checked-data-type": null, "isUnsynced": true }]);
    let PlanStep::AddAttr(attr) = read(add).unwrap() else { panic!("not an add-attr") };
    assert_eq!((attr.forward_identity.label(), attr.checked_data_type), ("title", None));

    let update = json!(["update-attr", { "id": id, "forward-identity": [id, "posts", "name"] }]);
    let PlanStep::UpdateAttr(update) = read(update).unwrap() else { panic!("not an update-attr") };
    let mut renamed =
        Attr { on_delete: Some("cascade".into()), unique: true, ..Attr::blob("posts", "title") };
    renamed.update(&update);
    assert_eq!((renamed.forward_identity.label(), renamed.unique, renamed.on_delete), ("name", true, None));

    let typed = json!(["check-data-type", { "attr-id": id, "checked-data-type": "date" }]);
    assert_eq!(read(typed.clone()).unwrap().to_json()[1]["checked-data-type"], "date");
    assert_eq!(read(json!(["delete-attr", id])).unwrap().to_json(), json!(["delete-attr", id]));

    let error = |step: Value| read(step).unwrap_err().to_string();
    assert_eq!(
        error(json!(["check-data-type", { "attr-id": id, "checked-data-type": "json" }])),
        "`check-data-type` needs \"checked-data-type\": one of `string`, `number`, `boolean`, `date`"
    );
    assert_eq!(error(json!(["index", {}])), "`index` needs \"attr-id\": the id of the attribute");
    assert!(error(json!(["add-attr", 1])).starts_with("the payload of `add-attr` is wrong: "));
    assert!(error(json!("index")).starts_with("a step is a list of its name and its payload"));
    assert!(error(json!(["index"])).starts_with("a step is a list"));
}

#[test]
fn a_pushed_schema_may_have_types_that_are_not_enforced() {
    let pushed =
        json!({ "entities": { "posts": { "attrs": { "x": { "valueType": "any" } } } }, "links": {} });
    let schema = Schema::from_pushed(&pushed).unwrap();
    assert_eq!(wanted(&schema)[0].checked_data_type, None);
    let odd = json!({ "entities": {
        "posts": { "attrs": { "x": { "required": "yes", "config": { "indexed": "yes", "unique": 0 } } } },
        "only": { "attrs": { "id": {} } },
        "none": {},
        "$zip": { "attrs": { "x": {} } },
    }, "rooms": 7 });
    let steps = plan(&Schema::from_pushed(&odd).unwrap(), &[], BACKGROUND).unwrap();
    let names: Vec<_> = steps.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["add-attr posts.id", "add-attr only.id", "add-attr posts.x"]);
    let PlanStep::AddAttr(x) = &steps[2] else { panic!("{steps:?}") };
    assert!(!x.required && x.indexed && x.unique);
}

#[test]
fn what_is_no_schema_is_refused_with_every_place() {
    let side = json!({ "on": "a", "has": "one", "label": "b" });
    let nonsense = json!({
        "entities": { "a": { "attrs": { "x": null } }, "b": [] },
        "links": { "l": { "forward": side, "reverse": { "on": "b", "has": "two", "label": 1 } }, "m": { "reverse": side } },
    });
    let errors = Schema::from_pushed(&nonsense).unwrap_err().to_string();
    for place in
        ["entities.a.attrs.x", "entities.b", "links.l.reverse.has", "links.l.reverse.label", "links.m"]
    {
        assert!(errors.contains(&format!("at `{place}`: ")), "{place} in {errors}");
    }
    assert!(Schema::from_pushed(&json!({ "entities": 1 })).is_err());
    assert!(Schema::from_pushed(&json!([])).is_err());
}

#[test]
fn a_required_reverse_side_is_not_planned_since_servers_know_only_forward_ones() {
    let entities = json!({ "posts": { "attrs": {} }, "tags": { "attrs": {} } });
    let optional = schema(&entities, &link("many", "one", &json!({}), &json!({})));
    let required = schema(&entities, &link("many", "one", &json!({}), &json!({ "required": true })));
    assert_eq!(wanted(&required), wanted(&optional));
    assert_eq!(plan(&required, &on_empty(&optional), PlanOptions::default()).unwrap(), []);
}

#[test]
fn a_link_of_the_system_is_planned_only_where_it_differs_from_the_servers() {
    let pushed = |forward: Value, reverse: Value| {
        let schema = json!({ "links": { "l": { "forward": forward, "reverse": reverse } } });
        let steps = plan(&Schema::from_pushed(&schema).unwrap(), catalog::attrs(), BACKGROUND).unwrap();
        steps.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let primary = |has: &str| json!({ "on": "$users", "has": has, "label": "linkedPrimaryUser" });
    let guests = json!({ "on": "$users", "has": "many", "label": "linkedGuestUsers" });
    assert_eq!(pushed(primary("one"), guests.clone()), [""; 0]);
    let mut cascading = primary("one");
    cascading["onDelete"] = json!("cascade");
    assert_eq!(pushed(cascading, guests.clone()), [""; 0]);
    assert_eq!(pushed(primary("many"), guests), ["update-attr $users.linkedPrimaryUser"]);
}
