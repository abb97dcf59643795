use instant_compile_fail::blog::query;

query! { pub Feed(take) = { posts: { $: { limit: take } } } }

fn main() {}
