//! Expressions against their values and messages.

mod compiling;
mod failing;
mod hostile;
mod limits;
mod random;
mod stored;
mod values;

use std::borrow::Cow;
use std::cell::RefCell;

use serde_json::{Map, Value as Json, json};

use super::{Bindings, Budget, Failure, Host, Program, Request, Root, RuleKind};
use crate::error::ApiError;

/// A host with some results of `ref`, and one bucket, `b`, of endless tokens.
#[derive(Default)]
struct TestHost {
    taken: RefCell<Vec<(Json, i64)>>,
}

impl Host for TestHost {
    fn reference(&self, root: Root, path: &str) -> Result<Cow<'_, [Json]>, ApiError> {
        let values = match (root, path) {
            (Root::Data, "n") => json!([5]),
            (Root::Data, "members.email") => json!(["ada@x.y", "bea@x.y"]),
            (Root::Data, "objects") => json!([{ "count": 1, "l": [1, [2]] }]),
            (Root::Auth, "posts.id") => json!(["p1"]),
            (Root::Data, "none.id") => json!([]),
            _ => return Err(ApiError::record_not_found("attr", Vec::new())),
        };
        let Json::Array(values) = values else { unreachable!() };
        Ok(Cow::Owned(values))
    }

    fn has_bucket(&self, bucket: &str) -> bool {
        bucket == "b"
    }

    fn limit(&self, _bucket: &str, key: &Json, tokens: i64) -> Result<(), ApiError> {
        self.taken.borrow_mut().push((key.clone(), tokens));
        Ok(())
    }
}

fn data() -> Map<String, Json> {
    let huge = crate::json::read(b"123456789012345678901234567890").unwrap();
    let data = json!({
        "huge": huge,
        "id": "d1", "title": "One", "n": 1, "price": 2.5, "whole": 3.0, "flag": true, "at": "2024-01-01",
        "big": 9_223_372_036_854_775_808_u64, "owner": null,
        "meta": { "a": { "b": 1 }, "l": [1, 2] }, "labels": ["x", "y"], "numbers": [1, 2, 3],
        "tags": [{ "count": 1 }], "holes": [1, null], "lists": [[1, 2]],
    });
    let Json::Object(data) = data else { unreachable!() };
    data
}

/// The value as JSON, or the kind and text of the failure.
fn outcome(source: &str) -> String {
    outcome_with(source, &TestHost::default(), &mut Budget::for_read())
}

fn outcome_with(source: &str, host: &TestHost, budget: &mut Budget) -> String {
    let program = match Program::compile(source, RuleKind::Read) {
        Ok(program) => program,
        Err(messages) => return format!("refused: {}", messages.join(" | ")),
    };
    let data = data();
    let auth = json!({ "id": "u1", "email": "ada@x.y", "created_at": "2026-01-02T03:04:05Z" });
    let bindings = Bindings {
        data: Some(&data),
        auth: auth.as_object(),
        request: Request { modified_fields: &[], ip: None, origin: Some("https://a.b") },
        ..Bindings::default()
    };
    match program.evaluate(&bindings, host, budget).and_then(|value| value.to_json()) {
        Ok(value) => value.to_string(),
        Err(Failure::Evaluation { kind, text }) => {
            format!("{} {}", kind.code(), text.strip_prefix("evaluation error").unwrap_or(&text))
        }
        Err(Failure::Unsupported(_)) => "unsupported".into(),
        Err(Failure::TooCostly(text)) => format!("too costly: {text}"),
        Err(Failure::Host(error)) => format!("host: {}", error.message()),
    }
}

/// Compares each source's outcome with what is expected, and tells all that differ at once.
#[track_caller]
fn assert_outcomes(expected: &[(&str, &str)]) {
    let wrong: Vec<String> = expected
        .iter()
        .map(|(source, expected)| (source, expected, outcome(source)))
        .filter(|(_, expected, found)| found != *expected)
        .map(|(source, expected, found)| format!("{source}\n  expected {expected}\n  found    {found}"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
