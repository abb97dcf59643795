//! Planning, applying and reading schemas.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests stop where they cannot go on, and take literals"
)]

mod common;

use common::{Backend, answer, attribute};
use reqwest::StatusCode;
use serde_json::{Value, json};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

fn schema(title: Value) -> Value {
    json!({ "entities": { "posts": { "attrs": { "title": title }, "links": {} } }, "links": {}, "rooms": {} })
}

async fn push(backend: &Backend, kind: &str, schema: &Value) -> (StatusCode, Value) {
    let body = json!({ "schema": schema, "check_types": true, "supports_background_updates": true });
    answer(backend.post(&format!("/dash/apps/{}/schema/push/{kind}", backend.app), &body)).await
}

async fn steps(backend: &Backend, steps: Value) -> (StatusCode, Value) {
    let path = format!("/dash/apps/{}/schema/steps/apply", backend.app);
    answer(backend.post(&path, &json!({ "steps": steps }))).await
}

async fn title(backend: &Backend) -> Value {
    answer(backend.get("/admin/schema")).await.1["schema"]["blobs"]["posts"]["title"].clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The jobs that applying a schema made, as a client that polls sees them.
async fn polled(backend: &Backend, applied: &Value) -> Vec<Value> {
    let group = text(&applied["indexing-jobs"]["group-id"]);
    let path = format!("/dash/apps/{}/indexing-jobs/group/{group}", backend.app);
    let (_, body) = answer(backend.get(&path)).await;
    body["jobs"].as_array().unwrap().clone()
}

fn names(plan: &Value) -> Vec<&str> {
    plan["steps"].as_array().unwrap().iter().map(|step| step[0].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_plan_changes_nothing_and_applying_it_twice_leaves_nothing_to_do() {
    let backend = Backend::with_schema(&json!({ "entities": {} })).await;
    let wanted = schema(attribute("string", "indexed required"));
    let (status, plan) = push(&backend, "plan", &wanted).await;
    assert_eq!(status, StatusCode::OK, "{plan}");
    assert_eq!(names(&plan), ["add-attr", "add-attr"]);
    assert_eq!(plan["new-schema"]["blobs"]["posts"]["title"]["required?"], true);
    assert!(plan["current-schema"]["blobs"]["$users"]["email"].is_object());
    assert!(plan["current-attrs"].as_array().unwrap().len() > 40);
    assert_eq!(title(&backend).await, Value::Null);
    let (status, applied) = push(&backend, "apply", &wanted).await;
    assert_eq!((status, names(&applied)), (StatusCode::OK, vec!["add-attr", "add-attr"]));
    assert_eq!(applied["indexing-jobs"], Value::Null);
    assert_eq!(applied["transaction"]["app_id"], backend.app.to_string());
    assert_eq!(title(&backend).await["checked-data-type"], "string");
    let (_, again) = push(&backend, "apply", &wanted).await;
    assert_eq!((names(&again), &again["transaction"]), (vec![], &json!({})));
}

#[tokio::test]
async fn changes_of_attributes_are_jobs_that_are_done_at_once() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let (status, _) = backend.transact(json!([["create", "posts", A, { "title": "a" }]])).await;
    assert_eq!(status, StatusCode::OK);
    let (_, applied) = push(&backend, "apply", &schema(attribute("string", "indexed unique required"))).await;
    assert_eq!(names(&applied), ["index", "unique", "required"]);
    let jobs = &applied["indexing-jobs"];
    let group = polled(&backend, &applied).await;
    let rows = jobs["jobs"].as_array().unwrap();
    let steps = applied["steps"].as_array().unwrap();
    for ((row, step), polled) in rows.iter().zip(steps).zip(&group) {
        assert_eq!((&row["job_status"], &row["id"]), (&json!("waiting"), &step[1]["job-id"]), "{row}");
        assert_eq!(polled["job_status"], "completed");
        assert_eq!((&polled["attr_name"], &polled["id"]), (&json!("posts.title"), &row["id"]));
        assert_eq!((row.get("attr_name"), polled.get("job_serial_key")), (None, None));
        let path = format!("/dash/apps/{}/indexing-jobs/{}", backend.app, text(&row["id"]));
        assert_eq!(answer(backend.get(&path)).await.1["job"], *polled);
    }
    let stages: Vec<_> = group.iter().map(|job| text(&job["job_stage"])).collect();
    assert_eq!(stages, ["update-attr-done", "update-attr-done", "revalidate"]);
    let title = title(&backend).await;
    assert_eq!(
        (&title["index?"], &title["unique?"], &title["required?"]),
        (&json!(true), &json!(true), &json!(true))
    );
}

#[tokio::test]
async fn a_job_that_meets_unfit_values_is_errored_and_changes_nothing() {
    let backend = Backend::with_schema(&schema(attribute("json", ""))).await;
    let same = json!({ "title": "same" });
    let (status, _) =
        backend.transact(json!([["create", "posts", A, &same], ["create", "posts", B, &same]])).await;
    assert_eq!(status, StatusCode::OK);
    let id = title(&backend).await["id"].clone();
    let job = |kind: &str, checked: Value| json!([[kind, { "attr-id": id, "checked-data-type": checked }]]);
    let run = async |steps_of_job: Value| {
        let (_, applied) = steps(&backend, steps_of_job).await;
        polled(&backend, &applied).await.remove(0)
    };
    let shown = |entity: &str, value: &Value, kind: &str| json!({ "entity_id": entity, "value": value, "json_type": kind });
    let both = json!([shown(A, &json!("same"), "string"), shown(B, &json!("same"), "string")]);
    let unique = run(job("unique", Value::Null)).await;
    assert_eq!(
        (&unique["job_status"], &unique["error"], &unique["job_stage"], &unique["done_at"]),
        (&json!("errored"), &json!("triple-not-unique-error"), &json!("update-triples"), &Value::Null)
    );
    assert_eq!((&unique["invalid_unique_value"], &unique["invalid_triples_sample"]), (&json!("same"), &both));
    let number = run(job("check-data-type", json!("number"))).await;
    assert_eq!(
        (&number["error"], &number["job_stage"], &number["invalid_triples_sample"]),
        (&json!("invalid-triple-error"), &json!("validate"), &both)
    );
    let long = json!("x".repeat(2000));
    let large = json!([["update", "posts", A, { "title": long }], ["update", "posts", B, { "title": null }]]);
    assert_eq!(backend.transact(large).await.0, StatusCode::OK);
    // What is no longer wrong is no longer shown.
    let path = format!("/dash/apps/{}/indexing-jobs/{}", backend.app, text(&unique["id"]));
    assert_eq!(answer(backend.get(&path)).await.1["job"]["invalid_triples_sample"], Value::Null);
    let index = run(job("index", Value::Null)).await;
    assert_eq!(
        (&index["error"], &index["invalid_triples_sample"]),
        (&json!("triple-too-large-error"), &json!([shown(A, &long, "string")]))
    );
    let required = run(job("required", Value::Null)).await;
    assert_eq!(
        (&required["error"], &required["invalid_triples_sample"]),
        (&json!("missing-required-error"), &json!([shown(B, &Value::Null, "null")]))
    );
    assert_eq!(
        required["error_data"],
        json!({ "count": 1, "etype": "posts", "label": "title", "entity-ids": [B] })
    );
    let title = title(&backend).await;
    assert_eq!((&title["unique?"], &title["required?"]), (&json!(false), &json!(false)));
    assert_eq!((&title["index?"], title.get("checked-data-type")), (&json!(false), None));
}

#[tokio::test]
async fn a_job_can_be_asked_for_by_itself() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let id = title(&backend).await["id"].clone();
    let path = format!("/dash/apps/{}/indexing-jobs", backend.app);
    let start = |body: Value| answer(backend.post(&path, &body));
    let (status, body) = start(json!({ "attr-id": id, "job-type": "index" })).await;
    let (job, found) =
        (&body["job"], answer(backend.get(&format!("{path}/{}", text(&body["job"]["id"])))).await);
    assert_eq!(
        (status, &job["job_status"], &job["job_stage"], &job["group_id"]),
        (StatusCode::OK, &json!("waiting"), &json!("update-attr-start"), &Value::Null)
    );
    assert_eq!((&found.1["job"]["id"], &found.1["job"]["job_status"]), (&job["id"], &json!("completed")));
    assert_eq!(answer(backend.get(&format!("{path}/{A}"))).await.1, json!({ "job": {} }));
    assert_eq!(title(&backend).await["index?"], true);
    let (status, error) = start(json!({ "attr-id": A, "job-type": "index" })).await;
    assert_eq!((status, &error["message"]), (StatusCode::BAD_REQUEST, &json!("Record not found: attrs")));
    assert_eq!(error["hint"], json!({ "attr-id": A, "record-type": "attrs" }));
    let (status, error) = start(json!({ "attr-id": A, "job-type": "indx" })).await;
    let message = "Validation failed for job-type: Invalid job type indx.";
    assert_eq!((status, &error["message"]), (StatusCode::BAD_REQUEST, &json!(message)));
    let (_, error) = start(json!({ "attr-id": id, "job-type": "check-data-type" })).await;
    assert_eq!(error["message"], "Missing parameter: [\"body\" \"checked-data-type\"]");
    let (status, error) =
        start(json!({ "attr-id": id, "job-type": "check-data-type", "checked-data-type": "json" })).await;
    assert_eq!((status, &error["hint"]["data-type"]), (StatusCode::BAD_REQUEST, &json!("checked-data-type")));
}

#[tokio::test]
async fn values_cannot_become_links_by_an_update_of_their_attribute() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let id = title(&backend).await["id"].clone();
    let same = json!([["update-attr", { "id": id, "value-type": "blob", "cardinality": "one" }]]);
    assert_eq!(steps(&backend, same).await.0, StatusCode::OK);
    let ref_of = json!([["update-attr", { "id": id, "value-type": "ref" }]]);
    let many = json!([["update-attr", { "id": id, "cardinality": "many" }]]);
    for change in [&ref_of, &many] {
        let before = title(&backend).await;
        let (status, error) = steps(&backend, change.clone()).await;
        assert_eq!(
            (status, &error["hint"]["data-type"]),
            (StatusCode::BAD_REQUEST, &json!("attributes")),
            "{error}"
        );
        assert_eq!(title(&backend).await, before);
    }
    let (_, error) = steps(&backend, ref_of.clone()).await;
    let message = "Validation failed for attributes: `posts.title` is no link: its `value-type` cannot change. Delete it, \
                   and add a link with the same name.";
    assert_eq!(error["message"], message);
    assert_eq!(backend.transact(json!([["create", "posts", A, { "title": "a" }]])).await.0, StatusCode::OK);
    let (_, error) = steps(&backend, ref_of).await;
    assert_eq!(error["message"], "Linked value must be a valid uuid.");
    assert_eq!((&error["hint"]["value"], &error["hint"]["namespace"]), (&json!("a"), &Value::Null));
}

