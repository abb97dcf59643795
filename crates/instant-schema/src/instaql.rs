//! InstaQL as data: options, operators, and the rules about both.

mod operator;
mod option;
pub mod rule;

pub use operator::{Operand, Operator};
pub use option::OptionKey;
pub use rule::{Breach, Rule};
