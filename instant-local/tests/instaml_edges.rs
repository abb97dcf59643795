//! Transactions beyond the conformance table: every way to name an entity, cascades in both directions, steps
//! about attributes, and what is never half-done.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Backend, answer, attribute};
use reqwest::StatusCode;
use serde_json::{Value, json};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
const C: &str = "00000000-0000-4000-8000-00000000000c";

async fn empty() -> Backend {
    Backend::with_schema(&json!({ "entities": {} })).await
}

async fn ok(backend: &Backend, steps: Value) -> i64 {
    let (status, body) = backend.transact(steps).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["tx-id"].as_i64().unwrap()
}

async fn refused(backend: &Backend, steps: Value) -> String {
    let before = backend.state().await;
    let (status, body) = backend.transact(steps).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert_eq!(backend.state().await, before, "a refused transaction left something behind");
    body["message"].as_str().unwrap().to_owned()
}

async fn one(backend: &Backend, entity: &str, id: &str) -> Option<Value> {
    backend.state().await.remove(&(entity.to_owned(), id.to_owned())).map(Value::Object)
}

async fn attr(backend: &Backend, entity: &str, label: &str) -> Value {
    answer(backend.get("/admin/schema")).await.1["schema"]["blobs"][entity][label].clone()
}

#[tokio::test]
async fn transaction_ids_grow_even_without_steps() {
    let backend = empty().await;
    let first = ok(&backend, json!([])).await;
    assert!(ok(&backend, json!([])).await > first);
}

#[tokio::test]
async fn a_lookup_on_a_blank_app_invents_a_unique_attribute() {
    let backend = empty().await;
    for eid in [json!(["email", "a"]), json!({ "email": "a" }), json!("lookup__email__\"a\"")] {
        ok(&backend, json!([["update", "people", eid, { "n": 1 }]])).await;
    }
    let state = backend.state().await;
    assert_eq!(state.len(), 1, "{state:?}");
    let email = attr(&backend, "people", "email").await;
    assert_eq!((&email["unique?"], &email["index?"]), (&json!(true), &json!(true)));
    assert_eq!(attr(&backend, "people", "n").await["index?"], false);
}

#[tokio::test]
async fn a_lookup_through_a_link_names_the_entity_that_holds_it() {
    let backend = empty().await;
    ok(&backend, json!([["update", "profiles", ["user.id", A], { "bio": "b" }]])).await;
    ok(&backend, json!([["update", "profiles", ["user.id", A], { "bio": "c" }]])).await;
    let state = backend.state().await;
    let profiles: Vec<_> = state.iter().filter(|((entity, _), _)| entity == "profiles").collect();
    assert_eq!(profiles.len(), 1, "{state:?}");
    assert_eq!((&profiles[0].1["bio"], &profiles[0].1["user"]), (&json!("c"), &json!(A)));
    let message = refused(&backend, json!([["update", "profiles", ["user.name", "x"], {}]])).await;
    assert_eq!(message, "Validation failed for lookup: user.name is not a valid lookup attribute.");
}

#[tokio::test]
async fn a_link_invented_for_a_lookup_is_one_to_one() {
    let backend = empty().await;
    ok(&backend, json!([["update", "owner", ["email", "a"], {}]])).await;
    ok(&backend, json!([["update", "cars", A, {}], ["link", "cars", A, { "owner": { "email": "a" } }]]))
        .await;
    let (_, schema) = answer(backend.get("/admin/schema")).await;
    let link = &schema["schema"]["refs"]["cars-owner-owner-cars"];
    assert_eq!((&link["cardinality"], &link["unique?"]), (&json!("one"), &json!(true)));
    assert!(one(&backend, "cars", A).await.unwrap()["owner"].is_string());
}

