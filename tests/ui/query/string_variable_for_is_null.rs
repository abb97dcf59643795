use instant_tests::blog::query;

fn main() {
    let missing = "yes";
    let _ = query! { posts: { $: { where: { body: { $isNull: missing } } } } };
}
