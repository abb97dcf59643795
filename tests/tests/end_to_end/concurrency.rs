//! Many reads and writes at the same time through one client: each is complete, and happens once.

use std::collections::BTreeSet;

use crate::forum::{NewPost, NewUser, Post, User, query, tx};
use instant_admin::Id;

use crate::data::empty;

const TASKS: u16 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_writers_and_readers_see_whole_transactions() {
    let (_server, db) = empty().await;
    let writers = (0..TASKS).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let (user, post) = (Id::<User>::new(), Id::<Post>::new());
            let transaction = (
                tx::users(user).create(NewUser { handle: format!("user {number}") }),
                tx::posts(post)
                    .create(NewPost { title: format!("post {number}") })
                    .likes(number)
                    .link_author(user),
            );
            let done = db.transact(transaction).await.unwrap().tx_id;
            // A writer sees its acknowledged writes at once.
            let handle = format!("user {number}");
            let found =
                db.query(query! { users: { $: { where: { handle: &handle } }, posts: {} } }).await.unwrap();
            assert_eq!(found.users[0].posts[0].likes, Some(f64::from(number)));
            done
        })
    });
    let readers = (0..TASKS).map(|number| {
        let db = db.clone();
        tokio::spawn(async move {
            let answer = db.query(query! { users: { posts: {} }, posts: { author: {} } });
            let answer = if number % 2 == 0 { answer.await } else { answer.with_page_info().await };
            let answer = answer.unwrap();
            assert_eq!(answer.users.len(), answer.posts.len());
            assert!(answer.users.iter().all(|user| user.posts.len() == 1));
            assert!(answer.posts.iter().all(|post| post.author.is_some()));
        })
    });
    let (writers, readers): (Vec<_>, Vec<_>) = writers.zip(readers).unzip();
    let mut transactions = BTreeSet::new();
    for writer in writers {
        transactions.insert(writer.await.unwrap());
    }
    for reader in readers {
        reader.await.unwrap();
    }
    assert_eq!(transactions.len(), usize::from(TASKS));
    let counts = db.query(query! { users: { $: { aggregate: count } }, posts: { $: { aggregate: count } } });
    let counts = counts.await.unwrap();
    assert_eq!((counts.users, counts.posts), (u64::from(TASKS), u64::from(TASKS)));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rivals_for_a_unique_value_one_wins() {
    let (_server, db) = empty().await;
    let rivals = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            db.transact(tx::users(Id::new()).create(NewUser { handle: "ada".to_owned() })).await
        })
    });
    let mut won = 0;
    for rival in rivals.collect::<Vec<_>>() {
        match rival.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(error.is_not_unique(), "{error}"),
        }
    }
    assert_eq!((won, db.query(query! { users: {} }).await.unwrap().users.len()), (1, 1));
}