#[tokio::test]
async fn lookups_by_id_are_the_id() {
    let backend = empty().await;
    let message = refused(&backend, json!([["update", "notes", ["id", A], { "text": "t" }]])).await;
    assert!(message.contains("can only update the lookup attribute if an entity"), "{message}");
    ok(&backend, json!([["create", "notes", A, {}]])).await;
    ok(&backend, json!([["update", "notes", ["id", A], { "text": "t" }]])).await;
    assert_eq!(one(&backend, "notes", A).await, Some(json!({ "id": A, "text": "t" })));
    let message = refused(&backend, json!([["update", "notes", ["id", "nope"], {}]])).await;
    assert!(message.contains("the lookup value is not a valid UUID"), "{message}");
}

#[tokio::test]
async fn an_unlinked_target_that_is_looked_up_and_absent_changes_nothing() {
    let backend = empty().await;
    ok(&backend, json!([["update", "tags", ["name", "red"], {}], ["update", "posts", A, {}]])).await;
    ok(&backend, json!([["link", "posts", A, { "tags": { "name": "red" } }]])).await;
    let before = backend.state().await;
    ok(&backend, json!([["unlink", "posts", A, { "tags": { "name": "blue" } }]])).await;
    assert_eq!(backend.state().await, before);
    ok(&backend, json!([["unlink", "posts", A, { "tags": { "name": "red" } }]])).await;
    assert!(one(&backend, "posts", A).await.unwrap().get("tags").is_none());
}

/// `folders.parent` goes to folders; which side is deleted with the other is up to the test.
async fn folders(forward: bool) -> Backend {
    let mut link = json!({
        "forward": { "on": "folders", "has": "one", "label": "parent" },
        "reverse": { "on": "folders", "has": "many", "label": "children" },
    });
    if forward {
        link["forward"]["onDelete"] = json!("cascade");
    } else {
        link["reverse"]["has"] = json!("one");
        link["reverse"]["onDelete"] = json!("cascade");
    }
    let entities = json!({ "folders": { "attrs": { "name": attribute("string", "") } } });
    let backend = Backend::with_schema(&json!({ "entities": entities, "links": { "tree": link } })).await;
    ok(
        &backend,
        json!([
            ["create", "folders", A, {}],
            ["create", "folders", B, { "parent": A }],
            ["create", "folders", C, { "parent": B }],
        ]),
    )
    .await;
    backend
}

#[tokio::test]
async fn deletes_cascade_down_from_what_is_linked_to() {
    let backend = folders(true).await;
    ok(&backend, json!([["delete", "folders", B]])).await;
    assert_eq!(backend.state().await.into_keys().map(|(_, id)| id).collect::<Vec<_>>(), [A]);
}

#[tokio::test]
async fn deletes_cascade_up_from_what_links() {
    let backend = folders(false).await;
    ok(&backend, json!([["delete", "folders", B]])).await;
    assert_eq!(backend.state().await.into_keys().map(|(_, id)| id).collect::<Vec<_>>(), [C]);
}

#[tokio::test]
async fn a_cycle_of_cascades_ends() {
    let backend = folders(true).await;
    ok(&backend, json!([["link", "folders", A, { "parent": C }]])).await;
    ok(&backend, json!([["delete", "folders", A]])).await;
    assert!(backend.state().await.is_empty());
}

#[tokio::test]
async fn an_id_may_be_used_in_several_entity_types() {
    let backend = empty().await;
    ok(&backend, json!([["create", "cats", A, { "n": 1 }], ["create", "dogs", A, { "n": 2 }]])).await;
    ok(&backend, json!([["delete", "cats", A]])).await;
    assert_eq!(one(&backend, "cats", A).await, None);
    assert_eq!(one(&backend, "dogs", A).await, Some(json!({ "id": A, "n": 2 })));
}

