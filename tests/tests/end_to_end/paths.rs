//! Conditions on links and through them.

use crate::forum::query;

use crate::data::{forum, found, post, tag, user};

#[tokio::test]
async fn a_path_follows_links_in_both_directions() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { where: { posts.title: "World" } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { posts.tags.label: "b" } } } }), "U1");
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { "posts.tags.label": { $in: ["a", "c"] } } } } }),
        "U1"
    );
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { author.handle: "bob" } } } }), "P3");
    assert_eq!(
        found!(db, tags, query! { tags: { $: { where: { posts.author.age: { $gt: 25 } } } } }),
        "T1 T2"
    );
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { friendOf.friendOf.handle: "alice" } } } }),
        "U3"
    );
    assert_eq!(found!(db, profiles, query! { profiles: { $: { where: { user.handle: "alice" } } } }), "F1");
}

#[tokio::test]
async fn a_link_is_compared_with_ids() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { author: user(1) } } } }), "P1 P2");
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { author.id: user(1) } } } }), "P1 P2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { posts: post(3) } } } }), "U2");
    assert_eq!(
        found!(db, posts, query! { posts: { $: { where: { tags: { $in: [tag(1), tag(3)] } } } } }),
        "P1 P4"
    );
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { author: { $not: user(1) } } } } }), "P3 P4");
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { tags: { $not: tag(2) } } } } }), "P1 P3 P4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { posts: { $isNull: true } } } } }), "U3 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { profile: { $isNull: false } } } } }), "U1");
}

#[tokio::test]
async fn a_negation_through_links_also_matches_broken_paths() {
    let (_server, db) = forum().await;
    let not_hello = query! { users: { $: { where: { posts.title: { $not: "Hello" } } } } };
    assert_eq!(found!(db, users, not_hello), "U1 U2 U3 U4");
    let no_body = query! { users: { $: { where: { posts.body: { $isNull: true } } } } };
    assert_eq!(found!(db, users, no_body), "U1 U3 U4");
    let no_bio = query! { comments: { $: { where: { post.author.bio: { $isNull: true } } } } };
    assert_eq!(found!(db, comments, no_bio), "C3 C4");
}

#[tokio::test]
async fn conditions_side_by_side_are_about_one_linked_entity_and_in_and_about_several() {
    let (_server, db) = forum().await;
    let one = query! { users: { $: { where: { posts.title: "Hello", posts.likes: 0 } } } };
    assert_eq!(found!(db, users, one), "");
    let several = query! { users: { $: { where: { and: [{ posts.title: "Hello" }, { posts.likes: 0 }] } } } };
    assert_eq!(found!(db, users, several), "U1");
    let two_links = query! {
        posts: { $: { where: { and: [{ author.handle: "alice" }, { editor.handle: "bob" }] } } },
    };
    assert_eq!(found!(db, posts, two_links), "P1");
}
