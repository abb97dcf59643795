use instant_tests::blog::query;

fn main() {
    let size = "ten";
    let _ = query! { posts: { $: { limit: size } } };
}
