//! What evaluations may cost.

use super::failure::Failure;

/// The work that evaluations may still do: operations, and bytes of new texts and lists. One budget serves all the
/// evaluations of a request, so that a rule cannot hold the server however many rows it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    operations: u64,
    bytes: u64,
}

/// About a second. An honest rule takes some ten operations for a row.
const OPERATIONS: u64 = 50_000_000;
const BYTES: u64 = 256 * 1024 * 1024;

impl Budget {
    /// The budget of one request.
    pub(crate) fn for_request() -> Self {
        Self { operations: OPERATIONS, bytes: BYTES }
    }

    /// A smaller one, which tests of hostile rules use up sooner.
    #[cfg(test)]
    pub(super) fn of(operations: u64, bytes: u64) -> Self {
        Self { operations, bytes }
    }

    /// Takes operations: about one for each node, element or 16 bytes that are looked at.
    pub(super) fn spend(&mut self, operations: usize) -> Result<(), Failure> {
        match self.operations.checked_sub(operations as u64) {
            Some(left) => {
                self.operations = left;
                Ok(())
            }
            None => Err(Failure::TooCostly(format!(
                "The permission rules of this request took more than {OPERATIONS} operations. Use fewer nested \
                 macros, or shorter lists and texts."
            ))),
        }
    }

    /// Takes bytes of new values, before they are made.
    pub(super) fn produce(&mut self, bytes: usize) -> Result<(), Failure> {
        self.spend(bytes / 16)?;
        match self.bytes.checked_sub(bytes as u64) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => Err(Failure::TooCostly(format!(
                "The permission rules of this request made more than {} MiB of texts and lists. Build shorter ones.",
                BYTES / (1024 * 1024)
            ))),
        }
    }
}
