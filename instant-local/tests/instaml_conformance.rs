//! The conformance cases of transactions, each on the same small state: what changes, or which error, after
//! which nothing may have changed.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests stop where they cannot go on, and take literals"
)]

mod common;
mod instaml_cases;

use common::Backend;
use instaml_cases::{
    B1, B2, C1, F1, F2, K1, N1, P1, U1, U2, X, backend, changes, fails, gone, new_user, run, taken, with,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn writes_of_new_and_old_entities() {
    changes(1, json!([["create", "posts", X, { "title": "T" }]]), &[("posts", X, json!({ "title": "T" }))])
        .await;
    let exist = format!("Validation failed for tx-step: Creating entities that exist: {U1}, {U1}");
    fails(2, json!([["create", "users", U1, { "name": "z" }]]), "validation-failed", &exist).await;
    let missing = format!("Missing required attribute `posts/title`: {X}");
    fails(3, json!([["create", "posts", X, {}]]), "validation-failed", &missing).await;
    changes(4, json!([["update", "posts", X, { "title": "T" }]]), &[("posts", X, json!({ "title": "T" }))])
        .await;
    fails(5, json!([["update", "posts", X, { "body": "b" }]]), "validation-failed", &missing).await;
    changes(6, json!([["update", "posts", P1, { "body": "b" }]]), &[("posts", P1, json!({ "body": "b" }))])
        .await;
    let missing = format!("Missing required attribute `posts/title`: {P1}");
    fails(7, json!([["update", "posts", P1, { "title": null }]]), "validation-failed", &missing).await;
    changes(8, json!([["update", "posts", P1, { "body": null }]]), &[("posts", P1, json!({ "body": null }))])
        .await;
    let absent = format!("Validation failed for tx-step: Updating entities that don't exist: {X}, {X}");
    let strict = json!([["update", "users", X, { "name": "n" }, { "upsert": false }]]);
    fails(9, strict, "validation-failed", &absent).await;
    let twice = json!([["create", "users", X, {}], ["create", "users", X, { "name": "n" }]]);
    changes(10, twice, &[("users", X, with(new_user(), json!({ "name": "n" })))]).await;
    let late =
        json!([["create", "users", X, {}], ["update", "users", X, { "name": "n" }, { "upsert": false }]]);
    fails(11, late, "validation-failed", &absent).await;
}

#[tokio::test]
async fn value_types_and_uniqueness() {
    let wrong = |label: &str, wanted: &str| {
        format!(
            "Invalid value type for users.{label}. Value must be a {wanted} but the provided value type is string."
        )
    };
    fails(
        12,
        json!([["update", "users", U1, { "age": "30" }]]),
        "validation-failed",
        &wrong("age", "number"),
    )
    .await;
    let steps = json!([["update", "users", U1, { "joined": "nope" }]]);
    fails(13, steps, "validation-failed", &wrong("joined", "date")).await;
    let date = json!({ "joined": "8/4/2025, 11:02:31 PM" });
    changes(14, json!([["update", "users", U1, &date]]), &[("users", U1, date.clone())]).await;
    let alice = taken("users", "handle", "alice");
    fails(15, json!([["update", "users", U2, { "handle": "alice" }]]), "record-not-unique", &alice).await;
    let none = json!({ "handle": null });
    let both = json!([["update", "users", U1, &none], ["update", "users", U2, &none]]);
    changes(16, both, &[("users", U1, none.clone()), ("users", U2, none.clone())]).await;
    let swap =
        json!([["update", "users", U1, { "handle": "bob" }], ["update", "users", U2, { "handle": "alice" }]]);
    fails(17, swap, "record-not-unique", &taken("users", "handle", "bob")).await;
    let hand_over =
        json!([["update", "users", U1, { "handle": "x" }], ["update", "users", U2, { "handle": "alice" }]]);
    let after = [("users", U1, json!({ "handle": "x" })), ("users", U2, json!({ "handle": "alice" }))];
    changes(18, hand_over, &after).await;
    let back =
        json!([["update", "users", U2, { "handle": "x" }], ["update", "users", U1, { "handle": "bob" }]]);
    fails(18, back, "record-not-unique", &taken("users", "handle", "bob")).await;
    let long = json!([["update", "users", U1, { "handle": "a".repeat(1013) }]]);
    fails(19, long, "validation-failed", "Value is too large for a unique attribute.").await;
    let fits = json!({ "handle": "a".repeat(1012) });
    changes(19, json!([["update", "users", U1, &fits]]), &[("users", U1, fits.clone())]).await;
    let null_byte = "A value in the transaction contains null bytes, which cannot be stored.";
    fails(60, json!([["update", "users", U1, { "name": "a\u{0}b" }]]), "validation-failed", null_byte).await;
}

#[tokio::test]
async fn attributes_are_invented_unless_the_request_is_strict() {
    let steps = json!([["update", "users", U1, { "nick": "a" }]]);
    changes(20, steps.clone(), &[("users", U1, json!({ "nick": "a" }))]).await;
    let backend = backend().await;
    let body = json!({ "steps": steps, "throw-on-missing-attrs?": true });
    let (status, body) = common::answer(backend.post("/admin/transact", &body)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["message"], "Validation failed for steps: Attributes are missing in your schema");
    assert_eq!(body["hint"]["errors"][0]["hint"], json!({ "attributes": ["users.nick"] }));
    changes(
        21,
        json!([["update", "users", U1, { "id": X, "name": "Z" }]]),
        &[("users", U1, json!({ "name": "Z" }))],
    )
    .await;
}

#[tokio::test]
async fn deep_merges() {
    let merge = |patch: Value| json!([["merge", "users", U1, { "meta": patch }]]);
    let meta = |meta: Value| [("users", U1, json!({ "meta": meta }))];
    changes(22, merge(json!({ "a": { "x": 9 } })), &meta(json!({ "a": { "x": 9, "y": 2 }, "l": [1] }))).await;
    changes(23, merge(json!({ "a": { "x": null } })), &meta(json!({ "a": { "y": 2 }, "l": [1] }))).await;
    changes(24, merge(json!({ "l": [2] })), &meta(json!({ "a": { "x": 1, "y": 2 }, "l": [2] }))).await;
    let nested = json!({ "a": { "x": 1, "y": 2 }, "l": [1], "b": { "z": null } });
    changes(25, merge(json!({ "b": { "z": null } })), &meta(nested)).await;
    let steps = json!([["merge", "users", U2, { "meta": { "q": null } }]]);
    changes(26, steps, &[("users", U2, json!({ "meta": { "q": null } }))]).await;
    let steps = json!([["merge", "users", U1, { "meta": { "b": 1 } }], ["update", "users", U1, { "meta": { "c": 1 } }]]);
    changes(27, steps, &meta(json!({ "c": 1, "b": 1 }))).await;
    let absent = format!("Validation failed for tx-step: Updating entities that don't exist: {X}, {X}");
    let steps = json!([["merge", "users", X, { "name": "n" }, { "upsert": false }]]);
    fails(28, steps, "validation-failed", &absent).await;
    let links = "Raised Exception: merge operation is not supported for links";
    fails(29, json!([["merge", "posts", P1, { "author": U2 }]]), "sql-raise", links).await;
}

#[tokio::test]
async fn deletes_and_what_they_take_along() {
    changes(30, json!([["delete", "posts", P1]]), &[gone("posts", P1), gone("comments", C1)]).await;
    changes(31, json!([["delete", "comments", C1]]), &[gone("comments", C1)]).await;
    let missing = format!("Missing required attribute `tasks/owner`: {K1}");
    fails(32, json!([["delete", "users", U1]]), "validation-failed", &missing).await;
    let after = [gone("tasks", K1), gone("users", U1), ("posts", P1, json!({ "author": "-" }))];
    changes(33, json!([["delete", "tasks", K1], ["delete", "users", U1]]), &after).await;
    changes(34, json!([["delete", "posts", X]]), &[]).await;
    let around = json!([["update", "posts", X, { "title": "a" }], ["delete", "posts", X], ["update", "posts", X, { "title": "b" }]]);
    changes(35, around, &[]).await;
    let exist = format!("Validation failed for tx-step: Creating entities that exist: {P1}, {P1}");
    let steps = json!([["delete", "posts", P1], ["create", "posts", P1, { "title": "New" }]]);
    fails(37, steps, "validation-failed", &exist).await;
}

/// When the oldest triple of the post was written.
async fn created(backend: &Backend) -> i64 {
    let read = |tx: &instant_local::store::ReadTx<'_>| {
        let triples = tx.triples("posts", P1.parse().unwrap())?;
        Ok(triples.into_iter().map(|triple| triple.created).min().unwrap())
    };
    backend.server.store().read(backend.app, read).await.unwrap()
}

