//! What typing costs at run time: `cargo bench -p instant-benches`.
//!
//! A query of 1,000 books with their authors, (1) through `Db` and through hand-written reqwest + serde against the
//! same embedded server, (2) decoded alone from the same bytes. The two sides take turns within one run, so that
//! whatever else the machine does hits both; the medians and their ratio are printed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use instant_admin::{Db, Id, Query, tx as untyped};
use instant_benches::report;
use instant_local::Server;
use serde::Deserialize;
use serde_json::{Value, json};

mod schema {
    instant_admin::include_schema!("../examples/library/instant.schema.json");
}
use schema::query;

const BOOKS: usize = 1_000;
const ROUNDS: usize = 200;

/// The answer as one would write it without this library.
#[derive(Deserialize)]
struct Answer {
    books: Vec<Book>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the fields are there to be decoded")]
struct Book {
    id: String,
    slug: String,
    title: String,
    year: f64,
    language: Option<String>,
    author: Option<Author>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "the fields are there to be decoded")]
struct Author {
    id: String,
    slug: String,
    name: String,
}

fn typed_query() -> impl Query {
    query! {
        books: {
            $: { where: { year: { $gte: 1800 } }, fields: [slug, title, year, language] },
            author: { $: { fields: [slug, name] } },
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::builder().in_memory().schema(schema::SCHEMA.as_json()).start().await?;
    let db = Db::builder()
        .url(server.url())
        .app_id(server.app_id())
        .admin_token(server.admin_token())
        .schema(schema::SCHEMA)
        .build()?;
    fill(&db).await?;

    let plain = Plain::new(&server, &typed_query().instaql()?)?;
    let body = plain.fetch().await?;
    let answer: Answer = serde_json::from_slice(&body)?;
    assert_eq!(answer.books.len(), BOOKS, "both sides must see every book");
    println!("{BOOKS} books with their authors, {} KiB of JSON, {ROUNDS} rounds\n", body.len() / 1024);

    let (mut through_db, mut by_hand) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(db.query(typed_query()).await?);
        through_db.push(start.elapsed());

        let start = Instant::now();
        black_box(serde_json::from_slice::<Answer>(&plain.fetch().await?)?);
        by_hand.push(start.elapsed());
    }
    report("round trip", "db.query", through_db, "reqwest + serde", by_hand);

    let (mut rows, mut derived) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rows.push(decode_time(&typed_query(), &body)?);
        let start = Instant::now();
        black_box(serde_json::from_slice::<Answer>(black_box(&body))?);
        derived.push(start.elapsed());
    }
    report("decoding", "Query::decode", rows, "serde derive", derived);
    server.stop().await;
    Ok(())
}

fn decode_time<Q: Query>(_: &Q, body: &[u8]) -> Result<Duration, instant_admin::Error> {
    let start = Instant::now();
    black_box(Q::decode(black_box(body))?);
    Ok(start.elapsed())
}

async fn fill(db: &Db) -> Result<(), instant_admin::Error> {
    for batch in 0..BOOKS / 100 {
        let author = Id::<schema::Author>::new();
        let mut steps = vec![untyped::raw("authors", author).create(json!({
            "slug": format!("author-{batch}"), "name": format!("Author {batch}"),
        }))];
        for number in batch * 100..(batch + 1) * 100 {
            let book = untyped::raw("books", Id::<schema::Book>::new())
                .create(json!({
                    "slug": format!("book-{number}"), "title": format!("The book \"{number}\""),
                    "year": 1800 + number % 200, "language": if number % 3 == 0 { Value::Null } else { json!("English") },
                }))
                .link(json!({ "author": author }));
            steps.push(book);
        }
        db.transact(steps).await?;
    }
    Ok(())
}

/// The same request by hand: one reqwest client, one POST.
struct Plain {
    client: reqwest::Client,
    request: reqwest::Request,
}

impl Plain {
    fn new(server: &Server, query: &Value) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::new();
        let body = json!({ "query": query, "inference?": true }).to_string();
        let request = client
            .post(format!("{}/admin/query", server.url()))
            .header("app-id", server.app_id().to_string())
            .header("content-type", "application/json")
            .bearer_auth(server.admin_token())
            .body(body)
            .build()?;
        Ok(Self { client, request })
    }

    async fn fetch(&self) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let request =
            self.request.try_clone().ok_or("the body is in memory, so the request can be cloned")?;
        Ok(self.client.execute(request).await?.error_for_status()?.bytes().await?.to_vec())
    }
}