#[tokio::test]
async fn an_update_changes_names_and_keeps_their_ids() {
    let backend = Backend::with_schema(&schema(attribute("string", "unique"))).await;
    let before = title(&backend).await;
    let id = &before["id"];
    assert_eq!(backend.transact(json!([["create", "posts", A, { "title": "a" }]])).await.0, StatusCode::OK);
    let renamed = json!([["update-attr", { "id": id, "forward-identity": [id, "posts", "heading"] }]]);
    assert_eq!(steps(&backend, renamed).await.0, StatusCode::OK);
    let (_, body) = answer(backend.get("/admin/schema")).await;
    let heading = &body["schema"]["blobs"]["posts"]["heading"];
    assert_eq!((&heading["id"], &heading["forward-identity"][0]), (id, &before["forward-identity"][0]));
    // The old name is free again.
    let (status, added) = push(&backend, "apply", &schema(attribute("string", ""))).await;
    assert_eq!((status, names(&added)), (StatusCode::OK, vec!["add-attr"]));
    let back = json!([["update-attr", { "id": id, "forward-identity": [id, "posts", "title"] }]]);
    let (_, error) = steps(&backend, back).await;
    assert_eq!(
        (&error["message"], &error["hint"]),
        (&json!("Record not unique: attr"), &json!({ "record-type": "attr" }))
    );
    for (entity, label, says) in [
        ("posts", " ", "Names of entities and attributes must not be blank."),
        ("$users", "email", "$users.email is a system column and it already exists."),
        (
            "posts",
            "id",
            "`id` is the name of what identifies an entity: no attribute can be renamed to or from it.",
        ),
    ] {
        let change = json!({ "id": id, "forward-identity": [id, entity, label] });
        let (_, error) = steps(&backend, json!([["update-attr", change]])).await;
        assert_eq!(error["message"], format!("Validation failed for attributes: {says}"));
        assert_eq!(error["hint"]["input"], change);
    }
}

