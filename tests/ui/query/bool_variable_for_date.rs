use instant_tests::blog::query;

fn main() {
    let since = true;
    let _ = query! { posts: { $: { where: { createdAt: { $gt: since } } } } };
}
