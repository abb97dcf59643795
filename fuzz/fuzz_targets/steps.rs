//! Transactions, as a guest and as the administrator.

#![no_main]

use std::cell::RefCell;

use instant_fuzz::{Backend, is_json};
use libfuzzer_sys::{Corpus, fuzz_target};

thread_local!(static BACKEND: RefCell<Backend> = RefCell::new(Backend::start()));

fuzz_target!(|steps: &str| -> Corpus {
    if !is_json(steps) {
        return Corpus::Reject;
    }
    BACKEND.with_borrow_mut(|backend| {
        backend.refresh();
        let body = format!(r#"{{"steps": {steps}}}"#);
        backend.post("/admin/transact", "as-guest: true\r\n", &body).json();
        backend.post("/admin/transact", "", &body).json();
    });
    Corpus::Keep
});
