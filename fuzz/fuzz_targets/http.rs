//! The HTTP door: any bytes on a connection. The backend closes it, and goes on serving others.

#![no_main]

use std::cell::RefCell;

use instant_fuzz::Backend;
use libfuzzer_sys::fuzz_target;

thread_local!(static BACKEND: RefCell<Backend> = RefCell::new(Backend::start()));

fuzz_target!(|bytes: &[u8]| {
    BACKEND.with_borrow_mut(|backend| {
        backend.refresh();
        let text = String::from_utf8_lossy(bytes);
        let sent = if text.contains("APP") { backend.path(&text).into_bytes() } else { bytes.to_vec() };
        let answer = backend.exchange(&sent, true).expect("the backend closes the connection");
        assert!(!answer.starts_with("HTTP/1.1 5"), "{answer}");
        let health = backend.exchange(b"GET /health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", false);
        assert!(health.expect("the backend answers").starts_with("HTTP/1.1 200"));
    });
});
