use instant_tests::blog::query;

fn main() {
    let title = Some("x");
    let _ = query! { posts: { $: { where: { title: title } } } };
}
