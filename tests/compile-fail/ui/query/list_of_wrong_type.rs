use instant_compile_fail::blog::query;

fn main() {
    let titles = vec![1, 2];
    let _ = query! { posts: { $: { where: { title: { $in: titles } } } } };
}
