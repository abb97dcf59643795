//! The data that is read: posts with authors and comments, in a file of their own.

use std::path::Path;

use instant_local::ApiError;
use instant_local::store::{NewApp, Store, Triple, WriteTx};
use instant_schema::{Attr, Cardinality, CheckedType};
use serde_json::{Value, json};
use uuid::Uuid;

pub const POSTS: usize = 100_000;
pub const AUTHORS: usize = 100;
/// How many posts have an author and comments.
pub const NESTED: usize = 1_000;
const COMMENTS: usize = 10;

pub struct Data {
    pub store: Store,
    pub app: Uuid,
    /// In the order of their times.
    pub posts: Vec<Uuid>,
}

/// The value of `at` of the nth post.
pub fn time(nth: usize) -> usize {
    1_700_000_000_000 + nth * 1_000
}

impl Data {
    pub async fn write(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let store = Store::open(folder)?;
        let app = store.create_app(NewApp::new("Posts")).await?.id;
        store.write(app, |tx| attrs().into_iter().try_for_each(|attr| tx.add_attr(attr))).await?;
        let ids = |count| (0..count).map(|_| Uuid::new_v4()).collect::<Vec<Uuid>>();
        let (authors, posts) = (ids(AUTHORS), ids(POSTS));
        let records =
            authors.iter().enumerate().map(|(nth, id)| json!({ "id": id, "handle": format!("h{nth}") }));
        add(&store, app, "authors", records.collect()).await?;
        for (chunk, ids) in posts.chunks(1_000).enumerate() {
            let first = chunk * 1_000;
            let records = ids.iter().enumerate().map(|(nth, id)| post(first + nth, *id, &authors));
            add(&store, app, "posts", records.collect()).await?;
        }
        let comments = posts[..NESTED].iter().flat_map(|post| {
            (0..COMMENTS).map(
                move |nth| json!({ "id": Uuid::new_v4(), "text": format!("Comment {nth}"), "post": post }),
            )
        });
        add(&store, app, "comments", comments.collect()).await?;
        Ok(Self { store, app, posts })
    }
}

fn attrs() -> Vec<Attr> {
    let indexed = |label: &str, checked| Attr {
        indexed: true,
        checked_data_type: Some(checked),
        ..Attr::blob("posts", label)
    };
    let to_one = |from: &str, label: &str, to: &str, back: &str| Attr {
        cardinality: Cardinality::One,
        ..Attr::link(from, label, to, back)
    };
    vec![
        Attr::id_of("posts"),
        Attr::id_of("authors"),
        Attr::id_of("comments"),
        indexed("title", CheckedType::String),
        Attr::blob("posts", "body"),
        indexed("views", CheckedType::Number),
        indexed("at", CheckedType::Date),
        Attr::blob("posts", "meta"),
        to_one("posts", "author", "authors", "posts"),
        Attr { unique: true, indexed: true, ..Attr::blob("authors", "handle") },
        Attr::blob("comments", "text"),
        to_one("comments", "post", "posts", "comments"),
    ]
}

fn post(nth: usize, id: Uuid, authors: &[Uuid]) -> Value {
    let mut post = json!({
        "id": id, "title": format!("Title {nth}"), "body": format!("lorem ipsum dolor {nth} ").repeat(5),
        // Spread like a random number, and the same in every run.
        "views": nth * 7_919 % 10_000, "at": time(nth), "meta": { "k": nth, "z": [1, 2] },
    });
    if nth < NESTED {
        post["author"] = json!(authors[nth % AUTHORS]);
    }
    post
}

async fn add(store: &Store, app: Uuid, entity: &'static str, records: Vec<Value>) -> Result<(), ApiError> {
    let write = move |tx: &mut WriteTx<'_>| {
        let catalog = tx.catalog().clone();
        let mut triples = Vec::new();
        for record in &records {
            let id: Uuid = serde_json::from_value(record["id"].clone()).expect("every record has an id");
            for (label, value) in record.as_object().expect("records are objects") {
                let attr = catalog.forward(entity, label).expect("every label has its attribute").attr.id;
                triples.push(Triple { entity: id, attr, value: value.clone() });
            }
        }
        tx.add(triples)
    };
    store.write(app, write).await
}
