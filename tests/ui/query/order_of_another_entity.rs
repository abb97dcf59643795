use instant_tests::blog::{query, tags};

fn main() {
    let order = tags::label().desc();
    let _ = query! { posts: { $: { order: #order } } };
}
