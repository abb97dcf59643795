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

/// The key of the options of a form.
pub const OPTIONS: &str = "$";
/// The top-level key that holds values for permission rules.
pub const RULE_PARAMS: &str = "$$ruleParams";
/// The name by which a query orders by the time at which entities were created.
pub const SERVER_CREATED_AT: &str = "serverCreatedAt";
/// The first character of a string that stands for a value in the template of a typed query; the number of the value
/// follows.
pub const MARK: char = '\u{1}';
/// The deepest nesting of a query. Forms count, and in the innermost form also its `where` and the elements of `and`
/// and `or`.
pub const MAX_DEPTH: usize = 50;
/// The most labels that a path of `where` can have.
pub const MAX_LABELS: usize = 30;
