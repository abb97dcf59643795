//! Connections: accepts them, limits their number and time, and lets them finish.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};

/// How long a connection may take to send the head of a request, including the idle time before it.
///
/// Longer than the 90 seconds for which HTTP clients commonly keep idle connections, so that they do not pick
/// one that is about to be closed.
pub(crate) const HEAD_TIMEOUT: Duration = Duration::from_secs(100);

/// Serves `router` until `stopping`, then lets the requests that are being answered finish.
///
/// Closes connections that do not speak HTTP, or do not send a request within `head_timeout`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    stopping: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout);
    let open = GracefulShutdown::new();
    let mut stopping = std::pin::pin!(stopping);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = &mut stopping => break,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    open.shutdown().await;
}

/// How long to wait when the system cannot open another connection.
const PAUSE: Duration = Duration::from_millis(100);

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written whole: waiting to fill packets would only delay them.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept connections at the moment");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, oneshot};

    use super::*;

    async fn start(
        router: Router,
        head_timeout: Duration,
    ) -> (TcpStream, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, router, head_timeout, async move {
            let _ = stopped.await;
        });
        let serving = tokio::spawn(serving);
        (TcpStream::connect(address).await.unwrap(), stop, serving)
    }

    #[tokio::test]
    async fn half_a_request_is_not_waited_for_forever() {
        let (mut stream, _stop, _serving) = start(Router::new(), Duration::from_millis(20)).await;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
        let mut answer = Vec::new();
        // A connection that is cut may end in a reset instead of a clean end.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }

    #[tokio::test]
    async fn a_request_that_is_being_answered_is_finished_before_the_end() {
        let (begun, go_on) = (std::sync::Arc::new(Notify::new()), std::sync::Arc::new(Notify::new()));
        let (begins, goes_on) = (begun.clone(), go_on.clone());
        let slow = move || async move {
            begins.notify_one();
            goes_on.notified().await;
            "done"
        };
        let (mut stream, stop, serving) = start(Router::new().route("/", get(slow)), HEAD_TIMEOUT).await;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        stop.send(()).unwrap();
        go_on.notify_one();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        serving.await.unwrap();
    }
}
