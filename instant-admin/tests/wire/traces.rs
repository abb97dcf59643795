//! The contents of traces: entity, operation and attempt; never a value or a secret.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use instant_admin::{User, tx};
use serde_json::json;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt;
use uuid::Uuid;

use crate::raw::{Raw, Reply, answer};
use crate::{TOKEN, connect};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn traces_name_operation_entities_and_attempt_and_hold_no_values() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = fmt()
        .with_ansi(false)
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let server = Raw::start(|request| match request {
        0 => Reply::Close(String::new()),
        _ => answer("application/json", r#"{"tx-id":1,"posts":[],"tags":[]}"#),
    })
    .await;
    let db = connect(&server.url);
    db.query_json(json!({ "posts": { "$": { "where": { "title": "pr1vate" } } }, "tags": {} }))
        .await
        .unwrap();
    let step = tx::raw("posts", Uuid::nil()).update(json!({ "title": "pr1vate" }));
    db.as_user(User::token("hunter2")).transact(step).await.unwrap();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains(r#"instant{operation="query" entities="posts,tags"}"#), "{text}");
    assert!(text.contains(r#"instant{operation="transact" entities="posts"}"#), "{text}");
    assert!(text.contains("sending attempt=1") && text.contains("sending attempt=2"), "{text}");
    assert!(text.contains("trying again kind=Interrupted"), "{text}");
    for secret in ["pr1vate", "hunter2", TOKEN] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
