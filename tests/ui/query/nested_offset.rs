use instant_tests::blog::query;

fn main() {
    let _ = query! { posts: { comments: { $: { offset: 5 } } } };
}
