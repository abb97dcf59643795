//! What an error says only about the official server's own inside, and so is not compared.
//!
//! A server may also say more than was recorded, where the official one gave no reason at all.

use std::borrow::Cow;

use crate::json::{Json, Object};

/// What an error is about, where its input is a form of the request that only the official server knows.
const INNER: [&str; 5] = ["query", "coerced-query", "steps", "tx-step", "tx-steps"];

/// Both bodies without what is not compared. Those that are not errors come back as they are.
pub fn without_inner<'a>(recorded: &'a Json, got: &'a Json) -> (Cow<'a, Json>, Cow<'a, Json>) {
    let (Some(ours), Some(theirs)) = (error(recorded), error(got)) else {
        return (Cow::Borrowed(recorded), Cow::Borrowed(got));
    };
    let (mut ours, mut theirs) = (ours.clone(), theirs.clone());
    let (hint, other) = hints(ours.get("hint"), theirs.get("hint"));
    ours.insert("hint".to_owned(), hint);
    theirs.insert("hint".to_owned(), other);
    sort_missing(&mut ours);
    sort_missing(&mut theirs);
    if gives_no_reason(&ours["message"]) && theirs["message"].plain().starts_with("Validation failed for ") {
        theirs.insert("message".to_owned(), ours["message"].clone());
    }
    (Cow::Owned(Json::Object(ours)), Cow::Owned(Json::Object(theirs)))
}

fn error(body: &Json) -> Option<&Object> {
    body.as_object().filter(|body| body.contains_key("message") && body.contains_key("type"))
}

/// `Validation failed for query`, and no word on why.
fn gives_no_reason(message: &Json) -> bool {
    message.as_text().is_some_and(|text| text.starts_with("Validation failed for ") && !text.contains(':'))
}

fn hints(recorded: Option<&Json>, got: Option<&Json>) -> (Json, Json) {
    let (recorded, got) = (without_trace(recorded), without_trace(got));
    let kind = recorded.get("data-type").and_then(Json::as_text);
    let is_inner = kind.is_some_and(|kind| INNER.contains(&kind));
    let (Json::Object(recorded), Json::Object(got)) = (&recorded, &got) else { return (recorded, got) };
    if !is_inner {
        return (Json::Object(recorded.clone()), Json::Object(got.clone()));
    }
    let (mut recorded, mut got) = (without_input(recorded), without_input(got));
    if let (Some(errors), Some(others)) = (list(&recorded, "errors"), list(&got, "errors")) {
        let kept: Vec<Json> = errors.iter().map(|error| reason(error, None)).collect();
        // Where the official server gave no reason, one may be given.
        let compared = if kept.iter().any(says_something) { others } else { &[] };
        let answered: Vec<Json> =
            compared.iter().enumerate().map(|(n, other)| reason(other, kept.get(n))).collect();
        for (hint, reasons) in [(&mut recorded, kept), (&mut got, answered)] {
            let reasons = reasons.into_iter().filter(says_something).collect();
            hint.insert("errors".to_owned(), Json::List(reasons));
        }
    }
    (Json::Object(recorded), Json::Object(got))
}

/// Nothing but the place of a trace is nothing.
fn without_trace(hint: Option<&Json>) -> Json {
    match hint {
        Some(Json::Object(members)) => {
            let mut members = members.clone();
            members.shift_remove("debug-uri");
            if members.is_empty() { Json::Null } else { Json::Object(members) }
        }
        other => other.cloned().unwrap_or(Json::Null),
    }
}

/// The official server reads a query and steps several times, under several names.
fn without_input(hint: &Object) -> Object {
    let mut hint = hint.clone();
    hint.shift_remove("input");
    let kind = hint.get("data-type").cloned().unwrap_or(Json::Null);
    let kind = match kind.as_text() {
        Some("coerced-query") => Json::text("query"),
        Some("tx-step" | "tx-steps") => Json::text("steps"),
        _ => kind,
    };
    hint.insert("data-type".to_owned(), kind);
    hint
}