#[tokio::test]
async fn an_index_made_by_an_update_gives_no_nulls_and_one_made_by_a_job_does() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let id = title(&backend).await["id"].clone();
    assert_eq!(backend.transact(json!([["create", "posts", A, {}]])).await.0, StatusCode::OK);
    let posts = async || {
        let (_, found) = answer(backend.post("/admin/query", &json!({ "query": { "posts": {} } }))).await;
        found["posts"].clone()
    };
    let index = |is_indexed: bool| json!([["update-attr", { "id": id, "index?": is_indexed }]]);
    assert_eq!(steps(&backend, index(true)).await.0, StatusCode::OK);
    assert_eq!(posts().await, json!([{ "id": A }]));
    assert_eq!(steps(&backend, index(false)).await.0, StatusCode::OK);
    assert_eq!(steps(&backend, json!([["index", { "attr-id": id }]])).await.0, StatusCode::OK);
    assert_eq!(posts().await, json!([{ "id": A, "title": null }]));
    // The next write to an entity that has none brings it.
    assert_eq!(
        backend.transact(json!([["delete", "posts", A], ["create", "posts", B, {}]])).await.0,
        StatusCode::OK
    );
    assert_eq!(posts().await, json!([{ "id": B, "title": null }]));
    assert_eq!(steps(&backend, json!([["delete-attr", id]])).await.0, StatusCode::OK);
    assert_eq!(push(&backend, "apply", &schema(attribute("string", ""))).await.0, StatusCode::OK);
    let id = title(&backend).await["id"].clone();
    let index = json!([["update-attr", { "id": id, "index?": true }]]);
    assert_eq!(steps(&backend, index).await.0, StatusCode::OK);
    assert_eq!(posts().await, json!([{ "id": B }]));
    assert_eq!(backend.transact(json!([["update", "posts", B, {}]])).await.0, StatusCode::OK);
    assert_eq!(posts().await, json!([{ "id": B, "title": null }]));
}

