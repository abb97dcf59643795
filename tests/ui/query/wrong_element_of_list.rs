use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { views: { $in: [1, "two"] } } } } };
}
