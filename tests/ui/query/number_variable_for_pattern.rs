use instant_tests::blog::query;

fn main() {
    let pattern = 5;
    let _ = query! { posts: { $: { where: { title: { $like: pattern } } } } };
}
