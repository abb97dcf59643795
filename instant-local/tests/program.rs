//! The `instant-local` program: what it prints, what it refuses, and how it ends.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

const APP: Uuid = Uuid::from_u128(1);
const TOKEN: Uuid = Uuid::from_u128(2);

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instant-local"));
    command
        .args(["--port", "0", "--data"])
        .arg(folder)
        .args(["--app", &APP.to_string()])
        .env("INSTANT_APP_ADMIN_TOKEN", TOKEN.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The program, and where it listens. It is killed when this is dropped.
struct Program {
    child: Child,
    url: String,
}

impl Program {
    fn start(folder: &Path) -> Self {
        let mut child = command(folder).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line:?}")).to_owned();
        Self { child, url }
    }

    async fn query(&self, query: Value) -> (u16, Value) {
        let request = reqwest::Client::new().post(format!("{}/admin/query", self.url)).bearer_auth(TOKEN);
        let request = request.header("App-Id", APP.to_string()).json(&json!({ "query": query }));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Ends it, and returns what it wrote to standard error.
    fn killed(mut self) -> String {
        self.child.kill().unwrap();
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        text
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(output: &[u8]) -> &str {
    std::str::from_utf8(output).unwrap()
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Program::start(folder.path());
    let Output { status, stdout, stderr } = command(folder.path()).output().unwrap();
    assert_eq!((status.code(), text(&stdout)), (Some(1), ""));
    let expected = format!(
        "error: the data folder {} is in use by another process; stop that one, or choose another folder\n",
        folder.path().display()
    );
    assert_eq!(text(&stderr), expected);
}

#[cfg(unix)]
#[test]
fn sigterm_ends_it_with_success_and_leaves_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(folder.path());
    let kill = Command::new("kill").args(["-TERM", &program.child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert_eq!(program.child.wait().unwrap().code(), Some(0));
    let mut left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["instant.db", "instant.lock"]);
}

#[tokio::test]
async fn an_internal_error_is_logged_with_the_trace_id_of_its_answer_and_a_wrong_request_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let (wrong, _) = program.query(json!({ "$users": { "$": { "where": 1 } } })).await;
    let vandal = Connection::open(folder.path().join("instant.db")).unwrap();
    vandal.execute_batch("DROP TABLE entities").unwrap();
    let (broken, body) = program.query(json!({ "$users": {} })).await;
    assert_eq!((wrong, broken), (400, 500), "{body}");

    let trace = body["hint"]["debug-uri"].as_str().unwrap().rsplit('/').next().unwrap();
    let log = program.killed();
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(lines[0].contains("ERROR") && lines[0].contains("no such table: entities"), "{log}");
    assert!(lines[0].contains(trace), "{log}");
    assert!(!log.contains(&TOKEN.to_string()), "{log}");
}

#[test]
fn an_admin_token_that_is_not_an_id_is_refused_without_showing_it() {
    let folder = tempfile::tempdir().unwrap();
    let secret = format!("{{{TOKEN}}}");
    let Output { status, stderr, .. } =
        command(folder.path()).env("INSTANT_APP_ADMIN_TOKEN", &secret).output().unwrap();
    assert_eq!(status.code(), Some(1));
    let expected = "error: the admin token cannot be used: it must be a UUID of 36 characters, 8-4-4-4-12 hexadecimal \
                    digits\n";
    assert_eq!(text(&stderr), expected);
}