#[tokio::test]
async fn case_36_an_entity_deleted_and_updated_starts_anew() {
    let steps = json!([["delete", "posts", P1], ["update", "posts", P1, { "title": "New" }]]);
    let after = [("posts", P1, json!({ "title": "New", "slug": "-", "author": "-" })), gone("comments", C1)];
    changes(36, steps.clone(), &after).await;
    let backend = backend().await;
    let before = created(&backend).await;
    assert_eq!(backend.transact(steps).await.0, StatusCode::OK);
    assert!(created(&backend).await > before);
}

#[tokio::test]
async fn links() {
    let to_u2 = [("posts", P1, json!({ "author": U2 }))];
    changes(38, json!([["link", "posts", P1, { "author": U2 }]]), &to_u2).await;
    changes(38, json!([["link", "users", U2, { "posts": P1 }]]), &to_u2).await;
    changes(39, json!([["link", "posts", P1, { "author": [U1, U2] }]]), &to_u2).await;
    let held = taken("boards", "nodes", N1);
    fails(40, json!([["link", "boards", B2, { "nodes": N1 }]]), "record-not-unique", &held).await;
    let moved = [("boards", B1, json!({ "nodes": "-" })), ("boards", B2, json!({ "nodes": [N1] }))];
    let unlink = json!(["unlink", "boards", B1, { "nodes": N1 }]);
    let link = json!(["link", "boards", B2, { "nodes": N1 }]);
    changes(41, json!([&unlink, &link]), &moved).await;
    let steps = json!([["update", "boards", B2, {}], &unlink, &link]);
    fails(42, steps, "record-not-unique", &held).await;
    let profile = taken("users", "profile", F1);
    fails(43, json!([["link", "users", U2, { "profile": F1 }]]), "record-not-unique", &profile).await;
    let steps = json!([["link", "users", U1, { "profile": F2 }]]);
    changes(43, steps, &[("users", U1, json!({ "profile": F2 }))]).await;
    changes(44, json!([["link", "posts", P1, { "author": X }]]), &[("posts", P1, json!({ "author": X }))])
        .await;
    changes(45, json!([["unlink", "posts", P1, { "author": U2 }]]), &[]).await;
    let missing = format!("Missing required attribute `tasks/owner`: {K1}");
    fails(46, json!([["unlink", "tasks", K1, { "owner": U1 }]]), "validation-failed", &missing).await;
    let shape = "Validation failed for steps";
    fails(47, json!([["link", "posts", P1, { "author": "nope" }]]), "validation-failed", shape).await;
}