#[tokio::test]
async fn attributes_can_be_added_and_deleted_by_steps() {
    let backend = empty().await;
    let record = json!({
        "id": B, "forward-identity": [C, "notes", "rank"], "value-type": "blob", "cardinality": "one",
        "unique?": false, "index?": true, "checked-data-type": "number",
    });
    ok(&backend, json!([["add-attr", record]])).await;
    ok(&backend, json!([["add-attr", record]])).await;
    assert_eq!(attr(&backend, "notes", "rank").await["checked-data-type"], "number");
    ok(&backend, json!([["create", "notes", A, {}]])).await;
    assert_eq!(one(&backend, "notes", A).await, Some(json!({ "id": A, "rank": null })));
    ok(&backend, json!([["delete-attr", B]])).await;
    assert_eq!(attr(&backend, "notes", "rank").await, Value::Null);
    let message = refused(&backend, json!([["add-attr", { "id": A }]])).await;
    assert_eq!(message, "Validation failed for tx-steps: `value-type` must be \"blob\" or \"ref\"");
    let system = json!({
        "id": A, "forward-identity": [C, "$users", "email"], "value-type": "blob", "cardinality": "one",
        "unique?": false, "index?": false,
    });
    let message = refused(&backend, json!([["add-attr", system]])).await;
    assert_eq!(
        message,
        "Validation failed for attributes: $users.email is a system column and it already exists."
    );
    let message = refused(&backend, json!([["create", "$moop", A, {}]])).await;
    assert_eq!(
        message,
        "Validation failed for attributes: $ is reserved for system tables. You can't create $moop"
    );
}

#[tokio::test]
async fn a_failing_last_step_undoes_all_others_and_the_attributes_they_invented() {
    let backend = empty().await;
    ok(&backend, json!([["update", "notes", ["slug", "a"], {}]])).await;
    let steps = json!([["create", "notes", A, { "fresh": 1 }], ["create", "notes", B, { "slug": "a" }]]);
    let message = refused(&backend, steps).await;
    assert!(message.contains("`slug` is a unique attribute on `notes`"), "{message}");
    assert_eq!(attr(&backend, "notes", "fresh").await, Value::Null);
}

#[tokio::test]
async fn rule_params_write_nothing() {
    let backend = empty().await;
    ok(&backend, json!([["ruleParams", "notes", A, { "key": "k" }]])).await;
    assert!(backend.state().await.is_empty());
}

#[tokio::test]
async fn thousands_of_steps_fit_in_one_transaction() {
    let backend = empty().await;
    let steps: Value =
        (0..2_000).map(|n| json!(["update", "notes", ["slug", n.to_string()], { "n": n }])).collect();
    ok(&backend, steps).await;
    assert_eq!(backend.state().await.len(), 2_000);
}

#[tokio::test]
async fn an_id_with_a_space_before_it_is_refused() {
    let backend = empty().await;
    for bad in [format!(" {A}"), format!("{A} "), format!("{A}\n"), format!("{{{A}}}"), A.replace('-', "")] {
        let message = refused(&backend, json!([["update", "posts", bad, { "title": "x" }]])).await;
        let expected = format!("Invalid entity ID '{bad}'. Entity IDs must be UUIDs or lookup references.");
        assert_eq!(message, format!("Validation failed for steps: {expected}"));
        let (_, link) = backend.transact(json!([["link", "posts", A, { "author": bad }]])).await;
        assert_eq!(link["hint"]["errors"][0]["in"], json!([0, 3, "author"]), "{link}");
    }
    // Upper case is another spelling of the same id.
    ok(&backend, json!([["update", "posts", A.to_uppercase(), { "title": "x" }]])).await;
    assert_eq!(one(&backend, "posts", A).await.unwrap()["title"], "x");
}

#[tokio::test]
async fn an_error_about_a_mode_describes_each_step_that_breaks_it() {
    let backend = empty().await;
    ok(&backend, json!([["create", "posts", A, {}]])).await;
    let id_attr = attr(&backend, "posts", "id").await["id"].clone();
    let (_, error) = backend.transact(json!([["create", "posts", A, {}]])).await;
    let described = json!({
        "op": "add-triple", "eid": A, "etype": "posts", "aid": id_attr, "value": A, "rev-etype": null,
        "opts": { "mode": "create" },
    });
    assert_eq!(error["hint"]["input"], json!([described]));
}

