//! Order, pages, cursors and counts.

use crate::forum::query;

use crate::data::{forum, found, named};

#[tokio::test]
async fn rows_are_ordered_by_creation_or_by_an_attribute() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { order: { age: asc } } } }), "U3 U2 U1 U4");
    assert_eq!(found!(db, users, query! { users: { $: { order: { age: desc } } } }), "U4 U1 U2 U3");
    assert_eq!(found!(db, users, query! { users: { $: { order: { name: asc } } } }), "U1 U3 U2 U4");
    assert_eq!(found!(db, users, query! { users: { $: { order: { active: desc } } } }), "U1 U2 U4 U3");
    assert_eq!(found!(db, users, query! { users: { $: { order: { joined: asc } } } }), "U3 U4 U1 U2");
    assert_eq!(
        found!(db, users, query! { users: { $: { order: { serverCreatedAt: desc } } } }),
        "U4 U3 U2 U1"
    );
    assert_eq!(
        found!(db, users, query! { users: { $: { order: { serverCreatedAt: asc } } } }),
        "U1 U2 U3 U4"
    );
}

#[tokio::test]
async fn limit_first_last_and_offset_cut_pages() {
    let (_server, db) = forum().await;
    assert_eq!(found!(db, users, query! { users: { $: { limit: 2 } } }), "U1 U2");
    assert_eq!(found!(db, users, query! { users: { $: { first: 3 } } }), "U1 U2 U3");
    assert_eq!(found!(db, users, query! { users: { $: { last: 2 } } }), "U3 U4");
    let (page, size) = (1_u64, 2_usize);
    assert_eq!(found!(db, users, query! { users: { $: { limit: size, offset: page } } }), "U2 U3");
    assert_eq!(found!(db, users, query! { users: { $: { limit: 1, offset: 999 } } }), "");
    let (limit, offset) = (None::<u8>, Some(3_i32));
    assert_eq!(found!(db, users, query! { users: { $: { limit?: limit, offset?: offset } } }), "U4");
}

#[tokio::test]
async fn cursors_lead_to_the_pages_beside() {
    let (_server, db) = forum().await;
    let answer = db.query(query! { users: { $: { limit: 2 } } }).with_page_info().await.unwrap();
    let info = answer.users.page_info().unwrap();
    assert!(info.has_next_page && !info.has_previous_page);
    let end = info.end_cursor.as_ref().unwrap();

    let next = query! { users: { $: { first: 2, after: end } } };
    let next = db.query(next).with_page_info().await.unwrap();
    assert_eq!(named!(next.users), "U3 U4");
    let info = next.users.page_info().unwrap();
    assert!(!info.has_next_page && info.has_previous_page);

    let again = query! { users: { $: { first: 2, after: end, afterInclusive: true } } };
    assert_eq!(found!(db, users, again), "U2 U3");

    let last = info.end_cursor.clone();
    let before = query! { users: { $: { last: 2, before?: last.as_ref() } } };
    let before = db.query(before).with_page_info().await.unwrap();
    assert_eq!(named!(before.users), "U2 U3");
    let info = before.users.page_info().unwrap();
    assert!(info.has_next_page && info.has_previous_page);
    let inclusive = query! { users: { $: { last: 2, before?: last, beforeInclusive: true } } };
    assert_eq!(found!(db, users, inclusive), "U3 U4");

    let empty = db.query(query! { users: { $: { limit: 1, offset: 9 } } }).with_page_info().await.unwrap();
    let info = empty.users.page_info().unwrap();
    assert_eq!((&info.start_cursor, &info.end_cursor), (&None, &None));
    assert!(!info.has_next_page && info.has_previous_page);
}

#[tokio::test]
async fn cursors_of_an_order_go_by_its_values() {
    let (_server, db) = forum().await;
    let page =
        db.query(query! { users: { $: { order: { age: desc }, limit: 3 } } }).with_page_info().await.unwrap();
    assert_eq!(named!(page.users), "U4 U1 U2");
    let end = page.users.page_info().unwrap().end_cursor.clone().unwrap();
    let rest = query! { users: { $: { order: { age: desc }, after: &end, fields: [handle] } } };
    assert_eq!(found!(db, users, rest), "U3");
    let stored: instant_admin::Cursor = serde_json::from_str(&serde_json::to_string(&end).unwrap()).unwrap();
    assert_eq!(stored, end);
    let error = db.query(query! { users: { $: { order: { name: asc }, after: end } } }).await.unwrap_err();
    assert!(error.message().contains("orders by"), "{error}");
}

#[tokio::test]
async fn all_pages_come_one_after_the_other() {
    let (_server, db) = forum().await;
    let mut pages = db.pages(query! { users: { $: { order: { age: asc }, limit: 3 }, posts: {} } });
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        seen.push(named!(page.users));
    }
    assert_eq!(seen, ["U3 U2 U1", "U4"]);
    let mut exact = db.pages(query! { users: { $: { first: 2 } } });
    let mut seen = Vec::new();
    while let Some(page) = exact.next().await {
        seen.push(named!(page.unwrap().users));
    }
    assert_eq!(seen, ["U1 U2", "U3 U4"]);
}

#[tokio::test]
async fn a_count_is_a_number_beside_pages() {
    let (_server, db) = forum().await;
    let answer = db.query(query! {
        users: { $: { where: { age: { $isNull: false } }, aggregate: count } }, tags: {},
    });
    let answer = answer.await.unwrap();
    let adults: u64 = answer.users;
    assert_eq!((adults, answer.tags.len()), (3, 3));
    assert_eq!(db.query(query! { posts: { $: { aggregate: count } } }).await.unwrap().posts, 4);
}
