//! The program in a process of its own, to be killed, starved or stopped.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// The program, and where it listens. It is killed when this is dropped.
pub struct Program {
    pub child: Child,
    pub url: String,
    pub app: Uuid,
    pub token: Uuid,
    pub http: Client,
}

impl Program {
    /// Starts it on a folder. What it says when it does not start is the error.
    pub fn try_start(folder: &Path, app: Uuid, token: Uuid) -> Result<Self, String> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_instant-local"))
            .args(["--port", "0", "--data"])
            .arg(folder)
            .args(["--app", &app.to_string()])
            .env("INSTANT_APP_ADMIN_TOKEN", token.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut errors = child.stderr.take().unwrap();
        let Some(url) = line.trim().strip_prefix("listening on ").map(str::to_owned) else {
            let mut said = String::new();
            errors.read_to_string(&mut said).unwrap();
            let status = child.wait().unwrap();
            assert!(!status.success(), "it must fail when it does not listen: {line:?}");
            return Err(said);
        };
        // Read on, so that the program never waits for room to log.
        std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        Ok(Self { child, url, app, token, http: Client::new() })
    }

    pub fn start(folder: &Path, app: Uuid, token: Uuid) -> Self {
        Self::try_start(folder, app, token).unwrap_or_else(|said| panic!("{said}"))
    }

    /// Sends a request as the administrator, and reads the JSON answer.
    pub async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.http.post(format!("{}{path}", self.url)).json(body);
        super::answer(request.header("app-id", self.app.to_string()).bearer_auth(self.token)).await
    }

    pub async fn transact(&self, steps: &Value) -> (StatusCode, Value) {
        self.post("/admin/transact", &json!({ "steps": steps })).await
    }

    pub async fn query(&self, query: &Value) -> (StatusCode, Value) {
        self.post("/admin/query", &json!({ "query": query })).await
    }

    pub async fn is_healthy(&self) -> bool {
        let answer = self.http.get(format!("{}/health", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status() == StatusCode::OK)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // On Unix this is SIGKILL.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
