//! An embedded InstantDB backend over SQLite.

pub mod error;
pub mod store;

pub use error::{ApiError, Work};
pub use store::Store;
