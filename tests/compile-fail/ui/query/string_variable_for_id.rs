use instant_compile_fail::blog::query;

fn main() {
    let id = String::from("67e55044-10b1-426f-9247-bb680e5fe0c8");
    let _ = query! { posts: { $: { where: { id: id } } } };
}
