use instant_compile_fail::blog::query;

fn main() {
    let size = "ten";
    let _ = query! { posts: { $: { limit: size } } };
}
