//! The guide pages of `docs/`: every block of Rust in them, compiled and run (see `build.rs`).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod data;
mod places;
mod quotes;
mod schema {
    instant_admin::include_schema!("../docs/instant.schema.json");
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[allow(unused, clippy::pedantic, reason = "examples show one thing at a time")]
mod pages {
    include!(concat!(env!("OUT_DIR"), "/guides.rs"));
}
