//! Each file in `ui` holds one mistake that must not compile; the `.stderr` beside it is the message that a user reads.
//!
//! After a change of a message: `TRYBUILD=overwrite cargo test -p instant-compile-fail --test compile_fail`, then read
//! the difference.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
