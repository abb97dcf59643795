use instant_compile_fail::blog::query;

fn main() {
    let missing = "yes";
    let _ = query! { posts: { $: { where: { body: { $isNull: missing } } } } };
}
