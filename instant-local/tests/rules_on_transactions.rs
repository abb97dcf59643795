//! Permission rules on the transactions of users and guests: what is checked, in which state, in which order, and that a
//! denial leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Backend, answer, attribute};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
const C: &str = "00000000-0000-4000-8000-00000000000c";
const ADA: &str = "00000000-0000-4000-8000-0000000000ad";
const BEA: &str = "00000000-0000-4000-8000-0000000000be";

/// An app with users `ADA` and `BEA`, and these rules.
async fn backend(rules: Value) -> Backend {
    let entity = |attributes: Value| json!({ "attrs": attributes, "links": {} });
    let link = |on: &str, label: &str, has: &str, target: &str, reverse: &str, extra: Value| {
        let mut forward = json!({ "on": on, "has": has, "label": label });
        forward.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "forward": forward, "reverse": { "on": target, "has": "many", "label": reverse } })
    };
    let schema = json!({
        "entities": {
            "posts": entity(json!({
                "title": attribute("string", ""), "slug": attribute("string", "unique indexed"),
                "likes": attribute("number", ""), "meta": attribute("json", ""),
            })),
            "comments": entity(json!({ "text": attribute("string", "") })),
            "$users": entity(json!({ "nick": attribute("string", "") })),
        },
        "links": {
            "author": link("posts", "author", "one", "$users", "posts", json!({})),
            "post": link("comments", "post", "one", "posts", "comments", json!({ "onDelete": "cascade" })),
        },
        "rooms": {},
    });
    let backend = Backend::with_schema(&schema).await;
    let users = json!([
        ["create", "$users", ADA, { "email": "ada@b.co" }],
        ["create", "$users", BEA, { "email": "bea@b.co" }],
    ]);
    assert_eq!(backend.transact(users).await.0, StatusCode::OK);
    let path = format!("/dash/apps/{}/rules", backend.app);
    let (status, body) = answer(backend.post(&path, &json!({ "code": rules }))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    backend
}

fn as_user(backend: &Backend, path: &str, email: &str, body: &Value) -> RequestBuilder {
    backend.post(path, body).header("as-email", email)
}

