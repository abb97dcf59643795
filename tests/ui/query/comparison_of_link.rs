use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { author: { $gt: 5 } } } } };
}
