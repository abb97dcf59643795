use instant_tests::blog::query;

query! { pub Feed() = { pots: {} } }

fn main() {}
