//! Dynamic filters as JSON.

use instant_admin::{Condition, Date, Id, Where};
use instant_tests::blog::{self, Post, comments, posts, users};
use serde_json::json;

#[test]
fn an_empty_filter_lets_everything_through() {
    assert_eq!(Where::<Post>::new().to_json().unwrap(), json!({}));
    assert!(Where::<Post>::new().is_empty());
}

#[test]
fn conditions_are_joined_with_and() {
    let mut filter = Where::<blog::Posts>::new();
    filter.and(posts::title().like("%rust%"));
    assert_eq!(filter.to_json().unwrap(), json!({ "title": { "$like": "%rust%" } }));
    filter.and(posts::views().gte(5)).and(posts::created_at().lt(Date::from_millis(0)));
    assert_eq!(
        filter.to_json().unwrap(),
        json!({ "and": [
            { "title": { "$like": "%rust%" } },
            { "views": { "$gte": 5 } },
            { "createdAt": { "$lt": "1970-01-01T00:00:00.000Z" } },
        ] })
    );
}

#[test]
fn ands_and_ors_nest() {
    let popular = Condition::all([posts::views().gt(10), posts::published().eq(true)]);
    let condition = popular.or(posts::body().is_null(false)).or(posts::title().ne("x"));
    assert_eq!(
        condition.to_json().unwrap(),
        json!({ "or": [
            { "and": [{ "views": { "$gt": 10 } }, { "published": true }] },
            { "body": { "$isNull": false } },
            { "title": { "$not": "x" } },
        ] })
    );
    let wider = Condition::any([condition, posts::title().ilike("a%")]);
    assert_eq!(wider.to_json().unwrap()["or"].as_array().map(Vec::len), Some(4));
}

#[test]
fn paths_go_through_links() {
    let author = Id::<blog::User>::new();
    let filter = Condition::all([
        comments::post().dot(posts::author()).dot(users::handle()).eq("ada"),
        comments::post().dot(posts::author()).is_in([author]),
        comments::post().is_null(false),
        comments::id().eq(Id::<blog::Comment>::from(author.uuid())),
    ]);
    assert_eq!(
        filter.to_json().unwrap(),
        json!({ "and": [
            { "post.author.handle": "ada" },
            { "post.author": { "$in": [author] } },
            { "post": { "$isNull": false } },
            { "id": author },
        ] })
    );
}

#[test]
fn nothing_and_everything_are_told_apart_when_they_nest() {
    let nothing = || Condition::<Post>::any([]);
    let everything = || Condition::<Post>::all([]);
    assert_eq!(nothing().to_json().unwrap(), json!({ "id": { "$in": [] } }));
    assert_eq!(everything().to_json().unwrap(), json!({}));
    assert_eq!(nothing().or(everything()).to_json().unwrap(), json!({}));
    assert_eq!(
        Condition::all([nothing(), posts::views().gt(1)]).to_json().unwrap(),
        json!({ "id": { "$in": [] } })
    );
    assert_eq!(nothing().or(posts::views().gt(1)).to_json().unwrap(), json!({ "views": { "$gt": 1 } }));
}

#[test]
fn an_operand_without_json_form_is_an_error_at_its_attribute() {
    let error = Where::from_iter([posts::views().gt(f64::INFINITY)]).to_json().unwrap_err();
    assert!(error.is_invalid_query());
    assert_eq!(error.path(), Some("posts.views"));
}
