//! What evaluations may cost.

/// The work that evaluations may still do: operations, and bytes of new text and lists. One budget may serve all the
/// evaluations of a request.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    operations: u64,
    bytes: u64,
}

impl Budget {
    /// The budget of one request.
    pub(crate) fn for_request() -> Self {
        Self { operations: 50_000_000, bytes: 256 * 1024 * 1024 }
    }
}
