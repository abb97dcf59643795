//! Procedural macros of the InstantDB SDK.
//!
//! Each is a plain function from tokens to tokens; this file only names them.

#[allow(dead_code)]
mod names;
