use instant_compile_fail::blog::query;

query! { pub Feed(take: u32) = { posts: { $: { limit: take } } } comments: {} }

fn main() {}
