//! Walks through all pages: for every order, size and direction, each row comes once and in its place.

use crate::forum::{NewUser, User, query, tx};
use instant_admin::tx::steps;
use instant_admin::{__private::AnswerMeta, Cursor, Db, Error, Id, Query};
use instant_tests::Backend;
use serde_json::{Value, json};

use crate::data::{empty, forum, id, named};

/// A query that is only known when the test runs, and the ids of the users it finds.
struct Users(Value);

impl Query for Users {
    type Response = Vec<Id<User>>;

    fn instaql(&self) -> Result<Value, Error> {
        Ok(json!({ "users": { "$": self.0 } }))
    }

    fn decode_with(body: &[u8], _: AnswerMeta) -> Result<Self::Response, Error> {
        let answer: Value = serde_json::from_slice(body).unwrap();
        let users = answer["users"].as_array().unwrap().iter();
        Ok(users.map(|user| user["id"].as_str().unwrap().parse().unwrap()).collect())
    }
}

const USERS: u8 = 24;

fn user(number: u8) -> Id<User> {
    id(&format!("U{number}"))
}

/// Users whose ages, dates and cities repeat or are missing, each attribute at its own interval.
async fn crowd() -> (Backend, Db) {
    let (server, db) = empty().await;
    let dates = ["2024-02-01", "2024-02-01T01:00:00+01:00", "2023-06-01", "1969-12-31T23:59:59Z"];
    // In an order that is neither that of the ids nor that of any attribute, two to a transaction.
    let numbers: Vec<u8> = (0..USERS).map(|number| number * 7 % USERS + 1).collect();
    for pair in numbers.chunks(2) {
        let write = |&number: &u8| {
            let rhythm = |period: u8| Some(number % period).filter(|rest| *rest > 0);
            tx::users(user(number))
                .create(NewUser { handle: format!("user {number}") })
                .age(rhythm(4).map(|age| 31.245_270_191_439_438 - f64::from(age)))
                .active(rhythm(3).map(|rest| rest == 1))
                .city(rhythm(5).map(|rest| ["a", "Zz", "zz", "\u{e4}"][usize::from(rest) - 1]))
                .joined(rhythm(5).map(|rest| dates[usize::from(rest) - 1]))
        };
        db.transact(steps(pair.iter().map(write))).await.unwrap();
    }
    (server, db)
}

/// The pages of a query, each as its rows.
async fn walk(db: &Db, options: Value) -> Vec<Vec<Id<User>>> {
    let mut pages = db.pages(Users(options));
    let mut seen = Vec::new();
    while let Some(page) = pages.next().await {
        seen.push(page.unwrap());
    }
    seen
}

fn with(options: &Value, more: &Value) -> Value {
    let mut options = options.clone();
    let more = more.as_object().unwrap().clone();
    options.as_object_mut().unwrap().extend(more);
    options
}

