//! Mistakes that do not compile, one per file, with the message a user reads.

#[test]
fn mistakes_do_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
