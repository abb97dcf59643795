use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { $: { order: { author.handle: desc } } } };
}
