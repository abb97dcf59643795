//! Fragments inside fragments and beside conditions: the query that is sent, and the rows read from its answer.

use instant_admin::Query;
use instant_tests::blog::{fragment, query};
use serde_json::{Value, json};

fragment! { pub Handle on $users { $: { fields: [handle] } } }
fragment! { pub Headline on posts { $: { fields: [title] } } }
fragment! { pub Said on comments { $: { fields: [text], order: { serverCreatedAt: asc } }, post: Headline } }
fragment! { pub Thread on posts { $: { where: { published: true }, fields: [title] }, author: Handle, comments: { ..Said } } }

fn sent(query: &impl Query) -> Value {
    query.instaql().unwrap()
}

/// A module whose fragments nobody else sees.
mod private {
    use instant_tests::blog::{fragment, query};

    mod inner {
        instant_tests::blog::fragment! { pub(super) Label on tags { $: { fields: [label] } } }
    }
    fragment! { Titles on posts { $: { fields: [title] }, tags: inner::Label } }
    query! { Listed() = { posts: Titles } }

    pub fn titles(body: &str) -> Vec<String> {
        fn decode<Q: instant_admin::Query>(_: &Q, body: &str) -> Q::Response {
            Q::decode(body.as_bytes()).unwrap()
        }
        let answer = decode(
            &query! { posts: { $: { fields: [title] }, author: { $: { fields: [] }, posts: Titles } } },
            body,
        );
        let of_authors = answer.posts.iter().flat_map(|post| &post.author).flat_map(|author| &author.posts);
        let listed = decode(&Listed::new(), body);
        of_authors.chain(&listed.posts).map(|post: &Titles| post.title.clone()).collect()
    }
}

/// A module that has nothing of the prelude.
mod strict {
    #![no_implicit_prelude]
    ::instant_tests::blog::fragment! { pub Card on posts { $: { fields: [title] } } }
    ::instant_tests::blog::query! { pub Cards(least: u32) = { posts: { $: { where: { views: { $gt: least } } }, ..Card } } }
}

#[test]
fn a_fragment_that_is_not_public_works_in_an_expression() {
    let id = "b5c2a0f4-2e50-4a5f-9a3b-0d0f0b0a0c01";
    let body = json!({ "posts": [
        { "id": id, "title": "Hi", "tags": [], "author": { "id": id, "posts": [{ "id": id, "title": "Ho", "tags": [] }] } },
    ] });
    assert_eq!(private::titles(&body.to_string()), ["Ho", "Hi"]);
}

#[test]
fn a_module_without_prelude_has_fragments_and_queries() {
    let sent = sent(&strict::Cards::new(5));
    assert_eq!(sent["posts"]["$"], json!({ "where": { "views": { "$gt": 5 } }, "fields": ["title"] }));
}

#[test]
fn a_fragment_holds_other_fragments() {
    let handle = json!({ "$": { "fields": ["handle"] } });
    let query = query! { posts: Thread };
    let thread = &sent(&query)["posts"];
    assert_eq!(thread["author"], handle);
    assert_eq!(thread["comments"]["post"], json!({ "$": { "fields": ["title"] } }));
    assert_eq!(thread["comments"]["$"]["order"], json!({ "serverCreatedAt": "asc" }));
}

#[test]
fn rows_of_fragments_in_fragments_are_their_types() {
    fn decode<Q: Query>(_: &Q, body: &Value) -> Q::Response {
        Q::decode(body.to_string().as_bytes()).unwrap()
    }
    let id = "b5c2a0f4-2e50-4a5f-9a3b-0d0f0b0a0c01";
    let ada = json!({ "id": id, "handle": "ada" });
    let answer = decode(
        &query! { posts: Thread },
        &json!({ "posts": [{
            "id": id, "title": "Hi", "author": ada, "comments": [{ "id": id, "text": "Yes", "post": [{ "id": id, "title": "Hi" }] }],
        }] }),
    );
    let thread: &Thread = &answer.posts[0];
    let said: &Said = &thread.comments[0];
    let headline: Option<&Headline> = said.post.as_ref();
    assert_eq!(headline.map(|post| post.title.as_str()), Some("Hi"));
    let author: Option<&Handle> = thread.author.as_ref();
    assert_eq!(author.and_then(|author| author.handle.as_deref()), Some("ada"));
}

#[test]
fn a_condition_beside_a_fragment_joins_the_one_in_it() {
    let title = String::from("Hi");
    let query = query! { posts: { $: { where: { title: &title }, limit: 2 }, ..Thread } };
    let options = &sent(&query)["posts"]["$"];
    assert_eq!(options["where"], json!({ "and": [{ "published": true }, { "title": "Hi" }] }));
    assert_eq!((&options["limit"], &options["fields"]), (&json!(2), &json!(["title"])));
}

#[test]
fn a_condition_that_is_left_out_leaves_the_one_of_the_fragment() {
    let title: Option<&str> = None;
    let query = query! { posts: { $: { where: { title?: title } }, ..Thread } };
    assert_eq!(sent(&query)["posts"]["$"]["where"], json!({ "published": true }));
}
