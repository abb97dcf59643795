use instant_compile_fail::blog::query;

fn main() {
    let title = 5;
    let _ = query! { posts: { $: { where: { title: { $in: ["Hi", title] } } } } };
}
