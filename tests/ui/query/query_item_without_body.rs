use instant_tests::blog::query;

query! { pub Feed(handle: &str) }

fn main() {}
