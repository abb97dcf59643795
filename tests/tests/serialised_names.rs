//! The names of an answer that is serialised: the schema's, at every depth, and the same to read it back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use instant_admin::Query;
use serde_json::{Value, json};

mod schema {
    instant_admin::schema! {
        derive = [serde::Serialize, serde::Deserialize],
        rename = { posts.slug: handle },
        {
            "entities": {
                "posts": { "attrs": {
                    "createdAt": { "valueType": "date", "required": true },
                    "type": { "valueType": "string" },
                    "self": { "valueType": "string" },
                    "slug": { "valueType": "string" }
                } },
                "postComments": { "attrs": { "createdAt": { "valueType": "date", "required": true } } },
                "$users": { "attrs": {} }
            },
            "links": {
                "comments": {
                    "forward": { "on": "postComments", "has": "one", "label": "inReplyTo" },
                    "reverse": { "on": "posts", "has": "many", "label": "allComments" }
                }
            }
        }
    }
}

use schema::{fragment, query};

const ID: &str = "b5c2a0f4-2e50-4a5f-9a3b-0d0f0b0a0c01";

fragment! {
    #[derive(serde::Serialize, serde::Deserialize)]
    Said on postComments { $: { fields: [createdAt] } }
}
query! {
    #[derive(serde::Serialize)]
    Feed() = { posts: { allComments: Said }, postComments: { inReplyTo: {} }, $users: {} }
}
query! {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    Loud() = { postComments: { $: { fields: [createdAt] }, inReplyTo: { $: { fields: [createdAt] } } } }
}
query! {
    #[cfg_attr(all(), derive(serde::Serialize))]
    Sometimes() = { posts: { $: { fields: [createdAt] } } }
}

fn serialised<Q: Query>(_: &Q, body: &Value) -> Value
where
    Q::Response: serde::Serialize,
{
    serde_json::to_value(Q::decode(body.to_string().as_bytes()).unwrap()).unwrap()
}

fn post() -> Value {
    json!({ "id": ID, "createdAt": "2025-01-01T00:00:00.000Z", "type": "t", "self": "s", "slug": "g" })
}

#[test]
fn every_row_of_an_answer_serialises_under_the_names_of_the_schema() {
    let said = json!({ "id": ID, "createdAt": "2025-01-01T00:00:00.000Z" });
    let mut fed = post();
    fed["allComments"] = json!([said]);
    let mut comment = said;
    comment["inReplyTo"] = post();
    let answer = json!({ "posts": [fed], "postComments": [comment], "$users": [{ "id": ID }] });
    assert_eq!(serialised(&Feed::new(), &answer), answer);
}

#[test]
fn rows_are_read_back_under_the_names_they_are_written_with() {
    let entity: schema::Post = serde_json::from_value(post()).unwrap();
    assert_eq!((entity.handle.as_deref(), entity.self_.as_deref()), (Some("g"), Some("s")));
    assert_eq!(serde_json::to_value(entity).unwrap(), post());
    let said = json!({ "id": ID, "createdAt": "2025-01-01T00:00:00.000Z" });
    let row: Said = serde_json::from_value(said.clone()).unwrap();
    assert_eq!(serde_json::to_value(row).unwrap(), said);
}

#[test]
fn a_rename_of_the_user_wins() {
    let comment = json!({ "id": ID, "createdAt": "2025-01-01T00:00:00.000Z", "inReplyTo": post() });
    let row = json!({ "ID": ID, "CREATED-AT": "2025-01-01T00:00:00.000Z" });
    let mut expected = row.clone();
    expected["IN-REPLY-TO"] = row;
    assert_eq!(
        serialised(&Loud::new(), &json!({ "postComments": [comment] })),
        json!({ "POST-COMMENTS": [expected] })
    );
}

#[test]
fn a_derive_under_a_condition_has_the_names_of_the_schema() {
    let answer = json!({ "posts": [{ "id": ID, "createdAt": "2025-01-01T00:00:00.000Z" }] });
    assert_eq!(serialised(&Sometimes::new(), &answer), answer);
}
