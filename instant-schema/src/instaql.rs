//! InstaQL: options, operators, what names mean, and checks against a schema.
//!
//! [`check`] checks a JSON query. The `query!` macro has tokens instead of JSON; both report a mistake in the
//! sentence that [`rule`](crate::rule) has for it.

mod check;
mod check_where;
pub mod judge;
pub mod names;
mod order;

pub use crate::operator::{Operand, Operator};
pub use crate::option::{Aggregate, OptionKey};
pub use check::check;
pub use judge::{Holds, Subject, ValueKind};
pub use names::{End, EntityRef, Labels, ResolvedPath, resolve};
pub use order::{Direction, ParseDirectionError, ask_for_order};

/// The key of a form's options.
pub const OPTIONS: &str = "$";
/// The top-level key that holds values for permission rules.
pub const RULE_PARAMS: &str = "$$ruleParams";
/// What a query can be ordered by besides attributes: the time at which an entity was made.
pub const SERVER_CREATED_AT: &str = "serverCreatedAt";
/// Starts a string of a typed query's template that stands for a value: the value's number follows.
pub const MARK: char = '\u{1}';
/// Queries nested deeper are refused. Forms in each other count, and in the innermost its `where` and the members of
/// `and` and `or` in each other.
pub const MAX_DEPTH: usize = 50;
/// Paths of `where` with more labels are refused.
pub const MAX_LABELS: usize = 30;
