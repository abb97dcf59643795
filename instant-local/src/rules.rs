//! Permission rules: which expression applies to what, and whether it allows it.
//!
//! [`Rules`] is the rules of one app, read and compiled once ([`Rulebook`] keeps them). A [`Judge`] evaluates them on one
//! snapshot for one caller, many cases at a time: what they read through `ref` is fetched for all cases at once.
//!
//! Administrators are never judged. Whoever asks for them does not make a judge.

mod allowance;
mod asked;
mod bind;
mod edits;
mod interval;
mod judge;
mod limit;
mod limiter;
mod record;
mod reference;
mod rule;
mod rulebook;
mod rules_of_app;
mod sign_up;
#[cfg(test)]
mod tests;
mod validate;

pub(crate) use allowance::Allowance;
pub(crate) use asked::{Asked, ClientInfo};
pub(crate) use edits::edits;
pub(crate) use judge::{Case, Judge};
pub(crate) use record::records;
pub(crate) use rule::{Action, Rule};
pub(crate) use rulebook::Rulebook;
pub(crate) use rules_of_app::Rules;
pub(crate) use validate::validate;
