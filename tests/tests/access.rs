//! What a client may do is a compile-time fact: each file in `ui/access` is one thing that it may not.

#[test]
fn what_a_client_may_not_do_does_not_compile() {
    trybuild::TestCases::new().compile_fail("ui/access/*.rs");
}
