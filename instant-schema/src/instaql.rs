//! InstaQL as data: the query tree, options, operators, and the rules about them.
//!
//! [`check`] judges a JSON query against a schema. The `query!` macro has tokens instead of JSON; both tell of
//! a mistake in the sentence that [`rule`] has for it.

mod check;
mod direction;
pub mod judge;
pub mod names;
mod operator;
mod option;
mod read;
mod read_where;
pub mod rule;
mod tree;
mod write;

pub use check::{Problem, check};
pub use direction::{Direction, ParseDirectionError};
pub use judge::{Holds, Subject, ValueKind};
pub use names::{End, EntityRef, Labels, ResolvedPath, resolve};
pub use operator::{Operand, Operator};
pub use option::{OptionKey, ask_for_order};
pub use rule::{Breach, Rule};
pub use tree::{Aggregate, Condition, Cursor, Form, Limit, LimitKind, Options, Order, Query, Where};

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
