//! Conditions on an entity's own attributes: every operator, with null and missing values.

use crate::forum::query;

use crate::data::{forum, found, user};

#[tokio::test]
async fn equality_compares_values_of_one_type() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: {} }), "U1 U2 U3 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: "bob" } } } }), "U2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { id: user(3) } } } }), "U3");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: 30 } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: 30.0 } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { active: false } } } }), "U2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { bio: "hi" } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: "Bob" } } } }), "");
    let handle = String::from("carol");
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { handle: &handle, name: "Carol" } } } }),
        "U3"
    );
}

#[tokio::test]
async fn in_takes_slices_vectors_and_iterators() {
    let (_server, db) = forum().await;
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { handle: { $in: ["bob", "dan"] } } } } }),
        "U2 U4"
    );
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: { $in: [] } } } } }), "");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $in: [25, null] } } } } }), "U2 U3");
    let wanted = vec![String::from("alice"), String::from("nobody")];
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: { $in: &wanted } } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: { $in: &wanted[1..] } } } } }), "");
    let ages = (20..=30).step_by(5);
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $in: ages } } } } }), "U1 U2");
    let borrowed = wanted.iter().filter(|handle| handle.len() == 5);
    assert_eq!(found!(db, users, query! { users: { $: { where: { handle: { $in: borrowed } } } } }), "U1");
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { id: { $in: [user(4), user(1)] } } } } }),
        "U1 U4"
    );
}

#[tokio::test]
async fn not_matches_other_values_and_none() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { where: { bio: { $not: "hi" } } } } }), "U2 U3 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $ne: 30 } } } } }), "U2 U3 U4");
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { email: { $not: "a@x.io" } } } } }),
        "U2 U3 U4"
    );
    assert_eq!(found!(db, users, query! { users: { $: { where: { active: { $not: true } } } } }), "U2 U3 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { id: { $not: user(2) } } } } }), "U1 U3 U4");
}

#[tokio::test]
async fn is_null_does_not_tell_null_from_missing() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { where: { bio: { $isNull: true } } } } }), "U2 U3 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { bio: { $isNull: false } } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $isNull: true } } } } }), "U3");
    let has_meta = true;
    assert_eq!(found!(db, users, query! { users: { $: { where: { meta: { $isNull: !has_meta } } } } }), "U1");
}

#[tokio::test]
async fn comparisons_order_values_of_one_type() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $gt: 25 } } } } }), "U1 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $gte: 25 } } } } }), "U1 U2 U4");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $lt: 30 } } } } }), "U2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { age: { $lte: 30 } } } } }), "U1 U2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { active: { $gt: false } } } } }), "U1");
    assert_eq!(found!(db, users, query! { users: { $: { where: { city: { $gt: "A" } } } } }), "U1");
    // Null is below every string, and only below strings.
    assert_eq!(found!(db, users, query! { users: { $: { where: { city: { $lt: "Z" } } } } }), "U1 U2 U3 U4");
}

#[tokio::test]
async fn patterns_match_strings() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { title: { $like: "Hello%" } } } } }), "P1");
    assert_eq!(
        found!(db, posts, query! { posts: { $: { where: { title: { $ilike: "hello%" } } } } }),
        "P1 P3"
    );
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { title: { $like: "_ed" } } } } }), "P4");
    let part = "again";
    let pattern = format!("%{part}");
    assert_eq!(found!(db, posts, query! { posts: { $: { where: { title: { $like: pattern } } } } }), "P3");
}

#[tokio::test]
async fn and_and_or_combine_conditions() {
    let (_server, db) = forum().await;
    let between = query! { users: { $: { where: { and: [{ age: { $gt: 25 } }, { age: { $lt: 40 } }] } } } };
    assert_eq!(found!(db, users, between), "U1");
    let either = query! { users: { $: { where: { active: true, or: [{ handle: "alice" }, { age: 40 }] } } } };
    assert_eq!(found!(db, users, either), "U1");
    let nested = query! {
        users: { $: { where: { or: [{ handle: "dan" }, { and: [{ age: { $lt: 30 } }, { active: false }] }] } } },
    };
    assert_eq!(found!(db, users, nested), "U2 U4");
}

#[tokio::test]
async fn a_condition_is_left_out_only_where_its_key_says_so() {
    let (_server, db) = forum().await;
    let search = async |name: Option<&str>, least: Option<u8>, among: Option<Vec<&str>>| {
        found!(
            db,
            users,
            query! { users: { $: { where: { name?: name, age?: { $gte: least }, handle?: { $in: among } } } } }
        )
    };
    assert_eq!(search(None, None, None).await, "U1 U2 U3 U4");
    assert_eq!(search(Some("bob"), None, None).await, "U2");
    assert_eq!(search(None, Some(30), None).await, "U1 U4");
    assert_eq!(search(None, Some(30), Some(vec!["dan", "bob"])).await, "U4");
    assert_eq!(search(Some("bob"), Some(30), None).await, "");
}
