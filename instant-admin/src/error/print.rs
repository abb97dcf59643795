//! How an error is printed: without secrets, and without what the server repeats of the request.

use std::error::Error as _;
use std::fmt::{self, Display};

use serde_json::Value;

use super::{Error, ErrorKind};

/// How much of a hint is printed; the whole is in [`Error::hint`].
const HINT_SHOWN: usize = 600;

/// A hint as far as it is printed: without what it repeats of the request, whose values are nobody's business in a
/// log, and which could be a whole transaction. A denial keeps its `input`, the name of the rule that said no.
fn shown(hint: &Value, kind: ErrorKind) -> String {
    let mut hint = hint.clone();
    if kind != ErrorKind::PermissionDenied {
        leave_out_echoes(&mut hint);
    }
    let mut hint = hint.to_string();
    if let Some((end, _)) = hint.char_indices().nth(HINT_SHOWN) {
        hint.truncate(end);
        hint.push('…');
    }
    hint
}

/// The depth is bounded by the parser that made the hint.
fn leave_out_echoes(hint: &mut Value) {
    match hint {
        Value::Object(fields) => {
            for (name, field) in fields {
                if matches!(name.as_str(), "input" | "original-input" | "value") {
                    *field = Value::from("…");
                } else {
                    leave_out_echoes(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_echoes),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(path) = &inner.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(&inner.message)?;
        if let Some(hint) = &inner.hint {
            write!(f, "; hint: {}", shown(hint, inner.kind))?;
        }
        if inner.maybe_applied {
            f.write_str("; the transaction may have been applied")?;
        }
        if let Some(trace_id) = &inner.trace_id {
            write!(f, " (trace id {trace_id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { self.fmt_fields(f) } else { self.fmt_report(f) }
    }
}

impl Error {
    /// What `Display` says, and the causes that it does not already name.
    fn fmt_report(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.to_string();
        f.write_str(&last)?;
        let mut heading = "\n\nCaused by:";
        let mut next = self.source();
        while let Some(error) = next {
            next = error.source();
            let cause = error.to_string();
            // Many errors end with the text of their source.
            if !last.contains(&cause) {
                write!(f, "{heading}\n    {}", cause.replace('\n', "\n    "))?;
                heading = "";
                last = cause;
            }
        }
        Ok(())
    }

    fn fmt_fields(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind).field("message", &inner.message);
        if let Some(path) = &inner.path {
            out.field("path", path);
        }
        if let Some(status) = &inner.status {
            out.field("status", status);
        }
        if let Some(server_type) = &inner.server_type {
            out.field("server_type", server_type);
        }
        if let Some(hint) = &inner.hint {
            out.field("hint", &format_args!("{}", shown(hint, inner.kind)));
        }
        if let Some(trace_id) = &inner.trace_id {
            out.field("trace_id", trace_id);
        }
        if let Some(retry_after) = &inner.retry_after {
            out.field("retry_after", retry_after);
        }
        if inner.maybe_applied {
            out.field("may_have_been_applied", &true);
        }
        if let Some(source) = &inner.source {
            out.field("source", source);
        }
        out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_carries_path_message_hint_and_trace_id() {
        let error = Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_server_details(
            Some("record-not-unique".into()),
            Some(json!({ "etype": "posts" })),
            Some("0af7".into()),
        );
        assert_eq!(error.to_string(), r#"posts.slug: taken; hint: {"etype":"posts"} (trace id 0af7)"#);
    }

    #[test]
    fn debug_is_what_display_says_and_the_causes() {
        let alone = Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_status(400);
        assert_eq!(format!("{alone:?}"), "posts.slug: taken");

        let inner = Error::config("the certificate is old\nby a year").with_source("today is a Monday");
        let outer = Error::new(ErrorKind::Unreachable, "no connection").with_source(inner);
        assert_eq!(
            format!("{outer:?}"),
            "no connection\n\nCaused by:\n    the certificate is old\n    by a year\n    today is a Monday"
        );

        let named = Error::new(ErrorKind::Unreachable, "no connection: refused").with_source("refused");
        assert_eq!(format!("{named:?}"), "no connection: refused");
    }

    #[test]
    fn alternate_debug_has_every_field() {
        let error =
            Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_status(400).maybe_applied();
        assert_eq!(
            format!("{error:#?}"),
            "Error {\n    kind: NotUnique,\n    message: \"taken\",\n    path: \"posts.slug\",\n    \
             status: 400,\n    may_have_been_applied: true,\n}"
        );
    }

    #[test]
    fn what_a_hint_repeats_of_the_request_is_not_printed() {
        let hint = json!({ "data-type": "steps", "input": [["update", { "ssn": "private" }]], "value": "private",
                           "errors": [{ "expected": "string?", "in": [0, 1], "hint": { "value": { "a": "private" } } }] });
        let error = Error::new(ErrorKind::Validation, "no").with_server_details(None, Some(hint), None);
        let shown = r#"{"data-type":"steps","input":"…","value":"…","errors":[{"expected":"string?","in":[0,1],"hint":{"value":"…"}}]}"#;
        assert_eq!(error.to_string(), format!("no; hint: {shown}"));
        assert_eq!(format!("{error:?}"), format!("no; hint: {shown}"));
        assert!(format!("{error:#?}").contains(shown));
        assert_eq!(error.hint().unwrap()["value"], "private");
        let denied = json!({ "input": ["goals", "object"], "expected": "perms-pass?" });
        let denied =
            Error::new(ErrorKind::PermissionDenied, "no").with_server_details(None, Some(denied), None);
        assert_eq!(denied.to_string(), r#"no; hint: {"input":["goals","object"],"expected":"perms-pass?"}"#);
    }

    #[test]
    fn a_long_hint_is_cut_at_a_character_boundary() {
        let error = Error::new(ErrorKind::Validation, "no").with_server_details(
            None,
            Some(json!("ä".repeat(2000))),
            None,
        );
        let shown = error.to_string();
        assert!(shown.ends_with('…') && shown.len() < 1400, "{shown}");
        let shown = format!("{error:#?}");
        assert!(shown.contains("…") && shown.len() < 1500, "{shown}");
    }

    #[test]
    fn an_invalid_transaction_names_entity_and_attribute() {
        let error = Error::invalid_transaction("posts", "views", "NaN is no JSON number");
        assert_eq!(error.to_string(), "posts.views: NaN is no JSON number");
        assert_eq!(Error::invalid_transaction("posts", "", "no").path(), Some("posts"));
    }
}
