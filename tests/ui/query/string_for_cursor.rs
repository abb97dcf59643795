use instant_tests::blog::query;

fn main() {
    let place = "abc";
    let _ = query! { posts: { $: { after: place } } };
}
