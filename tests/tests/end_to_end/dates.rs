//! Dates: different spellings of one moment are found, compared and decoded as the same.

use std::time::{Duration, SystemTime};

use crate::forum::{NewUser, User, query, tx};
use instant_admin::tx::{raw, steps};
use instant_admin::{Date, Id};
use serde_json::json;

use crate::data::{empty, forum, found, id, named};

/// 2024-02-01T00:00:00Z.
const MILLIS: i64 = 1_706_745_600_000;

#[tokio::test]
async fn every_spelling_of_an_instant_decodes_to_it() {
    let (_server, db) = empty().await;
    let spellings = [
        "2024-02-01",
        "2024-02-01T00:00:00Z",
        "2024-02-01T00:00:00.000Z",
        "2024-02-01T01:00:00+01:00",
        "2024-02-01 00:00:00",
    ];
    let write = |(number, spelling): (usize, &&str)| {
        let user: Id<User> = id(&format!("U{}", number + 1));
        tx::users(user).create(NewUser { handle: format!("text{number}") }).joined(*spelling)
    };
    db.transact(steps(spellings.iter().enumerate().map(write))).await.unwrap();
    let new = |handle: &str| NewUser { handle: handle.to_owned() };
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(MILLIS.unsigned_abs());
    db.transact((
        tx::users(id("U6")).create(new("millis")).joined(MILLIS),
        tx::users(id("U7")).create(new("date")).joined(Date::from_millis(MILLIS)),
        tx::users(id("U8")).create(new("system")).joined(time),
        tx::users(id("U9")).create(new("other")).joined("2024-02-02"),
    ))
    .await
    .unwrap();

    let all = "U1 U2 U3 U4 U5 U6 U7 U8";
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: "2024-02-01" } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: MILLIS } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: 1_706_745_600_000 } } } }), all);
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: time } } } }), all);
    let spelled = query! { users: { $: { where: { joined: { $in: ["2024-02-01T00:00:00Z"] } } } } };
    let answer = db.query(spelled).await.unwrap();
    assert_eq!(named!(answer.users), all);
    assert!(answer.users.iter().all(|user| user.joined == Some(Date::from_millis(MILLIS))));
}

#[tokio::test]
async fn dates_compare_by_instant() {
    let (_server, db) = forum().await;
    let start = Date::from_millis(MILLIS);
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { joined: { $gt: "2023-12-31" } } } } }),
        "U1 U2"
    );
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: { $gte: start } } } } }), "U2");
    assert_eq!(found!(db, users, query! { users: { $: { where: { joined: { $lt: start } } } } }), "U1 U4");
    assert_eq!(
        found!(db, users, query! { users: { $: { where: { joined: { $not: start } } } } }),
        "U1 U3 U4"
    );
}

#[tokio::test]
async fn spellings_that_only_the_store_reads_are_found_and_decoded_but_neither_queried_nor_set() {
    let (_server, db) = empty().await;
    let (first, second, third) = (id::<User>("U1"), id::<User>("U2"), id::<User>("U3"));
    db.transact((
        raw("users", first).create(json!({ "handle": "a", "joined": "20240202" })),
        raw("users", second).create(json!({ "handle": "b", "joined": "February 1, 2024" })),
        raw("users", third).create(json!({ "handle": "c", "joined": "2024-02-03" })),
    ))
    .await
    .unwrap();

    let later = query! { users: { $: { where: { joined: { $gt: "2024-02-01" } }, order: { joined: asc } } } };
    let found = db.query(later).await.unwrap().users;
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [first, third]);
    assert_eq!(found[0].joined, Some("2024-02-02".parse().unwrap()));

    let error = db.transact(tx::users(first).update().joined("20240202")).await.unwrap_err();
    assert!(error.is_invalid_transaction() && error.message().contains("write \"2025-01-31\""), "{error}");
    let query = json!({ "users": { "$": { "where": { "joined": "20240202" } } } });
    assert!(db.query_json(query).await.unwrap_err().is_invalid_query());
}
