//! The InstantDB SDK for Rust.

mod error;

pub use error::{Error, ErrorKind};
