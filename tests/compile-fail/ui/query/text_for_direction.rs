use instant_compile_fail::blog::query;

fn main() {
    let direction = "desc";
    let _ = query! { posts: { $: { order: { createdAt: #direction } } } };
}
