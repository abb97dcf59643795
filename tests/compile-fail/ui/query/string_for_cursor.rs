use instant_compile_fail::blog::query;

fn main() {
    let place = "abc";
    let _ = query! { posts: { $: { after: place } } };
}
