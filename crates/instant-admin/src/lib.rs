//! The InstantDB SDK for Rust.
