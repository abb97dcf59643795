//! An embedded InstantDB backend over SQLite.

pub mod error;

pub use error::{ApiError, Work};
