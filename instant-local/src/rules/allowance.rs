//! What the rules of one request may cost.

use super::reference::MOST_VALUES;
use crate::cel::Budget;

/// What the rules of one request may still cost: operations and bytes of evaluations, and values that `ref` reads.
#[derive(Debug, Clone)]
pub(crate) struct Allowance {
    pub(super) budget: Budget,
    pub(super) values: u64,
}

impl Allowance {
    /// Of a query.
    pub(crate) fn for_read() -> Self {
        Self { budget: Budget::for_read(), values: MOST_VALUES }
    }

    /// Of a transaction. It is smaller, because all writes wait for a transaction.
    pub(crate) fn for_write() -> Self {
        Self { budget: Budget::for_write(), values: MOST_VALUES / 2 }
    }
}
