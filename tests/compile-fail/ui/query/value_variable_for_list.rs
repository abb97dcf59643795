use instant_compile_fail::blog::query;

fn main() {
    let title = "Hi";
    let _ = query! { posts: { $: { where: { title: { $in: title } } } } };
}
