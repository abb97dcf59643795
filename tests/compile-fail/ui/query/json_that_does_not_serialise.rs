use instant_compile_fail::blog::query;

struct Meta;

fn main() {
    let meta = Meta;
    let _ = query! { posts: { $: { where: { meta: meta } } } };
}
