//! The guide pages of `docs/`: every block of Rust in them, compiled and run (see `build.rs`).

#![allow(unused_imports, unused_variables, dead_code, reason = "examples show one thing at a time")]

mod data;
mod messages;
mod schema {
    instant_admin::include_schema!("../docs/instant.schema.json");
}

type Outcome = Result<(), Box<dyn std::error::Error>>;

mod pages {
    include!(concat!(env!("OUT_DIR"), "/guides.rs"));
}
