use instant_tests::blog::query;

fn main() {
    let title = 5;
    let _ = query! { posts: { $: { where: { title: { $in: ["Hi", title] } } } } };
}