#[tokio::test]
async fn lookups() {
    let steps = json!([["update", "users", ["handle", "alice"], { "handle": "al" }]]);
    changes(49, steps, &[("users", U1, json!({ "handle": "al" }))]).await;
    let renamed = "Validation failed for lookup: Updates with lookups can only update the lookup attribute if an \
                   entity with the unique attribute value already exists.";
    let steps = json!([["update", "users", ["handle", "zed"], { "handle": "zz" }]]);
    fails(49, steps, "validation-failed", renamed).await;
    let not_unique = "Validation failed for lookup: name is not a unique attribute on users";
    fails(50, json!([["update", "users", ["name", "Alice"], { "age": 1 }]]), "validation-failed", not_unique)
        .await;
    let nobody = "lookup__handle__\"nobody\"";
    let none = "Validation failed for lookup: The entity for the lookup does not exist.";
    fails(51, json!([["link", "posts", P1, { "author": nobody }]]), "validation-failed", none).await;
    changes(53, json!([["delete", "users", ["handle", "nobody"]]]), &[]).await;
    let (_, status, body) = run(&json!([["create", "users", ["handle", "alice"], {}]])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "case 55: {body}");
    let message = body["message"].as_str().unwrap();
    assert!(
        message.starts_with("Validation failed for tx-step: Creating entities that exist: "),
        "{message}"
    );
}

