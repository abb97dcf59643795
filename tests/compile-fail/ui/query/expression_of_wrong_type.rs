use instant_compile_fail::blog::query;

fn main() {
    let views = "five";
    let _ = query! { posts: { $: { where: { views: views } } } };
}
