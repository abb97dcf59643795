use instant_admin::Where;
use instant_compile_fail::blog::{Post, query};

fn main() {
    let filter: Option<Where<Post>> = None;
    let _ = query! { posts: { $: { where: #filter } } };
}
