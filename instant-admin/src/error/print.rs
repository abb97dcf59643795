//! How an error is printed: without secrets, and without what the server repeats of the request.

use std::error::Error as _;
use std::fmt::{self, Display};

use super::{Error, Inner, hint};

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let is_said = |path: &&str| inner.explained || inner.message.contains(*path);
        if let Some(path) = inner.path.as_deref().filter(|path| !is_said(path)) {
            write!(f, "{path}: ")?;
        }
        f.write_str(&inner.message)?;
        if let Some(hint) = inner.shown_hint() {
            write!(f, "; hint: {hint}")?;
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

impl Inner {
    /// What the hint adds to the message, which says it all where it is this crate's own.
    fn shown_hint(&self) -> Option<String> {
        self.hint
            .as_ref()
            .filter(|_| !self.explained)
            .and_then(|hint| hint::shown(hint, self.kind, &self.message))
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
        let mut said = self.to_string();
        f.write_str(&said)?;
        let mut heading = "\n\nCaused by:";
        let mut next = self.source();
        while let Some(error) = next {
            next = error.source();
            let cause = error.to_string();
            // Many errors end with the text of their source, and this crate's name the innermost.
            if !said.contains(&cause) {
                write!(f, "{heading}\n    {}", cause.replace('\n', "\n    "))?;
                heading = "";
                said.push_str(&cause);
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
        if let Some(hint) = inner.shown_hint() {
            out.field("hint", &format_args!("{hint}"));
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
    use crate::error::ErrorKind;
    use serde_json::json;

    #[test]
    fn an_error_is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_carries_path_message_hint_and_trace_id() {
        let error = Error::new(ErrorKind::NotUnique, "taken").at("posts.slug").with_server_details(
            Some("record-not-unique".into()),
            Some(json!({ "taken-by": "p1" })),
            Some("0af7".into()),
        );
        assert_eq!(error.to_string(), r#"posts.slug: taken; hint: {"taken-by":"p1"} (trace id 0af7)"#);
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

        let inner = Error::new(ErrorKind::Unreachable, "tcp").with_source("refused");
        let outer = Error::new(ErrorKind::Unreachable, "no connection: refused").with_source(inner);
        assert_eq!(format!("{outer:?}"), "no connection: refused\n\nCaused by:\n    tcp");

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
    fn an_invalid_transaction_names_entity_and_attribute() {
        let error = Error::invalid_transaction("posts", "views", "NaN is not a JSON number");
        assert_eq!(error.to_string(), "posts.views: NaN is not a JSON number");
        assert_eq!(Error::invalid_transaction("posts", "", "no").path(), Some("posts"));
    }
}
