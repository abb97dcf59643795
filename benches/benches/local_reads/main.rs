//! What the backend adds to SQLite: `cargo bench -p instant-benches --bench local_reads`.
//!
//! Each query runs through `instaql::run`, and as SQL that is written by hand for just this query on the same file.
//! Both give the same bytes, which is checked first. The two sides take turns within one run, so that other work on
//! the machine hits both; the medians and their ratio are printed.

mod by_hand;
mod data;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use by_hand::ByHand;
use data::{AUTHORS, Data, NESTED};
use instant_benches::report;
use instant_local::instaql::{self, Options};
use serde_json::{Value, json};

/// How many posts the flat query finds.
const FLAT: usize = 10_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let data = Data::write(folder.path()).await?;
    let by_hand = ByHand::open(folder.path())?;
    println!(
        "{} posts of 5 attributes, {AUTHORS} authors, 10 comments for each of {NESTED} posts\n",
        data.posts.len()
    );

    let id = data.posts[data.posts.len() / 2];
    let before = |posts: usize| json!({ "at": { "$lt": data::time(posts) } });
    let posts = |options: Value| json!({ "posts": { "$": options } });
    let nested = json!({ "posts": { "$": { "where": before(NESTED) }, "author": {}, "comments": {} } });
    let views = json!({ "where": { "views": { "$gt": 9000 } }, "order": { "views": "desc" }, "limit": 20 });
    let newest = json!({ "order": { "serverCreatedAt": "desc" }, "limit": 20 });

    compare("one by id", 500, &data, posts(json!({ "where": { "id": id } })), || by_hand.by_id(id)).await?;
    compare("10,000 flat", 40, &data, posts(json!({ "where": before(FLAT) })), || {
        by_hand.flat(data::time(FLAT))
    })
    .await?;
    compare("1,000 nested", 40, &data, nested, || by_hand.nested(data::time(NESTED))).await?;
    compare("range, order, limit 20", 500, &data, posts(views), || by_hand.most_viewed(9000, 20)).await?;
    compare("newest 20", 500, &data, posts(newest), || by_hand.newest(20)).await?;
    Ok(())
}

/// Runs a query and its twin by turns.
async fn compare(
    what: &str,
    rounds: usize,
    data: &Data,
    query: Value,
    by_hand: impl Fn() -> rusqlite::Result<String>,
) -> Result<(), Box<dyn Error>> {
    let run = || {
        let query = query.clone();
        data.store.read(data.app, move |tx| Ok(instaql::run(tx, &query, Options::admin())?.tree))
    };
    assert_eq!(run().await?, by_hand()?, "{what}: both sides must give the same bytes");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(run().await?);
        ours.push(start.elapsed());

        let start = Instant::now();
        black_box(by_hand()?);
        theirs.push(start.elapsed());
    }
    report(what, "instaql", ours, "by hand", theirs);
    Ok(())
}