/// The one user of that handle.
async fn user(backend: &Backend, handle: &str) -> (String, Value) {
    let state = backend.state().await;
    let mut found = state
        .into_iter()
        .filter(|((entity, _), user)| entity == "users" && user.get("handle") == Some(&json!(handle)));
    let ((_, id), user) = found.next().unwrap();
    assert!(found.next().is_none());
    (id, json!(user))
}

#[tokio::test]
async fn cases_48_52_54_lookups_make_the_entity_they_name() {
    let (backend, status, _) = run(&json!([["update", "users", ["handle", "carol"], { "name": "C" }]])).await;
    assert_eq!(status, StatusCode::OK);
    let (id, carol) = user(&backend, "carol").await;
    assert_eq!(carol, json!({ "handle": "carol", "age": null, "joined": null, "name": "C", "id": id }));

    let steps = json!([
        ["update", "users", ["handle", "nobody"], {}],
        ["link", "posts", P1, { "author": "lookup__handle__\"nobody\"" }],
    ]);
    let (backend, status, body) = run(&steps).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (id, _) = user(&backend, "nobody").await;
    assert_eq!(backend.state().await[&("posts".to_owned(), P1.to_owned())]["author"], json!(id));

    let (backend, status, body) =
        run(&json!([["unlink", "users", ["handle", "tom"], { "posts": P1 }]])).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    user(&backend, "tom").await;
    assert_eq!(backend.state().await[&("posts".to_owned(), P1.to_owned())]["author"], json!(U1));
}

#[tokio::test]
async fn shape_errors() {
    let message = "Validation failed for steps: Invalid entity ID 'bad-id'. Entity IDs must be UUIDs or lookup references.";
    fails(56, json!([["update", "users", "bad-id", {}]]), "validation-failed", message).await;
    fails(57, json!([["frob", "users", U1, {}]]), "validation-failed", "Validation failed for steps").await;
}

#[tokio::test]
async fn case_58_an_unknown_link_leads_to_an_entity_type_of_its_own_name() {
    let (backend, status, body) = run(&json!([["link", "posts", P1, { "watchers": U1 }]])).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (_, schema) = common::answer(backend.get("/admin/schema")).await;
    let link = &schema["schema"]["refs"]["posts-watchers-watchers-posts"];
    assert_eq!((&link["cardinality"], &link["unique?"]), (&json!("many"), &json!(false)), "{schema}");
    assert_eq!(backend.state().await[&("posts".to_owned(), P1.to_owned())]["watchers"], json!([U1]));
}

#[tokio::test]
async fn case_59_files_are_not_made_by_transactions() {
    let (_, status, body) = run(&json!([["update", "$files", X, { "path": "a" }]])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let message = body["message"].as_str().unwrap();
    assert!(message.contains(&format!("Missing required attribute `$files/size`: {X}")), "{message}");
    let system = "Validation failed for tx-step: $files.size is a system column. You aren't allowed to change this directly.";
    fails(59, json!([["update", "$files", X, { "size": 1 }]]), "validation-failed", system).await;
}

#[tokio::test]
async fn uuids_come_back_in_lower_case() {
    let upper = Uuid::parse_str(X).unwrap().to_string().to_uppercase();
    let meta = json!({ "k": { &upper: [&upper] } });
    let lower = json!({ "k": { X: [X] } });
    changes(
        0,
        json!([["update", "users", &upper, { "meta": meta }]]),
        &[("users", X, with(new_user(), json!({ "meta": lower })))],
    )
    .await;
}
