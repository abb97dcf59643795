//! A server that answers with the bytes that a test gives it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Between two pieces of an answer, so that they arrive as two.
const PAUSE: Duration = Duration::from_millis(5);

/// A server that answers each request with the bytes it is told to, and closes when told to.
pub struct Raw {
    pub url: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

pub enum Reply {
    /// These bytes; the connection stays open.
    Keep(String),
    /// These bytes, then the end.
    Close(String),
    /// These bytes, a moment apart; the connection stays open.
    Pieces(Vec<Vec<u8>>),
    /// Nothing, ever.
    Silence,
}

impl Raw {
    /// `reply` gets the number of the request, counted from 0.
    pub async fn start(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let last = Arc::new(Mutex::new(String::new()));
        let server = Self {
            url,
            connections: Arc::clone(&connections),
            requests: Arc::clone(&requests),
            last: Arc::clone(&last),
        };
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (reply, requests, last) = (Arc::clone(&reply), Arc::clone(&requests), Arc::clone(&last));
                tokio::spawn(async move {
                    while let Some(request) = read_request(&mut stream).await {
                        *last.lock().unwrap() = request;
                        match reply(requests.fetch_add(1, Ordering::SeqCst)) {
                            Reply::Keep(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
                            Reply::Close(bytes) => {
                                stream.write_all(bytes.as_bytes()).await.unwrap();
                                return;
                            }
                            Reply::Pieces(pieces) => {
                                for piece in pieces {
                                    if stream.write_all(&piece).await.is_err() {
                                        return;
                                    }
                                    tokio::time::sleep(PAUSE).await;
                                }
                            }
                            Reply::Silence => std::future::pending().await,
                        }
                    }
                });
            }
        });
        server
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The last request as it came, head and body.
    pub fn last_request(&self) -> String {
        self.last.lock().unwrap().clone()
    }
}

/// Reads one request with a `Content-Length`; `None` at the end of the connection.
pub async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).to_ascii_lowercase();
        if let Some(head) = text.find("\r\n\r\n") {
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if seen.len() >= head + 4 + length {
                return Some(String::from_utf8(seen).unwrap());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => seen.extend_from_slice(&buffer[..read]),
        }
    }
}

pub fn answer(content_type: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Keep(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}"
    ))
}

/// An answer of bytes that may be anything.
pub fn bytes(headers: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 200 OK\r\n{headers}content-length: {}\r\n\r\n", body.len());
    Reply::Pieces(vec![[head.as_bytes(), body].concat()])
}
