//! CEL, the language of permission rules, as the official server speaks it: compiling, with its messages, and evaluating.
//!
//! Pure: it knows neither rules nor the store. What an expression reads from outside comes from [`Bindings`] and a
//! [`Host`]; what it may cost is a [`Budget`].
//!
//! A source goes through `parse` (text → `syntax`, with `macros` expanded) and `check` (types and overloads → `code`),
//! once; `evaluate` runs the code. Functions are declared in `functions`, each with its types and what it does.

mod bindings;
mod budget;
mod check;
mod code;
mod context;
mod equality;
mod evaluate;
mod failure;
mod fields;
mod functions;
mod macros;
mod messages;
mod names;
mod overload;
mod parse;
mod pattern;
mod program;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod value;

pub(crate) use bindings::{Bindings, Host, Request, Root, Variable};
pub(crate) use budget::Budget;
pub(crate) use failure::Failure;
pub(crate) use names::RuleKind;
pub(crate) use program::{Keys, Program, identifiers};
pub(crate) use value::Value;