async fn admin(backend: &Backend, steps: Value) {
    let (status, body) = backend.transact(steps).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

async fn ada(backend: &Backend, steps: Value) -> (StatusCode, Value) {
    answer(as_user(backend, "/admin/transact", "ada@b.co", &json!({ "steps": steps }))).await
}

async fn allowed(backend: &Backend, steps: Value) {
    let (status, body) = ada(backend, steps).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

/// Ada's steps are refused, and leave nothing behind. Returns the error.
async fn refused(backend: &Backend, steps: Value) -> Value {
    let before = (backend.state().await, attributes(backend).await);
    let (status, body) = ada(backend, steps).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
    assert_eq!((backend.state().await, attributes(backend).await), before, "something was left behind");
    body
}

async fn denied(backend: &Backend, steps: Value, input: Value) {
    let body = refused(backend, steps).await;
    assert_eq!((&body["type"], &body["hint"]["input"]), (&json!("permission-denied"), &input), "{body}");
    assert_eq!(body["message"], "Permission denied: not perms-pass?");
}

async fn attributes(backend: &Backend) -> Vec<String> {
    let read = |tx: &instant_local::store::ReadTx<'_>| {
        Ok(tx.catalog().iter().map(|stored| stored.name()).collect::<Vec<_>>())
    };
    backend.server.store().read(backend.app, read).await.unwrap()
}

fn message(body: &Value) -> &str {
    body["message"].as_str().unwrap()
}

#[tokio::test]
async fn an_update_sees_the_entity_as_it_was_and_as_all_steps_leave_it() {
    let rules = json!({ "posts": { "allow": {
        "update": "data.title == 'old' && newData.title == 'new' && newData.meta.a == 1 && newData.meta.b == 2 \
                   && request.modifiedFields == ['title', 'meta']"
    } } });
    let backend = backend(rules).await;
    admin(&backend, json!([["create", "posts", A, { "title": "old", "meta": { "a": 0, "b": 2, "c": 3 } }]]))
        .await;
    let title = json!(["update", "posts", A, { "title": "new" }]);
    let merge = json!(["merge", "posts", A, { "meta": { "a": 1, "c": null } }]);
    denied(&backend, json!([title]), json!(["posts", "object"])).await;
    allowed(&backend, json!([title, merge])).await;
    let state = backend.state().await;
    let post = &state[&("posts".to_owned(), A.to_owned())];
    assert_eq!((&post["title"], &post["meta"]), (&json!("new"), &json!({ "a": 1, "b": 2 })));
}

#[tokio::test]
async fn an_unused_id_is_created_not_updated() {
    let rules =
        json!({ "posts": { "allow": { "update": "false", "create": "newData.title == data.title" } } });
    let backend = backend(rules).await;
    allowed(&backend, json!([["update", "posts", A, { "title": "t" }]])).await;
    denied(&backend, json!([["update", "posts", A, {}]]), json!(["posts", "object"])).await;
    // The same id in another entity type is another entity.
    allowed(&backend, json!([["update", "comments", A, { "text": "t" }]])).await;
}

#[tokio::test]
async fn refs_read_the_new_links_of_what_is_created_and_the_old_ones_of_what_is_changed() {
    let own = "auth.id in data.ref('author.id')";
    let backend = backend(json!({ "posts": { "allow": { "create": own, "update": own } } })).await;
    let create =
        |author: &str| json!([["create", "posts", A, {}], ["link", "posts", A, { "author": author }]]);
    // By the default rule of $users nobody sees Bea but herself.
    denied(&backend, create(BEA), json!(["$users", "object"])).await;
    allowed(&backend, create(ADA)).await;
    admin(&backend, json!([["create", "posts", B, {}], ["link", "posts", B, { "author": BEA }]])).await;
    let take = json!([["update", "posts", B, { "title": "mine" }], ["link", "posts", B, { "author": ADA }]]);
    denied(&backend, take, json!(["posts", "object"])).await;
}

#[tokio::test]
async fn a_denied_update_is_told_before_a_bad_value_and_a_denied_create_after_it() {
    let backend = backend(json!({ "posts": { "allow": { "update": "false", "create": "false" } } })).await;
    admin(&backend, json!([["create", "posts", A, { "slug": "a" }]])).await;
    denied(&backend, json!([["update", "posts", A, { "likes": "many" }]]), json!(["posts", "object"])).await;
    let taken = refused(&backend, json!([["create", "posts", B, { "slug": "a" }]])).await;
    assert_eq!(taken["type"], "record-not-unique");
    denied(&backend, json!([["create", "posts", B, { "slug": "b" }]]), json!(["posts", "object"])).await;
}

#[tokio::test]
async fn a_rule_that_cannot_be_evaluated_is_told_before_a_denial() {
    let rules = json!({
        "posts": { "allow": { "update": "false" } },
        "comments": { "allow": { "update": "data.text > 1" } },
    });
    let backend = backend(rules).await;
    admin(&backend, json!([["create", "posts", A, {}], ["create", "comments", B, { "text": "t" }]])).await;
    let body = refused(&backend, json!([["update", "posts", A, {}], ["update", "comments", B, {}]])).await;
    assert_eq!(body["type"], "permission-evaluation-failed");
    assert_eq!(body["hint"]["rule"], json!(["comments", "update"]));
    assert_eq!(body["hint"]["error"]["type"], "OVERLOAD_NOT_FOUND");
}

#[tokio::test]
async fn deletes_cascade_with_their_rule_params_and_every_deletion_is_checked() {
    let rules = json!({
        "posts": { "allow": { "delete": "true" } },
        "comments": { "allow": { "delete": "ruleParams.key == data.text" } },
    });
    let backend = backend(rules).await;
    let comment = |id: &str, text: &str| {
        [json!(["create", "comments", id, { "text": text }]), json!(["link", "comments", id, { "post": A }])]
    };
    let mut steps = vec![json!(["create", "posts", A, { "slug": "a" }])];
    steps.extend(comment(B, "k"));
    steps.extend(comment(C, "k"));
    admin(&backend, Value::Array(steps)).await;
    denied(&backend, json!([["delete", "posts", A]]), json!(["comments", "object"])).await;
    // Params of a child are not those of the root.
    let one = json!([["ruleParams", "comments", B, { "key": "k" }], ["delete", "posts", A]]);
    denied(&backend, one, json!(["comments", "object"])).await;
    let by_lookup = json!([
        ["delete", "posts", ["slug", "a"]],
        ["ruleParams", "posts", ["slug", "a"], { "key": "k" }]
    ]);
    allowed(&backend, by_lookup).await;
    assert!(backend.state().await.is_empty());
}

#[tokio::test]
async fn deleting_what_does_not_exist_is_checked_with_null_data() {
    let backend = backend(json!({ "posts": { "allow": { "delete": "data.title == null" } } })).await;
    allowed(&backend, json!([["delete", "posts", A]])).await;
    allowed(&backend, json!([["delete", "posts", ["slug", "none"]]])).await;
    admin(&backend, json!([["create", "posts", A, { "title": "t" }]])).await;
    denied(&backend, json!([["delete", "posts", A]]), json!(["posts", "object"])).await;
}

#[tokio::test]
async fn a_link_needs_update_of_its_owner_and_view_of_its_target() {
    let rules = json!({
        "comments": { "allow": { "update": "data.text == 'open'" } },
        "posts": { "allow": { "view": "data.title == 'seen'", "update": "false" } },
    });
    let backend = backend(rules).await;
    let seed = json!([
        ["create", "comments", A, { "text": "open" }],
        ["create", "posts", B, { "title": "seen" }],
        ["create", "posts", C, { "title": "hidden" }],
    ]);
    admin(&backend, seed).await;
    denied(&backend, json!([["link", "comments", A, { "post": C }]]), json!(["posts", "object"])).await;
    // From either side.
    denied(&backend, json!([["link", "posts", C, { "comments": A }]]), json!(["posts", "object"])).await;
    allowed(&backend, json!([["link", "posts", B, { "comments": A }]])).await;
    denied(&backend, json!([["unlink", "comments", A, { "post": C }]]), json!(["posts", "object"])).await;
    allowed(&backend, json!([["unlink", "comments", A, { "post": B }]])).await;
    // A target that is nowhere is not checked.
    allowed(&backend, json!([["link", "comments", A, { "post": ADA }]])).await;
}

#[tokio::test]
async fn link_rules_replace_update_and_view_and_both_ends_must_pass() {
    let rules = json!({
        "comments": { "allow": {
            "update": "false",
            "link": { "post": "linkedData.title == 'open' && actions.data == 'update' && actions.linkedData == 'update'" },
        } },
        "posts": { "allow": { "view": "false", "link": { "$default": "linkedData.text != 'bad'" } } },
    });
    let backend = backend(rules).await;
    let seed = json!([
        ["create", "comments", A, { "text": "good" }],
        ["create", "comments", ADA, { "text": "bad" }],
        ["create", "posts", B, { "title": "open" }],
        ["create", "posts", C, { "title": "closed" }],
    ]);
    admin(&backend, seed).await;
    allowed(&backend, json!([["link", "comments", A, { "post": B }]])).await;
    denied(&backend, json!([["link", "comments", A, { "post": C }]]), json!(["comments", "object"])).await;
    denied(&backend, json!([["link", "comments", ADA, { "post": B }]]), json!(["posts", "object"])).await;
    // There are no rules about unlinking: then updating counts.
    denied(&backend, json!([["unlink", "comments", A, { "post": B }]]), json!(["comments", "object"])).await;
}

#[tokio::test]
async fn a_link_rule_that_does_not_compile_fails_when_it_is_used() {
    let backend = backend(json!({ "posts": { "allow": { "unlink": { "author": "nope(" } } } })).await;
    allowed(&backend, json!([["create", "posts", A, {}]])).await;
    let body = refused(&backend, json!([["link", "posts", A, { "author": ADA }]])).await;
    assert_eq!(
        (&body["type"], &body["hint"]["data-type"]),
        (&json!("validation-failed"), &json!("permission"))
    );
}

#[tokio::test]
async fn params_reach_the_rules_of_their_entity_and_of_its_links_and_later_ones_win() {
    let rules = json!({ "posts": { "allow": { "create": "ruleParams.key == newData.title" } },
                        "$users": { "allow": { "view": "ruleParams.key == 'k'" } } });
    let backend = backend(rules).await;
    let create = json!(["create", "posts", A, { "title": "k" }]);
    let params = |id: &str, key: &str| json!(["ruleParams", "posts", id, { "key": key }]);
    denied(&backend, json!([create]), json!(["posts", "object"])).await;
    denied(&backend, json!([create, params(B, "k")]), json!(["posts", "object"])).await;
    denied(&backend, json!([params(A, "k"), create, params(A, "j")]), json!(["posts", "object"])).await;
    let link = json!(["link", "posts", A, { "author": ADA }]);
    allowed(&backend, json!([create, link, params(A, "j"), params(A, "k")])).await;
}

#[tokio::test]
async fn an_entity_made_through_a_lookup_is_checked_with_its_new_id() {
    let rules = json!({ "posts": { "allow": { "create": "data.slug == 's' && data.ref('slug') == ['s'] && data.id.size() == 36" } } });
    let backend = backend(rules).await;
    allowed(&backend, json!([["update", "posts", ["slug", "s"], { "title": "t" }]])).await;
    denied(&backend, json!([["update", "posts", ["slug", "t"], {}]]), json!(["posts", "object"])).await;
    // A lookup of null finds nothing, not even what it made.
    let body = refused(&backend, json!([["update", "posts", "lookup__slug__", {}]])).await;
    assert_eq!(message(&body), "Validation failed for lookup: Could not find the entity for this lookup");
}

#[tokio::test]
async fn new_attributes_need_the_rule_about_attributes() {
    let backend =
        backend(json!({ "attrs": { "allow": { "create": "'posts' in data['forward-identity']" } } })).await;
    allowed(&backend, json!([["create", "posts", A, { "extra": 1 }]])).await;
    denied(&backend, json!([["create", "cars", A, {}]]), json!(["attrs", "attr"])).await;
    // Nothing lets a user delete one.
    denied(&backend, json!([["delete-attr", A]]), json!(["attrs", "attr"])).await;
}

#[tokio::test]
async fn the_value_of_a_link_is_checked_before_all_rules() {
    let backend = backend(json!({ "posts": { "allow": { "$default": "false" } } })).await;
    let body = refused(&backend, json!([["update", "posts", A, { "author": "x" }]])).await;
    assert_eq!(message(&body), "Validation failed for eid: Expected link value to be a uuid.");
    assert_eq!(body["hint"]["errors"][0]["hint"]["tx-step"][3], "x");
}

#[tokio::test]
async fn a_check_asks_each_rule_once_per_entity() {
    let rules = json!({
        "posts": { "allow": { "create": "rateLimit.writes.limit(auth.id)" } },
        "$rateLimits": { "writes": { "limits": [{ "capacity": 2 }] } },
    });
    let backend = backend(rules).await;
    let create = |id: &str| json!(["create", "posts", id, { "title": "t", "likes": 1, "meta": {} }]);
    allowed(&backend, json!([create(A), create(B)])).await;
    let (status, body) = ada(&backend, json!([create(C)])).await;
    assert_eq!((status, &body["type"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate-limited")), "{body}");
    let other = as_user(&backend, "/admin/transact", "bea@b.co", &json!({ "steps": [create(C)] }));
    assert_eq!(answer(other).await.0, StatusCode::OK);
}

async fn check(backend: &Backend, body: Value) -> (StatusCode, Value) {
    answer(as_user(backend, "/admin/transact_perms_check", "ada@b.co", &body)).await
}

#[tokio::test]
async fn a_check_reports_what_the_rules_see_and_leaves_nothing() {
    let backend = backend(json!({ "posts": { "allow": { "create": "newData.title" } } })).await;
    let before = backend.state().await;
    let (_, body) =
        check(&backend, json!({ "steps": [["create", "posts", A, { "title": "t", "new": 1 }]] })).await;
    assert_eq!((&body["all-checks-ok?"], &body["committed?"]), (&json!(true), &json!(false)), "{body}");
    let results = body["check-results"].as_array().unwrap();
    let record = json!({ "id": A, "title": "t", "new": 1 });
    let create = json!({
        "scope": "object", "action": "create", "etype": "posts", "eid": A,
        "program": { "etype": "posts", "action": "create", "code": "newData.title", "display-code": "newData.title" },
        "bindings": { "data": record, "new-data": record, "rule-params": null, "modified-fields": ["title", "new"] },
        "check-result": "t", "check-pass?": true,
    });
    assert!(results.contains(&create), "{body}");
    assert_eq!(results.len(), 2);
    assert_eq!(backend.state().await, before);
    // The id of a trial is used up.
    let trial = body["tx-id"].as_i64().unwrap();
    let (_, body) = ada(&backend, json!([])).await;
    assert!(body["tx-id"].as_i64().unwrap() > trial);
}

#[tokio::test]
async fn a_check_commits_only_when_asked_to_and_all_pass() {
    let backend = backend(json!({ "posts": { "allow": { "create": "false" } } })).await;
    let steps = json!([["create", "posts", A, {}]]);
    let (_, body) = check(&backend, json!({ "steps": steps, "dangerously-commit-tx": true })).await;
    assert_eq!((&body["all-checks-ok?"], &body["committed?"]), (&json!(false), &json!(false)), "{body}");
    assert!(backend.state().await.is_empty());
    let open = json!({ "steps": steps, "dangerously-commit-tx": true, "rules-override": {} });
    let (_, body) = check(&backend, open).await;
    assert_eq!((&body["all-checks-ok?"], &body["committed?"]), (&json!(true), &json!(true)), "{body}");
    assert_eq!(backend.state().await.len(), 1);
}

#[tokio::test]
async fn a_check_is_for_users_and_guests_and_takes_overrides() {
    let backend = backend(json!({})).await;
    let path = "/admin/transact_perms_check";
    let (_, body) = answer(backend.post(path, &json!({ "steps": [] }))).await;
    assert_eq!(message(&body), "Validation failed for non-admin: Cannot test perms as admin");
    let token =
        answer(backend.bare_post(path, &json!({ "steps": [] })).header("app-id", backend.app.to_string()))
            .await;
    assert_eq!(message(&token.1), r#"Missing parameter: ["headers" "authorization"]"#);
    let rules = |rule: &str| json!({ "posts": { "allow": { "create": rule } } });
    let steps = json!([["create", "posts", A, {}]]);
    let seen = json!({
        "steps": steps, "rules-override": rules("request.ip == '5' && request.origin == 'o'"),
        "ip-override": 5, "origin-override": " o ",
    });
    assert_eq!(check(&backend, seen).await.1["all-checks-ok?"], true);
    let bad = check(&backend, json!({ "steps": steps, "rules-override": rules("1 ==") })).await.1;
    assert_eq!(bad["hint"]["data-type"], "rule", "{bad}");
    let blank = check(&backend, json!({ "steps": steps, "ip-override": " " })).await.1;
    assert_eq!(message(&blank), r#"Malformed parameter: ["body" "ip-override"]"#);
}

#[tokio::test]
async fn a_rule_that_costs_too_much_ends_with_an_error_and_others_can_write() {
    let list = format!("[{}]", (0..100).map(|n| n.to_string()).collect::<Vec<_>>().join(", "));
    let endless = ["a", "b", "c", "d"]
        .iter()
        .fold("true".to_owned(), |inner, name| format!("{list}.all({name}, {inner})"));
    let rules = json!({
        "posts": { "allow": { "create": endless } },
        "comments": { "allow": { "create": "ruleParams.list.all(a, ruleParams.list.all(b, a != b || a == b))" } },
    });
    let backend = backend(rules).await;
    let costly = |body: &Value| {
        assert_eq!(body["type"], "permission-evaluation-failed", "{body}");
        assert!(message(body).contains("more than 10000000 operations"), "{body}");
    };
    costly(&refused(&backend, json!([["create", "posts", A, {}]])).await);
    // What a user sends counts too, and all checks of a transaction count together.
    let params: Vec<usize> = (0..900).collect();
    let step = |id: &str| {
        [json!(["create", "comments", id, {}]), json!(["ruleParams", "comments", id, { "list": params }])]
    };
    allowed(&backend, Value::Array(step(A).to_vec())).await;
    let many = (0..8).flat_map(|n| step(&format!("00000000-0000-4000-8000-0000000001{n:02}")));
    costly(&refused(&backend, many.collect()).await);
    admin(&backend, json!([["create", "posts", B, {}]])).await;
}

#[tokio::test]
async fn the_first_denial_is_told_and_deletes_through_lookups_come_last() {
    let rules = json!({
        "posts": { "allow": { "delete": "false" } },
        "comments": { "allow": { "update": "false" } },
    });
    let backend = backend(rules).await;
    admin(&backend, json!([["create", "posts", A, { "slug": "a" }], ["create", "comments", B, {}]])).await;
    let update = json!(["update", "comments", B, { "text": "t" }]);
    denied(&backend, json!([["delete", "posts", A], update]), json!(["posts", "object"])).await;
    let by_lookup = json!([["delete", "posts", ["slug", "a"]], update]);
    denied(&backend, by_lookup, json!(["comments", "object"])).await;
}

#[tokio::test]
async fn large_params_are_shared_between_checks_and_merging_them_costs() {
    let rules = json!({ "posts": { "allow": { "view": "ruleParams.big != null", "create": "true" } } });
    let backend = backend(rules).await;
    let id = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
    let big = json!(["ruleParams", "comments", A, { "big": "x".repeat(2_000_000) }]);
    let mut steps = vec![big, json!(["create", "comments", A, {}])];
    for n in 0..200 {
        steps.push(json!(["create", "posts", id(n), {}]));
        steps.push(json!(["link", "comments", A, { "post": id(n) }]));
    }
    let shared = Value::Array(steps.clone());
    steps.extend((0..200).map(|n| json!(["ruleParams", "posts", id(n), { "small": n }])));
    let body = refused(&backend, Value::Array(steps)).await;
    assert_eq!(body["type"], "permission-evaluation-failed", "{body}");
    allowed(&backend, shared).await;
}
