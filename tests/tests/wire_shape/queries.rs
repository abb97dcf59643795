//! Queries with names: where they can be made.

use instant_admin::Query;
use instant_tests::blog::{self, fragment, query};
use serde_json::json;

query! { Newest() = { posts: { $: { order: { createdAt: desc }, limit: 3 } } } }

const NEWEST: Newest = Newest::new();

// A row type of the user's own that is called as a struct of an answer would be.
fragment! { User on $users { $: { fields: [handle] } } }

#[test]
fn a_query_without_values_can_be_a_constant() {
    assert_eq!(
        NEWEST.instaql().unwrap(),
        json!({ "posts": { "$": { "order": { "createdAt": "desc" }, "limit": 3 } } })
    );
}

#[test]
fn a_fragment_keeps_its_name_beside_the_structs_of_an_expression() {
    fn decode<Q: Query>(_: &Q, body: &str) -> Q::Response {
        Q::decode(body.as_bytes()).unwrap()
    }
    let id = "b5c2a0f4-2e50-4a5f-9a3b-0d0f0b0a0c01";
    let query = query! { $users: { $: { fields: [bio] } }, posts: { $: { fields: [title] }, author: User } };
    let answer = json!({
        "$users": [{ "id": id, "bio": "b" }],
        "posts": [{ "id": id, "title": "t", "author": { "id": id, "handle": "ada" } }],
    });
    let answer = decode(&query, &answer.to_string());
    let author: &Option<User> = &answer.posts[0].author;
    assert_eq!(author.as_ref().and_then(|author| author.handle.as_deref()), Some("ada"));
    assert_eq!(answer.users[0].bio.as_deref(), Some("b"));
    let whole: instant_admin::Id<blog::User> = answer.users[0].id;
    assert_eq!(whole.to_string(), id);
}
