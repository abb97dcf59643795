use instant_compile_fail::blog::{query, tags};

fn main() {
    let order = tags::label().desc();
    let _ = query! { posts: { $: { order: #order } } };
}
