use instant_admin::Id;
use instant_compile_fail::blog::{Tag, query};

fn main() {
    let tag = Id::<Tag>::new();
    let _ = query! { posts: { $: { where: { author: tag } } } };
}