#[tokio::test]
async fn jobs_on_attributes_that_cannot_have_them_say_at_which_stage_they_stopped() {
    let backend = Backend::with_schema(&json!({ "entities": {} })).await;
    let add = json!({ "id": A, "forward-identity": [A, "posts", "title"], "value-type": "blob", "cardinality": "one",
        "unique?": false, "index?": false });
    assert_eq!(steps(&backend, json!([["add-attr", add]])).await.0, StatusCode::OK);
    let email = "96653230-13ff-ffff-a4b4-46010bffffff";
    let jobs = json!([
        ["index", { "attr-id": A }],
        ["required", { "attr-id": A }],
        ["unique", { "attr-id": email }],
        ["remove-required", { "attr-id": email }],
    ]);
    let (_, applied) = steps(&backend, jobs).await;
    let stopped: Vec<_> = polled(&backend, &applied)
        .await
        .iter()
        .map(|job| (text(&job["error"]).to_owned(), text(&job["job_stage"]).to_owned()))
        .collect();
    let expected = [
        ("unexpected-error", "estimate-work-with-undefineds"),
        ("unexpected-error", "estimate-work"),
        ("invalid-attr-state-error", "update-attr-start"),
        ("invalid-attr-state-error", "update-attr"),
    ];
    assert_eq!(stopped, expected.map(|(error, stage)| (error.to_owned(), stage.to_owned())));
    let (_, body) = answer(backend.get("/admin/schema")).await;
    assert_eq!(body["schema"]["blobs"]["posts"]["title"]["index?"], false);
    let (status, error) = steps(&backend, json!([["index", { "attr-id": B }]])).await;
    assert_eq!((status, &error["type"]), (StatusCode::BAD_REQUEST, &json!("record-foreign-key-invalid")));
}

