//! HTTP over one kept connection, every answer bounded in time and size.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

const LONGEST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_ANSWER: usize = 64 << 20;

pub struct Client {
    /// `host:port`.
    address: String,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// A request as it goes over the wire.
pub struct Sent {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Bytes>,
}

pub struct Received {
    pub status: u16,
    pub headers: HeaderMap,
    pub content: Vec<u8>,
}

/// No answer came.
#[derive(Debug)]
pub struct Failure {
    pub message: &'static str,
    /// Whether the server hangs or is gone, rather than closed the connection.
    pub lost: bool,
}

const TOO_LATE: Failure = Failure { message: "no answer in time", lost: true };
const NO_SERVER: Failure = Failure { message: "no server", lost: true };
const CLOSED: Failure = Failure { message: "closed without a whole answer", lost: false };

impl Client {
    pub fn new(url: &str) -> Result<Self, String> {
        let address = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
        let address = address.filter(|rest| !rest.is_empty() && !rest.contains('/'));
        let address = address.ok_or_else(|| format!("not a URL like http://127.0.0.1:8888: {url}"))?;
        let port = if address.contains(':') { "" } else { ":80" };
        Ok(Self { address: format!("{address}{port}"), connection: None })
    }

    pub async fn send(&mut self, request: &Sent) -> Result<Received, Failure> {
        self.exchange(request, None).await
    }

    /// Of an event stream, the content is the data of the first event that is `wanted`.
    pub async fn first_event(
        &mut self,
        request: &Sent,
        wanted: fn(&[u8]) -> bool,
    ) -> Result<Received, Failure> {
        self.exchange(request, Some(wanted)).await
    }

    async fn exchange(
        &mut self,
        request: &Sent,
        wanted: Option<fn(&[u8]) -> bool>,
    ) -> Result<Received, Failure> {
        let answer = timeout(LONGEST_WAIT, async {
            let response = self.open(request).await?;
            let (head, body) = response.into_parts();
            let is_stream = head
                .headers
                .get(CONTENT_TYPE)
                .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
            let content = match wanted.filter(|_| is_stream) {
                Some(wanted) => first_event(body, wanted).await?,
                None => whole(body).await?,
            };
            // What is left of a stream is not read.
            if wanted.is_some() {
                self.connection = None;
            }
            Ok(Received { status: head.status.as_u16(), headers: head.headers, content })
        });
        let answer = answer.await.unwrap_or(Err(TOO_LATE));
        if answer.is_err() {
            self.connection = None;
        }
        answer
    }

    async fn open(&mut self, request: &Sent) -> Result<Response<Incoming>, Failure> {
        if let Some(connection) = self.connection.as_mut().filter(|connection| !connection.is_closed())
            && connection.ready().await.is_ok()
            && let Ok(response) = connection.send_request(self::request(request, &self.address)?).await
        {
            return Ok(response);
        }
        // There is none, or the server ended the one that was idle.
        let stream = TcpStream::connect(&self.address).await.map_err(|_| NO_SERVER)?;
        stream.set_nodelay(true).map_err(|_| CLOSED)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| CLOSED)?;
        tokio::spawn(connection);
        let sender = self.connection.insert(sender);
        sender.send_request(self::request(request, &self.address)?).await.map_err(|_| CLOSED)
    }
}

fn request(sent: &Sent, address: &str) -> Result<Request<Full<Bytes>>, Failure> {
    const UNSENDABLE: Failure = Failure { message: "not a request that HTTP can send", lost: false };
    let method = Method::from_bytes(sent.method.as_bytes()).map_err(|_| UNSENDABLE)?;
    let has_length = sent.body.is_some() || ["POST", "PUT", "PATCH"].contains(&sent.method.as_str());
    let body = sent.body.clone().unwrap_or_default();
    let length = body.len();
    let request = Request::builder().method(method).uri(&sent.path).body(Full::new(body));
    let mut request = request.map_err(|_| UNSENDABLE)?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(address).map_err(|_| UNSENDABLE)?);
    for (name, value) in &sent.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| UNSENDABLE)?;
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).map_err(|_| UNSENDABLE)?);
    }
    if has_length {
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    Ok(request)
}

async fn whole(mut body: Incoming) -> Result<Vec<u8>, Failure> {
    let mut content = Vec::new();
    while let Some(frame) = body.frame().await {
        content.extend_from_slice(frame.map_err(|_| CLOSED)?.data_ref().map_or(&[], |data| data));
        if content.len() > LONGEST_ANSWER {
            return Err(TOO_LATE);
        }
    }
    Ok(content)
}

async fn first_event(mut body: Incoming, wanted: fn(&[u8]) -> bool) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| CLOSED)?;
        text.extend(frame.data_ref().into_iter().flatten().filter(|byte| **byte != b'\r'));
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let data = event.split(|byte| *byte == b'\n').filter_map(|line| line.strip_prefix(b"data:"));
            let data = data.collect::<Vec<_>>().concat();
            if !data.is_empty() && wanted(&data) {
                return Ok(data);
            }
        }
    }
    Err(CLOSED)
}