#[tokio::test]
async fn a_lookup_of_null_makes_an_entity_each_time_and_finds_one_to_delete() {
    let backend = empty().await;
    ok(&backend, json!([["update", "notes", ["slug", "a"], {}]])).await;
    for _ in 0..2 {
        ok(&backend, json!([["update", "notes", "lookup__slug", { "text": "t" }]])).await;
    }
    let slugs = |state: &common::State| state.values().map(|note| note["slug"].clone()).collect::<Vec<_>>();
    let mut found = slugs(&backend.state().await);
    found.sort_by_key(Value::to_string);
    assert_eq!(found, [json!("a"), json!(null), json!(null)]);

    let message = refused(&backend, json!([["create", "notes", ["slug", null], {}]])).await;
    assert!(
        message.starts_with("Validation failed for tx-step: Creating entities that exist: [#uuid "),
        "{message}"
    );
    assert!(message.ends_with(" nil]"), "{message}");
    let link = json!([["link", "posts", A, { "note": "lookup__slug__" }]]);
    assert!(refused(&backend, link).await.ends_with("The entity for the lookup does not exist."));

    for left in [2, 1, 1] {
        ok(&backend, json!([["delete", "notes", ["slug", null]]])).await;
        assert_eq!(backend.state().await.len(), left);
    }
}

#[tokio::test]
async fn two_targets_that_look_like_a_lookup_are_two_targets() {
    let link = json!({ "author": {
        "forward": { "on": "posts", "has": "one", "label": "author" },
        "reverse": { "on": "users", "has": "many", "label": "posts" },
    } });
    let attrs = json!({ "handle": attribute("string", "indexed unique") });
    let schema =
        json!({ "entities": { "users": { "attrs": attrs }, "posts": { "attrs": {} } }, "links": link });
    let backend = Backend::with_schema(&schema).await;
    ok(&backend, json!([["create", "users", A, { "handle": "ada" }], ["create", "posts", B, {}]])).await;
    let author = async || one(&backend, "posts", B).await.unwrap().get("author").cloned();

    let targets = |targets: Value| json!([["link", "posts", B, { "author": targets }]]);
    assert_eq!(
        refused(&backend, targets(json!(["handle", "ada"]))).await,
        "Linked value must be a valid uuid."
    );
    // Of several targets of a link to one, only the last is written.
    ok(&backend, targets(json!(["handle", A]))).await;
    assert_eq!(author().await, Some(json!(A)));
    // Nothing was linked to such a text, so nothing is unlinked.
    ok(&backend, json!([["unlink", "posts", B, { "author": ["handle", "ada"] }]])).await;
    assert_eq!(author().await, Some(json!(A)));
    ok(&backend, json!([["unlink", "posts", B, { "author": { "handle": "ada" } }]])).await;
    assert_eq!(author().await, None);
    // In the place of an entity such a text is no id.
    let reverse = refused(&backend, json!([["link", "users", A, { "posts": ["slug", "x"] }]])).await;
    assert_eq!(
        reverse,
        "Validation failed for tx-steps: Invalid entity ID 'slug'. Entity IDs must be UUIDs. Use id() or lookup() to \
         generate a valid UUID."
    );
    for nothing in [json!([]), json!({})] {
        ok(&backend, targets(nothing)).await;
        assert_eq!(author().await, None);
    }
}

#[tokio::test]
async fn a_text_with_the_groups_of_an_id_is_told_as_what_it_is() {
    let backend = empty().await;
    let (status, error) = backend.transact(json!([["update", "notes", "1-1-1-1-1", {}]])).await;
    assert_eq!((status, &error["hint"]["data-type"]), (StatusCode::BAD_REQUEST, &json!("tx-steps")));
    assert_eq!(
        error["hint"]["errors"][0]["message"],
        "Invalid entity ID '1-1-1-1-1'. Entity IDs must be UUIDs. Use id() or lookup() to generate a valid UUID."
    );
    let message = refused(&backend, json!([["update", "notes", "1-1-1-1", {}]])).await;
    assert!(message.ends_with("Entity IDs must be UUIDs or lookup references."), "{message}");
}

