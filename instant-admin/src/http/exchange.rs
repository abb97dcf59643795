//! One exchange with a server, as far as errors describe it: what was sent where, and with which secrets.

use std::time::Duration;

use reqwest::StatusCode;

use super::request::Deadline;
use crate::error::{Error, ErrorKind, Secrets};

/// How much of a text that is not JSON an error repeats.
const EXCERPT: usize = 200;

pub(super) struct Exchange<'a> {
    /// The server's URL, which the client was given.
    pub(super) server: &'a str,
    /// The URL of this request, without its query.
    pub(super) url: String,
    /// The proxy that it goes through.
    pub(super) proxy: Option<&'a str>,
    pub(super) deadline: Deadline,
    pub(super) connect_timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub(super) limit: usize,
    pub(super) secrets: Secrets,
    /// Which token went along and where it came from, in words.
    pub(super) token: Option<&'static str>,
    pub(super) app_id: &'a str,
}

impl Exchange<'_> {
    /// The error for an answer that no Instant server gives. `got` describes it.
    pub(super) fn unexpected(&self, status: StatusCode, got: &str) -> Error {
        let (url, through, server) = (&self.url, self.through(), self.server);
        let message =
            format!("{url} answered {status} with {got}{through}; is {server} the URL of an Instant server?");
        Error::new(ErrorKind::UnexpectedResponse, message).with_status(status.as_u16())
    }

    /// The proxy, in words that follow the name of the server.
    pub(super) fn through(&self) -> String {
        match self.proxy {
            Some(proxy) => format!(" through the proxy {proxy} (from the environment)"),
            None => String::new(),
        }
    }

    /// Describes a body that is not a JSON object.
    pub(super) fn describe(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() {
            return "an empty body".to_owned();
        }
        let excerpt: String = self.secrets.clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ");
        let excerpt = match excerpt.char_indices().nth(EXCERPT) {
            Some((end, _)) => format!("{}…", &excerpt[..end]),
            None => excerpt,
        };
        let kind = match text.as_bytes()[0] {
            b'<' => "HTML",
            b'{' => "JSON",
            _ => "a text",
        };
        format!("{kind} ({excerpt})")
    }
}
