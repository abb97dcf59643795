//! Schema pushes: what the plan takes can be applied, or is refused with a message.

#![no_main]

use std::cell::RefCell;

use instant_fuzz::{Backend, is_json};
use libfuzzer_sys::{Corpus, fuzz_target};

thread_local!(static BACKEND: RefCell<Backend> = RefCell::new(Backend::start()));

fuzz_target!(|schema: &str| -> Corpus {
    if !is_json(schema) {
        return Corpus::Reject;
    }
    BACKEND.with_borrow_mut(|backend| {
        backend.refresh();
        let body = format!(r#"{{"schema": {schema}}}"#);
        let plan = backend.post("/dash/apps/APP/schema/push/plan", "", &body);
        plan.json();
        if plan.status == 200 {
            backend.post("/dash/apps/APP/schema/push/apply", "", &body).json();
        }
    });
    Corpus::Keep
});
