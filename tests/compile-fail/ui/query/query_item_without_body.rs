use instant_compile_fail::blog::query;

query! { pub Feed(handle: &str) }

fn main() {}
