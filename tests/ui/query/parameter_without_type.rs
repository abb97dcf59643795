use instant_tests::blog::query;

query! { pub Feed(take) = { posts: { $: { limit: take } } } }

fn main() {}
