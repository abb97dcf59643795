use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { score: { $in: [1, null] } } } } };
}
