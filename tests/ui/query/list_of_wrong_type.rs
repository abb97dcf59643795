use instant_tests::blog::query;

fn main() {
    let titles = vec![1, 2];
    let _ = query! { posts: { $: { where: { title: { $in: titles } } } } };
}
