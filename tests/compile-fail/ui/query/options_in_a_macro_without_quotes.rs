use instant_compile_fail::blog::query;

macro_rules! posts {
    ($most:expr) => {
        query! { posts: { $: { limit: $most } } }
    };
}

fn main() {
    let _ = posts!(5);
}
