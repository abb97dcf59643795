use instant_compile_fail::blog::query;

fn main() {
    let since = true;
    let _ = query! { posts: { $: { where: { createdAt: { $gt: since } } } } };
}
