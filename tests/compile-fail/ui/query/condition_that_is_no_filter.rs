use instant_compile_fail::blog::query;

fn main() {
    let filter = "title = 'Hi'";
    let _ = query! { posts: { $: { where: #filter } } };
}
