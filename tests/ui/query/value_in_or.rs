use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { or: [5] } } } };
}