#[tokio::test]
async fn steps_may_delete_and_the_name_is_free_again() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let id = title(&backend).await["id"].clone();
    let (status, body) = steps(&backend, json!([["delete-attr", id]])).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(title(&backend).await, Value::Null);
    let (_, deleted) = answer(backend.get("/admin/soft_deleted_attrs")).await;
    assert_eq!(deleted["grace-period-days"], 2);
    assert_eq!(deleted["attrs"][0]["id"], id);
    let marked = format!("{}_deleted$", id.as_str().unwrap());
    let identity = &deleted["attrs"][0]["forward-identity"];
    assert_eq!(
        (&identity[1], &identity[2]),
        (&json!(format!("{marked}posts")), &json!(format!("{marked}title")))
    );
    assert!(deleted["attrs"][0]["deletion-marked-at"].as_str().unwrap().ends_with('Z'));
    let (_, applied) = push(&backend, "apply", &schema(attribute("number", ""))).await;
    assert_eq!(names(&applied), ["add-attr"]);
    assert_eq!(title(&backend).await["checked-data-type"], "number");
}

#[tokio::test]
async fn steps_and_schemas_that_make_no_sense_are_refused_with_their_place() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let (status, error) = steps(&backend, json!([["frob", { "x": 1 }], ["index", {}]])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(error["hint"]["errors"][0]["in"], json!([1]));
    let (status, _) = steps(&backend, json!([["delete-attr", A]])).await;
    assert_eq!(status, StatusCode::OK, "there is nothing to delete");
    // What no server knows is passed over, as the official one does.
    let (status, body) = steps(&backend, json!([["frob", { "x": 1 }]])).await;
    assert_eq!((status, &body["steps"]), (StatusCode::OK, &json!([["frob", { "x": 1 }]])));
    for nonsense in [json!([[]]), json!([["index"]]), json!([["index", null]]), json!([7]), json!("x")] {
        assert_eq!(steps(&backend, nonsense.clone()).await.0, StatusCode::BAD_REQUEST, "{nonsense}");
    }
    let short = A.replace('-', "");
    let (_, spelled) = steps(&backend, json!([["delete-attr", short]])).await;
    assert_eq!(spelled["hint"]["errors"][0]["in"], json!([0]));
    assert!(spelled["message"].as_str().unwrap().contains(&format!("`{short}` is not an id")), "{spelled}");
    let wrong = json!({ "entities": { "posts": { "attrs": { "title": null } } } });
    let (status, error) = push(&backend, "plan", &wrong).await;
    assert_eq!((status, &error["hint"]["data-type"]), (StatusCode::BAD_REQUEST, &json!("schema")), "{error}");
    let (_, taken) = backend
        .transact(json!([["add-attr", {
            "id": A, "forward-identity": [B, "posts", "title"], "value-type": "blob", "cardinality": "one",
            "unique?": false, "index?": false,
        }]]))
        .await;
    assert_eq!(
        (&taken["type"], &taken["message"]),
        (&json!("record-not-unique"), &json!("`title` already exists on `posts`"))
    );
}

#[tokio::test]
async fn a_pushed_value_type_that_is_unknown_enforces_nothing() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let (status, plan) = push(&backend, "plan", &schema(attribute("text", ""))).await;
    assert_eq!((status, &plan["steps"][0][0]), (StatusCode::OK, &json!("remove-data-type")), "{plan}");
}

#[tokio::test]
async fn a_required_attribute_cannot_be_added_to_entities_that_lack_it() {
    let backend = Backend::with_schema(&json!({ "entities": {} })).await;
    assert_eq!(backend.transact(json!([["create", "posts", A, {}]])).await.0, StatusCode::OK);
    let (status, error) = push(&backend, "apply", &schema(attribute("string", "required"))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let message = "Validation failed for attributes: Can't create attribute `title` as required because `posts` already \
                   have entities";
    assert_eq!(error["message"], message);
    assert_eq!(title(&backend).await, Value::Null);
}
