//! What the program says of recordings that hold, and of some that do not, against a real backend.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

use std::fs;
use std::process::Command;

const SCHEMA: &str = r#"{"entities": {"notes": {"attrs": {"text": {"valueType": "string"}}}}}"#;
const ID: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

/// Replays a scenario of some steps: whether it passed, and what was printed.
fn replay(steps: &[&str], accepted: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let apps = format!(r#"{{"main": {{"schema": {SCHEMA}}}}}"#);
    let scenario = format!(r#"{{"name": "made-up", "apps": {apps}, "steps": [{}]}}"#, steps.join(","));
    fs::create_dir(folder.path().join("scenarios")).unwrap();
    fs::write(folder.path().join("scenarios/made-up.json"), scenario).unwrap();
    fs::write(folder.path().join("accepted.json"), accepted).unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_recorded"))
        .env_remove("INSTANT_TEST_URL")
        .arg("--folder")
        .arg(folder.path().join("scenarios"))
        .arg("--accepted")
        .arg(folder.path().join("accepted.json"))
        .output()
        .unwrap();
    let printed = [program.stdout, program.stderr].map(|text| String::from_utf8(text).unwrap());
    (program.status.success(), printed.concat())
}

/// A step of the administrator, with the rest of its members.
fn step(id: &str, path: &str, body: &str, rest: &str) -> String {
    format!(
        r#"{{"id": "{id}", "app": "main", "as": "admin", "method": "POST", "path": "{path}", "body": {body}, {rest}}}"#
    )
}

fn write(expect: &str) -> String {
    let body = format!(r#"{{"steps": [["create", "notes", "{ID}", {{"text": "a"}}]]}}"#);
    step("write", "/admin/transact", &body, &format!(r#""expect": {expect}"#))
}

fn query(expect: &str) -> String {
    step("query", "/admin/query", r#"{"query": {"notes": {}}}"#, &format!(r#""expect": {expect}"#))
}

#[test]
fn a_recording_that_holds_passes() {
    let answer = format!(r#"{{"status": 200, "body": {{"notes": [{{"text": "a", "id": "{ID}"}}]}}}}"#);
    let write = write(r#"{"status": 200, "body": {"tx-id": "<tx:1>"}}"#);
    let (passed, printed) = replay(&[&write, &query(&answer)], "[]");
    assert!(passed, "{printed}");
    assert!(printed.contains("made: 1 scenarios, 2 steps: 2 passed, 0 unstable, 0 accepted"), "{printed}");
}

#[test]
fn a_difference_is_printed_with_its_place() {
    let answer = format!(r#"{{"status": 200, "body": {{"notes": [{{"text": "b", "id": "{ID}"}}]}}}}"#);
    let write = write(r#"{"status": 200, "body": {"tx-id": "<tx:1>"}}"#);
    let (passed, printed) = replay(&[&write, &query(&answer)], "[]");
    assert!(!passed);
    let wanted = "made-up  query  $.notes[0].text  (data)\n    recorded  \"b\"\n    got       \"a\"\n";
    assert!(printed.starts_with(wanted), "{printed}");
    assert!(printed.contains("2 steps: 1 passed, 0 unstable, 0 accepted, 1 differ"), "{printed}");
}

#[test]
fn an_accepted_difference_passes_and_a_line_that_accepts_nothing_fails() {
    let answer = query(r#"{"status": 200, "body": {"notes": [{}]}}"#);
    let line = r#"[{"scenario": "made-*", "step": "query", "path": "$.notes*", "why": "a test"}]"#;
    let (passed, printed) = replay(&[&answer], line);
    assert!(passed && printed.contains("0 passed, 0 unstable, 1 accepted"), "{printed}");

    let (passed, printed) = replay(&[&query(r#"{"status": 200, "body": {"notes": []}}"#)], line);
    assert!(!passed);
    assert!(printed.starts_with("accepted.json accepts nothing with this line"), "{printed}");
    assert!(printed.contains("made-* query $.notes*"), "{printed}");

    let (passed, printed) = replay(&[&answer], r#"[{"scenario": "*", "step": "*", "path": "*"}]"#);
    assert!(!passed && printed.contains("a line needs scenario, step, path and why"), "{printed}");
}

#[test]
fn a_recorded_fault_takes_any_answer_that_is_none() {
    let (passed, printed) = replay(&[&query(r#"{"status": 500, "body": {}}"#)], "[]");
    assert!(passed, "{printed}");
}

#[test]
fn what_was_saved_is_sent_later_and_invented_ids_have_no_fixed_number() {
    let token = r#""save": {"token": "$.user.refresh_token"}, "drop": ["$.user"],
        "expect": {"status": 200, "body": {"created": true}}"#;
    let token = step("token", "/admin/refresh_tokens", r#"{"email": "ada@example.com"}"#, token);
    let own = r#"{"id": "own", "app": "main", "as": {"token": "${token}"}, "method": "POST", "path": "/admin/query",
        "body": {"query": {"$users": {}}}, "drop": ["$..imageURL", "$..isGuest", "$..type"],
        "expect": {"status": 200, "body": {"$users": [{"email": "ada@example.com", "id": "<uuid:7>"}]}}}"#;
    let (passed, printed) = replay(&[&token, own], "[]");
    assert!(passed, "{printed}");
}

#[test]
fn a_live_step_is_refused_by_name() {
    let (passed, printed) = replay(&[r#"{"id": "hello", "open": "a", "expect": {}}"#], "[]");
    assert!(!passed);
    assert!(printed.contains("step hello: not an HTTP request: live steps"), "{printed}");
}
