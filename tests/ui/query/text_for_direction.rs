use instant_tests::blog::query;

fn main() {
    let direction = "desc";
    let _ = query! { posts: { $: { order: { createdAt: #direction } } } };
}
