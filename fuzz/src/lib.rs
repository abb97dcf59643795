//! An embedded backend for the fuzz targets, and a client that sends it any bytes.
//!
//! The backend runs in the same process, so that the fuzzer sees which code an input reaches.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::OnceLock;
use std::time::Duration;

use instant_local::Server;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long to wait for an answer before the end of the bytes is told.
const PAUSE: Duration = Duration::from_millis(20);
/// After so many inputs, the backend starts anew, so that what inputs wrote does not slow down those that follow.
const INPUTS_PER_BACKEND: u32 = 2000;

const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

const SCHEMA: &str = r#"{
    "entities": {
        "posts": {"attrs": {
            "title": {"valueType": "string", "required": false, "config": {"indexed": true, "unique": true}},
            "views": {"valueType": "number", "required": false, "config": {"indexed": true, "unique": false}},
            "at": {"valueType": "date", "required": false, "config": {"indexed": true, "unique": false}},
            "meta": {"valueType": "json", "required": false, "config": {"indexed": false, "unique": false}}
        }},
        "users": {"attrs": {
            "handle": {"valueType": "string", "required": false, "config": {"indexed": true, "unique": true}}
        }}
    },
    "links": {"author": {
        "forward": {"on": "posts", "has": "one", "label": "author"},
        "reverse": {"on": "users", "has": "many", "label": "posts"}
    }}
}"#;

/// A backend with an app that has a schema and some data.
pub struct Backend {
    server: Server,
    inputs: u32,
}

impl Backend {
    /// Starts it, in memory.
    pub fn start() -> Self {
        let server = runtime().block_on(Server::builder().in_memory().schema(SCHEMA).start());
        let backend = Self { server: server.expect("an empty backend starts"), inputs: 0 };
        let steps = json!([
            ["update", "users", ID, {"handle": "ada"}],
            ["update", "posts", ID, {"title": "a", "views": 1, "at": "2025-01-01", "meta": {"a": [1, "b", null]}}],
            ["link", "posts", ID, {"author": ID}],
        ]);
        let answer = backend.post("/admin/transact", "", &json!({ "steps": steps }).to_string());
        assert_eq!(answer.status, 200, "{}", answer.text);
        backend
    }

    /// Starts the backend anew after many inputs.
    pub fn refresh(&mut self) {
        self.inputs += 1;
        if self.inputs > INPUTS_PER_BACKEND {
            *self = Self::start();
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `path` with the id of the app for `APP`.
    pub fn path(&self, path: &str) -> String {
        path.replace("APP", &self.server.app_id().to_string())
    }

    /// Sends a body that says it is JSON, as the administrator, with more `headers`, each ended by `\r\n`.
    ///
    /// # Panics
    ///
    /// Panics, and so reports the input, where there is no whole answer in time, or a server error.
    pub fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        let (app, token, path) = (self.server.app_id(), self.server.admin_token(), self.path(path));
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             app-id: {app}\r\nauthorization: Bearer {token}\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len(),
        );
        let text = self.exchange(request.as_bytes(), false).expect("the backend answers in time");
        let status = text.get(9..12).and_then(|status| status.parse().ok()).expect("an answer has a status");
        assert!(status < 500, "{text}");
        let body = text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        Answer { status, text: body.unwrap_or_default() }
    }

    /// Sends bytes on a connection of their own, and reads until the backend closes it. If `ends`, says after a pause
    /// without an answer that no more bytes will come.
    ///
    /// # Errors
    ///
    /// Fails where the connection is not closed in time.
    pub fn exchange(&self, bytes: &[u8], ends: bool) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(self.address())?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut answer = Vec::new();
        let mut exchange = || {
            stream.write_all(bytes)?;
            if ends {
                stream.set_read_timeout(Some(PAUSE))?;
                match stream.read_to_end(&mut answer) {
                    Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                    read => return read,
                }
                stream.shutdown(Shutdown::Write)?;
            }
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.read_to_end(&mut answer)
        };
        match exchange() {
            Err(error) if !is_closed(&error) => Err(error),
            _ => Ok(String::from_utf8_lossy(&answer).into_owned()),
        }
    }
}

fn is_closed(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected)
}

/// Whether a text is one JSON value. Others are for the target of the HTTP door.
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// What the backend answered.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON. What is wrong with the JSON of a request, such as its depth, is told as plain text.
    pub fn json(&self) -> Value {
        if self.status == 400 && self.text.starts_with("Malformed JSON") {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a runtime starts"))
}
