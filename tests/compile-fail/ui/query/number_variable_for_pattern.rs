use instant_compile_fail::blog::query;

fn main() {
    let pattern = 5;
    let _ = query! { posts: { $: { where: { title: { $like: pattern } } } } };
}
