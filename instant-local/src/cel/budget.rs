//! What evaluations may cost.

use super::failure::Failure;

/// The work that evaluations may still do: operations, and bytes of new texts and lists. One budget serves all the
/// evaluations of a request, so that a rule cannot hold the server however many rows it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    /// How many operations there were.
    granted: u64,
    operations: u64,
    bytes: u64,
}

/// About a second. An honest rule takes some ten operations for a row.
const OF_A_READ: u64 = 50_000_000;
/// All writes wait for a transaction.
const OF_A_WRITE: u64 = 10_000_000;
const BYTES: u64 = 256 * 1024 * 1024;

impl Budget {
    /// The budget of a request that reads.
    pub(crate) fn for_read() -> Self {
        Self { granted: OF_A_READ, operations: OF_A_READ, bytes: BYTES }
    }

    /// The budget of a transaction, which is smaller.
    pub(crate) fn for_write() -> Self {
        Self { granted: OF_A_WRITE, operations: OF_A_WRITE, bytes: BYTES }
    }

    /// A smaller one, which tests of hostile rules use up sooner.
    #[cfg(test)]
    pub(super) fn of(operations: u64, bytes: u64) -> Self {
        Self { granted: operations, operations, bytes }
    }

    /// Takes operations: about one for each node, element or 16 bytes that are looked at.
    pub(super) fn spend(&mut self, operations: usize) -> Result<(), Failure> {
        match self.operations.checked_sub(operations as u64) {
            Some(left) => {
                self.operations = left;
                Ok(())
            }
            None => Err(Failure::TooCostly(format!(
                "The permission rules of this request took more than {} operations. Use fewer nested \
                 macros, or shorter lists and texts.",
                self.granted
            ))),
        }
    }

    /// Takes bytes of new values, before they are made.
    pub(crate) fn produce(&mut self, bytes: usize) -> Result<(), Failure> {
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
