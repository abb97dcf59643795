use instant_tests::blog::query;

fn main() {
    let title = "x";
    let _ = query! { posts: { $: { where: { title?: title } } } };
}
