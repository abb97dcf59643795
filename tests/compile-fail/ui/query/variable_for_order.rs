use instant_compile_fail::blog::{posts, query};

fn main() {
    let order = posts::title().asc();
    let _ = query! { posts: { $: { order: order } } };
}