#[tokio::test]
async fn ids_of_attributes_are_taken_in_all_apps_and_for_good() {
    let backend = empty().await;
    let (_, other) = answer(backend.bare_post("/dash/apps/ephemeral", &json!({ "title": "Other" }))).await;
    let (id, token) = (other["app"]["id"].clone(), other["app"]["admin-token"].clone());
    let in_other = async |steps: Value| {
        let request = backend.bare_post("/admin/transact", &json!({ "steps": steps }));
        let request = request.header("app-id", id.as_str().unwrap()).bearer_auth(token.as_str().unwrap());
        answer(request).await.1["message"].clone()
    };
    let add = |id: &str, name: &str, label: &str| {
        json!([["add-attr", {
            "id": id, "forward-identity": [name, "notes", label], "value-type": "blob", "cardinality": "one",
            "unique?": false, "index?": false,
        }]])
    };
    ok(&backend, add(A, B, "rank")).await;
    let known = "Raised Exception: Another attribute for notes.rank exists with different properties.";
    assert_eq!(in_other(add(A, B, "rank")).await, known);
    let conflict = format!(
        "Raised Exception: The attribute with id {A} conflicts with an existing attribute with id {A}."
    );
    assert_eq!(in_other(add(A, C, "rank")).await, json!(conflict));
    ok(&backend, json!([["delete-attr", A]])).await;
    ok(&backend, json!([["delete-attr", A]])).await;
    assert_eq!(refused(&backend, add(C, B, "rank")).await, known);
    // The name itself is free in each app, and again.
    assert_eq!(in_other(json!([["create", "notes", A, { "rank": 1 }]])).await, Value::Null);
    ok(&backend, json!([["create", "notes", A, { "rank": 1 }]])).await;
}

#[tokio::test]
async fn rows_are_checked_in_the_order_of_their_entities() {
    let attrs = json!({ "slug": attribute("string", "indexed unique"), "rank": attribute("number", "") });
    let backend = Backend::with_schema(&json!({ "entities": { "notes": { "attrs": attrs } } })).await;
    ok(&backend, json!([["create", "notes", C, { "slug": "taken" }]])).await;
    let clash = json!(["update", "notes", A, { "slug": "taken" }]);
    let wrong = json!(["update", "notes", B, { "rank": "x" }]);
    for steps in [json!([clash, wrong]), json!([wrong, clash])] {
        assert!(refused(&backend, steps).await.starts_with("`slug` is a unique attribute"));
    }
    // What a later step replaces is never a row.
    ok(&backend, json!([["update", "notes", B, { "rank": "x" }], ["update", "notes", B, { "rank": 2 }]]))
        .await;
    assert_eq!(one(&backend, "notes", B).await.unwrap()["rank"], 2);
}

#[tokio::test]
async fn what_is_required_is_listed_by_entity_with_a_sentence_for_each_attribute() {
    let attrs = json!({ "text": attribute("string", "required") });
    let backend = Backend::with_schema(&json!({ "entities": { "notes": { "attrs": attrs } } })).await;
    let steps = json!([["create", "notes", B, {}], ["create", "notes", A, {}]]);
    let (_, error) = backend.transact(steps).await;
    assert_eq!(error["message"], format!("Missing required attributes `notes/text`: {A}, {B}"));
    let records = error["hint"]["records"].as_array().unwrap();
    assert_eq!(records.iter().map(|record| &record["entity_id"]).collect::<Vec<_>>(), [A, B]);
    assert_eq!(records[0]["is_required"], true);
}
