//! Large data in the backend: `cargo bench -p instant-benches --bench local_load`.
//!
//! Imports a million entities of five attributes into a file, over HTTP, in transactions of 1,000. On the way it prints
//! how long the first 100,000 took, what a point read costs at 10 thousand, 100 thousand and a million entities, and how
//! much memory the process has after each 100,000 triples of the first million. Fails when memory is not flat, or reads
//! become slower than the logarithm of the number of entities.

mod memory;

use std::error::Error;
use std::time::{Duration, Instant};

use instant_benches::median;
use instant_local::Server;
use instant_local::instaql::{self, Options};
use instant_local::store::ReadTx;
use serde_json::{Value, json};
use uuid::Uuid;

/// How many entities a transaction creates.
const STEP: usize = 1_000;
/// The attributes of an entity.
const ATTRIBUTES: usize = 5;
/// Numbers of entities at which reads are measured.
const MARKS: [usize; 3] = [10_000, 100_000, 1_000_000];
/// After how many entities the time of the import is printed.
const IMPORT: usize = 100_000;
/// The most memory that may be added between the first and the tenth 100,000 triples: the writer's cache of 32 MB, which
/// fills on the way, and half as much again.
const MOST_GROWTH: usize = 48 * 1024 * 1024;

const SCHEMA: &str = r#"{ "entities": { "items": { "attrs": {
    "slug": { "valueType": "string", "required": true, "config": { "indexed": true, "unique": true } },
    "rank": { "valueType": "number", "required": true, "config": { "indexed": true, "unique": false } },
    "at": { "valueType": "date", "required": true, "config": { "indexed": false, "unique": false } },
    "text": { "valueType": "string", "required": true, "config": { "indexed": false, "unique": false } },
    "meta": { "valueType": "json", "required": true, "config": { "indexed": false, "unique": false } }
} } }, "links": {} }"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let server = Server::builder().path(folder.path()).schema(SCHEMA).start().await?;
    let http = reqwest::Client::new();
    let (mut ids, mut times, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    let mut reads = Vec::new();
    for mark in MARKS {
        while ids.len() < mark {
            times.push(import(&server, &http, &mut ids).await?);
            let triples = ids.len() * ATTRIBUTES;
            if triples.is_multiple_of(100_000) && triples <= 1_000_000 {
                memory.push(memory::resident()?);
            }
            if ids.len() == IMPORT {
                report_import(&times);
            }
        }
        reads.push(point_reads(&server, &ids).await?);
        let (by_id, by_slug) = reads[reads.len() - 1];
        println!("{mark:9} entities: one by id {by_id:?}, one by a unique value {by_slug:?}");
    }
    report_import(&times);
    server.stop().await;
    report_memory(&memory)?;
    for (number, slower) in reads.iter().zip(&reads[1..]).enumerate() {
        let grown = log(MARKS[number + 1]) / log(MARKS[number]);
        check(slower.1.0, slower.0.0, grown, "one by id")?;
        check(slower.1.1, slower.0.1, grown, "one by a unique value")?;
    }
    Ok(())
}

/// Creates the next entities, and returns how long it took.
async fn import(
    server: &Server,
    http: &reqwest::Client,
    ids: &mut Vec<Uuid>,
) -> Result<Duration, Box<dyn Error>> {
    let first = ids.len();
    ids.extend((0..STEP).map(|_| Uuid::new_v4()));
    let steps: Vec<Value> =
        (first..ids.len()).map(|nth| json!(["create", "items", ids[nth], item(nth)])).collect();
    let request = http
        .post(format!("{}/admin/transact", server.url()))
        .header("app-id", server.app_id().to_string())
        .header("content-type", "application/json")
        .bearer_auth(server.admin_token())
        .body(json!({ "steps": steps }).to_string());
    let start = Instant::now();
    let answer = request.send().await?;
    let (status, text) = (answer.status(), answer.text().await?);
    if !status.is_success() {
        return Err(format!("{status}: {text}").into());
    }
    Ok(start.elapsed())
}

fn item(nth: usize) -> Value {
    json!({
        "slug": slug(nth),
        // Spread like a random number, and the same in every run.
        "rank": nth * 7_919 % 10_000,
        "at": 1_700_000_000_000_usize + nth,
        "text": format!("lorem ipsum dolor {nth} ").repeat(5),
        "meta": { "k": nth, "z": [1, 2] },
    })
}

fn slug(nth: usize) -> String {
    format!("item-{nth}")
}

/// The medians of reads of one entity, by id and by a unique value, of entities spread over all.
async fn point_reads(server: &Server, ids: &[Uuid]) -> Result<(Duration, Duration), Box<dyn Error>> {
    const ROUNDS: usize = 2_000;
    let (mut by_id, mut by_slug) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        let nth = round * 7_919 % ids.len();
        by_id.push(read(server, json!({ "id": ids[nth] })).await?);
        by_slug.push(read(server, json!({ "slug": slug(nth) })).await?);
    }
    Ok((median(by_id), median(by_slug)))
}

async fn read(server: &Server, condition: Value) -> Result<Duration, Box<dyn Error>> {
    let query = json!({ "items": { "$": { "where": condition } } });
    let start = Instant::now();
    let run = move |tx: &ReadTx<'_>| Ok(instaql::run(tx, &query, Options::admin())?.tree);
    let tree = server.store().read(server.app_id(), run).await?;
    let time = start.elapsed();
    if !tree.contains("lorem ipsum") {
        return Err(format!("the entity was not found: {tree}").into());
    }
    Ok(time)
}

fn report_import(times: &[Duration]) {
    let total: Duration = times.iter().sum();
    let entities = times.len() * STEP;
    let middle = median(times.to_vec());
    let longest = times.iter().max().copied().unwrap_or_default();
    println!(
        "{entities:9} entities of {ATTRIBUTES} attributes imported in {total:.1?}, {STEP} at a time: \
         median {middle:.1?}, longest {longest:.1?}"
    );
}

fn report_memory(resident: &[usize]) -> Result<(), Box<dyn Error>> {
    let megabytes: Vec<String> = resident.iter().map(|bytes| format!("{}", bytes / 1024 / 1024)).collect();
    println!("resident MiB after each 100,000 of a million triples: {}", megabytes.join(" "));
    let (Some(first), Some(last)) = (resident.first(), resident.last()) else { return Ok(()) };
    if last.saturating_sub(*first) > MOST_GROWTH {
        return Err(format!("memory grew from {first} to {last} bytes over a million triples").into());
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "numbers of entities are small")]
fn log(number: usize) -> f64 {
    (number as f64).ln()
}

/// Fails when reads became slower by more than the logarithm, and half of it for the noise of a shared machine.
fn check(slower: Duration, before: Duration, grown: f64, what: &str) -> Result<(), Box<dyn Error>> {
    let ratio = slower.as_secs_f64() / before.as_secs_f64();
    if ratio > grown * 1.5 {
        return Err(format!("{what} became slower by {ratio:.2}, the logarithm by {grown:.2}").into());
    }
    Ok(())
}
