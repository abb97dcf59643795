use instant_tests::blog::query;

query! { pub Feed(take: u32) = { posts: { $: { limit: take } } } comments: {} }

fn main() {}
