use instant_compile_fail::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { author: { handle: "ada" }, title: { views: 5 } } } } };
}
