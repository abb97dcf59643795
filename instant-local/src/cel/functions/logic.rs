//! The operators whose operands are not all evaluated: only their types are here, what they do is in the evaluator.

use super::super::failure::Fault;
use super::super::overload::{Apply, Declarations};

pub(super) const DECLARATIONS: Declarations = &[
    ("_&&_", &[("logical_and", "(bool, bool) -> bool", ELSEWHERE)]),
    ("_||_", &[("logical_or", "(bool, bool) -> bool", ELSEWHERE)]),
    ("_?_:_", &[("conditional", "(bool, A, A) -> A", ELSEWHERE)]),
    ("@not_strictly_false", &[("not_strictly_false", "(bool) -> bool", ELSEWHERE)]),
];

const ELSEWHERE: Apply = |_, _| Err(Fault::Overload);
