//! "Reading data": the conditions of `where`.

use instant_admin::ErrorKind;
use serde_json::json;
use studio::query;

use super::data::{Studio, each};

#[tokio::test]
async fn all_conditions_of_a_where_must_hold() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { where: { done: true, projects.title: "Record an album!" } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.lyrics]);
    assert_eq!(each!(answer.tasks, done), [Some(true)]);
}

#[tokio::test]
async fn and_lets_each_condition_be_met_by_another_entity() {
    let studio = Studio::start().await;
    let query = query! {
        projects: { $: { where: { and: [{ tasks.title: "Buy seeds" }, { tasks.title: "Dig the beds" }] } } }
    };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.projects, title), ["Plant a garden"]);
}

#[tokio::test]
async fn or_takes_any_condition() {
    let studio = Studio::start().await;
    let query = query! {
        tasks: { $: { where: { or: [{ title: "Tune the piano" }, { title: "Write the lyrics" }] } } }
    };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, title), ["Write the lyrics", "Tune the piano"]);
}

#[tokio::test]
async fn in_takes_any_value_of_a_list() {
    let studio = Studio::start().await;
    let query =
        query! { tasks: { $: { where: { title: { $in: ["Tune the piano", "Write the lyrics"] } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.lyrics, studio.piano]);

    let wanted = vec!["Buy seeds".to_owned()];
    let query = query! { tasks: { $: { where: { title: { $in: &wanted } } } } };
    assert_eq!(each!(studio.db.query(query).await.unwrap().tasks, id), [studio.seeds]);
}

#[tokio::test]
async fn numbers_are_compared() {
    let studio = Studio::start().await;
    let answer = studio.db.query(query! { tasks: { $: { where: { hours: { $gt: 40 } } } } }).await.unwrap();
    assert_eq!(each!(answer.tasks, title), ["Water every day"]);
    assert_eq!(each!(answer.tasks, hours), [Some(200.0)]);

    let hours = 3;
    let db = &studio.db;
    let gte = db.query(query! { tasks: { $: { where: { hours: { $gte: hours } } } } }).await.unwrap();
    assert_eq!(gte.tasks.len(), 5);
    let lt = db.query(query! { tasks: { $: { where: { hours: { $lt: hours } } } } }).await.unwrap();
    assert_eq!(each!(lt.tasks, id), [studio.seeds]);
    let lte = db.query(query! { tasks: { $: { where: { hours: { $lte: hours } } } } }).await.unwrap();
    assert_eq!(each!(lte.tasks, id), [studio.seeds, studio.piano]);
}

#[tokio::test]
async fn dates_are_compared_in_either_spelling() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { where: { due: { $lte: "2024-11-26T15:25:00.054Z" } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.beds, studio.water]);

    let millis = 1_709_251_200_000_i64;
    let query = query! { tasks: { $: { where: { due: { $lte: millis } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, due), [Some("2024-03-01".parse().unwrap())]);
}

#[tokio::test]
async fn a_comparison_without_an_index_is_refused() {
    // `query!` refuses it at compile time; this is the server's answer to the untyped query.
    let studio = Studio::start().await;
    let query = json!({ "tasks": { "$": { "where": { "weight": { "$gt": 2 } } } } });
    let error = instant_tests::untyped(&studio.server).query_json(query.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    let hint = error.hint().unwrap();
    assert_eq!(hint["data-type"], "query");
    assert_eq!(hint["input"], query);
    assert_eq!(
        hint["errors"],
        json!([{
            "expected?": "indexed?",
            "in": ["tasks", "$", "where", "weight"],
            "message": "The `tasks.weight` attribute must be indexed to use comparison operators.",
        }])
    );
}

#[tokio::test]
async fn ne_also_finds_what_is_null_or_missing() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { where: { place: { $ne: "home" } } } } };
    let answer = studio.db.query(&query).await.unwrap();
    assert_eq!(
        each!(answer.tasks, id),
        [studio.seeds, studio.beds, studio.water, studio.piano, studio.mixing]
    );
    assert_eq!(each!(answer.tasks, place)[..2], [Some("town".to_owned()), None]);

    // Untyped, a stored null and no value at all look different.
    let tree = studio.db.query_json(query.instaql().unwrap()).await.unwrap();
    assert_eq!(tree["tasks"][1].get("place"), Some(&json!(null)));
    assert_eq!(tree["tasks"][2].get("place"), None);
}

#[tokio::test]
async fn is_null_tells_whether_there_is_a_value() {
    let studio = Studio::start().await;
    let query = query! { tasks: { $: { where: { place: { $isNull: false } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, place), [Some("town".to_owned()), Some("home".to_owned())]);

    let query = query! { tasks: { $: { where: { place: { $isNull: true } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.tasks, id), [studio.beds, studio.water, studio.piano, studio.mixing]);
}

#[tokio::test]
async fn like_matches_patterns_with_case() {
    let studio = Studio::start().await;
    for (pattern, expected) in [
        ("Plant%", vec![studio.garden]),
        ("%album!", vec![studio.album]),
        ("%an%", vec![studio.garden, studio.album]),
        ("plant%", vec![]),
    ] {
        let query = query! { projects: { $: { where: { title: { $like: pattern } } } } };
        assert_eq!(each!(studio.db.query(query).await.unwrap().projects, id), expected, "{pattern}");
    }

    let query = query! { projects: { $: { where: { tasks.title: { $like: "%piano%" } } } } };
    assert_eq!(each!(studio.db.query(query).await.unwrap().projects, id), [studio.album]);
}

#[tokio::test]
async fn ilike_matches_patterns_whatever_the_case() {
    let studio = Studio::start().await;
    let query = query! { projects: { $: { where: { tasks.title: { $ilike: "%THE%" } } } } };
    let answer = studio.db.query(query).await.unwrap();
    assert_eq!(each!(answer.projects, title), ["Plant a garden", "Record an album!"]);
}
