use instant_compile_fail::blog::query;

query! { pub Feed() = { posts: { $: { fields: [title] } } } }
query! { pub Feed() = { posts: { $: { fields: [title] } } } }

fn main() {}
