use instant_tests::blog::query;

fn main() {
    let title = "Hi";
    let _ = query! { posts: { $: { where: { title: { $in: title } } } } };
}
