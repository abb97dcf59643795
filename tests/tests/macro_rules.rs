//! Names, values and paths that reach the macros through a user's `macro_rules!`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use instant_admin::Entity;
use instant_tests::blog::query;
use serde_json::{Value, json};

macro_rules! schemas {
    ($($module:ident: $file:literal),*) => {
        $(mod $module {
#![allow(dead_code, reason = "only its names are looked at")]

            instant_admin::include_schema!($file, in = crate::$module);
        })*
    };
}

schemas!(one: "schema/forum.schema.json", two: "../docs/instant.schema.json");

macro_rules! by_literal {
    (entity $name:literal) => {
        query! { $name: {} }
    };
    (link $name:literal) => {
        query! { posts: { $name: {} } }
    };
    (attribute $name:literal) => {
        query! { posts: { "$": { where: { $name: "x" } } } }
    };
    (field $name:literal) => {
        query! { posts: { "$": { fields: [$name] } } }
    };
    (operator $name:literal $value:literal) => {
        query! { posts: { "$": { where: { views: { $name: $value } } } } }
    };
    (limit $count:literal) => {
        query! { posts: { "$": { limit: $count } } }
    };
}

macro_rules! by_word {
    (entity $name:ident) => {
        query! { $name: {} }
    };
    (attribute $name:ident) => {
        query! { posts: { "$": { where: { $name: "x" } } } }
    };
    (direction $name:ident) => {
        query! { posts: { "$": { order: { title: $name } } } }
    };
}

macro_rules! by_token {
    (entity $name:tt) => {
        query! { $name: {} }
    };
    (link $name:tt $form:tt) => {
        query! { posts: { $name: $form } }
    };
}

macro_rules! by_expression {
    (value $value:expr) => {
        query! { posts: { "$": { where: { views: $value } } } }
    };
    (list $value:expr) => {
        query! { posts: { "$": { where: { views: { $in: [$value, $value * 2] } } } } }
    };
    (name $name:expr) => {
        query! { posts: { "$": { fields: [$name] } } }
    };
}

fn posts(options: &Value) -> Value {
    json!({ "posts": { "$": options } })
}

#[test]
fn a_literal_of_a_macro_is_a_name_as_if_it_stood_there() {
    assert_eq!(by_literal!(entity "posts").instaql().unwrap(), json!({ "posts": {} }));
    assert_eq!(by_literal!(link "author").instaql().unwrap(), json!({ "posts": { "author": {} } }));
    assert_eq!(
        by_literal!(attribute "title").instaql().unwrap(),
        posts(&json!({ "where": { "title": "x" } }))
    );
    assert_eq!(by_literal!(field "title").instaql().unwrap(), posts(&json!({ "fields": ["title"] })));
    assert_eq!(
        by_literal!(operator "$gt" -5).instaql().unwrap(),
        posts(&json!({ "where": { "views": { "$gt": -5 } } }))
    );
    assert_eq!(by_literal!(limit 3).instaql().unwrap(), posts(&json!({ "limit": 3 })));
}

#[test]
fn words_and_tokens_of_a_macro_are_names_as_if_they_stood_there() {
    assert_eq!(by_word!(entity posts).instaql().unwrap(), json!({ "posts": {} }));
    assert_eq!(by_word!(attribute title).instaql().unwrap(), posts(&json!({ "where": { "title": "x" } })));
    assert_eq!(by_word!(direction desc).instaql().unwrap(), posts(&json!({ "order": { "title": "desc" } })));
    assert_eq!(by_token!(entity "posts").instaql().unwrap(), json!({ "posts": {} }));
    assert_eq!(by_token!(link author {}).instaql().unwrap(), json!({ "posts": { "author": {} } }));
}

#[test]
fn an_expression_of_a_macro_keeps_its_operands_together() {
    assert_eq!(by_expression!(value 5).instaql().unwrap(), posts(&json!({ "where": { "views": 5 } })));
    assert_eq!(by_expression!(value - 5).instaql().unwrap(), posts(&json!({ "where": { "views": -5 } })));
    assert_eq!(
        by_expression!(list 1 + 2).instaql().unwrap(),
        posts(&json!({ "where": { "views": { "$in": [3, 6] } } }))
    );
    assert_eq!(by_expression!(name "title").instaql().unwrap(), posts(&json!({ "fields": ["title"] })));
}

#[test]
fn the_path_of_a_schema_can_be_a_literal_of_a_macro() {
    let names: (&str, &str) = (one::Profile::NAME, two::User::NAME);
    assert_eq!(names, ("profiles", "$users"));
}
