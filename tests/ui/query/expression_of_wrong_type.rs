use instant_tests::blog::query;

fn main() {
    let views = "five";
    let _ = query! { posts: { $: { where: { views: views } } } };
}
