use instant_compile_fail::blog::query;

fn main() {
    let title = Some("x");
    let _ = query! { posts: { $: { where: { title: title } } } };
}
