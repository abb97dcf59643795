//! Queries, as the administrator and as a guest.

#![no_main]

use std::cell::RefCell;

use instant_fuzz::{Backend, is_json};
use libfuzzer_sys::{Corpus, fuzz_target};

thread_local!(static BACKEND: RefCell<Backend> = RefCell::new(Backend::start()));

fuzz_target!(|query: &str| -> Corpus {
    if !is_json(query) {
        return Corpus::Reject;
    }
    BACKEND.with_borrow_mut(|backend| {
        backend.refresh();
        let body = format!(r#"{{"query": {query}}}"#);
        backend.post("/admin/query", "", &body).json();
        backend.post("/admin/query", "as-guest: true\r\n", &body).json();
    });
    Corpus::Keep
});
