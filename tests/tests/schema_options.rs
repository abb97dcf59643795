//! The options of `include_schema!` and `schema!`.

use instant_admin::tx::Steps;
use instant_admin::{Entity, Id, Lookup, Null};
use serde_json::json;

/// A struct for a json attribute.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Meta {
    /// Words.
    pub keywords: Vec<String>,
}

mod kinds {
    #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum Status {
        Draft,
        Live,
    }
}

mod db {
    pub mod schema {
        use crate::kinds;

        instant_admin::schema!(
            in = crate::db::schema,
            types = { posts.meta: crate::Meta, posts.status: kinds::Status, posts.viewCount: u64, $users.score: u32 },
            rename = { $users: accounts },
            derive = [serde::Serialize, Eq],
            {
                "entities": {
                    "$users": {"attrs": {"score": {"valueType": "number", "required": false, "config": {"unique": true}}}},
                    "posts": {"attrs": {
                        "meta": {"valueType": "json", "required": false},
                        "status": {"valueType": "string", "required": true},
                        "viewCount": {"valueType": "number", "required": false, "config": {"indexed": true}}
                    }}
                }
            }
        );
    }
}

use db::schema::{Account, NewPost, Post, accounts, posts, tx};

#[test]
fn attributes_have_the_types_they_were_given() {
    let post = Id::<Post>::new();
    let meta = Meta { keywords: vec!["a".into()] };
    let steps = tx::posts(post).create(NewPost { status: kinds::Status::Draft }).view_count(5).meta(meta);
    assert_eq!(
        Steps::to_json(steps).unwrap(),
        json!([["create", "posts", post, { "status": "draft", "viewCount": 5, "meta": { "keywords": ["a"] } }]])
    );
    let steps = tx::posts(post).update().status(kinds::Status::Live).meta(Null).view_count(None);
    assert_eq!(
        Steps::to_json(steps).unwrap()[0][3],
        json!({ "status": "live", "meta": null, "viewCount": null })
    );
    assert_eq!(posts::view_count().gt(3).to_json().unwrap(), json!({ "viewCount": { "$gt": 3 } }));
}

#[test]
fn entities_are_renamed_in_rust_only() {
    assert_eq!(Account::NAME, "$users");
    let by_score: Lookup<Account> = accounts::by_score(7);
    let steps = Steps::to_json(tx::accounts(by_score).delete()).unwrap();
    assert_eq!(steps, json!([["delete", "$users", ["score", 7]]]));
}

#[test]
fn derived_serialisation_keeps_the_names_of_the_schema() {
    let id = Id::new();
    let post = Post { id, meta: None, status: kinds::Status::Live, view_count: Some(1) };
    assert_eq!(json!(post), json!({ "id": id, "meta": null, "status": "live", "viewCount": 1 }));
}
