//! Orders and directions that are chosen at run time.

use instant_admin::{Direction, Order, Where};
use serde_json::json;

use crate::data::{forum, found, named};
use crate::forum::{User, query, users};

fn order_by(column: &str, direction: Direction) -> Order<User> {
    match column {
        "age" => users::age().order(direction),
        "joined" => users::joined().order(direction),
        _ => Order::server_created_at(direction),
    }
}

#[tokio::test]
async fn an_order_of_run_time_is_spliced_in() {
    let (_server, db) = forum().await;
    for (column, direction, expected) in [
        ("age", Direction::Asc, "U3 U2 U1 U4"),
        ("age", Direction::Desc, "U4 U1 U2 U3"),
        ("joined", Direction::Asc, "U3 U4 U1 U2"),
        ("", Direction::Asc, "U1 U2 U3 U4"),
        ("", Direction::Desc, "U4 U3 U2 U1"),
    ] {
        let order = order_by(column, direction);
        let query = query! { users: { $: { order: #&order } } };
        assert_eq!(found!(db, users, query), expected, "{order:?}");
        // What the server sorts by must be in its answer.
        let narrow = query! { users: { $: { order: #order, fields: [name] } } };
        assert_eq!(found!(db, users, narrow), expected);
    }
}

#[tokio::test]
async fn a_direction_of_run_time_is_spliced_in() {
    let (_server, db) = forum().await;
    for (text, expected) in [("asc", "U3 U2 U1 U4"), ("desc", "U4 U1 U2 U3")] {
        let direction: Direction = text.parse().unwrap();
        let query = query! { users: { $: { order: { age: #direction }, fields: [name] } } };
        assert_eq!(found!(db, users, query), expected);
    }
    assert_eq!(
        found!(db, users, query! { users: { $: { order: { age: #Direction::Asc.reversed() } } } }),
        "U4 U1 U2 U3"
    );
}

#[tokio::test]
async fn linked_rows_take_an_order_of_run_time_too() {
    let (_server, db) = forum().await;
    let order = crate::forum::posts::likes().asc();
    let query = query! { users: { $: { where: { handle: "alice" } }, posts: { $: { order: #order } } } };
    assert_eq!(named!(db.query(query).await.unwrap().users[0].posts), "P2 P1");
}

#[tokio::test]
async fn pages_follow_an_order_of_run_time() {
    let (_server, db) = forum().await;
    let mut pages =
        db.pages(query! { users: { $: { order: #users::age().desc(), limit: 3, fields: [name] } } });
    let first = pages.next().await.unwrap().unwrap();
    let second = pages.next().await.unwrap().unwrap();
    assert_eq!((named!(first.users), named!(second.users)), ("U4 U1 U2".to_owned(), "U3".to_owned()));
}

#[test]
fn an_order_or_a_filter_with_a_mark_is_left_out_where_it_is_none() {
    let (order, filter): (Option<Order<User>>, Option<Where<User>>) = (None, None);
    let query = query! { users: { $: { order?: #&order, where?: #&filter, limit: 2 } } };
    assert_eq!(query.instaql().unwrap(), json!({ "users": { "$": { "limit": 2 } } }));

    let order = Some(users::age().desc());
    let query = query! { users: { $: { order?: #order, fields: [name] } } };
    let options = json!({ "order": { "age": "desc" }, "fields": ["name", "age"] });
    assert_eq!(query.instaql().unwrap(), json!({ "users": { "$": options } }));
}

#[test]
fn a_path_that_comes_back_to_its_entity_is_no_order() {
    let query = query! { users: { $: { order: #users::friends().dot(users::age()).asc() } } };
    assert_eq!(
        query.instaql().unwrap_err().to_string(),
        "users.$.order: `order` takes an attribute of the entity itself, not a path such as `friends.age`"
    );
}

#[test]
fn orders_show_what_they_are() {
    let order = users::age().desc();
    assert_eq!(format!("{order:?}"), "Order(users.age desc)");
    assert_eq!(order.clone().reversed(), users::age().asc());
    assert_eq!(Order::<User>::default(), Order::server_created_at(Direction::Asc));
    assert_ne!(order, users::joined().desc());
}
