//! The bytes between client and server, with servers that each test scripts.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod decoding;
mod elsewhere;
mod errors;
mod faults;
mod live;
mod proxy;
mod raw;
mod requests;
mod retries;
mod schema;
mod stream;
mod tls;
mod traces;

use instant_admin::{Db, DbBuilder, access::Admin};

const APP: &str = "5f607e08-b271-489a-8430-108f8d0e22e7";
const TOKEN: &str = "2483838c-4a73-4b6c-a8fa-a1f1c7e4d1a4";

fn builder(url: &str) -> DbBuilder<Admin> {
    Db::builder().url(url).app_id(APP).admin_token(TOKEN)
}

fn connect(url: &str) -> Db {
    builder(url).build().unwrap()
}

/// Nothing that a person or a log sees of `error` contains the admin token.
#[track_caller]
fn assert_keeps_secrets(error: &instant_admin::Error) {
    let mut shown = format!("{error} {error:?} {error:#?} {:?}", error.hint());
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        shown = format!("{shown} {next} {next:?}");
        cause = next.source();
    }
    for secret in [TOKEN, "hunter2"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
