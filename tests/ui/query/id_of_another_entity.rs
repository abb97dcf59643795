use instant_admin::Id;
use instant_tests::blog::{Tag, query};

fn main() {
    let tag = Id::<Tag>::new();
    let _ = query! { posts: { $: { where: { author: tag } } } };
}
