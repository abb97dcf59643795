//! The functions and operators that rules have.

mod arithmetic;
mod calls;
mod collections;
mod comparisons;
mod conversions;
mod dates;
mod logic;
mod math;
mod strings;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::overload::Function;

/// Looks up a function by its official name: `_+_`, `size`, `math.abs`.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

static FUNCTIONS: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(|| {
    let groups = [
        arithmetic::DECLARATIONS,
        calls::DECLARATIONS,
        collections::DECLARATIONS,
        comparisons::DECLARATIONS,
        conversions::DECLARATIONS,
        dates::DECLARATIONS,
        logic::DECLARATIONS,
        math::DECLARATIONS,
        strings::DECLARATIONS,
    ];
    let declared = groups.into_iter().flatten();
    declared.map(|(name, overloads)| (*name, Function::read(name, overloads))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_can_be_read_and_every_overload_has_its_own_id() {
        let mut ids: Vec<&str> = FUNCTIONS
            .values()
            .flat_map(|function| function.overloads.iter().map(|overload| overload.id))
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        assert!(count > 150, "{count}");
    }
}
