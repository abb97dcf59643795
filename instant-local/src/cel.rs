//! CEL, the language of permission rules, as the official server speaks it: compiling, with its messages, and evaluating.
//!
//! Pure: it knows neither rules nor the store. What an expression reads from outside comes from [`Bindings`] and a
//! [`Host`]; what it may cost is a [`Budget`].

mod bindings;
mod budget;
mod failure;
mod program;
mod value;

pub(crate) use bindings::{Bindings, Host, Request, Root, Variable};
pub(crate) use budget::Budget;
pub(crate) use failure::{ErrorKind, Failure};
pub(crate) use program::{Keys, Program, Reference, RuleKind, identifiers};
pub(crate) use value::Value;
