//! View and field rules on queries, over HTTP: what is hidden, and what a query cannot find out about it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Backend, answer, attribute};
use reqwest::StatusCode;
use serde_json::{Value, json};

const ADA: &str = "00000000-0000-4000-8000-0000000000a1";
const BEA: &str = "00000000-0000-4000-8000-0000000000a2";
const OPEN: &str = "00000000-0000-4000-8000-0000000000b1";
const CLOSED: &str = "00000000-0000-4000-8000-0000000000b2";
const T1: &str = "00000000-0000-4000-8000-0000000000c1";
const T2: &str = "00000000-0000-4000-8000-0000000000c2";
const T3: &str = "00000000-0000-4000-8000-0000000000c3";

/// Tasks in an open and a closed project, of two users.
struct App(Backend);

impl App {
    async fn with_rules(rules: Value) -> Self {
        let schema = json!({
            "entities": {
                "tasks": { "attrs": {
                    "title": attribute("string", "indexed"),
                    "size": attribute("number", "indexed"),
                }, "links": {} },
                "projects": { "attrs": { "name": attribute("string", "indexed") }, "links": {} },
                "$users": { "attrs": {}, "links": {} },
            },
            "links": {
                "tasksProject": {
                    "forward": { "on": "tasks", "has": "one", "label": "project" },
                    "reverse": { "on": "projects", "has": "many", "label": "tasks" },
                },
                "tasksOwners": {
                    "forward": { "on": "tasks", "has": "many", "label": "owners" },
                    "reverse": { "on": "$users", "has": "many", "label": "tasks" },
                },
            },
            "rooms": {},
        });
        let backend = Backend::with_schema(&schema).await;
        let steps = json!([
            ["create", "$users", ADA, { "email": "ada@b.co" }],
            ["create", "$users", BEA, { "email": "bea@b.co" }],
            ["create", "projects", OPEN, { "name": "open" }],
            ["create", "projects", CLOSED, { "name": "closed" }],
            ["create", "tasks", T1, { "title": "one", "size": 1 }],
            ["create", "tasks", T2, { "title": "two", "size": 2 }],
            ["create", "tasks", T3, { "title": "three", "size": 3 }],
            ["link", "tasks", T1, { "project": OPEN, "owners": [ADA, BEA] }],
            ["link", "tasks", T2, { "project": CLOSED, "owners": [BEA] }],
            ["link", "tasks", T3, { "project": OPEN }],
        ]);
        let (status, body) = backend.transact(steps).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let path = format!("/dash/apps/{}/rules", backend.app);
        let (status, body) = answer(backend.post(&path, &json!({ "code": rules }))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        Self(backend)
    }

    /// What Ada gets.
    async fn ask(&self, query: Value) -> (StatusCode, Value) {
        answer(self.0.post("/admin/query", &json!({ "query": query })).header("as-email", "ada@b.co")).await
    }

    /// The titles of the tasks that Ada gets.
    async fn titles(&self, options: Value) -> Vec<String> {
        let (status, body) = self.ask(json!({ "tasks": { "$": options } })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let tasks = body["tasks"].as_array().unwrap();
        tasks.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
    }
}

/// Rules that hide the closed project.
fn closed_hidden() -> Value {
    json!({ "projects": { "allow": { "view": "data.name != 'closed'" } } })
}

#[tokio::test]
async fn a_branch_of_or_finds_what_another_one_may_not() {
    let app = App::with_rules(closed_hidden()).await;
    let both = json!([{ "project.name": "closed" }, { "title": "two" }]);
    assert_eq!(app.titles(json!({ "where": { "or": both } })).await, ["two"]);
    let hidden = json!([{ "project.name": "closed" }, { "title": "three" }]);
    assert_eq!(app.titles(json!({ "where": { "or": hidden } })).await, ["three"]);
    let nested = json!([{ "and": [{ "project.name": "closed" }, { "title": "two" }] }, { "size": 1 }]);
    assert_eq!(app.titles(json!({ "where": { "or": nested } })).await, ["one"]);
}

#[tokio::test]
async fn a_filter_through_a_hidden_entity_finds_nothing_from_either_side() {
    let app = App::with_rules(closed_hidden()).await;
    assert_eq!(
        app.titles(json!({ "where": { "project.name": { "$in": ["open", "closed"] } } })).await.len(),
        2
    );
    assert_eq!(app.titles(json!({ "where": { "project.tasks.title": "two" } })).await, ["two"]);
    let app = App::with_rules(json!({ "tasks": { "allow": { "view": "data.title != 'two'" } } })).await;
    let query = json!({ "projects": { "$": { "where": { "tasks.title": { "$in": ["one", "two"] } } } } });
    let (_, body) = app.ask(query).await;
    assert_eq!(body["projects"], json!([{ "id": OPEN, "name": "open" }]));
}

#[tokio::test]
async fn an_order_by_a_hidden_value_drops_the_rows_that_hide_it() {
    let rules = json!({ "tasks": { "fields": { "size": "data.title != 'two'" } } });
    let app = App::with_rules(rules).await;
    assert_eq!(app.titles(json!({ "order": { "size": "desc" } })).await, ["three", "one"]);
    // Below the root the order is by what is shown, and a hidden value is none.
    let query = json!({ "projects": { "$": { "where": { "name": "closed" } }, "tasks": { "$": { "order": { "size": "asc" } } } } });
    let (_, body) = app.ask(query).await;
    assert_eq!(body["projects"][0]["tasks"], json!([{ "id": T2, "title": "two", "project": CLOSED }]));
}

#[tokio::test]
async fn cursors_are_those_of_visible_rows_and_flags_of_all() {
    let app = App::with_rules(json!({ "tasks": { "allow": { "view": "data.title == 'two'" } } })).await;
    let query = json!({ "tasks": { "$": { "first": 2, "order": { "size": "asc" } } } });
    let request = app.0.post("/admin/subscribe-query", &json!({ "query": query }));
    let mut response = request.header("as-guest", "true").send().await.unwrap();
    let mut text = String::new();
    while text.matches("\n\n").count() < 3 {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    let message = text.split("\n\n").filter_map(|event| event.strip_prefix("data:")).nth(1).unwrap();
    let message: Value = serde_json::from_str(message).unwrap();
    assert_eq!(message["result"]["tasks"][0]["title"], "two", "{message}");
    let info = &message["result-meta"]["page-info"]["tasks"];
    assert_eq!((&info["start-cursor"][0], &info["end-cursor"][0]), (&json!(T2), &json!(T2)));
    assert_eq!((&info["has-next-page?"], &info["has-previous-page?"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn rules_follow_links_by_constant_and_by_computed_paths() {
    for rule in [
        "auth.id in data.ref('owners.id')",
        "auth.id in data.ref('owners.' + 'id')",
        "data.ref('owners.email').exists(email, email == auth.email)",
        "'one' in auth.ref('$user.tasks.title') && data.title == 'one'",
        "data.id in auth.ref('$user.tasks.project.tasks.id') && data.ref('project.name') == ['open'] && data.size < 3",
    ] {
        let app = App::with_rules(json!({ "tasks": { "allow": { "view": rule } } })).await;
        assert_eq!(app.titles(json!({})).await, ["one"], "{rule}");
    }
}

#[tokio::test]
async fn what_lies_below_a_hidden_parent_is_judged_all_the_same() {
    let rules = json!({
        "projects": { "allow": { "view": "data.name == 'open'" } },
        "tasks": { "allow": { "view": "data.title == 'two' ? data.size.x : true" } },
    });
    let app = App::with_rules(rules).await;
    let (status, body) = app.ask(json!({ "projects": { "tasks": {} } })).await;
    assert_eq!((status, &body["type"]), (StatusCode::BAD_REQUEST, &json!("permission-evaluation-failed")));
    assert_eq!(body["hint"]["rule"], json!(["tasks", "view"]));
    let (status, body) = app.ask(json!({ "projects": {} })).await;
    assert_eq!((status, &body["projects"]), (StatusCode::OK, &json!([{ "id": OPEN, "name": "open" }])));
}

#[tokio::test]
async fn a_check_shows_each_result_once_with_the_whole_record() {
    let rules =
        json!({ "tasks": { "allow": { "view": "data.size > 1" }, "fields": { "title": "data.size > 2" } } });
    let app = App::with_rules(rules).await;
    let body = json!({
        "query": { "tasks": { "$": { "fields": ["title"] }, "project": {} } },
    });
    let (status, checked) =
        answer(app.0.post("/admin/query_perms_check", &body).header("as-guest", "true")).await;
    assert_eq!(status, StatusCode::OK, "{checked}");
    let tasks = checked["result"]["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!(checked["rule-wheres"], Value::Null);
    let results = checked["check-results"].as_array().unwrap();
    // Three tasks, their three titles, and two projects, of which one is found twice.
    assert_eq!(results.len(), 8, "{checked}");
    let of = |id: &str, label: Value| {
        let found: Vec<&Value> =
            results.iter().filter(|result| result["id"] == id && result["label"] == label).collect();
        assert_eq!(found.len(), 1, "{id} {label}");
        found[0].clone()
    };
    let task = of(T2, Value::Null);
    assert_eq!((&task["check"], &task["entity"]), (&json!(true), &json!("tasks")));
    assert_eq!(task["record"], json!({ "id": T2, "title": "two", "size": 2, "project": CLOSED }));
    let program = json!({ "code": "data.size > 1", "display-code": "data.size > 1", "etype": "tasks", "action": "view" });
    assert_eq!(task["program"], program);
    assert_eq!(of(T2, json!("title"))["check"], false);
    assert_eq!(of(OPEN, Value::Null)["program"], json!({}));
}

#[tokio::test]
async fn rules_of_a_check_stand_in_for_those_of_the_app_and_are_checked_like_them() {
    let app = App::with_rules(closed_hidden()).await;
    let check = |rules: Value| {
        let body = json!({ "query": { "projects": {} }, "rules-override": rules });
        answer(app.0.post("/admin/query_perms_check", &body).header("as-guest", "true"))
    };
    let names = |checked: &Value| checked["result"]["projects"].as_array().map(Vec::len);
    assert_eq!(names(&check(Value::Null).await.1), Some(1));
    assert_eq!(names(&check(json!({})).await.1), Some(2));
    assert_eq!(names(&check(json!({ "projects": { "allow": { "view": "false" } } })).await.1), Some(0));
    let (status, refused) = check(json!({ "projects": { "allow": { "view": "nope" } } })).await;
    assert_eq!((status, &refused["hint"]["data-type"]), (StatusCode::BAD_REQUEST, &json!("rule")));
    let (status, refused) =
        answer(app.0.post("/admin/query_perms_check", &json!({ "query": { "projects": {} } }))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(refused["message"], "Validation failed for non-admin: Cannot test perms as admin");
}
