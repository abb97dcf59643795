//! A rust-analyzer as a child process, spoken to in LSP over its standard input and output.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::project::Project;

/// How long one answer may take.
const ANSWER: Duration = Duration::from_mins(1);

/// A running rust-analyzer. Dropping it ends the process.
pub(crate) struct Server {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    last_id: u64,
    loaded: bool,
}

impl Server {
    /// Starts it on the project.
    pub(crate) fn start(program: &str, project: &Project) -> Result<Self, String> {
        let mut child = Command::new(program)
            .current_dir(&project.root)
            .env("CARGO_TARGET_DIR", &project.target)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                format!("cannot start `{program}`: {error}; docs/editors.md says how to build rust-analyzer")
            })?;
        let (input, output) =
            child.stdin.take().zip(child.stdout.take()).ok_or("rust-analyzer has no pipes")?;
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { child, input, messages, last_id: 0, loaded: false };
        let folder = json!({ "uri": uri(&project.root), "name": "fixture" });
        let parameters = json!({
            "processId": std::process::id(),
            "rootUri": uri(&project.root),
            "workspaceFolders": [folder],
            "capabilities": {
                "general": { "positionEncodings": ["utf-8"] },
                "textDocument": {
                    "completion": { "completionItem": { "snippetSupport": true, "documentationFormat": ["markdown"] } },
                    "hover": { "contentFormat": ["markdown"] },
                    "definition": { "linkSupport": true },
                    "diagnostic": {},
                },
                "experimental": { "serverStatusNotification": true },
            },
            // The defaults of an editor, without `cargo check`: it is slow and not under test.
            "initializationOptions": { "checkOnSave": false },
        });
        server.request("initialize", &parameters)?;
        server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }))?;
        Ok(server)
    }

    /// Waits for the project to be loaded and its procedural macros to be built.
    pub(crate) fn wait_until_loaded(&mut self, limit: Duration) -> Result<(), String> {
        let until = Instant::now() + limit;
        while !self.loaded {
            let message = self.receive(until)?;
            self.note(&message)?;
        }
        Ok(())
    }

    /// Opens a document with this text.
    pub(crate) fn open(&mut self, path: &Path, text: &str) -> Result<(), String> {
        let document = json!({ "uri": uri(path), "languageId": "rust", "version": 1, "text": text });
        let parameters = json!({ "textDocument": document });
        self.send(&json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": parameters }))
    }

    /// Asks about a place in an open document.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &Path,
        line: usize,
        column: usize,
    ) -> Result<Value, String> {
        let position = json!({ "line": line, "character": column });
        self.request(method, &json!({ "textDocument": { "uri": uri(path) }, "position": position }))
    }

    /// What rust-analyzer itself reports in a line.
    pub(crate) fn problems(&mut self, path: &Path, line: usize) -> Result<Vec<String>, String> {
        let parameters = json!({ "textDocument": { "uri": uri(path) } });
        let report = self.request("textDocument/diagnostic", &parameters)?;
        let all = report["items"].as_array().into_iter().flatten();
        let here = all.filter(|problem| problem["range"]["start"]["line"] == json!(line));
        Ok(here.map(|problem| problem["message"].as_str().unwrap_or_default().to_owned()).collect())
    }

    fn request(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        // Content that changed under a request is answered by an error; the request is then sent once more.
        for _ in 0..5 {
            self.last_id += 1;
            let id = self.last_id;
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }))?;
            let until = Instant::now() + ANSWER;
            let mut answer = loop {
                let message = self.receive(until).map_err(|error| format!("{method}: {error}"))?;
                if message["id"] == json!(id) && message["method"].is_null() {
                    break message;
                }
                self.note(&message)?;
            };
            match answer["error"]["code"].as_i64() {
                None => return Ok(answer["result"].take()),
                Some(CONTENT_MODIFIED | SERVER_CANCELLED) => {}
                Some(_) => return Err(format!("{method}: {}", answer["error"]["message"])),
            }
        }
        Err(format!("{method} was cancelled again and again"))
    }

    /// Records a message that is not an answer.
    fn note(&mut self, message: &Value) -> Result<(), String> {
        if message["method"] == "experimental/serverStatus" {
            let status = &message["params"];
            if status["health"] == "error" {
                return Err(format!("rust-analyzer cannot load the fixture: {}", status["message"]));
            }
            self.loaded = status["quiescent"] == json!(true);
            if let Some(warning) = status["message"].as_str().filter(|_| self.loaded) {
                println!("rust-analyzer says: {}", warning.trim());
            }
        } else if !message["id"].is_null() && message["method"].is_string() {
            self.send(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": null }))?;
        }
        Ok(())
    }

    fn receive(&mut self, until: Instant) -> Result<Value, String> {
        self.messages.recv_timeout(until.saturating_duration_since(Instant::now())).map_err(|error| {
            match error {
                RecvTimeoutError::Timeout => "rust-analyzer did not answer in time".to_owned(),
                RecvTimeoutError::Disconnected => "rust-analyzer ended".to_owned(),
            }
        })
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .map_err(|error| format!("rust-analyzer takes no messages: {error}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// LSP's codes for a request to send again.
const CONTENT_MODIFIED: i64 = -32801;
const SERVER_CANCELLED: i64 = -32802;

fn uri(path: &Path) -> String {
    format!("file://{}", path.display().to_string().replace(' ', "%20"))
}

/// The path of a file's URI.
pub(crate) fn path_of(uri: &str) -> PathBuf {
    PathBuf::from(uri.trim_start_matches("file://").replace("%20", " "))
}

fn read_message(output: &mut BufReader<ChildStdout>) -> std::io::Result<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().unwrap_or(0),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body)?;
    Ok(serde_json::from_slice(&body)?)
}
