use instant_compile_fail::blog::query;

fn main() {
    let _ = query! { posts: { $: { where: { titel: "x", views: "five", score: { $gt: 5 } }, order: { body: desc } }, autor: {} } };
}