#[tokio::test]
async fn each_row_comes_once_and_in_its_place_in_both_directions() {
    let (_server, db) = crowd().await;
    for attribute in ["serverCreatedAt", "age", "active", "joined", "handle", "city"] {
        for direction in ["asc", "desc"] {
            let order = json!({ "order": { attribute: direction } });
            let all = db.query(Users(order.clone())).await.unwrap();
            assert_eq!(all.len(), usize::from(USERS));
            for size in [1, 5, 24, 25] {
                let case = format!("{attribute} {direction} by {size}");
                let forward = walk(&db, with(&order, &json!({ "first": size }))).await;
                let mut backward = walk(&db, with(&order, &json!({ "last": size }))).await;
                assert!(forward.iter().rev().skip(1).all(|page| page.len() == size), "{case}");
                assert_eq!(forward.len(), usize::from(USERS).div_ceil(size), "{case}");
                assert_eq!(backward.len(), forward.len(), "{case}");
                backward.reverse();
                let (mut forward, mut backward) = (forward.concat(), backward.concat());
                let mut expected = all.clone();
                // Strings are cut into pages by the database's collation and sorted by code units inside a page.
                if ["city", "handle"].contains(&attribute) {
                    for rows in [&mut forward, &mut backward, &mut expected] {
                        rows.sort();
                    }
                }
                assert_eq!(forward, expected, "{case}");
                assert_eq!(backward, expected, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn an_offset_counts_once_and_cursors_bound_the_walk() {
    let (_server, db) = crowd().await;
    let order = json!({ "order": { "age": "desc" } });
    let all = db.query(Users(order.clone())).await.unwrap();
    let forward = walk(&db, with(&order, &json!({ "limit": 4, "offset": 3 }))).await.concat();
    assert_eq!(forward, all[3..]);
    let mut backward = walk(&db, with(&order, &json!({ "last": 4, "offset": 3 }))).await;
    backward.reverse();
    assert_eq!(backward.concat(), all[..21]);

    let bounds = query! { users: { $: { order: { age: desc }, first: 13, offset: 5 } } };
    let bounds = db.query(bounds).with_page_info().await.unwrap().users;
    let info = bounds.page_info().unwrap().clone();
    let (start, end) = (info.start_cursor.unwrap(), info.end_cursor.unwrap());
    // As an app's clients send them back in URLs.
    let [start, end] = [start, end].map(|cursor| cursor.to_string().parse::<Cursor>().unwrap());
    let window = json!({ "after": start, "before": end, "order": { "age": "desc" } });
    let forward = walk(&db, with(&window, &json!({ "limit": 4 }))).await;
    assert_eq!(forward.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 3]);
    assert_eq!(forward.concat(), all[6..17]);
    let mut backward = walk(&db, with(&window, &json!({ "last": 4, "beforeInclusive": true }))).await;
    backward.reverse();
    assert_eq!(backward.concat(), all[6..18]);
    let inclusive = walk(&db, with(&window, &json!({ "first": 11, "afterInclusive": true }))).await;
    assert_eq!(inclusive.concat(), all[5..17]);
}

#[tokio::test]
async fn rows_that_come_and_go_between_pages_move_no_other_row() {
    let (_server, db) = crowd().await;
    let order = json!({ "order": { "age": "asc" }, "limit": 3 });
    let all = db.query(Users(json!({ "order": { "age": "asc" } }))).await.unwrap();
    let mut pages = db.pages(Users(order));
    let mut seen = pages.next().await.unwrap().unwrap();
    // One that was shown, the one that the next page continues after, and one that is yet to come.
    let gone = [all[0], all[2], all[10]];
    db.transact(steps(gone.map(|user| tx::users(user).delete()))).await.unwrap();
    let new = |handle: &str| NewUser { handle: handle.to_owned() };
    db.transact((
        tx::users(user(100)).create(new("late")).age(-1),
        tx::users(user(101)).create(new("later")).age(99),
    ))
    .await
    .unwrap();
    while let Some(page) = pages.next().await {
        seen.extend(page.unwrap());
    }
    let mut expected: Vec<_> = all.into_iter().filter(|user| *user != gone[2]).collect();
    expected.push(user(101));
    // Users without an age come first, so that the new age of -1 lies ahead of the walk.
    let ages_begin = expected.iter().position(|user| user.uuid().as_u128() & 3 != 0).unwrap();
    expected.insert(ages_begin, user(100));
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn pages_whose_rest_vanishes_end_without_an_empty_one() {
    let (_server, db) = crowd().await;
    let mut pages = db.pages(Users(json!({ "limit": 20 })));
    assert_eq!(pages.next().await.unwrap().unwrap().len(), 20);
    db.transact(steps((1..=USERS).map(|number| tx::users(user(number)).delete()))).await.unwrap();
    assert!(pages.next().await.is_none());
    let mut none = db.pages(Users(json!({ "limit": 20 })));
    assert_eq!(none.next().await.unwrap().unwrap(), []);
    assert!(none.next().await.is_none());
}

#[tokio::test]
async fn each_root_has_its_own_page_info_beside_counts() {
    let (_server, db) = forum().await;
    let answer = db
        .query(query! {
            users: { $: { first: 1, order: { age: desc } }, posts: {} },
            posts: { $: { last: 1 } },
            comments: { $: { where: { text: "nothing" }, limit: 1 } },
            profiles: {},
            tags: { $: { aggregate: count } },
        })
        .with_page_info()
        .await
        .unwrap();
    let (users, posts) = (answer.users.page_info().unwrap(), answer.posts.page_info().unwrap());
    assert_eq!((named!(answer.users), named!(answer.posts)), ("U4".to_owned(), "P4".to_owned()));
    assert_eq!((users.has_next_page, users.has_previous_page), (true, false));
    assert_eq!((posts.has_next_page, posts.has_previous_page), (false, true));
    assert_eq!(users.start_cursor, users.end_cursor);
    assert_ne!(users.start_cursor, posts.start_cursor);
    let empty = answer.comments.page_info().unwrap();
    assert_eq!((&empty.start_cursor, &empty.end_cursor, empty.has_next_page), (&None, &None, false));
    assert_eq!((answer.profiles.len(), answer.profiles.page_info(), answer.tags), (1, None, 3));
}

#[tokio::test]
async fn numbers_come_back_to_the_last_digit() {
    let (_server, db) = empty().await;
    // Each is read wrongly by a parser that rounds twice.
    let numbers = [31.245_270_191_439_438, 121.481_113_541_338_09, 0.1 + 0.2, 5e-324, f64::MAX, 1e21, -0.5];
    let write = |(at, number): (usize, &f64)| {
        let new = NewUser { handle: at.to_string() };
        tx::users(id(&format!("U{}", at + 1))).create(new).age(*number)
    };
    db.transact(steps(numbers.iter().enumerate().map(write))).await.unwrap();
    let ages: Vec<_> =
        db.query(query! { users: {} }).await.unwrap().users.into_iter().map(|user| user.age).collect();
    assert_eq!(ages, numbers.map(Some));
    for (at, number) in numbers.into_iter().enumerate() {
        let found = db.query(query! { users: { $: { where: { age: number } } } }).await.unwrap();
        assert_eq!(named!(found.users), format!("U{}", at + 1), "{number}");
    }
}
