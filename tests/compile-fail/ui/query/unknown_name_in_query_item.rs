use instant_compile_fail::blog::query;

query! { pub Feed() = { pots: {} } }

fn main() {}
