//! Pages over some thousands of entities: what they contain, and how much of the file is read for them.

#![allow(clippy::unwrap_used, reason = "a test's surroundings fail by panicking")]

mod pages;
mod reads;

use instant_schema::{Attr, Cardinality, CheckedType};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Options, run};
use crate::ApiError;
use crate::store::{NewApp, Store, Triple};

/// How many posts there are: far more than the first round of a search looks at.
const POSTS: usize = 3_000;
/// How many of them each transaction writes.
const BATCH: usize = 40;

/// Posts as rows, and the store that has them as entities.
struct Posts {
    store: Store,
    app: Uuid,
    rows: Vec<Post>,
    authors: Vec<Uuid>,
}

#[derive(Debug, Clone)]
struct Post {
    id: Uuid,
    created: i64,
    /// All but every fifth post has it; each number occurs a few times.
    views: Option<i64>,
    /// Whether the post is in the older half.
    old: bool,
    /// Letters; every seventh post lacks it.
    title: Option<String>,
    /// Ten posts share each.
    code: String,
    author: usize,
}

impl Posts {
    async fn open() -> Self {
        let store = Store::in_memory().unwrap();
        let app = store.create_app(NewApp::new("Posts")).await.unwrap().id;
        store.write(app, |tx| attrs().into_iter().try_for_each(|attr| tx.add_attr(attr))).await.unwrap();
        let authors: Vec<Uuid> = (0..30).map(|_| Uuid::new_v4()).collect();
        let handles: Vec<Value> =
            (0..30).map(|nth| json!({ "id": authors[nth], "handle": format!("h{nth}") })).collect();
        write(&store, app, "users", handles).await;
        let mut rows = Vec::with_capacity(POSTS);
        for batch in 0..POSTS / BATCH {
            let posts: Vec<Post> = (batch * BATCH..(batch + 1) * BATCH).map(post).collect();
            let records = posts.iter().map(|post| post.record(&authors)).collect();
            let created = write(&store, app, "posts", records).await;
            rows.extend(posts.into_iter().map(|post| Post { created, ..post }));
        }
        Self { store, app, rows, authors }
    }

    /// Runs a query of posts; also returns how many instructions SQLite ran.
    fn query(&self, options: &Value) -> Result<(Answer, u64), ApiError> {
        let query = json!({ "posts": { "$": options } });
        self.store.read_counting(self.app, |tx| run(tx, &query, Options::admin()))
    }

    /// The ids of the posts that a query finds.
    fn ids(&self, options: &Value) -> Vec<Uuid> {
        ids(&self.query(options).unwrap().0)
    }
}

fn ids(answer: &Answer) -> Vec<Uuid> {
    let tree: Value = serde_json::from_str(&answer.tree).unwrap();
    let posts = tree["posts"].as_array().unwrap().iter();
    posts.map(|post| post["id"].as_str().unwrap().parse().unwrap()).collect()
}

impl Post {
    fn record(&self, authors: &[Uuid]) -> Value {
        json!({
            "id": self.id, "views": self.views, "old": self.old, "title": self.title, "code": self.code,
            "author": authors[self.author],
        })
    }
}

fn post(nth: usize) -> Post {
    // A walk through all remainders that looks random, and is the same in every run.
    let mixed = nth * 7_919 % POSTS;
    let letters = |number: usize| {
        [number / 676, number / 26, number].map(|part| char::from(b'a' + u8::try_from(part % 26).unwrap()))
    };
    Post {
        id: Uuid::new_v4(),
        created: 0,
        views: (!nth.is_multiple_of(5)).then(|| i64::try_from(mixed / 4).unwrap()),
        old: nth < POSTS / 2,
        title: (!nth.is_multiple_of(7)).then(|| letters(mixed).iter().collect()),
        code: format!("c{}", mixed / 10),
        author: nth % 30,
    }
}

fn attrs() -> Vec<Attr> {
    let indexed = |label: &str, checked| Attr {
        indexed: true,
        checked_data_type: Some(checked),
        ..Attr::blob("posts", label)
    };
    let author = Attr { cardinality: Cardinality::One, ..Attr::link("posts", "author", "users", "posts") };
    vec![
        Attr::id_of("posts"),
        Attr::id_of("users"),
        indexed("views", CheckedType::Number),
        indexed("old", CheckedType::Boolean),
        indexed("title", CheckedType::String),
        indexed("code", CheckedType::String),
        author,
        Attr { unique: true, ..Attr::blob("users", "handle") },
    ]
}

/// Writes records in one transaction; returns its time.
async fn write(store: &Store, app: Uuid, entity: &'static str, records: Vec<Value>) -> i64 {
    let write = move |tx: &mut crate::store::WriteTx<'_>| {
        let catalog = tx.catalog().clone();
        let mut triples = Vec::new();
        for record in &records {
            let id: Uuid = record["id"].as_str().unwrap().parse().unwrap();
            for (label, value) in record.as_object().unwrap() {
                if !value.is_null() {
                    let attr = catalog.forward(entity, label).unwrap().attr.id;
                    triples.push(Triple { entity: id, attr, value: value.clone() });
                }
            }
        }
        tx.add(triples)?;
        Ok(tx.now())
    };
    store.write(app, write).await.unwrap()
}
