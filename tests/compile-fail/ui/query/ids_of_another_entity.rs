use instant_admin::Id;
use instant_compile_fail::blog::{Tag, query};

fn main() {
    let tags = [Id::<Tag>::new()];
    let _ = query! { posts: { $: { where: { author: { $in: tags } } } } };
}
