//! Transactions: steps, the typed builders that generated code makes of them, and steps by name.
//!
//! A schema's own `tx` module (`include_schema!` makes it) writes with types:
//! `tx::posts(id).create(NewPost { .. })`. This module holds what both need, and [`raw`] for names known only at
//! run time.

mod chain;
mod raw;
mod steps;
mod target;

pub use instant_schema::Step;

pub use chain::{Chain, Deletion, Started, Undecided, Unlinks, Writing, Written};
pub use raw::{Raw, RawTarget, lookup, raw};
pub use steps::{IntoSteps, Items, Steps, steps};
pub use target::{IntoTarget, IntoTargets, Lookup, Target};
