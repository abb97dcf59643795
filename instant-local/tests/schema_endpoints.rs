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
    for (job, step) in jobs["jobs"].as_array().unwrap().iter().zip(applied["steps"].as_array().unwrap()) {
        assert_eq!(
            (&job["job_status"], &job["attr_name"]),
            (&json!("completed"), &json!("posts.title")),
            "{job}"
        );
        assert_eq!(job["id"], step[1]["job-id"]);
        let path = format!("/dash/apps/{}/indexing-jobs/{}", backend.app, job["id"].as_str().unwrap());
        assert_eq!(answer(backend.get(&path)).await.1["job"], *job);
    }
    let group =
        format!("/dash/apps/{}/indexing-jobs/group/{}", backend.app, jobs["group-id"].as_str().unwrap());
    assert_eq!(answer(backend.get(&group)).await.1["jobs"], jobs["jobs"]);
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
    let first = |answer: Value| answer["indexing-jobs"]["jobs"][0].clone();
    let (_, unique) = steps(&backend, job("unique", Value::Null)).await;
    let unique = first(unique);
    assert_eq!(
        (&unique["job_status"], &unique["error"]),
        (&json!("errored"), &json!("triple-not-unique-error"))
    );
    assert_eq!(unique["invalid_unique_value"], "same");
    let (_, number) = steps(&backend, job("check-data-type", json!("number"))).await;
    let number = first(number);
    assert_eq!(number["error"], "invalid-triple-error");
    assert_eq!(
        number["invalid_triples_sample"],
        json!([{ "entity_id": A, "value": "same", "json_type": "string" }])
    );
    let large = json!([["update", "posts", A, { "title": "x".repeat(2000) }], ["update", "posts", B, { "title": null }]]);
    assert_eq!(backend.transact(large).await.0, StatusCode::OK);
    assert_eq!(first(steps(&backend, job("index", Value::Null)).await.1)["error"], "triple-too-large-error");
    let required = first(steps(&backend, job("required", Value::Null)).await.1);
    assert_eq!(required["error"], "missing-required-error");
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
        (status, &job["job_status"], &job["job_type"]),
        (StatusCode::OK, &json!("completed"), &json!("index"))
    );
    assert_eq!(&found.1["job"], job);
    assert_eq!(title(&backend).await["index?"], true);
    let (status, error) = start(json!({ "attr-id": A, "job-type": "index" })).await;
    assert_eq!((status, &error["type"]), (StatusCode::BAD_REQUEST, &json!("record-not-found")));
    let (status, error) = start(json!({ "attr-id": id, "job-type": "indx" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text(&error["message"]).contains("did you mean `index`?"), "{error}");
}

#[tokio::test]
async fn values_cannot_become_links_by_an_update_of_their_attribute() {
    let backend = Backend::with_schema(&schema(attribute("string", ""))).await;
    let id = title(&backend).await["id"].clone();
    let same = json!([["update-attr", { "id": id, "value-type": "blob", "cardinality": "one" }]]);
    assert_eq!(steps(&backend, same).await.0, StatusCode::OK);
    for change in [json!({ "id": id, "value-type": "ref" }), json!({ "id": id, "cardinality": "many" })] {
        let before = title(&backend).await;
        let (status, error) = steps(&backend, json!([["update-attr", change]])).await;
        assert_eq!(
            (status, &error["hint"]["data-type"]),
            (StatusCode::BAD_REQUEST, &json!("attributes")),
            "{error}"
        );
        assert_eq!(title(&backend).await, before);
    }
    let (_, error) = steps(&backend, json!([["update-attr", { "id": id, "value-type": "ref" }]])).await;
    let message = "Validation failed for attributes: `posts.title` holds values: its `value-type` cannot change. Delete \
                   it, and add a link with the same name.";
    assert_eq!(error["message"], message);
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
    let (status, error) = steps(&backend, json!([["delete-attr", A], ["indx", {}]])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(error["hint"]["errors"][0]["in"], json!([1]));
    assert!(error["message"].as_str().unwrap().contains("did you mean `index`?"), "{error}");
    let (status, _) = steps(&backend, json!([["delete-attr", A]])).await;
    assert_eq!(status, StatusCode::OK, "there is nothing to delete");
    let short = A.replace('-', "");
    let (_, spelled) = steps(&backend, json!([["delete-attr", short]])).await;
    assert_eq!(spelled["hint"]["errors"][0]["in"], json!([0]));
    assert!(spelled["message"].as_str().unwrap().contains(&format!("`{short}` is not an id")), "{spelled}");
    let wrong = json!({ "entities": { "posts": { "attrs": { "title": { "valueType": 5 } } } } });
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
