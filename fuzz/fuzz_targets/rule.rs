//! Permission rules: an expression that a push takes is evaluated on a query and on a transaction.

#![no_main]

use std::cell::RefCell;

use instant_fuzz::Backend;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const ID: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
const GUEST: &str = "as-guest: true\r\n";

thread_local!(static BACKEND: RefCell<Backend> = RefCell::new(Backend::start()));

fuzz_target!(|expression: &str| {
    BACKEND.with_borrow_mut(|backend| {
        backend.refresh();
        let allow = json!({ "view": expression, "update": expression, "link": { "author": expression } });
        let rules = json!({ "code": { "posts": { "allow": allow, "bind": ["b", expression] } } });
        let pushed = backend.post("/dash/apps/APP/rules", "", &rules.to_string());
        pushed.json();
        if pushed.status != 200 {
            return;
        }
        let query = json!({ "query": { "posts": { "author": {} } } }).to_string();
        backend.post("/admin/query_perms_check", GUEST, &query).json();
        let steps = json!([["update", "posts", ID, { "views": 2 }], ["link", "posts", ID, { "author": ID }]]);
        let steps = json!({ "steps": steps }).to_string();
        backend.post("/admin/transact_perms_check", GUEST, &steps).json();
    });
});
