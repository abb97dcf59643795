use instant_tests::blog::query;

fn main() {
    let filter = "title = 'Hi'";
    let _ = query! { posts: { $: { where: #filter } } };
}