fn list<'j>(hint: &'j Object, key: &str) -> Option<&'j [Json]> {
    hint.get(key)?.as_list()
}

/// The message and the hint of an error; of an answered one only what the recorded one has.
fn reason(error: &Json, recorded: Option<&Json>) -> Json {
    let Json::Object(members) = error else { return error.clone() };
    let wanted = |key: &str| match recorded.and_then(Json::as_object) {
        Some(recorded) => recorded.contains_key(key),
        None => key == "message" || key == "hint",
    };
    let members = members.iter().filter(|(key, _)| wanted(key));
    Json::Object(members.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn says_something(reason: &Json) -> bool {
    match reason {
        Json::Object(members) => !members.is_empty(),
        Json::Text(text) => !text.is_empty(),
        Json::List(items) => !items.is_empty(),
        Json::Null | Json::Bool(false) => false,
        Json::Bool(true) | Json::Number(_) => true,
    }
}

/// Sorts what is missing by its names: the official server tells it in the order of ids that it invented.
fn sort_missing(error: &mut Object) {
    let records = error["hint"].get("records").and_then(Json::as_list);
    let records = records.filter(|records| records.iter().all(|record| record.as_object().is_some()));
    let (Some(records), Some(message)) = (records, error["message"].as_text()) else { return };
    let mut records = records.to_vec();
    records.sort_by_cached_key(|record| {
        ["etype", "label", "entity_id"]
            .map(|key| record.get(key).map_or_else(|| "None".to_owned(), Json::plain))
    });
    let mut sentences: Vec<&str> = message.split(". ").collect();
    sentences.sort_unstable();
    let message = Json::Text(sentences.join(". "));
    if let Some(Json::Object(hint)) = error.get_mut("hint") {
        hint.insert("records".to_owned(), Json::List(records));
    }
    error.insert("message".to_owned(), message);
}

#[cfg(test)]
mod tests {
    use super::without_inner;
    use crate::json::read;

    fn same(recorded: &str, got: &str) -> bool {
        let (recorded, got) = (read(recorded.as_bytes()).unwrap(), read(got.as_bytes()).unwrap());
        let (ours, theirs) = without_inner(&recorded, &got);
        ours == theirs
    }

    #[test]
    fn the_input_of_an_error_on_a_query_is_not_compared() {
        assert!(same(
            r#"{"type":"t","message":"m","hint":{"data-type":"coerced-query","input":[1],"errors":[{"message":"e","in":[1]}]}}"#,
            r#"{"type":"t","message":"m","hint":{"data-type":"query","errors":[{"message":"e","expected":"x"}]}}"#,
        ));
        assert!(!same(
            r#"{"type":"t","message":"m","hint":{"data-type":"query","errors":[{"message":"e"}]}}"#,
            r#"{"type":"t","message":"m","hint":{"data-type":"query","errors":[{"message":"f"}]}}"#,
        ));
        assert!(!same(
            r#"{"type":"t","message":"m","hint":{"data-type":"attr","input":[1]}}"#,
            r#"{"type":"t","message":"m","hint":{"data-type":"attr"}}"#,
        ));
    }

    #[test]
    fn a_reason_may_be_given_where_the_official_server_gives_none() {
        let bare = r#"{"type":"t","message":"Validation failed for query","hint":{"data-type":"query","errors":[{"in":[]}]}}"#;
        let full = r#"{"type":"t","message":"Validation failed for query: x","hint":{"data-type":"query","errors":[{"message":"x"}]}}"#;
        assert!(same(bare, full));
        assert!(!same(full, bare));
    }

    #[test]
    fn what_is_missing_has_no_order() {
        assert!(same(
            r#"{"type":"t","message":"a. b","hint":{"records":[{"etype":"x"},{"etype":"y"}]}}"#,
            r#"{"type":"t","message":"b. a","hint":{"records":[{"etype":"y"},{"etype":"x"}]}}"#,
        ));
    }
}
