//! Kills the program while it writes: every acknowledged transaction is there afterwards, complete.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use instant_local::Server;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use common::Backend;
use common::program::Program;

/// The numbers of the transactions that were answered with success.
type Acknowledged = Arc<watch::Sender<Vec<u64>>>;

/// How many times the program is killed.
const ROUNDS: usize = 4;
/// How many clients write at a time.
const WRITERS: usize = 3;
/// How many entities a transaction makes, all with its number: every third imports many.
fn entities(number: u64) -> usize {
    if number.is_multiple_of(3) { 500 } else { 3 }
}

fn transaction(number: u64) -> Value {
    let text = "x".repeat(if entities(number) > 3 { 20 } else { 2000 });
    let entity = |_| json!(["create", "notes", Uuid::new_v4(), { "number": number, "text": text }]);
    json!({ "steps": (0..entities(number)).map(entity).collect::<Vec<_>>() })
}

/// Transacts, one number after the other, until the program is gone.
async fn write_until_killed(
    url: String,
    app: Uuid,
    token: Uuid,
    numbers: Arc<AtomicU64>,
    acknowledged: Acknowledged,
) {
    let http = reqwest::Client::new();
    loop {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let request = http.post(&url).json(&transaction(number)).header("app-id", app.to_string());
        match request.bearer_auth(token).send().await {
            Ok(response) => assert!(response.status().is_success(), "{}", response.status()),
            Err(_) => return,
        }
        acknowledged.send_modify(|acknowledged| acknowledged.push(number));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_transactions_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let (app, token) = (Uuid::new_v4(), Uuid::new_v4());
    let numbers = Arc::new(AtomicU64::new(0));
    let acknowledged = Acknowledged::new(watch::Sender::new(Vec::new()));
    for round in 1..=ROUNDS {
        let mut program = Program::start(folder.path(), app, token);
        let url = format!("{}/admin/transact", program.url);
        let writer = || write_until_killed(url.clone(), app, token, numbers.clone(), acknowledged.clone());
        let writers: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(writer())).collect();
        let enough = acknowledged.borrow().len() + 11 * round;
        acknowledged.subscribe().wait_for(|acknowledged| acknowledged.len() >= enough).await.unwrap();
        program.child.kill().unwrap();
        for writer in writers {
            writer.await.unwrap();
        }
    }
    let server = Server::builder().path(folder.path()).app(app, token).start().await.unwrap();
    let state = Backend::of(server).state().await;
    let mut notes: HashMap<u64, usize> = HashMap::new();
    for note in state.values() {
        assert!(note["text"].as_str().unwrap().bytes().all(|byte| byte == b'x'), "{note:?}");
        *notes.entry(note["number"].as_u64().unwrap()).or_default() += 1;
    }
    for number in acknowledged.borrow().iter() {
        assert!(notes.contains_key(number), "transaction {number} was acknowledged and is lost");
    }
    for (number, count) in &notes {
        assert_eq!(*count, entities(*number), "transaction {number} is half-written");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_stops_the_program_with_success() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path(), Uuid::new_v4(), Uuid::new_v4());
    let id = program.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(program.child.wait().unwrap().success());
}

#[test]
fn a_folder_in_use_and_bad_files_are_reported_and_fail() {
    let folder = tempfile::tempdir().unwrap();
    let (app, token) = (Uuid::new_v4(), Uuid::new_v4());
    let _running = Program::start(folder.path(), app, token);
    let run = |arguments: &[&str]| {
        let program = Command::new(env!("CARGO_BIN_EXE_instant-local"))
            .args(["--port", "0"])
            .args(arguments)
            .env("INSTANT_APP_ADMIN_TOKEN", token.to_string())
            .output()
            .unwrap();
        assert!(!program.status.success());
        String::from_utf8(program.stderr).unwrap()
    };
    let path = folder.path().to_str().unwrap();
    assert!(run(&["--data", path]).contains("is in use by another process"));
    let app = app.to_string();
    let missing = run(&["--app", &app, "--schema", "/nowhere/instant.schema.json"]);
    assert!(missing.starts_with("error: cannot read /nowhere/instant.schema.json"), "{missing}");
    let bad = folder.path().join("bad.json");
    std::fs::write(&bad, "{\"entities\": {\"posts\": 7}}").unwrap();
    let bad = run(&["--app", &app, "--schema", bad.to_str().unwrap()]);
    assert!(bad.contains("the schema cannot be used") && bad.contains("posts"), "{bad}");
    assert!(run(&["--app", "nope"]).contains("nope"));
}
